//! The scheduler: one per database that has the extension, there only while there is work or was a moment ago. It starts
//! workers for due jobs, puts back the jobs of workers that are gone, and copies progress to the rows that clients watch.

use super::admission::NotAdmitted;
use super::attempt;
use super::process::{self, IDLE_TIMEOUT, log_caught};
use super::shmem::{self, DatabaseSlot, NEVER, Presence, SharedState};
use super::slot::{Progress, WorkerSlot};
use crate::job::{self, Processing, Queue};
use crate::{clock, pg, settings};
use pgrx::prelude::*;
use std::collections::HashMap;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// How often progress is copied while jobs run: three times a second.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(333);

/// How long an interrupted worker may take: SIGINT first, then SIGTERM, never SIGKILL, which would bring the server down.
const STRAGGLER_GRACE: Duration = Duration::from_secs(5);

/// When a scheduler that has given way tries again: in PostgreSQL's microseconds.
const YIELD_TIME: i64 = 1_000_000;

/// How often ended jobs are looked through, while there is a scheduler.
const TIDY_INTERVAL: Duration = Duration::from_secs(60);
/// Jobs a transaction.
const TIDY_AT_ONCE: i32 = 1_000;

#[pg_guard]
#[unsafe(no_mangle)]
pub extern "C-unwind" fn teamwork_scheduler_main(argument: pg_sys::Datum) {
    let database = pg_sys::Oid::from(argument.value() as u32);
    pg::attach();
    pg::at_exit(quit, database.to_u32() as usize);
    process::connect(database, "teamwork scheduler");
    let Some(state) = shmem::get() else { return };
    let Some(slot) = state.database(database) else { return };
    if slot.scheduler.set() {
        // Started by an earlier launcher, of which this one cannot know.
        return;
    }
    slot.scheduler.publish();
    let mut scheduler = Scheduler {
        state,
        slot,
        database,
        workers: Vec::new(),
        published: HashMap::new(),
        stragglers: HashMap::new(),
        has_failed: false,
    };
    match scheduler.run() {
        Ok(has_left) => slot.has_left.store(has_left, SeqCst),
        Err(error) => log_caught("the scheduler stops", &error),
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn quit(_code: i32, database: pg_sys::Datum) {
    let Some(state) = shmem::get() else { return };
    if let Some(slot) = state.known_database(pg_sys::Oid::from(database.value() as u32))
        && slot.scheduler.pid() == pg::my_pid()
    {
        slot.scheduler.clear();
        if !slot.has_left.load(SeqCst) {
            state.set_waiting(slot, false);
        }
    }
    state.launcher.set();
}

struct Scheduler {
    state: &'static SharedState,
    slot: &'static DatabaseSlot,
    database: pg_sys::Oid,
    workers: Vec<Worker>,
    /// The progress last copied, by lease.
    published: HashMap<i64, Progress>,
    /// Leases of jobs that have ended while their workers go on, and since when.
    stragglers: HashMap<i64, Instant>,
    /// A worker ended before it had claimed a job.
    has_failed: bool,
}

/// A worker that this scheduler has started.
struct Worker {
    slot: usize,
    process: pg::Child,
    started: Instant,
}

impl Scheduler {
    /// Returns when it is time to leave: true when there is nothing to do here, false when it cannot be done, and the
    /// launcher shall try again later and later.
    fn run(&mut self) -> Result<bool, pg::Caught> {
        let mut idle_since = Instant::now();
        loop {
            self.slot.has_news.store(false, SeqCst);
            let is_here = pg::transaction("looking for the extension", || pg::extension_schema().is_some())?;
            self.slot.set_presence(if is_here { Presence::Present } else { Presence::Absent });
            if !is_here {
                self.state.set_waiting(self.slot, false);
                return Ok(true);
            }
            let queue = pg::transaction("looking for due jobs", refresh_queue)?;
            self.look_after_running_jobs()?;
            self.start_workers(queue.due);
            if self.has_failed {
                return Ok(false);
            }
            self.tidy_up()?;
            let is_alone = self.is_alone();
            if self.slot.waiting_since.load(SeqCst) != 0 && self.state.should_give_way(self.slot) {
                self.slot.next_due.store(clock::now() + YIELD_TIME, SeqCst);
                return Ok(true);
            }
            if !settings::enabled() && is_alone {
                // Paused: whatever is due is news when the engine is switched on again.
                self.slot.has_news.store(true, SeqCst);
                return Ok(true);
            }
            // Workers that an earlier scheduler has started count too. Idle ones linger as long as this does.
            if queue.due > 0 || self.state.workers_of(self.database).any(|worker| worker.job().is_some()) {
                idle_since = Instant::now();
            } else if is_alone && idle_since.elapsed() >= IDLE_TIMEOUT && self.may_leave(queue.next_due()) {
                return Ok(true);
            }
            pg::wait(self.next_wakeup_in(queue.next_due()));
        }
    }

    /// Whether the database has no worker.
    fn is_alone(&self) -> bool {
        self.state.workers_of(self.database).next().is_none()
    }

    /// Tells the launcher the next due time. A commit wakes either this scheduler, and then is seen here, or the launcher.
    fn may_leave(&self, next_due: Option<i64>) -> bool {
        self.slot.next_due.store(next_due.unwrap_or(NEVER), SeqCst);
        self.slot.scheduler.clear();
        if self.slot.has_news.load(SeqCst) {
            self.slot.scheduler.publish();
            return false;
        }
        true
    }

    fn next_wakeup_in(&self, next_due: Option<i64>) -> Duration {
        let most = if self.is_alone() { IDLE_TIMEOUT } else { PROGRESS_INTERVAL };
        let due = next_due.map(|due| Duration::from_micros((due - clock::now()).max(0) as u64));
        due.map_or(most, |due| due.min(most))
    }

    /// Wakes idle workers, then starts new ones, as many as there are jobs for and slots left.
    fn start_workers(&mut self, due: i64) {
        self.reap();
        let due = if settings::enabled() && !self.has_failed { due as usize } else { 0 };
        let woken = (0..due).take_while(|_| self.state.wake_idle_worker(self.database)).count();
        // The others without a job are starting or about to claim one.
        let free = self.state.workers_of(self.database).filter(|slot| slot.job().is_none()).count();
        let wanted = due.saturating_sub(woken.max(free));
        let has_started_all = (0..wanted).all(|_| self.start_worker());
        self.state.set_waiting(self.slot, !has_started_all);
    }

    /// Forgets the workers that have ended.
    fn reap(&mut self) {
        let (running, ended): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.workers).into_iter().partition(|worker| worker.process.is_running());
        self.workers = running;
        for Worker { slot, started, .. } in &ended {
            // An idle one would have stayed longer.
            self.has_failed |= !self.state.workers[*slot].has_worked() && started.elapsed() < IDLE_TIMEOUT;
            // A worker frees its slot itself, unless it was never forked. The slot may be the next one's by now.
            if !self.workers.iter().any(|running| running.slot == *slot) {
                self.state.workers[*slot].free_if_of(self.database);
            }
        }
        if !ended.is_empty() {
            self.state.wake_waiting_databases();
        }
    }

    fn start_worker(&mut self) -> bool {
        match self.state.admit_worker(self.slot) {
            Ok(()) => {}
            Err(NotAdmitted::NotYet) => return false,
            Err(NotAdmitted::NoRoom) => {
                self.state.log_shortage();
                return false;
            }
        }
        let Some(slot) = self.state.take_worker(self.database) else { return false };
        let argument = i64::from(self.database.to_u32()) | (slot as i64) << 32;
        let process = self.state.start("teamwork worker", "teamwork_worker_main", argument);
        let has_started = process.is_some();
        match process {
            Some(process) => self.workers.push(Worker { slot, process, started: Instant::now() }),
            None => self.state.workers[slot].free(),
        }
        has_started
    }

    fn look_after_running_jobs(&mut self) -> Result<(), pg::Caught> {
        let processing = pg::transaction("looking for running jobs", job::processing)?;
        self.rescue_orphans(&processing)?;
        self.stop_stragglers(&processing);
        self.publish_progress()
    }

    /// A processing job whose lease nobody holds lost its process.
    fn rescue_orphans(&self, processing: &[Processing]) -> Result<(), pg::Caught> {
        for processing in processing {
            let rescued = pg::transaction("rescuing a job", || {
                attempt::rescue(processing, shmem::server_started_at())
            })?;
            if let Some(status) = rescued {
                pgrx::log!("teamwork: the worker of job {} is gone: the job is {status}", processing.job_id);
                self.slot.has_news.store(true, SeqCst);
                pg::wake_self();
            }
        }
        Ok(())
    }

    /// Terminates workers that go on with a job which has ended without them: a trigger may have swallowed the interrupt of
    /// cancel_job(), or the row was deleted.
    fn stop_stragglers(&mut self, processing: &[Processing]) {
        let is_over = |lease: i64| !processing.iter().any(|job| job.lease == lease);
        let stragglers: Vec<&WorkerSlot> = self
            .state
            .workers_of(self.database)
            .filter(|slot| slot.job().is_some_and(|(_, lease)| is_over(lease)))
            .collect();
        self.stragglers.retain(|lease, _| stragglers.iter().any(|slot| slot.lease() == *lease));
        for slot in stragglers {
            let since = self.stragglers.entry(slot.lease()).or_insert_with(Instant::now);
            if since.elapsed() >= STRAGGLER_GRACE {
                pgrx::log!("teamwork: worker {} does not stop, and is terminated", slot.pid());
                slot.terminate();
            }
        }
    }

    /// Forgets what ended long ago, a little at a time.
    fn tidy_up(&self) -> Result<(), pg::Caught> {
        let Some(age) = settings::retention() else { return Ok(()) };
        let now = clock::now();
        if now - self.slot.tidied_at.load(SeqCst) < TIDY_INTERVAL.as_micros() as i64 {
            return Ok(());
        }
        let has_more = pg::transaction("deleting ended jobs", || job::delete_ended(age, TIDY_AT_ONCE))?;
        self.slot.tidied_at.store(if has_more { 0 } else { now }, SeqCst);
        Ok(())
    }

    fn publish_progress(&mut self) -> Result<(), pg::Caught> {
        let running: HashMap<i64, (pgrx::Uuid, Progress)> = self
            .state
            .workers_of(self.database)
            .filter_map(|slot| slot.job().map(|(job, lease)| (lease, (job, slot.progress()))))
            .collect();
        self.published.retain(|lease, _| running.contains_key(lease));
        for (lease, (job, progress)) in running {
            if progress.current > 0 && self.published.insert(lease, progress) != Some(progress) {
                pg::transaction("publishing progress", || {
                    job::publish_progress(job, lease, progress.to_json())
                })?;
            }
        }
        Ok(())
    }
}

/// What is due, after those jobs have become so whose time has come.
fn refresh_queue() -> Queue {
    let queue = job::queue_state(settings::max_workers());
    if queue.next_due().is_none_or(|due| due > clock::now()) {
        return queue;
    }
    job::promote();
    job::queue_state(settings::max_workers())
}
