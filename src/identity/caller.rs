//! The caller that a session remembers.

use super::token::{Fault, Token, parse_user};
use crate::claims::{CLAIMS, SUB};
use crate::pg::{self, TableRule};
use crate::roles::TOKEN_ONLY;
use crate::settings::TOKEN;
use pgrx::Uuid;
use pgrx::pg_sys::Oid;
use serde_json::Value;
use std::cell::{OnceCell, RefCell};
use std::ffi::CStr;

/// An active user's place.
pub struct Standing {
    pub team: Uuid,
    pub role: String,
    /// Those of the role; read when they are asked for, as most tables have none.
    rules: OnceCell<Vec<TableRule>>,
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
        Some(Self { team, role: profile.role, rules: OnceCell::new() })
    }

    /// What a rule says of the role and a table.
    pub fn rule(&self, table: Oid) -> Option<&TableRule> {
        let rules =
            || pg::table_rules().into_iter().flatten().filter(|rule| rule.role == self.role).collect();
        self.rules.get_or_init(rules).iter().find(|rule| rule.table == table)
    }
}

/// The team of a user; `None` for nobody, for an inactive user and for a member of an inactive admin.
pub fn team_of(user: Uuid) -> Option<Uuid> {
    Standing::of(user).map(|standing| standing.team)
}

/// The role of an active user.
pub fn role_of(user: Uuid) -> Option<String> {
    Standing::of(user).map(|standing| standing.role)
}

/// What a rule says of an active user and a table.
pub fn rule_of(user: Uuid, table: Oid) -> Option<TableRule> {
    Standing::of(user)?.rule(table).cloned()
}

/// Reads a token with the keys that there are now.
pub fn read_token(token: &str) -> Result<Token, Fault> {
    Token::read(token, &pg::token_keys())
}

/// On whose word the session is somebody's.
enum Proof {
    /// The settings', which whoever sends SQL can set.
    Claims(Option<Uuid>),
    /// A signature's, and the count of changes after which it was looked at; `None` where there is no good one.
    Token(u64, Option<Token>),
}

/// Whom the session's settings named last.
pub struct Caller {
    /// Who has connected, and the settings that it was read from. Whether that role goes by tokens is looked up once, for it takes as
    /// long as all the rest: a change of it counts for connections to come.
    session_user: Oid,
    sub: Option<String>,
    claims: Option<String>,
    token: Option<String>,
    proof: Proof,
    /// With the count of changes after which it was looked up.
    standing: Option<(u64, Option<Standing>)>,
}

impl Caller {
    fn of_settings() -> Self {
        let (sub, claims, token) = (pg::setting(SUB), pg::setting(CLAIMS), pg::setting(TOKEN));
        let proof = if goes_by_token() {
            // Counted before the keys are read: a change in between is news.
            let generation = pg::profiles_generation();
            Proof::Token(generation, token.as_deref().and_then(|token| read_token(token).ok()))
        } else {
            Proof::Claims(claimed_user(sub.as_deref(), claims.as_deref()))
        };
        Self { session_user: pg::session_user(), sub, claims, token, proof, standing: None }
    }

    fn is_current(&self) -> bool {
        let is_same = match &self.proof {
            Proof::Claims(_) => {
                pg::setting_is(CLAIMS, self.claims.as_deref()) && pg::setting_is(SUB, self.sub.as_deref())
            }
            Proof::Token(known, _) => {
                pg::setting_is(TOKEN, self.token.as_deref()) && *known == pg::profiles_generation()
            }
        };
        is_same && self.session_user == pg::session_user()
    }

    pub fn user(&self) -> Option<Uuid> {
        match &self.proof {
            Proof::Claims(user) => *user,
            Proof::Token(_, token) => valid(token).map(|token| uuid_of(token.user)),
        }
    }

    pub fn claims(&self) -> Option<Value> {
        match &self.proof {
            Proof::Claims(_) => self.claims.as_deref().and_then(parse_claims),
            Proof::Token(_, token) => valid(token).map(|token| token.claims.clone()),
        }
    }

    /// What is wrong with the claims of a session that is nobody's.
    pub fn fault(&self) -> String {
        let claims = CLAIMS.to_string_lossy();
        match self.claims.as_deref() {
            None | Some("") => format!("{claims} is not set"),
            Some(_) => format!("{claims} has no sub that is a UUID"),
        }
    }

    /// A claim as text; `alone`: the setting in which old PostgREST has it by itself.
    pub fn claim(&self, name: &str, alone: &CStr) -> Option<String> {
        let alone = match &self.proof {
            Proof::Claims(_) => pg::setting(alone).filter(|claim| !claim.is_empty()),
            Proof::Token(..) => None,
        };
        alone.or_else(|| match self.claims()?.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        })
    }

    pub fn standing(&mut self) -> Option<&Standing> {
        let user = self.user()?;
        let mut generation = pg::profiles_generation();
        while self.standing.as_ref().is_none_or(|(known, _)| *known != generation) {
            // News that arrive while the two profiles are read may belong to the first: it is read again.
            self.standing = Some((generation, Standing::of(user)));
            generation = pg::profiles_generation();
        }
        self.standing.as_ref().and_then(|(_, standing)| standing.as_ref())
    }
}

pub fn with_caller<R>(ask: impl FnOnce(&mut Caller) -> R) -> R {
    thread_local!(static LAST: RefCell<Option<Caller>> = const { RefCell::new(None) });
    LAST.with(|last| {
        // Taken out, so that an error in mid-look-up leaves nothing half-known behind.
        let mut caller = last.take().filter(Caller::is_current).unwrap_or_else(Caller::of_settings);
        let answer = ask(&mut caller);
        last.replace(Some(caller));
        answer
    })
}

/// Whether what the session's settings claim counts for nothing.
pub fn goes_by_token() -> bool {
    pg::session_is_in(TOKEN_ONLY)
}

/// The token, if it is good and this is its time.
fn valid(token: &Option<Token>) -> Option<&Token> {
    token.as_ref().filter(|token| token.check_now().is_ok())
}

/// Supabase's order: the single claim that old PostgREST sets comes first, then the JSON of all claims.
fn claimed_user(sub: Option<&str>, claims: Option<&str>) -> Option<Uuid> {
    match sub.filter(|sub| !sub.is_empty()) {
        Some(sub) => parse_uuid(sub),
        None => claims.and_then(parse_claims).and_then(|claims| parse_uuid(claims.get("sub")?.as_str()?)),
    }
}

fn parse_claims(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn parse_uuid(text: &str) -> Option<Uuid> {
    parse_user(text).map(uuid_of)
}

fn uuid_of(uuid: uuid::Uuid) -> Uuid {
    Uuid::from_bytes(*uuid.as_bytes())
}
