//! The board: what the engine's processes and their observers know of each other, in shared memory. Only atomics, no
//! locks: a slot is taken by compare-and-swap and a stale reading does no harm.

use super::MAX_WORKERS;
use crate::pg::{self, Bell, Shared};
use crate::{identity, import};
use pgrx::iter::TableIterator;
use pgrx::prelude::*;
use pgrx::{PGRXSharedMemory, PgAtomic, Uuid, pg_shmem_init};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering::SeqCst};

/// Beyond these, databases without the extension take turns: see the launcher.
const MAX_DATABASES: usize = 512;

/// No due time.
pub const NEVER: i64 = i64::MAX;

pub struct Board {
    pub launcher: Bell,
    pub databases: [DatabaseSlot; MAX_DATABASES],
    pub workers: [WorkerSlot; MAX_WORKERS],
    /// Whether the latest process that was to be started found no slot.
    pub is_short: AtomicBool,
    /// When the log last said so.
    pub complained_at: AtomicI64,
}

/// What is known of a database.
#[derive(Default)]
pub struct DatabaseSlot {
    /// 0: the slot is free.
    oid: AtomicU32,
    pub scheduler: Bell,
    /// A commit wants the scheduler's attention.
    pub has_news: AtomicBool,
    /// Whether the extension is there: see [`Presence`].
    presence: AtomicU8,
    /// When the next job becomes due, in PostgreSQL's microseconds; [`NEVER`] when none will.
    pub next_due: AtomicI64,
    /// Since when jobs have waited for a process that cannot be had, in PostgreSQL's microseconds; 0 when none does.
    pub waiting_since: AtomicI64,
    /// Whether the latest scheduler found nothing more to do; false while one runs, and when it was ended by something else.
    pub has_left: AtomicBool,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Presence {
    Unknown,
    Absent,
    Present,
}

/// A worker and the job it runs.
#[derive(Default)]
pub struct WorkerSlot {
    /// 0: the slot is free.
    database: AtomicU32,
    pub bell: Bell,
    pub is_idle: AtomicBool,
    /// Whether the latest worker has ever had a job.
    pub has_worked: AtomicBool,
    job: [AtomicU64; 2],
    team: [AtomicU64; 2],
    lease: AtomicU64,
    rows: AtomicU64,
    refused: AtomicU64,
    bytes: AtomicU64,
    bytes_total: AtomicU64,
}

/// Progress of a running job.
#[derive(Clone, Copy, PartialEq)]
pub struct Progress {
    /// Data records read so far, refused ones among them.
    pub current: i64,
    /// Estimated from the bytes until the end of the file is seen.
    pub total: i64,
    pub percent: i32,
    pub failed: i64,
}

// SAFETY: nothing but atomics, valid at any address.
unsafe impl PGRXSharedMemory for Board {}

// SAFETY: nobody else names a piece of shared memory after this extension.
static MEMORY: PgAtomic<Board> = unsafe { PgAtomic::new(c"teamwork board") };
static BOARD: Shared<Board> = Shared::new(&MEMORY);

pub fn init() {
    pg_shmem_init!(MEMORY = Board::new());
    BOARD.mark_requested();
}

/// The board; `None` when the library is not preloaded.
pub fn get() -> Option<&'static Board> {
    BOARD.get()
}

impl Board {
    fn new() -> Self {
        Self {
            launcher: Bell::default(),
            databases: std::array::from_fn(|_| DatabaseSlot {
                next_due: AtomicI64::new(NEVER),
                ..Default::default()
            }),
            workers: std::array::from_fn(|_| WorkerSlot::default()),
            is_short: AtomicBool::new(false),
            complained_at: AtomicI64::new(0),
        }
    }

    /// The slot of a database, taken if need be; `None` when the board is full.
    pub fn database(&self, oid: pg_sys::Oid) -> Option<&DatabaseSlot> {
        let oid = oid.to_u32();
        self.databases.iter().find(|slot| slot.oid.load(SeqCst) == oid).or_else(|| {
            self.databases.iter().find(|slot| {
                slot.oid.compare_exchange(0, oid, SeqCst, SeqCst).is_ok() || slot.oid.load(SeqCst) == oid
            })
        })
    }

    /// The slot of a database that has one.
    pub fn known_database(&self, oid: pg_sys::Oid) -> Option<&DatabaseSlot> {
        self.databases.iter().find(|slot| slot.oid() == Some(oid))
    }

    /// Takes a free worker slot; `None` when all are taken. Whether a worker may be started: see `slots`.
    pub fn take_worker(&self, database: pg_sys::Oid) -> Option<usize> {
        let taken = self
            .workers
            .iter()
            .position(|slot| slot.database.compare_exchange(0, database.to_u32(), SeqCst, SeqCst).is_ok())?;
        self.workers[taken].has_worked.store(false, SeqCst);
        Some(taken)
    }

    /// How many workers there are, and how many of them are of this database.
    pub fn count_workers(&self, database: pg_sys::Oid) -> (usize, usize) {
        let taken = self.workers.iter().filter(|slot| slot.database.load(SeqCst) != 0).count();
        (taken, self.workers_of(database).count())
    }

    /// The workers of a database.
    pub fn workers_of(&self, database: pg_sys::Oid) -> impl Iterator<Item = &WorkerSlot> {
        self.workers.iter().filter(move |slot| slot.database.load(SeqCst) == database.to_u32())
    }
}

impl DatabaseSlot {
    /// The database; `None` when the slot is free.
    pub fn oid(&self) -> Option<pg_sys::Oid> {
        Some(self.oid.load(SeqCst)).filter(|oid| *oid != 0).map(pg_sys::Oid::from)
    }

    pub fn presence(&self) -> Presence {
        match self.presence.load(SeqCst) {
            0 => Presence::Unknown,
            1 => Presence::Absent,
            _ => Presence::Present,
        }
    }

    pub fn set_presence(&self, presence: Presence) {
        self.presence.store(presence as u8, SeqCst);
    }

    /// For a database that is gone.
    pub fn free(&self) {
        self.set_presence(Presence::Unknown);
        self.next_due.store(NEVER, SeqCst);
        self.waiting_since.store(0, SeqCst);
        self.has_news.store(false, SeqCst);
        self.oid.store(0, SeqCst);
    }
}

impl WorkerSlot {
    pub fn free(&self) {
        self.leave_job();
        self.bell.take_down();
        self.is_idle.store(false, SeqCst);
        self.database.store(0, SeqCst);
    }

    pub fn database(&self) -> Option<pg_sys::Oid> {
        Some(self.database.load(SeqCst)).filter(|oid| *oid != 0).map(pg_sys::Oid::from)
    }

    /// Reserved for a worker that has not come up yet.
    pub fn is_starting(&self) -> bool {
        self.database.load(SeqCst) != 0 && self.bell.pid() == 0
    }

    /// For a worker that was never forked, and so could not free its slot itself.
    pub fn free_if_of(&self, database: pg_sys::Oid) {
        if self.database.load(SeqCst) == database.to_u32() && self.is_starting() {
            self.free();
        }
    }

    pub fn enter_job(&self, job: Uuid, team: Uuid, lease: i64) {
        self.has_worked.store(true, SeqCst);
        for counter in [&self.rows, &self.refused, &self.bytes, &self.bytes_total] {
            counter.store(0, SeqCst);
        }
        store(&self.job, job);
        store(&self.team, team);
        self.lease.store(lease as u64, SeqCst);
    }

    pub fn leave_job(&self) {
        self.lease.store(0, SeqCst);
    }

    /// The job that runs here, with its lease.
    pub fn job(&self) -> Option<(Uuid, i64)> {
        let lease = self.lease.load(SeqCst) as i64;
        let job = load(&self.job);
        (lease != 0 && lease == self.lease.load(SeqCst) as i64).then_some((job, lease))
    }

    /// Whose job runs here.
    fn team(&self) -> Uuid {
        load(&self.team)
    }

    pub fn progress(&self) -> Progress {
        let (current, bytes) = (self.rows.load(SeqCst), self.bytes.load(SeqCst));
        let bytes_total = self.bytes_total.load(SeqCst).max(bytes);
        let share = if bytes_total == 0 { 0.0 } else { bytes as f64 / bytes_total as f64 };
        Progress {
            current: current as i64,
            total: if share > 0.0 { (current as f64 / share).round() as i64 } else { 0 },
            percent: (share * 100.0) as i32,
            failed: self.refused.load(SeqCst) as i64,
        }
    }
}

impl import::Progress for WorkerSlot {
    fn expect(&self, total: u64) {
        self.bytes_total.store(total, SeqCst);
    }

    fn advance(&self, records: u64, refused: u64, done: u64) {
        self.rows.store(records, SeqCst);
        self.refused.store(refused, SeqCst);
        self.bytes.store(done, SeqCst);
    }
}

impl Progress {
    pub fn to_json(self) -> serde_json::Value {
        let Self { current, total, percent, failed } = self;
        serde_json::json!({ "current": current, "total": total, "percent": percent, "failed": failed })
    }
}

fn store(halves: &[AtomicU64; 2], id: Uuid) {
    for (half, bytes) in halves.iter().zip(id.as_bytes().chunks_exact(8)) {
        half.store(u64::from_be_bytes(bytes.try_into().unwrap_or_default()), SeqCst);
    }
}

fn load(halves: &[AtomicU64; 2]) -> Uuid {
    let mut bytes = [0; 16];
    for (half, bytes) in halves.iter().zip(bytes.chunks_exact_mut(8)) {
        bytes.copy_from_slice(&half.load(SeqCst).to_be_bytes());
    }
    Uuid::from_bytes(bytes)
}

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// The progress of a running job, read from shared memory; no row when no worker runs it, or it is not the caller's team's.
    #[pg_extern(volatile)]
    pub fn live_progress(
        job_id: Uuid,
    ) -> TableIterator<
        'static,
        (name!(current, i64), name!(total, i64), name!(percent, i32), name!(failed, i64)),
    > {
        let is_exempt = pg::bypasses_row_security();
        let team = identity::get_current_user_admin_id();
        let is_asked = |slot: &&WorkerSlot| slot.job().is_some_and(|(job, _)| job == job_id);
        let is_visible = |slot: &&WorkerSlot| is_exempt || team == Some(slot.team());
        let found =
            get().and_then(|board| board.workers_of(pg::my_database()).find(is_asked)).filter(is_visible);
        TableIterator::new(
            found
                .map(WorkerSlot::progress)
                .into_iter()
                .map(|progress| (progress.current, progress.total, progress.percent, progress.failed)),
        )
    }
}
