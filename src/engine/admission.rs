//! Who may start a process. `max_worker_processes` and `teamwork.max_workers` are for the whole cluster, so databases
//! compete: a scheduler always finds a slot beside the workers of others, a worker beside the schedulers, and the database
//! with the fewest workers is the next to get one. Others use slots too (parallel queries, other extensions), and only
//! trying shows whether one is left: these rules keep the engine from starving itself.

use super::shmem::{DatabaseSlot, SharedState};
use super::slot::WorkerSlot;
use crate::{pg, settings};
use pgrx::pg_sys;
use pgrx::prelude::*;
use std::sync::atomic::Ordering::SeqCst;

/// The engine's launcher, and PostgreSQL's own for logical replication.
const LAUNCHERS: usize = 2;

/// Between two lines of the log about it: PostgreSQL's microseconds.
const SHORTAGE_LOG_INTERVAL: i64 = 600 * 1_000_000;

/// Why no worker may be started.
#[derive(PartialEq)]
pub enum NotAdmitted {
    /// `teamwork.max_workers` are at work, or it is another database's turn.
    NotYet,
    /// The slots of `max_worker_processes` are used up.
    NoRoom,
}

impl SharedState {
    /// Whether a database may start one more worker.
    pub fn admit_worker(&self, slot: &DatabaseSlot) -> Result<(), NotAdmitted> {
        let Some(database) = slot.oid() else { return Err(NotAdmitted::NotYet) };
        let (all, own) = self.count_workers(database);
        let is_others_turn = self.waiting_databases(database).any(|other| other < (own, waiting_since(slot)));
        if all >= settings::max_workers() || is_others_turn {
            Err(NotAdmitted::NotYet)
        } else if has_room_for_worker(pg::max_worker_processes(), self.count_schedulers(), all) {
            Ok(())
        } else {
            Err(NotAdmitted::NoRoom)
        }
    }

    /// Whether a database may start its scheduler beside so many others.
    pub fn admits_scheduler(&self, slot: &DatabaseSlot, schedulers: usize) -> bool {
        let (workers, _) = self.count_workers(pg_sys::Oid::INVALID);
        has_room_for_scheduler(pg::max_worker_processes(), schedulers, workers) && !self.should_give_way(slot)
    }

    /// Whether a worker of this database shall leave, between two jobs, for one of another.
    pub fn should_make_room(&self, database: pg_sys::Oid) -> bool {
        let (_, own) = self.count_workers(database);
        self.waiting_databases(database).any(|(workers, _)| workers == 0 || workers + 1 < own)
    }

    /// Whether schedulers have taken every slot there was, so that no worker can be started, and a database that has
    /// waited longer than this one shall have a slot.
    pub fn should_give_way(&self, slot: &DatabaseSlot) -> bool {
        let Some(database) = slot.oid() else { return false };
        let (workers, _) = self.count_workers(database);
        self.is_short.load(SeqCst)
            && workers == 0
            && self.waiting_databases(database).any(|(_, since)| since < waiting_since(slot))
    }

    /// Starts a process, unless there is no slot for it, and remembers which it was.
    pub fn start(&self, kind: &str, entry_point: &str, argument: i64) -> Option<pg::Child> {
        let process = pg::Child::start(kind, entry_point, argument);
        self.is_short.store(process.is_none(), SeqCst);
        if process.is_none() {
            self.log_shortage();
        }
        process
    }

    /// Notes whether the jobs of a database wait for a process. While they do, idle workers of others leave.
    pub fn set_waiting(&self, slot: &DatabaseSlot, is_waiting: bool) {
        if !is_waiting {
            slot.waiting_since.store(0, SeqCst);
            return;
        }
        let _ = slot.waiting_since.compare_exchange(0, pg::now(), SeqCst, SeqCst);
        let idle = self.workers.iter().filter(|worker| worker.is_idle.load(SeqCst));
        idle.filter(|worker| worker.database() != slot.oid()).for_each(WorkerSlot::wake);
    }

    /// A process has ended: those who wait for its slot try again.
    pub fn wake_waiting_databases(&self) {
        let waiting = |slot: &&DatabaseSlot| slot.oid().is_some() && slot.waiting_since.load(SeqCst) != 0;
        for slot in self.databases.iter().filter(waiting) {
            if !slot.scheduler.set() {
                self.launcher.set();
            }
        }
    }

    /// Says in the log that slots are short: once in a while, whoever finds it and however often.
    pub fn log_shortage(&self) {
        let (last, now) = (self.shortage_logged_at.load(SeqCst), pg::now());
        let is_due = last == 0 || now - last >= SHORTAGE_LOG_INTERVAL;
        if !is_due || self.shortage_logged_at.compare_exchange(last, now, SeqCst, SeqCst).is_err() {
            return;
        }
        let message = "teamwork: jobs wait for a free background worker slot";
        let limit = pg::max_worker_processes();
        pg_sys::panic::ErrorReport::new(
            PgSqlErrorCode::ERRCODE_CONFIGURATION_LIMIT_EXCEEDED,
            message,
            function_name!(),
        )
        .set_detail(format!("All {limit} slots of max_worker_processes are used or kept for schedulers."))
        .set_hint(
            "Raise max_worker_processes: it needs teamwork.max_workers, one for each busy database and two.",
        )
        .report(PgLogLevel::LOG);
    }

    /// The other databases whose jobs wait: with how many workers, and since when.
    fn waiting_databases(&self, database: pg_sys::Oid) -> impl Iterator<Item = (usize, i64)> {
        self.databases.iter().filter_map(move |slot| {
            let other = slot.oid().filter(|oid| *oid != database)?;
            let since = Some(slot.waiting_since.load(SeqCst)).filter(|since| *since != 0)?;
            Some((self.count_workers(other).1, since))
        })
    }

    fn count_schedulers(&self) -> usize {
        self.databases.iter().filter(|slot| slot.scheduler.pid() != 0).count()
    }
}

/// Who does not wait yet comes last.
fn waiting_since(slot: &DatabaseSlot) -> i64 {
    Some(slot.waiting_since.load(SeqCst)).filter(|since| *since != 0).unwrap_or(i64::MAX)
}

/// The last slot is for the scheduler of another database, unless the engine has no worker at all.
fn has_room_for_worker(slots: usize, schedulers: usize, workers: usize) -> bool {
    workers == 0 || LAUNCHERS + schedulers + workers + 1 < slots
}

/// The last slot is for a worker, unless there is one already.
fn has_room_for_scheduler(slots: usize, schedulers: usize, workers: usize) -> bool {
    LAUNCHERS + schedulers + workers.max(1) < slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_workers_fit_beside_one_scheduler_in_the_default_eight_slots() {
        assert!(has_room_for_worker(8, 1, 3));
        assert!(!has_room_for_worker(8, 1, 4));
    }

    #[test]
    fn workers_leave_a_slot_for_a_scheduler_and_schedulers_one_for_a_worker() {
        for slots in 4..32 {
            let workers = (0..).find(|workers| !has_room_for_worker(slots, 1, *workers)).unwrap();
            assert!(has_room_for_scheduler(slots, 1, workers) || slots == 4, "{slots}");
            let schedulers = (0..).find(|schedulers| !has_room_for_scheduler(slots, *schedulers, 0)).unwrap();
            assert!(LAUNCHERS + schedulers < slots, "{slots}");
        }
    }
}
