//! A worker: takes job after job of one database and leaves when there is none. The transaction that ends a job also runs a
//! batch of small jobs and claims the next job, so that a queue costs less than a commit a job. A failure is recorded in a
//! transaction of its own, after the job's was rolled back.

use super::attempt::{self, Interruption};
use super::candidates::Candidates;
use super::process::{self, IDLE_TIMEOUT, log_caught};
use super::shmem::{self, DatabaseSlot, SharedState};
use super::slot::WorkerSlot;
use crate::failure::Failure;
use crate::import::{Survey, again_if_ruled_out};
use crate::job::{self, Claim, Commits, Completed};
use crate::progress::Unwatched;
use crate::{pg, settings};
use pgrx::Uuid;
use pgrx::prelude::*;
use std::cell::Cell;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// How long after a crash a job may be suspected of it.
const CRASH_SUSPECT_WINDOW: Duration = Duration::from_secs(60);

/// Small jobs of a batch. Each takes up to three subtransactions and the batch takes one; a snapshot has room for 64.
const BATCH_JOBS: usize = 15;

/// How long a batch goes on taking jobs: nobody sees what it has done before its transaction ends.
const BATCH_TIME: Duration = Duration::from_millis(10);

/// How long a job of a batch may take before it is left to a transaction of its own.
const BATCH_JOB_LIMIT: Duration = Duration::from_millis(50);

thread_local! {
    /// The job, with its lease, that the current transaction was begun for.
    static CURRENT_JOB: Cell<Option<(Uuid, i64)>> = const { Cell::new(None) };
}

#[pg_guard]
#[unsafe(no_mangle)]
pub extern "C-unwind" fn teamwork_worker_main(argument: pg_sys::Datum) {
    let (database, slot) = (pg_sys::Oid::from(argument.value() as u32), argument.value() >> 32);
    pg::attach();
    pg::at_exit(quit, slot);
    process::connect(database, "teamwork worker");
    // After the connection, and so called before it is torn down.
    pg::at_exit(release, slot);
    let Some(state) = shmem::get() else { return };
    let Some(queue) = state.database(database) else { return };
    let mut worker =
        Worker { state, queue, slot: &state.workers[slot], database, candidates: Candidates::empty() };
    worker.slot.publish_latch();
    if let Err(error) = worker.work() {
        log_caught("a worker stops", &error);
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn quit(_code: i32, slot: pg_sys::Datum) {
    if let Some(state) = shmem::get() {
        state.workers[slot.value()].free();
    }
}

/// A shutdown of the server is not the job's fault: it takes the attempt back. Whatever else ends a worker early counts.
#[pg_guard]
unsafe extern "C-unwind" fn release(_code: i32, _slot: pg_sys::Datum) {
    if let Some((job, lease)) = CURRENT_JOB.get().filter(|_| pg::server_is_stopping()) {
        pg::last_transaction(|| {
            job::release(job, lease);
        });
    }
}

/// A claim, with the lock that says it is alive.
struct Held {
    claim: Claim,
    _lease: pg::Lease,
}

struct Worker {
    state: &'static SharedState,
    queue: &'static DatabaseSlot,
    slot: &'static WorkerSlot,
    database: pg_sys::Oid,
    candidates: Candidates,
}

impl Worker {
    fn work(&mut self) -> Result<(), pg::Caught> {
        let mut next = None;
        let mut idle_since = Instant::now();
        loop {
            let held = match next.take() {
                Some(held) => Some(held),
                None => self.claim()?,
            };
            match held {
                Some(held) => {
                    next = self.run(&held)?;
                    idle_since = Instant::now();
                    if next.is_none() && !self.may_continue() {
                        return Ok(());
                    }
                }
                None if self.may_continue() && self.wait(idle_since + IDLE_TIMEOUT) => {}
                None => return Ok(()),
            }
        }
    }

    /// Whether the worker may take another job: the engine is on, and no other database has more need of the process.
    fn may_continue(&self) -> bool {
        settings::enabled() && !self.state.should_make_room(self.database)
    }

    /// Whether the server has crashed and come back a moment ago. Claims need not survive a crash, as the job is pending
    /// again then. But a job that brings the server down each time must be found out, by claims that are on disk before it
    /// does.
    fn is_after_a_crash(&self) -> bool {
        shmem::server_started_at().is_some_and(|server_started_at| {
            server_started_at > pg::postmaster_started_at()
                && pg::now() - server_started_at < CRASH_SUSPECT_WINDOW.as_micros() as i64
        })
    }

    /// A claim in a transaction of its own. Wakes another worker when there is more than one can do.
    fn claim(&mut self) -> Result<Option<Held>, pg::Caught> {
        let claimed = pg::transaction("claiming a job", || {
            if !self.is_after_a_crash() {
                pg::forgo_flush();
            }
            self.claim_next()
        });
        let held = match claimed {
            // An interrupt that came too late for the job before.
            Err(error) if error.sqlstate == "57014" => return self.claim(),
            outcome => outcome?,
        };
        if held.is_some() && self.candidates.has_more() {
            super::wake::wake_another_worker(self.database, self.queue);
        }
        Ok(held)
    }

    /// The next claim, in the caller's transaction. The lease is held before the claim is committed: nobody sees a processing
    /// job without its process.
    fn claim_next(&mut self) -> Option<Held> {
        if !settings::enabled() {
            return None;
        }
        let claim = self.candidates.claim_next(self.queue.last_team())?;
        self.queue.set_last_team(claim.work.organization_id);
        let _lease = pg::Lease::hold(claim.lease)?;
        Some(Held { claim, _lease })
    }

    /// Runs a job; returns the next one.
    fn run(&mut self, held: &Held) -> Result<Option<Held>, pg::Caught> {
        let claim = &held.claim;
        self.slot.enter_job(claim.job, claim.work.organization_id, claim.lease);
        CURRENT_JOB.set(Some((claim.job, claim.lease)));
        let outcome = again_if_ruled_out(|survey| {
            pg::try_transaction(&claim.describe(), || {
                let attempt = || attempt::run(claim, self.slot, Commits::Between, survey);
                pg::Timeout::Job.within(settings::job_timeout(), attempt)?;
                self.run_batch_and_claim(claim.lease)
            })
        });
        CURRENT_JOB.set(None);
        self.slot.leave_job();
        match outcome {
            Ok(next) => Ok(next),
            Err(failure) => self.record(claim, failure).map(|()| None),
        }
    }

    /// Runs a batch of small jobs in the transaction of the job with that lease, then claims the next job. Should the server
    /// crash, the jobs of the batch are still pending; after a crash each is run by itself, with a claim that survives. There is
    /// no batch where a team has a cap: that is counted by claims that others see.
    fn run_batch_and_claim(&mut self, lease: i64) -> Result<Option<Held>, Failure> {
        if self.may_continue() && !self.is_after_a_crash() && settings::max_jobs_per_team().is_none() {
            self.run_batch(lease)?;
            // What is left is among the candidates. Whatever comes meanwhile is found before the worker waits.
            if !self.candidates.has_more() {
                return Ok(None);
            }
        }
        Ok(if self.may_continue() { self.claim_next() } else { None })
    }

    /// One flush serves all of them, and one statement writes their ends.
    fn run_batch(&mut self, lease: i64) -> Result<(), Failure> {
        let until = Instant::now() + BATCH_TIME;
        let completed = pg::try_subtransaction(|| {
            let mut completed = Vec::new();
            // One more than a batch has: it is the next to be claimed.
            for claim in self.candidates.lock(self.queue.last_team(), BATCH_JOBS + 1) {
                if completed.len() == BATCH_JOBS
                    || !claim.fits_a_batch()
                    || Instant::now() >= until
                    || !self.may_continue()
                {
                    break;
                }
                let Some(job) = self.complete(&claim, lease)? else { break };
                completed.push(job);
                self.queue.set_last_team(claim.work.organization_id);
            }
            let jobs: Vec<Uuid> = completed.iter().map(|it| it.job).collect();
            if completed.is_empty() || job::complete(completed) {
                Ok(jobs)
            } else {
                Err(Failure::taken_away())
            }
        });
        match completed {
            Ok(jobs) => self.candidates.remove(&jobs),
            Err(failure) if self.slot.is_interrupted(lease) => return Err(failure),
            // Nothing is left of it: they will be run one by one.
            Err(_) => drop(pg::Timeout::take()),
        }
        Ok(())
    }

    /// `None` when the job has failed or taken long: nothing is left of that, and its failure will be its own when it is run by
    /// itself.
    fn complete(&self, claim: &Claim, lease: i64) -> Result<Option<Completed>, Failure> {
        let started_at = pg::now();
        let outcome = pg::Timeout::Batch.within(Some(BATCH_JOB_LIMIT), || {
            let attempt = || attempt::work(claim, &Unwatched, Commits::AtEnd, Survey::FirstRows);
            pg::try_subtransaction(attempt)
        });
        match outcome {
            Ok(outcome) => {
                let (job, lease, completed_at) = (claim.job, claim.lease, pg::now());
                Ok(Some(Completed { job, lease, started_at, completed_at, outcome }))
            }
            // Meant for the job before, which is not committed yet.
            Err(failure) if self.slot.is_interrupted(lease) => Err(failure),
            Err(_) => {
                pg::Timeout::take();
                Ok(None)
            }
        }
    }

    fn record(&self, claim: &Claim, failure: Failure) -> Result<(), pg::Caught> {
        let interruption = || match self.slot.take_interrupted() {
            // Without a lease it was an administrator, by pg_cancel_backend().
            lease if lease == claim.lease || lease == 0 => Interruption::Intended,
            _ => Interruption::Stray,
        };
        let (failure, verdict) = attempt::explain(failure, interruption);
        let recorded = pg::transaction("recording a failure", || attempt::record(claim, &failure, verdict));
        match recorded {
            // The extension or the job went away while the job ran: there is nothing left to tell it to.
            Err(error) if error.sqlstate.starts_with("42") || error.sqlstate.starts_with("3F") => {
                log_caught("a job's failure could not be recorded", &error);
                Ok(())
            }
            other => other,
        }
    }

    /// Waits to be woken; false when it is time to leave. Who is woken and finds no job waits for the rest of the time only.
    fn wait(&self, until: Instant) -> bool {
        self.slot.is_idle.store(true, SeqCst);
        loop {
            pg::wait(until.saturating_duration_since(Instant::now()));
            if !self.slot.is_idle.load(SeqCst) {
                return true;
            }
            if Instant::now() >= until || !self.may_continue() {
                // Whoever woke us in this very moment relies on us.
                return !self.slot.stop_waiting();
            }
        }
    }
}
