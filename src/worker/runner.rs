//! A worker: takes job after job of one database and leaves when there is none. The transaction that ends a job runs small
//! ones along with it and claims the next one as well, so that a queue costs less than a commit a job. A failure is recorded in
//! a transaction of its own, when the job's is gone.

use super::attempt::{self, Interruption};
use super::board::{self, Board, DatabaseSlot};
use super::hand::Hand;
use super::slot::WorkerSlot;
use super::{LINGER, log_caught};
use crate::failure::Failure;
use crate::import::Commits;
use crate::job::{self, Claim, Completed};
use crate::progress::Unwatched;
use crate::{pg, settings};
use pgrx::Uuid;
use pgrx::prelude::*;
use std::cell::Cell;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// How long after a crash a job may be suspected of it.
const MISTRUST: Duration = Duration::from_secs(60);

/// Small jobs that one transaction runs along. Each takes up to three subtransactions, and a snapshot has room for 64: one more
/// is that of them all.
const MOST_ALONG: usize = 15;

/// How long a transaction goes on taking jobs along: nobody sees what it has done before it ends.
const ALONG: Duration = Duration::from_millis(10);

/// How long one of them may take before it is left to a transaction of its own.
const PATIENCE: Duration = Duration::from_millis(50);

thread_local! {
    /// The job, with its lease, that the current transaction was begun for.
    static UNDER_WAY: Cell<Option<(Uuid, i64)>> = const { Cell::new(None) };
}

#[pg_guard]
#[unsafe(no_mangle)]
pub extern "C-unwind" fn teamwork_worker_main(argument: pg_sys::Datum) {
    let (database, slot) = (pg_sys::Oid::from(argument.value() as u32), argument.value() >> 32);
    pg::attach();
    pg::at_exit(quit, slot);
    super::connect(database, "teamwork worker");
    // After the connection, and so called before it is torn down.
    pg::at_exit(give_back, slot);
    let Some(board) = board::get() else { return };
    let Some(queue) = board.database(database) else { return };
    let mut worker = Worker { board, queue, slot: &board.workers[slot], database, hand: Hand::empty() };
    worker.slot.hang();
    if let Err(error) = worker.work() {
        log_caught("a worker stops", &error);
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn quit(_code: i32, slot: pg_sys::Datum) {
    if let Some(board) = board::get() {
        board.workers[slot.value()].free();
    }
}

/// A shutdown of the server is not the job's fault: it takes the attempt back. Whatever else ends a worker early counts.
#[pg_guard]
unsafe extern "C-unwind" fn give_back(_code: i32, _slot: pg_sys::Datum) {
    if let Some((job, lease)) = UNDER_WAY.get().filter(|_| pg::server_is_stopping()) {
        pg::last_transaction(|| {
            job::give_back(job, lease);
        });
    }
}

/// A claim, with the lock that says it is alive.
struct Held {
    claim: Claim,
    _lease: pg::Lease,
}

struct Worker {
    board: &'static Board,
    queue: &'static DatabaseSlot,
    slot: &'static WorkerSlot,
    database: pg_sys::Oid,
    hand: Hand,
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
                    if next.is_none() && !self.may_go_on() {
                        return Ok(());
                    }
                }
                None if self.may_go_on() && self.wait(idle_since + LINGER) => {}
                None => return Ok(()),
            }
        }
    }

    /// Whether the worker may take another job: the engine is on, and no other database has more need of the process.
    fn may_go_on(&self) -> bool {
        settings::enabled() && !self.board.should_make_room(self.database)
    }

    /// Whether the server has crashed and come back a moment ago. Claims need not survive a crash, as the job is pending
    /// again then. But a job that brings the server down each time must be found out, by claims that are on disk before it
    /// does.
    fn is_after_a_crash(&self) -> bool {
        board::born().is_some_and(|born| {
            born > pg::postmaster_started_at() && pg::now() - born < MISTRUST.as_micros() as i64
        })
    }

    /// A claim that no other job's end brings along. Rings for help when there is more than one worker can do.
    fn claim(&mut self) -> Result<Option<Held>, pg::Caught> {
        let claimed = pg::transaction("claiming a job", || {
            if !self.is_after_a_crash() {
                pg::forgo_flush();
            }
            self.next()
        });
        let held = match claimed {
            // An interrupt that came too late for the job before.
            Err(error) if error.sqlstate == "57014" => return self.claim(),
            outcome => outcome?,
        };
        if held.is_some() && self.hand.has_more() {
            super::wake::ring_for_help(self.database, self.queue);
        }
        Ok(held)
    }

    /// The next claim, in the caller's transaction. The lease is held before the claim is committed: nobody sees a processing
    /// job without its process.
    fn next(&mut self) -> Option<Held> {
        if !settings::enabled() {
            return None;
        }
        let claim = self.hand.claim(self.queue.turn())?;
        self.queue.set_turn(claim.work.organization);
        let _lease = pg::Lease::hold(claim.lease)?;
        Some(Held { claim, _lease })
    }

    /// Runs a job; returns the next one.
    fn run(&mut self, held: &Held) -> Result<Option<Held>, pg::Caught> {
        let claim = &held.claim;
        self.slot.enter_job(claim.job, claim.work.organization, claim.lease);
        UNDER_WAY.set(Some((claim.job, claim.lease)));
        let outcome = pg::try_transaction(&claim.describe(), || {
            pg::Alarm::Job
                .within(settings::job_timeout(), || attempt::make(claim, self.slot, Commits::Between))?;
            self.go_on(claim.lease)
        });
        UNDER_WAY.set(None);
        self.slot.leave_job();
        match outcome {
            Ok(next) => Ok(next),
            Err(failure) => self.record(claim, failure).map(|()| None),
        }
    }

    /// Runs small jobs along with the one of that lease, and returns the first that is to be run by itself. Should the server
    /// crash, they are pending as if nobody had taken them: after a crash each is run by itself, with a claim that survives. A
    /// team's cap is counted by claims that others see.
    fn go_on(&mut self, lease: i64) -> Result<Option<Held>, Failure> {
        if self.may_go_on() && !self.is_after_a_crash() && settings::max_jobs_per_team().is_none() {
            self.run_along(lease)?;
            // What is left is in the hand. Whatever comes meanwhile is found before the worker waits.
            if !self.hand.has_more() {
                return Ok(None);
            }
        }
        Ok(if self.may_go_on() { self.next() } else { None })
    }

    /// One flush serves all of them, and one statement writes their ends.
    fn run_along(&mut self, lease: i64) -> Result<(), Failure> {
        let until = Instant::now() + ALONG;
        let completed = pg::try_subtransaction(|| {
            let mut completed = Vec::new();
            // One more than may run along: it is the next to be claimed.
            for claim in self.hand.take(self.queue.turn(), MOST_ALONG + 1) {
                if completed.len() == MOST_ALONG
                    || !claim.is_small()
                    || Instant::now() >= until
                    || !self.may_go_on()
                {
                    break;
                }
                let Some(job) = self.complete(&claim, lease)? else { break };
                completed.push(job);
                self.queue.set_turn(claim.work.organization);
            }
            let jobs: Vec<Uuid> = completed.iter().map(|it| it.job).collect();
            if completed.is_empty() || job::complete(completed) {
                Ok(jobs)
            } else {
                Err(Failure::taken_away())
            }
        });
        match completed {
            Ok(jobs) => self.hand.lay_down(&jobs),
            Err(failure) if self.slot.is_interrupted(lease) => return Err(failure),
            // Nothing is left of it: they will be run one by one.
            Err(_) => drop(pg::Alarm::take()),
        }
        Ok(())
    }

    /// `None` when the job has failed or taken long: nothing is left of that, and its failure will be its own when it is run by
    /// itself.
    fn complete(&self, claim: &Claim, lease: i64) -> Result<Option<Completed>, Failure> {
        let started_at = pg::now();
        let outcome = pg::Alarm::Along.within(Some(PATIENCE), || {
            pg::try_subtransaction(|| attempt::work(claim, &Unwatched, Commits::AtEnd))
        });
        match outcome {
            Ok(outcome) => {
                let (job, lease, completed_at) = (claim.job, claim.lease, pg::now());
                Ok(Some(Completed { job, lease, started_at, completed_at, outcome }))
            }
            // Meant for the job before, which is not committed yet.
            Err(failure) if self.slot.is_interrupted(lease) => Err(failure),
            Err(_) => {
                pg::Alarm::take();
                Ok(None)
            }
        }
    }

    fn record(&self, claim: &Claim, failure: Failure) -> Result<(), pg::Caught> {
        let interruption = || match self.slot.take_interrupted() {
            // Without a lease it was an administrator, by pg_cancel_backend().
            lease if lease == claim.lease || lease == 0 => Interruption::Meant,
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

    /// Waits to be rung; false when it is time to leave. What rings may bring no job: the patience is not a new one then.
    fn wait(&self, until: Instant) -> bool {
        self.slot.is_idle.store(true, SeqCst);
        loop {
            pg::wait(until.saturating_duration_since(Instant::now()));
            if !self.slot.is_idle.load(SeqCst) {
                return true;
            }
            if Instant::now() >= until || !self.may_go_on() {
                // Whoever rang in this very moment counts on us.
                return !self.slot.stop_waiting();
            }
        }
    }
}
