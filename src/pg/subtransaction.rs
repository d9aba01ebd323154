//! An error that does not end the transaction.

use super::Caught;
use pgrx::{PgTryBuilder, pg_sys};
use std::panic::AssertUnwindSafe;

/// Runs the body in a subtransaction: committed when it returns, rolled back when it raises. PL/pgSQL's exception block
/// does the same (`exec_stmt_block` in `pl_exec.c`).
pub fn subtransaction<R>(body: impl FnOnce() -> R) -> Result<R, Caught> {
    // SAFETY: reads two globals that every backend has.
    let (context, owner) = unsafe { (pg_sys::CurrentMemoryContext, pg_sys::CurrentResourceOwner) };
    // SAFETY: inside a transaction, which every caller is.
    unsafe {
        pg_sys::BeginInternalSubTransaction(std::ptr::null());
        // The new context would keep what the body allocates until the end of the whole transaction.
        pg_sys::CurrentMemoryContext = context;
    }
    let back = move || {
        // SAFETY: both were current in the enclosing transaction, which is still open.
        unsafe {
            pg_sys::CurrentMemoryContext = context;
            pg_sys::CurrentResourceOwner = owner;
        }
    };
    PgTryBuilder::new(AssertUnwindSafe(|| {
        let result = body();
        // SAFETY: the body has left no subtransaction of its own open.
        unsafe { pg_sys::ReleaseCurrentSubTransaction() };
        back();
        Ok(result)
    }))
    .catch_others(|error| {
        // SAFETY: the error was flushed when it became a panic; the subtransaction is the innermost one.
        unsafe { pg_sys::RollbackAndReleaseCurrentSubTransaction() };
        back();
        Err(Caught::from(error))
    })
    .execute()
}
