//! One value in the server's shared memory, there only when the library is preloaded.

use pgrx::PGRXSharedMemory;
use std::sync::atomic::{AtomicBool, Ordering};

/// A [`pgrx::PgAtomic`] that may be absent: without `shared_preload_libraries` there is no shared memory to be had.
pub struct Shared<T: 'static> {
    value: &'static pgrx::PgAtomic<T>,
    is_there: AtomicBool,
}

impl<T: PGRXSharedMemory> Shared<T> {
    pub const fn new(value: &'static pgrx::PgAtomic<T>) -> Self {
        Self { value, is_there: AtomicBool::new(false) }
    }

    /// To be called where `pg_shmem_init!` is, in the postmaster; its children inherit the answer.
    pub fn mark_requested(&self) {
        self.is_there.store(true, Ordering::Relaxed);
    }

    pub fn get(&self) -> Option<&'static T> {
        self.is_there.load(Ordering::Relaxed).then(|| self.value.get())
    }
}
