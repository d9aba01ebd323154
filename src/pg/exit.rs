//! How the server came up, and whether it is about to go.

use pgrx::pg_sys;

/// Where the postmaster keeps its status (`LOCK_FILE_LINE_PM_STATUS` in `pidfile.h`), counted from 0. A server works in its
/// data directory.
const STATUS_LINE: usize = 7;

/// Whether the whole server is shutting down: the postmaster writes so before it tells anybody.
pub fn server_is_stopping() -> bool {
    let file = std::fs::read_to_string("postmaster.pid").unwrap_or_default();
    file.lines().nth(STATUS_LINE).is_some_and(|status| status.trim_end() == "stopping")
}

/// When the postmaster had started, in PostgreSQL's microseconds. After a crash of another process it goes on, and makes the
/// shared memory anew.
pub fn postmaster_started_at() -> i64 {
    // SAFETY: set once, before any other process is started.
    unsafe { pg_sys::PgStartTime }
}
