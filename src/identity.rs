//! Identity: who is calling, and which team that is. The functions that every policy is built from.
//!
//! They are STABLE and PARALLEL SAFE, never IMMUTABLE (a cached plan would carry one caller's answer to the next) and
//! never LEAKPROOF. They read by index and not through SPI, so a policy on user_profiles can use them without recursion,
//! whoever owns the table.

use crate::pg;
use pgrx::JsonB;
use pgrx::prelude::*;
use serde_json::Value;

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// The id of the calling user: the `sub` of the request's claims; NULL when unset, empty or malformed.
    #[pg_extern(stable, parallel_safe)]
    pub fn current_user_id() -> Option<pgrx::Uuid> {
        caller()
    }

    /// The claims of the request as JSON; NULL when unset, empty or malformed.
    #[pg_extern(stable, parallel_safe)]
    pub fn current_claims() -> Option<JsonB> {
        // jsonb has no character for \\u0000.
        claims().filter(|claims| !claims.to_string().contains("\\u0000")).map(JsonB)
    }
}

/// The caller's team, as the id of its admin; NULL unless the caller is an active member of an active admin's team.
#[pg_extern(stable, parallel_safe)]
pub fn get_current_user_admin_id() -> Option<pgrx::Uuid> {
    caller().and_then(team_of)
}

/// The caller's role: admin, manager or staff; NULL unless the caller is an active member of a team.
#[pg_extern(stable, parallel_safe)]
pub fn get_current_user_role() -> Option<String> {
    let profile = pg::find_profile(caller()?)?;
    team_of(profile.id).map(|_| profile.role)
}

/// The team of a user; `None` for nobody, for an inactive user and for a member of an inactive admin.
pub fn team_of(user: pgrx::Uuid) -> Option<pgrx::Uuid> {
    let profile = pg::find_profile(user).filter(|profile| profile.is_active)?;
    match profile.admin_id {
        None => Some(profile.id),
        Some(admin) => pg::find_profile(admin).filter(|admin| admin.is_active).map(|admin| admin.id),
    }
}

/// Supabase's order: the single claim that old PostgREST sets comes first, then the JSON of all claims.
fn caller() -> Option<pgrx::Uuid> {
    if let Some(sub) = pg::setting(c"request.jwt.claim.sub").filter(|sub| !sub.is_empty()) {
        return parse_uuid(&sub);
    }
    parse_uuid(claims()?.get("sub")?.as_str()?)
}

fn claims() -> Option<Value> {
    let text = pg::setting(c"request.jwt.claims").filter(|text| !text.is_empty())?;
    serde_json::from_str(&text).ok()
}

fn parse_uuid(text: &str) -> Option<pgrx::Uuid> {
    uuid::Uuid::parse_str(text).ok().map(|uuid| pgrx::Uuid::from_bytes(*uuid.as_bytes()))
}
