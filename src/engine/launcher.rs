//! The launcher: one per cluster, connected to no database. It starts a scheduler where there is news, where a job
//! becomes due, and, as a backstop, now and then wherever the extension is. Where one fails, the next comes later and later.

use super::process::log_caught;
use super::shmem::{self, DatabaseSlot, NEVER, Presence, SharedState};
use crate::{clock, pg, settings};
use pgrx::bgworkers::{BackgroundWorkerBuilder, BgWorkerStartTime};
use pgrx::prelude::*;
use std::collections::HashMap;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// How soon to try again when max_worker_processes is used up.
const START_RETRY: Duration = Duration::from_secs(1);

/// A scheduler that lived longer has not failed in vain: its database starts again from the shortest pause.
const HEALTHY_UPTIME: Duration = Duration::from_secs(60);

/// How long to leave a database alone after so many schedulers in a row that were ended there: a terminated one is
/// replaced almost at once, while a database that cannot be entered costs two lines of the log a minute.
fn pause_after(failures: u32) -> Duration {
    Duration::from_millis(100 * 4u64.pow(failures.min(7)) / 4).min(Duration::from_secs(60))
}

pub fn register() {
    BackgroundWorkerBuilder::new("teamwork launcher")
        .set_type("teamwork launcher")
        .set_library(pg::LIBRARY)
        .set_function("teamwork_launcher_main")
        .enable_shmem_access(None)
        .enable_spi_access()
        .set_start_time(BgWorkerStartTime::RecoveryFinished)
        .set_restart_time(Some(Duration::from_secs(1)))
        .load();
}

#[pg_guard]
#[unsafe(no_mangle)]
pub extern "C-unwind" fn teamwork_launcher_main(_argument: pg_sys::Datum) {
    pg::attach();
    pg::connect(None);
    pg::report_application("teamwork launcher");
    let Some(state) = shmem::get() else { return };
    state.launcher.publish();
    pg::at_exit(quit, 0);
    let launcher = Launcher {
        state,
        schedulers: HashMap::new(),
        failures: HashMap::new(),
        next_poll: Instant::now(),
        is_starved: false,
        polls: 0,
    };
    launcher.run()
}

#[pg_guard]
unsafe extern "C-unwind" fn quit(_code: i32, _argument: pg_sys::Datum) {
    if let Some(state) = shmem::get() {
        state.launcher.clear();
    }
}

/// A scheduler that this launcher has started.
struct Scheduler {
    process: pg::Child,
    started: Instant,
}

/// A database whose scheduler did not leave by itself.
struct Failures {
    count: u32,
    not_before: Instant,
}

struct Launcher {
    state: &'static SharedState,
    schedulers: HashMap<pg_sys::Oid, Scheduler>,
    failures: HashMap<pg_sys::Oid, Failures>,
    /// When to look at all databases again.
    next_poll: Instant,
    is_starved: bool,
    polls: usize,
}

impl Launcher {
    fn run(mut self) -> ! {
        loop {
            if settings::enabled() {
                self.reap();
                if Instant::now() >= self.next_poll {
                    self.poll_databases();
                    self.next_poll = Instant::now() + settings::poll_interval();
                }
                self.start_schedulers();
            }
            pg::wait(self.next_wakeup_in());
        }
    }

    /// Forgets the schedulers that have ended, and remembers where one had not finished.
    fn reap(&mut self) {
        let (running, ended): (HashMap<_, _>, HashMap<_, _>) =
            self.schedulers.drain().partition(|(_, scheduler)| scheduler.process.is_running());
        self.schedulers = running;
        if !ended.is_empty() {
            self.state.wake_waiting_databases();
        }
        for (oid, scheduler) in ended {
            let Some(slot) = self.state.known_database(oid) else { continue };
            if slot.has_left.load(SeqCst) {
                self.failures.remove(&oid);
                continue;
            }
            let before = self.failures.get(&oid).map_or(0, |failures| failures.count);
            let count = if scheduler.started.elapsed() > HEALTHY_UPTIME { 1 } else { before + 1 };
            self.failures.insert(oid, Failures { count, not_before: Instant::now() + pause_after(count) });
            slot.has_news.store(true, SeqCst);
        }
    }

    /// Gives every database a slot and asks for a look into each that has the extension or was never looked into.
    fn poll_databases(&mut self) {
        let Some(mut databases) = list_databases() else { return };
        self.forget_dropped(&databases);
        // Each in turn is the first, should there be fewer slots than databases.
        self.polls += 1;
        let turn = self.polls % databases.len().max(1);
        databases.rotate_left(turn);
        for database in databases.iter().filter(|database| database.is_usable) {
            if let Some(slot) =
                self.state.database(database.oid).or_else(|| self.free_a_slot_for(database.oid))
                && slot.presence() != Presence::Absent
            {
                slot.has_news.store(true, SeqCst);
            }
        }
    }

    /// Where all slots are taken, a database that lacks the extension gives its slot to one that may have it, until its own next turn.
    fn free_a_slot_for(&self, database: pg_sys::Oid) -> Option<&'static DatabaseSlot> {
        let is_spare = |slot: &&DatabaseSlot| {
            slot.presence() == Presence::Absent && !slot.has_news.load(SeqCst) && slot.scheduler.pid() == 0
        };
        self.state.databases.iter().find(is_spare)?.free();
        self.state.database(database)
    }

    fn forget_dropped(&mut self, databases: &[pg::Database]) {
        let exists = |oid: &pg_sys::Oid| databases.iter().any(|database| database.oid == *oid);
        for slot in &self.state.databases {
            if slot.oid().is_some_and(|oid| !exists(&oid)) {
                slot.free();
            }
        }
        self.failures.retain(|oid, _| exists(oid));
    }

    fn start_schedulers(&mut self) {
        self.is_starved = false;
        let state = self.state;
        let wanting: Vec<_> =
            state.databases.iter().filter_map(|slot| Some((self.wanted_by(slot)?, slot))).collect();
        if wanting.is_empty() {
            return;
        }
        // Entering a database that is gone or closed would be a FATAL in the log.
        let Some(databases) = list_databases() else { return };
        self.forget_dropped(&databases);
        for (oid, slot) in wanting.into_iter().filter(|(oid, slot)| slot.oid() == Some(*oid)) {
            if databases.iter().any(|database| database.oid == oid && database.is_usable) {
                self.start_scheduler(oid, slot);
            } else {
                slot.has_news.store(false, SeqCst);
                slot.next_due.store(NEVER, SeqCst);
                state.set_waiting(slot, false);
            }
        }
    }

    /// The database of a slot, where a scheduler is to be started now.
    fn wanted_by(&self, slot: &DatabaseSlot) -> Option<pg_sys::Oid> {
        let oid = slot.oid()?;
        let has_work = slot.has_news.load(SeqCst) || slot.next_due.load(SeqCst) <= clock::now();
        let may_try = self.failures.get(&oid).is_none_or(|failures| failures.not_before <= Instant::now());
        (has_work && may_try && !self.schedulers.contains_key(&oid)).then_some(oid)
    }

    fn start_scheduler(&mut self, oid: pg_sys::Oid, slot: &DatabaseSlot) {
        if slot.scheduler.set() {
            // An earlier launcher has started it: it sees the news before it leaves.
            return;
        }
        // It looks at everything when it starts.
        slot.has_news.store(false, SeqCst);
        slot.next_due.store(NEVER, SeqCst);
        slot.has_left.store(false, SeqCst);
        let argument = oid.to_u32().into();
        let may_start = self.state.admits_scheduler(slot, self.schedulers.len());
        let start = || self.state.start("teamwork scheduler", "teamwork_scheduler_main", argument);
        match may_start.then(start).flatten() {
            // It finds out itself whether its jobs wait for workers still.
            Some(process) => {
                self.schedulers.insert(oid, Scheduler { process, started: Instant::now() });
            }
            None => {
                slot.has_news.store(true, SeqCst);
                self.state.set_waiting(slot, true);
                self.state.log_shortage();
                self.is_starved = true;
            }
        }
    }

    /// Until the next round, the next due time or the next attempt.
    fn next_wakeup_in(&self) -> Duration {
        if !settings::enabled() {
            // A reload wakes the launcher.
            return settings::poll_interval();
        }
        let now = Instant::now();
        let round = self.next_poll.saturating_duration_since(now);
        let retry = self.failures.values().map(|failures| failures.not_before.saturating_duration_since(now));
        let retry = retry.filter(|pause| !pause.is_zero()).chain(self.is_starved.then_some(START_RETRY));
        let due = self.state.databases.iter().filter_map(due_in);
        due.chain(retry).chain([round]).min().unwrap_or(round)
    }
}

fn list_databases() -> Option<Vec<pg::Database>> {
    pg::transaction("listing databases", pg::databases)
        .inspect_err(|error| log_caught("could not list the databases", error))
        .ok()
}

fn due_in(slot: &DatabaseSlot) -> Option<Duration> {
    let due = slot.next_due.load(SeqCst);
    (slot.oid().is_some() && due != NEVER)
        .then(|| Duration::from_micros(due.saturating_sub(clock::now()).max(0) as u64))
}
