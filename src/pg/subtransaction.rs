//! An error that does not end the transaction.

use super::Caught;
use pgrx::{PgTryBuilder, pg_sys};
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;

/// Runs the body in a subtransaction: committed when it returns, rolled back when it raises. PL/pgSQL's exception block
/// does the same (`exec_stmt_block` in `pl_exec.c`).
pub fn subtransaction<R>(body: impl FnOnce() -> R) -> Result<R, Caught> {
    try_subtransaction(|| Ok(body()))
}

/// The same, for a body that may also ask for the rollback by returning an error.
pub fn try_subtransaction<R, E: From<Caught>>(body: impl FnOnce() -> Result<R, E>) -> Result<R, E> {
    // SAFETY: reads two globals that every backend has.
    let (context, owner) = unsafe { (pg_sys::CurrentMemoryContext, pg_sys::CurrentResourceOwner) };
    // SAFETY: inside a transaction, which every caller is.
    unsafe {
        pg_sys::BeginInternalSubTransaction(std::ptr::null());
        // The new context would keep what the body allocates until the end of the whole transaction.
        pg_sys::CurrentMemoryContext = context;
    }
    let end = move |commits: bool| {
        // SAFETY: the body has left no subtransaction of its own open; an error was flushed when it became a panic. The
        // context and the owner were current in the enclosing transaction, which is still open.
        unsafe {
            if commits {
                pg_sys::ReleaseCurrentSubTransaction();
            } else {
                pg_sys::RollbackAndReleaseCurrentSubTransaction();
            }
            pg_sys::CurrentMemoryContext = context;
            pg_sys::CurrentResourceOwner = owner;
        }
        if !commits {
            super::progress::show();
        }
    };
    PgTryBuilder::new(AssertUnwindSafe(|| {
        let result = body();
        end(result.is_ok());
        result
    }))
    .catch_others(|error| {
        end(false);
        Err(E::from(Caught::from(error)))
    })
    .execute()
}

/// The same, rolled back in any case: what the body returns is all that is left of it.
pub fn roll_back_after<R, E: From<Caught>>(body: impl FnOnce() -> Result<R, E>) -> Result<R, E> {
    let Err(RolledBack(outcome)) = try_subtransaction(|| Err::<Infallible, _>(RolledBack(body())));
    outcome
}

/// What the body has returned, on its way past the rollback.
struct RolledBack<R, E>(Result<R, E>);

impl<R, E: From<Caught>> From<Caught> for RolledBack<R, E> {
    fn from(caught: Caught) -> Self {
        Self(Err(caught.into()))
    }
}
