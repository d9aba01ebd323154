//! Time limits: of a job, of each statement of a job, of a job in a batch. Background workers have no statement_timeout of themselves.

use pgrx::pg_sys;
use std::ffi::c_int;
use std::sync::atomic::{AtomicI32, AtomicU8, Ordering::Relaxed};
use std::time::Duration;

unsafe extern "C-unwind" {
    // timeout.h, which pgrx does not bind.
    fn RegisterTimeout(id: c_int, handler: unsafe extern "C-unwind" fn()) -> c_int;
    fn enable_timeout_every(id: c_int, first: pg_sys::TimestampTz, milliseconds: c_int);
    fn disable_timeout(id: c_int, keep_indicator: bool);
}

/// Asks RegisterTimeout for any free number (`TimeoutId` in `timeout.h`).
#[cfg(not(any(feature = "pg17", feature = "pg18")))]
const USER_TIMEOUT: c_int = 12;
#[cfg(any(feature = "pg17", feature = "pg18"))]
const USER_TIMEOUT: c_int = 13;

/// Milliseconds: a handler of a trigger may have swallowed the first cancellation.
const REPEAT: c_int = 1_000;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Timeout {
    Job = 1,
    Statement = 2,
    Batch = 3,
}

/// The timeout that fired and was not asked about yet; 0: none.
static FIRED: AtomicU8 = AtomicU8::new(0);
/// The numbers that RegisterTimeout gave, by timeout; 0: none yet.
static IDS: [AtomicI32; 3] = [const { AtomicI32::new(0) }; 3];

impl Timeout {
    /// Runs the body and cancels it as SIGINT would when it takes longer. Afterwards [`Timeout::take`] tells which timeout it was.
    pub fn within<R>(self, limit: Option<Duration>, body: impl FnOnce() -> R) -> R {
        let Some(limit) = limit else { return body() };
        let _armed = Armed::new(self, limit);
        body()
    }

    /// The timeout that fired since the last call; `None` when somebody else has cancelled the statement.
    pub fn take() -> Option<Self> {
        let fired = FIRED.swap(0, Relaxed);
        [Self::Job, Self::Statement, Self::Batch].into_iter().find(|timeout| *timeout as u8 == fired)
    }

    fn id(self) -> c_int {
        let id = &IDS[self as usize - 1];
        if id.load(Relaxed) == 0 {
            let handler = match self {
                Self::Job => job_timed_out,
                Self::Statement => statement_timed_out,
                Self::Batch => batch_timed_out,
            };
            // SAFETY: the handlers are functions and do what StatementCancelHandler does.
            id.store(unsafe { RegisterTimeout(USER_TIMEOUT, handler) }, Relaxed);
        }
        id.load(Relaxed)
    }
}

/// What statement_timeout gives each statement of a background worker; `None`: no limit, or PostgreSQL sees to it.
pub fn statement_timeout() -> Option<Duration> {
    // SAFETY: plain variables of this process.
    let (is_worker, milliseconds) = unsafe { (!pg_sys::MyBgworkerEntry.is_null(), pg_sys::StatementTimeout) };
    (is_worker && milliseconds > 0).then(|| Duration::from_millis(milliseconds as u64))
}

unsafe extern "C-unwind" fn job_timed_out() {
    cancel(Timeout::Job);
}

unsafe extern "C-unwind" fn statement_timed_out() {
    cancel(Timeout::Statement);
}

unsafe extern "C-unwind" fn batch_timed_out() {
    cancel(Timeout::Batch);
}

/// Runs in a signal handler.
fn cancel(timeout: Timeout) {
    FIRED.store(timeout as u8, Relaxed);
    // SAFETY: flags and a latch, made to be set by signal handlers.
    unsafe {
        pg_sys::InterruptPending = 1;
        pg_sys::QueryCancelPending = 1;
        pg_sys::SetLatch(pg_sys::MyLatch);
    }
}

struct Armed(Timeout);

impl Armed {
    fn new(timeout: Timeout, limit: Duration) -> Self {
        let first = super::now() + limit.as_micros() as i64;
        FIRED.store(0, Relaxed);
        // SAFETY: the number is registered.
        unsafe { enable_timeout_every(timeout.id(), first, REPEAT) };
        Self(timeout)
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        // SAFETY: the number is registered; the flag is one that this process and its handlers write.
        unsafe {
            disable_timeout(self.0.id(), false);
            if FIRED.load(Relaxed) == self.0 as u8 && pg_sys::QueryCancelPending != 0 {
                // Too late: the body was done before anybody looked.
                FIRED.store(0, Relaxed);
                pg_sys::QueryCancelPending = 0;
            }
        }
    }
}
