//! What this session has drawn from a sequence.

use super::subtransaction::subtransaction;
use super::user::as_user;
use pgrx::{IntoDatum, direct_function_call, pg_sys};

/// The last number that this session has drawn, if it has: what currval() says, for callers without a right to the sequence.
pub fn last_drawn(sequence: pg_sys::Oid) -> Option<i64> {
    // SAFETY: a function of PostgreSQL, with its argument. It raises where nothing was drawn.
    let ask = || unsafe { direct_function_call::<i64>(pg_sys::currval_oid, &[sequence.into_datum()]) };
    subtransaction(|| as_user(pg_sys::BOOTSTRAP_SUPERUSERID.into(), &[], ask)).ok().flatten()
}
