//! Waking: the commit of a new job rings an idle worker of its database, or the scheduler, which starts one, or the
//! launcher, which starts a scheduler.

use super::board::{self, Board, DatabaseSlot};
use crate::pg;
use pgrx::prelude::*;
use std::cell::Cell;
use std::sync::atomic::Ordering::SeqCst;

thread_local! {
    /// Whether this transaction will wake the engine already: a thousand jobs ring once.
    static ARMED: Cell<bool> = const { Cell::new(false) };
    static HAS_WARNED: Cell<bool> = const { Cell::new(false) };
}

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// Wakes the engine when the current transaction commits.
    #[pg_extern(volatile)]
    pub fn wake() {
        if board::get().is_none() {
            warn_once();
            return;
        }
        pg::at_commit_once(&ARMED, || {
            if let Some(board) = board::get() {
                ring(board, pg::my_database());
            }
        });
    }
}

/// Tells the engine that there is news in a database. Raises nothing: it runs after a commit.
fn ring(board: &Board, database: pg_sys::Oid) {
    // The way without a detour: a worker that is there and has nothing to do. It rings for help if one is not enough.
    if board.ring_idle_worker(database) {
        return;
    }
    if let Some(slot) = board.database(database) {
        slot.has_news.store(true, SeqCst);
        if slot.scheduler.ring() {
            return;
        }
    }
    board.launcher.ring();
}

/// A worker has seen more jobs than its own.
pub fn ring_for_help(database: pg_sys::Oid, slot: &DatabaseSlot) {
    let is_helped = board::get().is_some_and(|board| board.ring_idle_worker(database));
    if !is_helped {
        slot.has_news.store(true, SeqCst);
        slot.scheduler.ring();
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
