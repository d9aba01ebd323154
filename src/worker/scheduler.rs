//! The scheduler: one per database that has the extension, there only while there is work or was a moment ago. It starts
//! workers for due jobs, puts back the jobs of workers that are gone, and copies progress to the rows that clients watch.

use super::board::{self, Board, DatabaseSlot, NEVER, Presence};
use super::slot::{Progress, WorkerSlot};
use super::{LINGER, attempt, log_caught};
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
    super::connect(database, "teamwork scheduler");
    let Some(board) = board::get() else { return };
    let Some(slot) = board.database(database) else { return };
    slot.scheduler.hang();
    let mut scheduler = Scheduler {
        board,
        slot,
        database,
        workers: Vec::new(),
        published: HashMap::new(),
        stragglers: HashMap::new(),
        is_starved: false,
    };
    if let Err(error) = scheduler.run() {
        log_caught("the scheduler stops", &error);
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn quit(_code: i32, database: pg_sys::Datum) {
    let Some(board) = board::get() else { return };
    if let Some(slot) = board.database(pg_sys::Oid::from(database.value() as u32))
        && slot.scheduler.pid() == pg::my_pid()
    {
        slot.scheduler.take_down();
    }
    board.launcher.ring();
}

struct Scheduler {
    board: &'static Board,
    slot: &'static DatabaseSlot,
    database: pg_sys::Oid,
    workers: Vec<(usize, pg::Child)>,
    /// The progress last copied, by lease.
    published: HashMap<i64, Progress>,
    /// Leases of jobs that have ended while their workers go on, and since when.
    stragglers: HashMap<i64, Instant>,
    is_starved: bool,
}

impl Scheduler {
    fn run(&mut self) -> Result<(), pg::Caught> {
        let mut idle_since = Instant::now();
        loop {
            self.slot.has_news.store(false, SeqCst);
            let is_here = pg::transaction("looking for the extension", || pg::extension_schema().is_some())?;
            self.slot.set_presence(if is_here { Presence::Present } else { Presence::Absent });
            if !is_here {
                return Ok(());
            }
            let queue = pg::transaction("looking for due jobs", look)?;
            let processing = pg::transaction("looking for running jobs", job::processing)?;
            self.rescue_orphans(&processing)?;
            self.stop_stragglers(&processing);
            self.publish_progress()?;
            self.start_workers(queue.due);
            self.tidy_up()?;
            if !settings::enabled() && self.workers.is_empty() {
                // Paused: whatever is due is news when the engine is switched on again.
                self.slot.has_news.store(true, SeqCst);
                return Ok(());
            }
            if queue.due > 0 || !self.workers.is_empty() {
                idle_since = Instant::now();
            } else if idle_since.elapsed() >= LINGER && self.may_leave(queue.next_due) {
                return Ok(());
            }
            pg::wait(self.patience(queue.next_due));
        }
    }

    /// Hands the next due time to the launcher. A commit rings either this scheduler, and then is seen here, or the
    /// launcher.
    fn may_leave(&self, next_due: Option<i64>) -> bool {
        self.slot.next_due.store(next_due.unwrap_or(NEVER), SeqCst);
        self.slot.scheduler.take_down();
        if self.slot.has_news.load(SeqCst) {
            self.slot.scheduler.hang();
            return false;
        }
        true
    }

    fn patience(&self, next_due: Option<i64>) -> Duration {
        let most = if self.workers.is_empty() { LINGER } else { PROGRESS_INTERVAL };
        let due = next_due.map(|due| Duration::from_micros((due - clock::now()).max(0) as u64));
        due.map_or(most, |due| due.min(most))
    }

    /// Wakes idle workers, then starts new ones, as many as there are jobs for and slots left.
    fn start_workers(&mut self, due: i64) {
        self.workers.retain(|(slot, child)| {
            let is_running = child.is_running();
            if !is_running {
                // It frees its slot itself, unless it was never forked.
                self.board.workers[*slot].free_if_of(self.database);
            }
            is_running
        });
        let due = if settings::enabled() { due as usize } else { 0 };
        let rung = (0..due).take_while(|_| self.board.ring_idle_worker(self.database)).count();
        // The others without a job are starting or about to claim one.
        let busy_soon = self.board.workers_of(self.database).filter(|slot| slot.job().is_none()).count();
        let wanted = due.saturating_sub(rung.max(busy_soon));
        let was_starved = std::mem::take(&mut self.is_starved);
        for _ in 0..wanted {
            let Some(slot) = self.board.take_worker(self.database, settings::max_workers()) else { break };
            let argument = i64::from(self.database.to_u32()) | (slot as i64) << 32;
            match pg::Child::start("teamwork worker", "teamwork_worker_main", argument) {
                Some(child) => self.workers.push((slot, child)),
                None => {
                    self.board.workers[slot].free();
                    self.is_starved = true;
                    break;
                }
            }
        }
        if self.is_starved && !was_starved {
            pgrx::log!("teamwork: no slot for a worker, jobs wait: raise max_worker_processes");
        }
    }

    /// A processing job whose lease nobody holds lost its process.
    fn rescue_orphans(&self, processing: &[Processing]) -> Result<(), pg::Caught> {
        for processing in processing {
            let rescued = pg::transaction("rescuing a job", || attempt::rescue(processing, board::born()))?;
            if let Some(status) = rescued {
                pgrx::log!("teamwork: the worker of job {} is gone: the job is {status}", processing.job);
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
            .board
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
        let has_more = pg::transaction("forgetting ended jobs", || job::forget_ended(age, TIDY_AT_ONCE))?;
        self.slot.tidied_at.store(if has_more { 0 } else { now }, SeqCst);
        Ok(())
    }

    fn publish_progress(&mut self) -> Result<(), pg::Caught> {
        let running: HashMap<i64, (pgrx::Uuid, Progress)> = self
            .board
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
fn look() -> Queue {
    let queue = job::queue_state(settings::max_workers());
    if queue.next_due.is_none_or(|due| due > clock::now()) {
        return queue;
    }
    job::promote();
    job::queue_state(settings::max_workers())
}
