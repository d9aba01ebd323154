//! Why the process is asked to go.

/// Where the postmaster keeps its status (`LOCK_FILE_LINE_PM_STATUS` in `pidfile.h`), counted from 0. A server works in its
/// data directory.
const STATUS_LINE: usize = 7;

/// Whether the whole server is shutting down: the postmaster writes so before it tells anybody.
pub fn server_is_stopping() -> bool {
    let file = std::fs::read_to_string("postmaster.pid").unwrap_or_default();
    file.lines().nth(STATUS_LINE).is_some_and(|status| status.trim_end() == "stopping")
}
