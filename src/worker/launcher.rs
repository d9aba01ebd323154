//! The launcher: one per cluster, connected to no database. It starts a scheduler where there is news, where a job
//! becomes due, and, as a backstop, now and then wherever the extension is.

use super::board::{self, Board, DatabaseSlot, NEVER, Presence};
use super::log_caught;
use crate::{clock, pg, settings};
use pgrx::bgworkers::{BackgroundWorkerBuilder, BgWorkerStartTime};
use pgrx::prelude::*;
use std::collections::HashMap;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

/// How soon to try again when max_worker_processes is used up.
const STARVED: Duration = Duration::from_secs(1);

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
    let Some(board) = board::get() else { return };
    board.launcher.hang();
    pg::at_exit(quit, 0);
    Launcher { board, schedulers: HashMap::new(), next_round: Instant::now(), is_starved: false }.run()
}

#[pg_guard]
unsafe extern "C-unwind" fn quit(_code: i32, _argument: pg_sys::Datum) {
    if let Some(board) = board::get() {
        board.launcher.take_down();
    }
}

struct Launcher {
    board: &'static Board,
    schedulers: HashMap<pg_sys::Oid, pg::Child>,
    /// When to look at all databases again.
    next_round: Instant,
    is_starved: bool,
}

impl Launcher {
    fn run(&mut self) -> ! {
        loop {
            if settings::enabled() {
                if Instant::now() >= self.next_round {
                    self.make_round();
                    self.next_round = Instant::now() + settings::poll_interval();
                }
                self.start_schedulers();
            }
            pg::wait(self.patience());
        }
    }

    /// Gives every database a slot, frees those of dropped ones, and asks for a look into each that has the extension or
    /// was never looked into.
    fn make_round(&self) {
        let databases = match pg::transaction("listing databases", pg::databases) {
            Ok(databases) => databases,
            Err(error) => return log_caught("could not list the databases", &error),
        };
        for slot in &self.board.databases {
            if slot.oid().is_some_and(|oid| !databases.iter().any(|database| database.oid == oid)) {
                slot.free();
            }
        }
        for database in databases.iter().filter(|database| database.is_usable) {
            if let Some(slot) = self.board.database(database.oid)
                && slot.presence() != Presence::Absent
            {
                slot.has_news.store(true, SeqCst);
            }
        }
    }

    fn start_schedulers(&mut self) {
        self.schedulers.retain(|_, scheduler| scheduler.is_running());
        let now = clock::now();
        let was_starved = std::mem::take(&mut self.is_starved);
        for slot in &self.board.databases {
            let Some(oid) = slot.oid() else { continue };
            let wants_one = slot.has_news.load(SeqCst) || slot.next_due.load(SeqCst) <= now;
            if !wants_one || self.schedulers.contains_key(&oid) {
                continue;
            }
            // It looks at everything when it starts. Should it fail to (its database may be gone), news or the next round
            // start another, and not its death.
            slot.has_news.store(false, SeqCst);
            match pg::Child::start("teamwork scheduler", "teamwork_scheduler_main", oid.to_u32().into()) {
                Some(scheduler) => {
                    slot.next_due.store(NEVER, SeqCst);
                    self.schedulers.insert(oid, scheduler);
                }
                None => {
                    slot.has_news.store(true, SeqCst);
                    self.is_starved = true;
                }
            }
        }
        if self.is_starved && !was_starved {
            pgrx::log!("teamwork: no slot for a scheduler, jobs wait: raise max_worker_processes");
        }
    }

    /// Until the next round, the next due time or the next attempt.
    fn patience(&self) -> Duration {
        if !settings::enabled() {
            // A reload wakes the launcher.
            return settings::poll_interval();
        }
        let round = self.next_round.saturating_duration_since(Instant::now());
        if self.is_starved {
            return round.min(STARVED);
        }
        let now = clock::now();
        let due = self.board.databases.iter().filter_map(|slot| due_in(slot, now)).min();
        due.map_or(round, |due| due.min(round))
    }
}

fn due_in(slot: &DatabaseSlot, now: i64) -> Option<Duration> {
    let due = slot.next_due.load(SeqCst);
    (slot.oid().is_some() && due != NEVER)
        .then(|| Duration::from_micros(due.saturating_sub(now).max(0) as u64))
}
