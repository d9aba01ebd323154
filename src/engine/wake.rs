//! Waking: the commit of a new job wakes an idle worker of its database, or the scheduler, which starts one, or the
//! launcher, which starts a scheduler.

use super::shmem::{self, DatabaseSlot, SharedState};
use crate::pg;
use pgrx::prelude::*;
use std::cell::Cell;
use std::sync::atomic::Ordering::SeqCst;

thread_local! {
    /// Whether this transaction will wake the engine already: a thousand jobs wake it once.
    static ARMED: Cell<bool> = const { Cell::new(false) };
    static HAS_WARNED: Cell<bool> = const { Cell::new(false) };
}

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// Wakes the engine when the current transaction commits.
    #[pg_extern(volatile)]
    pub fn wake() {
        if shmem::get().is_none() {
            warn_once();
            return;
        }
        pg::at_commit_once(&ARMED, || {
            if let Some(state) = shmem::get() {
                wake_engine(state, pg::my_database());
            }
        });
    }
}

/// Tells the engine that there is news in a database. Raises nothing: it runs after a commit.
fn wake_engine(state: &SharedState, database: pg_sys::Oid) {
    // The shortest way: a worker that is there and has nothing to do. It wakes another if one is not enough.
    if state.wake_idle_worker(database) {
        return;
    }
    if let Some(slot) = state.database(database) {
        slot.has_news.store(true, SeqCst);
        if slot.scheduler.set() {
            return;
        }
    }
    state.launcher.set();
}

/// A worker has seen more jobs than its own.
pub fn wake_another_worker(database: pg_sys::Oid, slot: &DatabaseSlot) {
    let is_helped = shmem::get().is_some_and(|state| state.wake_idle_worker(database));
    if !is_helped {
        slot.has_news.store(true, SeqCst);
        slot.scheduler.set();
    }
}

fn warn_once() {
    if !HAS_WARNED.replace(true) {
        pg_sys::panic::ErrorReport::new(
            PgSqlErrorCode::ERRCODE_WARNING,
            "background jobs wait: teamwork is not in shared_preload_libraries",
            function_name!(),
        )
        .set_hint(
            "Add teamwork to shared_preload_libraries and restart the server, or let something call \
             teamwork.run_pending_jobs() now and then.",
        )
        .report(PgLogLevel::WARNING);
    }
}
