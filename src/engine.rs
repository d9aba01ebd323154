//! The engine: a launcher for the cluster, a scheduler for each database that has work, and a pool of workers that run it.
//!
//! Correctness does not rest on the shared memory: that only wakes processes and shows progress. A job is claimed by a
//! commit, is alive while its lease's lock is held, and ends with the commit that its lease guards.

mod admission;
mod attempt;
mod candidates;
pub mod interrupt;
mod launcher;
pub mod monitoring;
pub mod run_pending_jobs;
mod scheduler;
mod shmem;
mod slot;
pub mod wake;
mod worker;

use crate::{
    claims,
    pg::{self, setting_name},
};
use pgrx::pg_sys;
use std::time::Duration;

/// An idle scheduler or worker stays this long for the next job, then leaves the database: starting anew costs some five
/// milliseconds, while staying would block DROP DATABASE.
const IDLE_TIMEOUT: Duration = Duration::from_millis(1_000);

pub fn init() {
    if !pg::in_postmaster_startup() || pg::upgrading() {
        return;
    }
    shmem::init();
    launcher::register();
}

/// Connects to a database. Its own settings are for its users: the engine wants statements to see what was just
/// committed, to be able to write, and names and operators to mean PostgreSQL's.
fn connect(database: pg_sys::Oid, name: &str) {
    pg::connect(Some(database));
    pg::report_application(name);
    pg::override_setting(setting_name::DEFAULT_TRANSACTION_ISOLATION, c"read committed");
    pg::override_setting(setting_name::DEFAULT_TRANSACTION_READ_ONLY, c"off");
    pg::override_setting(setting_name::SEARCH_PATH, c"pg_catalog, pg_temp");
    // What it does in nobody's name is nobody's.
    claims::all().iter().for_each(|name| pg::override_setting(name, c""));
}

/// Logs an error that the engine survives.
fn log_caught(what: &str, error: &pg::Caught) {
    pgrx::log!("teamwork: {what}: {} (SQLSTATE {})", error.message, error.sqlstate);
}
