//! Identity: who is calling, and which team that is. The functions that every policy is built from.
//!
//! They are STABLE and PARALLEL SAFE, never IMMUTABLE (a cached plan would carry one caller's answer to the next) and
//! never LEAKPROOF. They read by index and not through SPI, so a policy on user_profiles can use them without recursion,
//! whoever owns the table. A session remembers its last caller, by the settings' very bytes, until they differ or a
//! profile or a key has changed anywhere.

mod caller;
mod token;

use crate::{claims, pg};
use caller::with_caller;
use pgrx::prelude::*;
use pgrx::{JsonB, Uuid};
use std::ffi::CString;

pub use caller::{goes_by_token, role_of, rule_of, team_of};

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// The id of the calling user: the `sub` of the request's claims; NULL when unset, empty or malformed.
    #[pg_extern(stable, parallel_safe)]
    pub fn current_user_id() -> Option<Uuid> {
        with_caller(|caller| caller.user())
    }

    /// The claims of the request as JSON; NULL when unset, empty or malformed.
    #[pg_extern(stable, parallel_safe)]
    pub fn current_claims() -> Option<JsonB> {
        // jsonb has no character for \u0000.
        with_caller(|caller| caller.claims())
            .filter(|claims| !claims.to_string().contains("\\u0000"))
            .map(JsonB)
    }

    /// The role claim of the request; NULL when there is none.
    #[pg_extern(stable, parallel_safe)]
    pub fn claimed_role() -> Option<String> {
        with_caller(|caller| caller.claim("role", claims::ROLE))
    }

    /// The email claim of the request; NULL when there is none.
    #[pg_extern(stable, parallel_safe)]
    pub fn claimed_email() -> Option<String> {
        with_caller(|caller| caller.claim("email", claims::EMAIL))
    }

    /// What is wrong with the claims of a session that is nobody's.
    #[pg_extern(stable, parallel_safe)]
    pub fn claims_fault() -> String {
        with_caller(|caller| caller.fault())
    }

    /// Makes the session, or with `is_local` the transaction, that of these claims and no others; NULL: nobody's.
    #[pg_extern(volatile)]
    pub fn set_claims(claims: Option<JsonB>, is_local: bool) {
        let claims = claims.map(|JsonB(claims)| CString::new(claims.to_string()).unwrap_or_default());
        claims::set(claims.as_deref(), is_local);
    }

    /// Whether the session goes by a signed token, and by nothing else.
    #[pg_extern(stable, parallel_safe)]
    pub fn goes_by_token() -> bool {
        caller::goes_by_token()
    }

    /// What is wrong with a token; NULL when it can be used now.
    #[pg_extern(stable, parallel_safe)]
    pub fn token_fault(token: &str) -> Option<String> {
        caller::read_token(token).and_then(|token| token.check_now()).err().map(|fault| fault.to_string())
    }

    /// Whether no rule of a table forbids the command to the caller's role.
    #[pg_extern(stable, parallel_safe, support = arm_masks)]
    pub fn role_may(target: pg_sys::Oid, command: &str) -> bool {
        with_caller(|caller| {
            let rule = caller.standing().and_then(|standing| standing.rule(target));
            rule.is_none_or(|rule| rule.allows(command))
        })
    }

    /// The columns of a table that the caller's role does not see.
    #[pg_extern(stable, parallel_safe)]
    pub fn hidden_columns(target: pg_sys::Oid) -> Vec<String> {
        with_hidden_columns(target, |hidden| hidden.to_vec())
    }

    /// Makes every session look at the profiles anew, when the current transaction commits.
    #[pg_extern(volatile)]
    pub fn forget_callers() {
        if let Some(table) = pg::profiles_table() {
            pg::announce_change(table);
        }
    }

    /// Makes every session plan its statements on a table anew, when the current transaction commits.
    #[pg_extern(volatile)]
    pub fn forget_plans(target: pg_sys::Oid) {
        pg::announce_change(target);
    }
}

/// The columns of a table that the caller's role does not see.
pub fn with_hidden_columns<R>(target: pg_sys::Oid, ask: impl FnOnce(&[String]) -> R) -> R {
    with_caller(|caller| {
        let rule = caller.standing().and_then(|standing| standing.rule(target));
        ask(rule.map_or(&[], |rule| &rule.hidden_columns))
    })
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
