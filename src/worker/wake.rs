//! Waking: the commit of a new job rings the scheduler of its database, or the launcher, which starts one.

use super::board::{self, Board};
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
    if let Some(slot) = board.database(database) {
        slot.has_news.store(true, SeqCst);
        if slot.scheduler.ring() {
            return;
        }
    }
    board.launcher.ring();
}

fn warn_once() {
    if !HAS_WARNED.replace(true) {
        pg_sys::panic::ErrorReport::new(
            PgSqlErrorCode::ERRCODE_WARNING,
            "background jobs wait: teamwork is not in shared_preload_libraries",
            function_name!(),
        )
        .set_hint("Add teamwork to shared_preload_libraries and restart the server.")
        .report(PgLogLevel::WARNING);
    }
}
