//! Transactions of a background worker, and what happens at their end.

use super::Caught;
use super::setting_name;
use pgrx::{PgTryBuilder, PgXactCallbackEvent, pg_sys, register_xact_callback};
use std::cell::Cell;
use std::ffi::CString;
use std::panic::AssertUnwindSafe;

/// Runs the body in a transaction of its own, which is rolled back when the body raises. Unlike
/// `BackgroundWorker::transaction` it survives the error, shows in pg_stat_activity and flushes its statistics, without
/// which autovacuum would never see what the worker wrote.
pub fn transaction<R>(activity: &str, body: impl FnOnce() -> R) -> Result<R, Caught> {
    try_transaction(activity, || Ok(body()))
}

/// The same, for a body that may also ask for the rollback by returning an error.
pub fn try_transaction<R, E: From<Caught>>(
    activity: &str,
    body: impl FnOnce() -> Result<R, E>,
) -> Result<R, E> {
    // A worker that goes from job to job never waits, and obeys nevertheless.
    super::leave_with_postmaster();
    super::reload_settings();
    report_activity(pg_sys::BackendState::STATE_RUNNING, activity);
    let outcome = PgTryBuilder::new(AssertUnwindSafe(|| {
        begin();
        let result = body();
        if result.is_ok() {
            commit();
        } else {
            abort();
        }
        result
    }))
    .catch_others(|error| {
        abort();
        Err(E::from(Caught::from(error)))
    })
    .catch_rust_panic(|error| {
        abort();
        Err(E::from(Caught::from(error)))
    })
    .execute();
    // SAFETY: outside of a transaction, as pgstat_report_stat demands.
    unsafe { pg_sys::pgstat_report_stat(false) };
    report_activity(pg_sys::BackendState::STATE_IDLE, "");
    outcome
}

/// Commits what the current transaction has done so far, and begins another in its place. Of a background worker, outside of
/// any subtransaction.
pub fn commit_and_begin() {
    commit();
    // SAFETY: outside of a transaction, as pgstat_report_stat demands.
    unsafe { pg_sys::pgstat_report_stat(false) };
    begin();
}

fn begin() {
    // SAFETY: a connected background worker outside of any transaction.
    unsafe {
        pg_sys::SetCurrentStatementStartTimestamp();
        pg_sys::StartTransactionCommand();
        super::hold_extension();
        pg_sys::PushActiveSnapshot(pg_sys::GetTransactionSnapshot());
    }
}

fn commit() {
    // SAFETY: the snapshot that begin() pushed is on top again, since the body returned.
    unsafe {
        pg_sys::PopActiveSnapshot();
        pg_sys::CommitTransactionCommand();
    }
}

fn abort() {
    // SAFETY: an error was flushed when it became a panic; this cleans up whatever the transaction had open.
    unsafe { pg_sys::AbortCurrentTransaction() };
}

/// The name under which pg_stat_activity lists this process.
pub fn report_application(name: &str) {
    let name = CString::new(name).unwrap_or_default();
    // SAFETY: the string is copied.
    unsafe { pg_sys::pgstat_report_appname(name.as_ptr()) };
}

/// Whether each statement of the current transaction sees what others have committed.
pub fn is_read_committed() -> bool {
    // SAFETY: a plain variable.
    unsafe { pg_sys::XactIsoLevel <= pg_sys::XACT_READ_COMMITTED as i32 }
}

fn report_activity(state: pg_sys::BackendState::Type, activity: &str) {
    let activity = CString::new(activity).unwrap_or_default();
    // SAFETY: the string is copied.
    unsafe { pg_sys::pgstat_report_activity(state, activity.as_ptr()) };
}

/// Calls the action after the current transaction has committed; however often it is asked in one transaction, once.
/// The action runs where nothing may fail: it must neither raise nor touch the database.
pub fn at_commit_once(armed: &'static std::thread::LocalKey<Cell<bool>>, action: fn()) {
    if armed.replace(true) {
        return;
    }
    at_commit(move || {
        armed.set(false);
        action();
    });
    for event in [PgXactCallbackEvent::Abort, PgXactCallbackEvent::Prepare] {
        register_xact_callback(event, move || armed.set(false));
    }
}

/// The same, each time it is asked.
pub fn at_commit(action: impl FnOnce() + std::panic::UnwindSafe + std::panic::RefUnwindSafe + 'static) {
    register_xact_callback(PgXactCallbackEvent::Commit, action);
}

/// The current transaction's commit does not wait for the disk: a crash of the server may undo it, and nothing after it that
/// did wait.
pub fn forgo_flush() {
    super::set_setting(setting_name::SYNCHRONOUS_COMMIT, c"off", true);
}

/// A transaction at the exit of a process: whatever was open is rolled back first. An error in it ends the process, which is
/// ending anyway.
pub fn last_transaction(body: impl FnOnce()) {
    // SAFETY: before_shmem_exit callbacks may run transactions, as the removal of temporary tables does (`namespace.c`).
    unsafe { pg_sys::AbortOutOfAnyTransaction() };
    // Nothing can interrupt a process that exits: it must not wait for a replica. The shutdown writes out what it commits.
    begin();
    forgo_flush();
    body();
    commit();
}
