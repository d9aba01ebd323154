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
mod process;
pub mod run_pending_jobs;
mod scheduler;
mod shmem;
mod slot;
pub mod wake;
mod worker;

use crate::pg;

pub fn init() {
    if !pg::in_postmaster_startup() || pg::upgrading() {
        return;
    }
    shmem::init();
    launcher::register();
}
