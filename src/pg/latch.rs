//! Waiting, and waking others.

use pgrx::pg_sys;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

unsafe extern "C" {
    static mut ConfigReloadPending: std::ffi::c_int;
}

unsafe extern "C-unwind" {
    // What PostmasterIsAlive(), an inline function, asks.
    fn PostmasterIsAliveInternal() -> bool;
}

/// A process's latch in shared memory, which others may set. Latches live in the PGPROC array, which neither moves nor
/// goes away while the server runs: setting the latch of a process that is gone wakes at worst another process for nothing.
#[derive(Default)]
pub struct LatchHandle {
    latch: AtomicUsize,
    pid: AtomicI32,
}

impl LatchHandle {
    /// From now on setting this latch wakes the calling process, as OwnLatch() would have it.
    pub fn publish(&self) {
        // SAFETY: MyLatch and MyProcPid are set in every process that can run this.
        let (latch, pid) = unsafe { (pg_sys::MyLatch as usize, pg_sys::MyProcPid) };
        self.pid.store(pid, Ordering::SeqCst);
        self.latch.store(latch, Ordering::SeqCst);
    }

    pub fn clear(&self) {
        self.latch.store(0, Ordering::SeqCst);
        self.pid.store(0, Ordering::SeqCst);
    }

    /// The process that would be woken; 0 when none.
    pub fn pid(&self) -> i32 {
        self.pid.load(Ordering::SeqCst)
    }

    /// Wakes the process; false when no process has published its latch.
    pub fn set(&self) -> bool {
        let latch = self.latch.load(Ordering::SeqCst);
        if latch == 0 {
            return false;
        }
        // SAFETY: the address came from a MyLatch, see the type's comment; SetLatch is safe on any latch in shared memory.
        unsafe { pg_sys::SetLatch(latch as *mut pg_sys::Latch) };
        true
    }

    /// Interrupts whatever statement the process runs, as pg_cancel_backend() does.
    pub fn interrupt(&self) {
        self.signal(libc::SIGINT);
    }

    /// Ends the process, as pg_terminate_backend() does.
    pub fn terminate(&self) {
        self.signal(libc::SIGTERM);
    }

    fn signal(&self, signal: i32) {
        let pid = self.pid();
        // SAFETY: looks a process up in shared memory; a number that is not a process of this server's is not signalled.
        unsafe {
            if pid != 0 && !pg_sys::BackendPidGetProc(pid).is_null() {
                libc::kill(pid, signal);
            }
        }
    }
}

/// Sleeps until the latch is set (true) or the time is over; handles interrupts and a reload of the configuration.
pub fn wait(timeout: Duration) -> bool {
    let events = pg_sys::WL_LATCH_SET | pg_sys::WL_TIMEOUT | pg_sys::WL_EXIT_ON_PM_DEATH;
    let milliseconds = timeout.as_millis().clamp(1, i32::MAX as u128) as std::ffi::c_long;
    // SAFETY: only MyLatch is waited for; a foreign latch would miss the signals that barriers are sent by.
    let woken_by = unsafe {
        let woken_by =
            pg_sys::WaitLatch(pg_sys::MyLatch, events as i32, milliseconds, pg_sys::PG_WAIT_EXTENSION);
        pg_sys::ResetLatch(pg_sys::MyLatch);
        // There is no statement to cancel: the interrupt came too late for its job.
        pg_sys::QueryCancelPending = 0;
        woken_by
    };
    check_for_interrupts();
    reload_settings();
    woken_by & pg_sys::WL_LATCH_SET as i32 != 0
}

/// Obeys a SIGHUP that came since the last look; to be called between transactions only.
pub fn reload_settings() {
    // SAFETY: a plain flag that only this process and its signal handler write.
    unsafe {
        if ConfigReloadPending != 0 {
            ConfigReloadPending = 0;
            pg_sys::ProcessConfigFile(pg_sys::GucContext::PGC_SIGHUP);
        }
    }
}

/// Makes the next [`wait`] return at once.
pub fn wake_self() {
    // SAFETY: MyLatch is always valid.
    unsafe { pg_sys::SetLatch(pg_sys::MyLatch) };
}

/// Cancels, terminates and answers barriers, if asked to; ends where the postmaster is gone.
pub fn check_for_interrupts() {
    leave_with_postmaster();
    pgrx::check_for_interrupts!();
}

/// Ends a process whose postmaster is gone, as waiting would: one that went on would keep the next server from starting.
pub fn leave_with_postmaster() {
    // SAFETY: asks the pipe that the postmaster holds; proc_exit runs the callbacks that every end runs.
    unsafe {
        if !PostmasterIsAliveInternal() {
            pg_sys::proc_exit(1);
        }
    }
}

/// PostgreSQL's clock, in its microseconds.
pub fn now() -> i64 {
    // SAFETY: reads the clock.
    unsafe { pg_sys::GetCurrentTimestamp() }
}
