//! Shared memory: what the engine's processes and their observers know of each other. Only atomics, no
//! locks: a slot is taken by compare-and-swap and a stale reading does no harm.

use super::slot::{AtomicUuid, WorkerSlot};
use crate::pg::{self, LatchHandle, Shared};
use crate::settings::WORKER_SLOTS;
use pgrx::prelude::*;
use pgrx::{PGRXSharedMemory, PgAtomic, Uuid, pg_shmem_init};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, Ordering::SeqCst};

/// Beyond these, databases without the extension take turns: see the launcher.
const MAX_DATABASES: usize = 512;

/// No due time.
pub const NEVER: i64 = i64::MAX;

pub struct SharedState {
    /// When the server started or came back from a crash, in PostgreSQL's microseconds.
    server_started_at: i64,
    pub launcher: LatchHandle,
    pub databases: [DatabaseSlot; MAX_DATABASES],
    pub workers: [WorkerSlot; WORKER_SLOTS],
    /// Whether the latest process that was to be started found no slot.
    pub is_short: AtomicBool,
    /// When the log last said so.
    pub shortage_logged_at: AtomicI64,
}

/// What is known of a database.
#[derive(Default)]
pub struct DatabaseSlot {
    /// 0: the slot is free.
    oid: AtomicU32,
    pub scheduler: LatchHandle,
    /// A commit wants the scheduler's attention.
    pub has_news: AtomicBool,
    /// Whether the extension is there: see [`Presence`].
    presence: AtomicU8,
    /// When the next job becomes due, by the engine's clock; [`NEVER`] when none will.
    pub next_due: AtomicI64,
    /// The team whose job was claimed last: the cursor of the round robin.
    last_team: AtomicUuid,
    /// Since when jobs have waited for a process that cannot be had, in PostgreSQL's microseconds; 0 when none does.
    pub waiting_since: AtomicI64,
    /// Whether the latest scheduler found nothing more to do; false while one runs, and when it was ended by something else.
    pub has_left: AtomicBool,
    /// When ended jobs were last looked through, in PostgreSQL's microseconds.
    pub tidied_at: AtomicI64,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Presence {
    Unknown,
    Absent,
    Present,
}

// SAFETY: nothing but atomics, valid at any address.
unsafe impl PGRXSharedMemory for SharedState {}

// SAFETY: nobody else names a piece of shared memory after this extension.
static MEMORY: PgAtomic<SharedState> = unsafe { PgAtomic::new(c"teamwork shared state") };
static STATE: Shared<SharedState> = Shared::new(&MEMORY);

pub fn init() {
    pg_shmem_init!(MEMORY = SharedState::new());
    STATE.mark_requested();
}

/// The shared state; `None` when the library is not preloaded.
pub fn get() -> Option<&'static SharedState> {
    STATE.get()
}

/// When the server started or came back from a crash, in PostgreSQL's microseconds.
pub fn server_started_at() -> Option<i64> {
    get().map(|state| state.server_started_at)
}

impl SharedState {
    fn new() -> Self {
        Self {
            server_started_at: pg::now(),
            launcher: LatchHandle::default(),
            databases: std::array::from_fn(|_| DatabaseSlot {
                next_due: AtomicI64::new(NEVER),
                ..Default::default()
            }),
            workers: std::array::from_fn(|_| WorkerSlot::default()),
            is_short: AtomicBool::new(false),
            shortage_logged_at: AtomicI64::new(0),
        }
    }

    /// The slot of a database, taken if need be; `None` when all slots are taken.
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

    /// Takes a free worker slot; `None` when all are taken. Whether a worker may be started: see `admission`.
    pub fn take_worker(&self, database: pg_sys::Oid) -> Option<usize> {
        self.workers.iter().position(|slot| slot.take(database))
    }

    /// How many workers there are, and how many of them are of this database.
    pub fn count_workers(&self, database: pg_sys::Oid) -> (usize, usize) {
        let taken = self.workers.iter().filter(|slot| slot.database().is_some()).count();
        (taken, self.workers_of(database).count())
    }

    /// Wakes a worker of the database that has nothing to do; false when there is none.
    pub fn wake_idle_worker(&self, database: pg_sys::Oid) -> bool {
        self.workers_of(database).any(WorkerSlot::wake_if_idle)
    }

    /// The workers of a database.
    pub fn workers_of(&self, database: pg_sys::Oid) -> impl Iterator<Item = &WorkerSlot> {
        self.workers.iter().filter(move |slot| slot.database() == Some(database))
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

    pub fn last_team(&self) -> Uuid {
        self.last_team.load()
    }

    pub fn set_last_team(&self, team: Uuid) {
        self.last_team.store(team);
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
