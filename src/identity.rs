//! Identity: who is calling, and which team that is. The functions that every policy is built from.
//!
//! They are STABLE and PARALLEL SAFE, never IMMUTABLE (a cached plan would carry one caller's answer to the next) and
//! never LEAKPROOF. They read by index and not through SPI, so a policy on user_profiles can use them without recursion,
//! whoever owns the table. A session remembers its last caller, by the claims' very bytes, until the claims differ or a
//! profile has changed anywhere.

use crate::pg;
use pgrx::prelude::*;
use pgrx::{JsonB, Uuid};
use serde_json::Value;
use std::cell::RefCell;
use std::ffi::CStr;

const CLAIMS: &CStr = c"request.jwt.claims";
const SUB: &CStr = c"request.jwt.claim.sub";

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// The id of the calling user: the `sub` of the request's claims; NULL when unset, empty or malformed.
    #[pg_extern(stable, parallel_safe)]
    pub fn current_user_id() -> Option<Uuid> {
        with_caller(|caller| caller.user)
    }

    /// The claims of the request as JSON; NULL when unset, empty or malformed.
    #[pg_extern(stable, parallel_safe)]
    pub fn current_claims() -> Option<JsonB> {
        let text = pg::setting(CLAIMS)?;
        // jsonb has no character for \u0000.
        parse_claims(&text).filter(|claims| !claims.to_string().contains("\\u0000")).map(JsonB)
    }

    /// Makes every session look at the profiles anew, when the current transaction commits.
    #[pg_extern(volatile)]
    pub fn forget_callers() {
        if let Some(table) = pg::profiles_table() {
            pg::announce_profile_change(table);
        }
    }
}

/// The caller's team, as the id of its admin; NULL unless the caller is an active member of an active admin's team.
#[pg_extern(stable, parallel_safe)]
pub fn get_current_user_admin_id() -> Option<Uuid> {
    with_caller(|caller| caller.standing().map(|standing| standing.team))
}

/// The caller's role: admin, manager or staff; NULL unless the caller is an active member of a team.
#[pg_extern(stable, parallel_safe)]
pub fn get_current_user_role() -> Option<String> {
    with_caller(|caller| caller.standing().map(|standing| standing.role.clone()))
}

/// The team of a user; `None` for nobody, for an inactive user and for a member of an inactive admin.
pub fn team_of(user: Uuid) -> Option<Uuid> {
    Standing::of(user).map(|standing| standing.team)
}

/// An active user's place.
struct Standing {
    team: Uuid,
    role: String,
}

impl Standing {
    fn of(user: Uuid) -> Option<Self> {
        let profile = pg::find_profile(user).filter(|profile| profile.is_active)?;
        let team = match profile.admin_id {
            None => profile.id,
            Some(admin) => {
                pg::find_profile(admin).filter(|admin| admin.is_active && admin.role == "admin")?.id
            }
        };
        Some(Self { team, role: profile.role })
    }
}

/// Whom the session's claims named last.
#[derive(Default)]
struct Caller {
    /// The settings that it was read from.
    sub: Option<String>,
    claims: Option<String>,
    user: Option<Uuid>,
    /// With the count of changes after which it was looked up.
    standing: Option<(u64, Option<Standing>)>,
}

impl Caller {
    /// Supabase's order: the single claim that old PostgREST sets comes first, then the JSON of all claims.
    fn of_settings() -> Self {
        let (sub, claims) = (pg::setting(SUB), pg::setting(CLAIMS));
        let user = match sub.as_deref().filter(|sub| !sub.is_empty()) {
            Some(sub) => parse_uuid(sub),
            None => claims
                .as_deref()
                .and_then(parse_claims)
                .and_then(|claims| parse_uuid(claims.get("sub")?.as_str()?)),
        };
        Self { sub, claims, user, standing: None }
    }

    fn is_current(&self) -> bool {
        pg::setting_is(CLAIMS, self.claims.as_deref()) && pg::setting_is(SUB, self.sub.as_deref())
    }

    fn standing(&mut self) -> Option<&Standing> {
        let user = self.user?;
        let mut generation = pg::profiles_generation();
        while self.standing.as_ref().is_none_or(|(known, _)| *known != generation) {
            // News that arrive while the two profiles are read may belong to the first: it is read again.
            self.standing = Some((generation, Standing::of(user)));
            generation = pg::profiles_generation();
        }
        self.standing.as_ref().and_then(|(_, standing)| standing.as_ref())
    }
}

fn with_caller<R>(ask: impl FnOnce(&mut Caller) -> R) -> R {
    thread_local!(static LAST: RefCell<Caller> = RefCell::default());
    LAST.with(|last| {
        // Taken out, so that an error in mid-look-up leaves nothing half-known behind.
        let mut caller = last.take();
        if !caller.is_current() {
            caller = Caller::of_settings();
        }
        let answer = ask(&mut caller);
        last.replace(caller);
        answer
    })
}

fn parse_claims(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn parse_uuid(text: &str) -> Option<Uuid> {
    uuid::Uuid::parse_str(text).ok().map(|uuid| Uuid::from_bytes(*uuid.as_bytes()))
}
