//! A worker: takes job after job of one database and leaves when there is none. The transaction that ends a job claims the
//! next one as well, so that a queue costs one commit a job. A failure is recorded in a transaction of its own, when the
//! job's is gone.

use super::attempt::{self, Interruption};
use super::board::{self, Board, DatabaseSlot};
use super::hand::Hand;
use super::slot::WorkerSlot;
use super::{LINGER, log_caught};
use crate::failure::Failure;
use crate::job::{self, Claim};
use crate::{pg, settings};
use pgrx::prelude::*;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// How long after a crash a job may be suspected of it.
const MISTRUST: Duration = Duration::from_secs(60);

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
unsafe extern "C-unwind" fn give_back(_code: i32, slot: pg_sys::Datum) {
    let running = board::get().and_then(|board| board.workers[slot.value()].job());
    if let Some((job, lease)) = running.filter(|_| pg::server_is_stopping()) {
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
        self.queue.set_turn(claim.organization);
        let _lease = pg::Lease::hold(claim.lease)?;
        Some(Held { claim, _lease })
    }

    /// Runs a job; returns the next one.
    fn run(&mut self, held: &Held) -> Result<Option<Held>, pg::Caught> {
        let claim = &held.claim;
        self.slot.enter_job(claim.job, claim.organization, claim.lease);
        let activity = claim.describe();
        let outcome = pg::Alarm::Job.within(settings::job_timeout(), || {
            pg::try_transaction(&activity, || {
                attempt::make(claim, self.slot)?;
                Ok(self.may_go_on().then(|| self.next()).flatten())
            })
        });
        self.slot.leave_job();
        match outcome {
            Ok(next) => Ok(next),
            Err(failure) => self.record(claim, failure).map(|()| None),
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
