//! A worker's slot in shared memory: which job it runs, how far it is, and how to wake or interrupt it.

use crate::pg::{self, LatchHandle};
use crate::progress;
use pgrx::{Uuid, pg_sys};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering::SeqCst};

/// A worker and the job it runs.
#[derive(Default)]
pub struct WorkerSlot {
    /// 0: the slot is free.
    database: AtomicU32,
    latch: LatchHandle,
    /// Waits to be woken. Whoever sets it to false has woken it, or has stopped waiting.
    pub is_idle: AtomicBool,
    /// Whether the latest worker has ever had a job.
    has_worked: AtomicBool,
    /// The lease of the job that was to be interrupted last.
    interrupted: AtomicU64,
    started_at: AtomicI64,
    job: AtomicUuid,
    team: AtomicUuid,
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

impl WorkerSlot {
    /// For the worker itself, when it has come up.
    pub fn publish_latch(&self) {
        self.interrupted.store(0, SeqCst);
        self.latch.publish();
    }

    pub fn free(&self) {
        self.leave_job();
        self.latch.clear();
        self.is_idle.store(false, SeqCst);
        self.database.store(0, SeqCst);
    }

    /// The database; `None` when the slot is free.
    pub fn database(&self) -> Option<pg_sys::Oid> {
        Some(self.database.load(SeqCst)).filter(|oid| *oid != 0).map(pg_sys::Oid::from)
    }

    /// 0 while the worker is starting.
    pub fn pid(&self) -> i32 {
        self.latch.pid()
    }

    /// Lets a worker that waits look around; it goes on waiting unless it shall make room.
    pub fn wake(&self) {
        self.latch.set();
    }

    /// Gives the worker something to do, if it has nothing.
    pub fn wake_if_idle(&self) -> bool {
        self.stop_waiting() && self.latch.set()
    }

    /// False when somebody else was faster.
    pub fn stop_waiting(&self) -> bool {
        self.is_idle.compare_exchange(true, false, SeqCst, SeqCst).is_ok()
    }

    /// Interrupts the statement that the worker runs for the job of that lease. Should it have gone on to another job in this
    /// moment, it tells by the lease that it was not meant.
    pub fn interrupt(&self, lease: i64) {
        self.interrupted.store(lease as u64, SeqCst);
        self.latch.interrupt();
    }

    pub fn terminate(&self) {
        self.latch.terminate();
    }

    /// The lease that the last interrupt was meant for; 0: none since the last call.
    pub fn take_interrupted(&self) -> i64 {
        self.interrupted.swap(0, SeqCst) as i64
    }

    /// Whether the last interrupt was meant for that lease, and nobody has asked yet.
    pub fn is_interrupted(&self, lease: i64) -> bool {
        self.interrupted.load(SeqCst) as i64 == lease
    }

    /// Takes the slot for a worker of the database, if it is free.
    pub fn take(&self, database: pg_sys::Oid) -> bool {
        let is_taken = self.database.compare_exchange(0, database.to_u32(), SeqCst, SeqCst).is_ok();
        if is_taken {
            self.has_worked.store(false, SeqCst);
        }
        is_taken
    }

    /// Whether the worker, or the latest one that was here, has ever had a job.
    pub fn has_worked(&self) -> bool {
        self.has_worked.load(SeqCst)
    }

    /// Reserved for a worker that has not come up yet.
    fn is_starting(&self) -> bool {
        self.database.load(SeqCst) != 0 && self.latch.pid() == 0
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
        self.job.store(job);
        self.team.store(team);
        self.started_at.store(pg::now(), SeqCst);
        self.lease.store(lease as u64, SeqCst);
    }

    pub fn leave_job(&self) {
        self.lease.store(0, SeqCst);
    }

    /// The job that runs here, with its lease.
    pub fn job(&self) -> Option<(Uuid, i64)> {
        let lease = self.lease.load(SeqCst) as i64;
        let job = self.job.load();
        (lease != 0 && lease == self.lease.load(SeqCst) as i64).then_some((job, lease))
    }

    /// The lease of the job that runs here; 0: none.
    pub fn lease(&self) -> i64 {
        self.lease.load(SeqCst) as i64
    }

    /// Whose job runs here.
    pub fn team(&self) -> Uuid {
        self.team.load()
    }

    /// When the job began that runs here, in PostgreSQL's microseconds.
    pub fn started_at(&self) -> i64 {
        self.started_at.load(SeqCst)
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

impl progress::Progress for WorkerSlot {
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

/// A uuid in two atomics. A torn reading, of half an old and half a new one, matches nobody's.
#[derive(Default)]
pub struct AtomicUuid([AtomicU64; 2]);

impl AtomicUuid {
    pub fn store(&self, id: Uuid) {
        for (half, bytes) in self.0.iter().zip(id.as_bytes().chunks_exact(8)) {
            half.store(u64::from_be_bytes(bytes.try_into().unwrap_or_default()), SeqCst);
        }
    }

    pub fn load(&self) -> Uuid {
        let mut bytes = [0; 16];
        for (half, bytes) in self.0.iter().zip(bytes.chunks_exact_mut(8)) {
            bytes.copy_from_slice(&half.load(SeqCst).to_be_bytes());
        }
        Uuid::from_bytes(bytes)
    }
}
