//! Background workers that this process has started.

use pgrx::bgworkers::BackgroundWorkerBuilder;
use pgrx::pg_sys::{self, BackgroundWorkerHandle};
use pgrx::{IntoDatum, PgMemoryContexts};

/// The library's name, by which the postmaster finds the entry point in the new process.
pub const LIBRARY: &str = "teamwork";

/// A dynamic background worker; its maker's latch is set when it starts and when it ends.
pub struct Child(*mut BackgroundWorkerHandle);

impl Child {
    /// Starts a worker at the entry point of that name; `None` when max_worker_processes is used up.
    pub fn start(kind: &str, entry_point: &str, argument: i64) -> Option<Self> {
        let builder = BackgroundWorkerBuilder::new(kind)
            .set_type(kind)
            .set_library(LIBRARY)
            .set_function(entry_point)
            .enable_shmem_access(None)
            .enable_spi_access()
            .set_argument(argument.into_datum())
            .set_notify_pid(super::my_pid());
        let mut worker: pg_sys::BackgroundWorker = (&builder).into();
        let mut handle = std::ptr::null_mut();
        // SAFETY: both pointers are valid for the call; the handle is allocated where it outlives every transaction.
        let is_registered = unsafe {
            PgMemoryContexts::TopMemoryContext
                .switch_to(|_| pg_sys::RegisterDynamicBackgroundWorker(&mut worker, &mut handle))
        };
        // Only then is there a handle, which this value's end frees.
        is_registered.then(|| Self(handle))
    }

    /// Started or about to be.
    pub fn is_running(&self) -> bool {
        let mut pid = 0;
        // SAFETY: the handle is valid until this value is dropped.
        let status = unsafe { pg_sys::GetBackgroundWorkerPid(self.0, &mut pid) };
        status == pg_sys::BgwHandleStatus::BGWH_STARTED
            || status == pg_sys::BgwHandleStatus::BGWH_NOT_YET_STARTED
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // SAFETY: allocated by RegisterDynamicBackgroundWorker, referenced by nothing else.
        unsafe { pg_sys::pfree(self.0.cast()) };
    }
}
