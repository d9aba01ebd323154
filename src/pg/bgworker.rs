//! What every background worker does first.

use pgrx::pg_sys;
use std::ffi::c_int;

unsafe extern "C-unwind" {
    // pgrx wraps these for Rust callers; as signal handlers the C functions themselves are needed.
    fn die(signal: c_int);
    fn SignalHandlerForConfigReload(signal: c_int);
}

/// Installs the handlers that ordinary backends have: SIGTERM interrupts a running statement (pgrx's own handler would
/// let it finish), SIGHUP marks the configuration for reload, SIGINT cancels as it does by default.
pub fn attach() {
    #[cfg(not(feature = "pg18"))]
    use pg_sys::pqsignal as set_handler;
    #[cfg(feature = "pg18")]
    use pg_sys::pqsignal_be as set_handler;
    // SAFETY: both are signal handlers of the server, made for this.
    unsafe {
        set_handler(pg_sys::SIGTERM as i32, Some(die));
        set_handler(pg_sys::SIGHUP as i32, Some(SignalHandlerForConfigReload));
        pg_sys::BackgroundWorkerUnblockSignals();
    }
}

/// Connects to a database as the bootstrap superuser; to the shared catalogs only when `None`.
pub fn connect(database: Option<pg_sys::Oid>) {
    // SAFETY: called once, in a background worker, after its signals are unblocked.
    unsafe {
        match database {
            Some(oid) => pg_sys::BackgroundWorkerInitializeConnectionByOid(oid, pg_sys::InvalidOid, 0),
            None => pg_sys::BackgroundWorkerInitializeConnection(std::ptr::null(), std::ptr::null(), 0),
        }
    }
}

/// Calls the action when this process exits, whether by itself, by SIGTERM or by a FATAL error.
pub fn at_exit(action: unsafe extern "C-unwind" fn(c_int, pg_sys::Datum), argument: usize) {
    // SAFETY: the callback outlives the process, as every function does.
    unsafe { pg_sys::before_shmem_exit(Some(action), pg_sys::Datum::from(argument)) };
}

pub fn my_database() -> pg_sys::Oid {
    // SAFETY: set once, when the process connects.
    unsafe { pg_sys::MyDatabaseId }
}

pub fn my_pid() -> i32 {
    // SAFETY: set once, when the process starts.
    unsafe { pg_sys::MyProcPid }
}

/// How many background workers the server can have at once, everybody's together.
pub fn max_worker_processes() -> usize {
    // SAFETY: set once, when the server starts.
    unsafe { pg_sys::max_worker_processes as usize }
}

/// Whether the library is being loaded by shared_preload_libraries.
pub fn in_postmaster_startup() -> bool {
    // SAFETY: a flag of the postmaster, single-threaded.
    unsafe { pg_sys::process_shared_preload_libraries_in_progress }
}

/// Whether pg_upgrade runs the server: nothing may write then.
pub fn upgrading() -> bool {
    // SAFETY: set once, at start.
    unsafe { pg_sys::IsBinaryUpgrade }
}
