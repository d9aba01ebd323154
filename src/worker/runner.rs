//! A worker: takes job after job of one database and leaves when there is none. A job is two transactions: the claim, and
//! the work with its outcome. A failure is recorded in a third, when the second is gone.

use super::board::{self, WorkerSlot};
use super::{LINGER, log_caught};
use crate::job::{self, Claim, Ending};
use crate::{import, pg, settings};
use pgrx::prelude::*;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

#[pg_guard]
#[unsafe(no_mangle)]
pub extern "C-unwind" fn teamwork_worker_main(argument: pg_sys::Datum) {
    let (database, slot) = (pg_sys::Oid::from(argument.value() as u32), argument.value() >> 32);
    pg::attach();
    pg::at_exit(quit, slot);
    super::connect(database, "teamwork worker");
    let Some(board) = board::get() else { return };
    let slot = &board.workers[slot];
    slot.bell.hang();
    if let Err(error) = work(slot, || board.should_make_room(database)) {
        log_caught("a worker stops", &error);
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn quit(_code: i32, slot: pg_sys::Datum) {
    if let Some(board) = board::get() {
        board.workers[slot.value()].free();
    }
}

/// Job after job, until there is none for a while or another database has more need of the process.
fn work(slot: &WorkerSlot, should_make_room: impl Fn() -> bool) -> Result<(), pg::Caught> {
    let mut idle_since = Instant::now();
    while settings::enabled() {
        let has_run = run_next(slot)?;
        if has_run {
            idle_since = Instant::now();
        }
        if should_make_room() || !has_run && !is_rung(slot, LINGER.saturating_sub(idle_since.elapsed())) {
            break;
        }
    }
    Ok(())
}

/// Waits idle; false when nothing has happened. What has may have been no job: then the patience is not a new one.
fn is_rung(slot: &WorkerSlot, patience: Duration) -> bool {
    slot.is_idle.store(true, SeqCst);
    let was_rung = !patience.is_zero() && pg::wait(patience);
    slot.is_idle.store(false, SeqCst);
    was_rung
}

/// Claims and runs a job; false when none is due.
fn run_next(slot: &WorkerSlot) -> Result<bool, pg::Caught> {
    let claimed = pg::transaction("claiming a job", || {
        // The lease is held before the claim is committed: nobody sees a processing job without its process.
        job::claim().map(|claim| (pg::Lease::hold(claim.lease), claim))
    })?;
    let Some((_lease, claim)) = claimed else { return Ok(false) };
    slot.enter_job(claim.job, claim.organization, claim.lease);
    let activity = format!("import into {} (job {})", claim.data_type, claim.job);
    let outcome = pg::try_transaction(&activity, || run(&claim, slot));
    slot.leave_job();
    if let Err(failure) = outcome {
        record(&claim, &failure)?;
    }
    Ok(true)
}

/// The job's rows, status, report and notification, all or none of them.
fn run(claim: &Claim, slot: &WorkerSlot) -> Result<(), import::Failure> {
    if !job::begin(claim) {
        return Ok(());
    }
    let outcome = import::run(claim, slot)?;
    if job::end(claim, Ending::Completed(&outcome)) { Ok(()) } else { Err(import::Failure::taken_away()) }
}

fn record(claim: &Claim, failure: &import::Failure) -> Result<(), pg::Caught> {
    let recorded = pg::transaction("recording a failure", || {
        import::keep_refusals(claim.job, &failure.refusals);
        job::end(claim, Ending::Failed(failure));
    });
    match recorded {
        // The extension or the job went away while the job ran: there is nothing left to tell it to.
        Err(error) if error.sqlstate.starts_with("42") || error.sqlstate.starts_with("3F") => {
            log_caught("a job's failure could not be recorded", &error);
            Ok(())
        }
        other => other,
    }
}
