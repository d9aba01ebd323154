//! What the processes of the engine have in common.

use crate::claims;
use crate::pg::{self, setting_name};
use pgrx::pg_sys;
use std::time::Duration;

/// An idle scheduler or worker stays this long for the next job, then leaves the database: starting anew costs some five
/// milliseconds, while staying would block DROP DATABASE.
pub const IDLE_TIMEOUT: Duration = Duration::from_millis(1_000);

/// Connects to a database. Its own settings are for its users: the engine wants statements to see what was just
/// committed, to be able to write, and names and operators to mean PostgreSQL's.
pub fn connect(database: pg_sys::Oid, name: &str) {
    pg::connect(Some(database));
    pg::report_application(name);
    pg::override_setting(setting_name::DEFAULT_TRANSACTION_ISOLATION, c"read committed");
    pg::override_setting(setting_name::DEFAULT_TRANSACTION_READ_ONLY, c"off");
    pg::override_setting(setting_name::SEARCH_PATH, c"pg_catalog, pg_temp");
    // What it does in nobody's name is nobody's.
    claims::all().iter().for_each(|name| pg::override_setting(name, c""));
}

/// Logs an error that the engine survives.
pub fn log_caught(what: &str, error: &pg::Caught) {
    pgrx::log!("teamwork: {what}: {} (SQLSTATE {})", error.message, error.sqlstate);
}
