//! The engine's clock, by which jobs become due, are repeated and forgotten: the system's, moved by `teamwork.clock_offset`
//! so that tests need not wait for days.

use crate::{pg, settings};
use pgrx::prelude::*;

/// In PostgreSQL's microseconds.
pub fn now() -> i64 {
    pg::now() + settings::clock_offset()
}

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// The engine's clock: clock_timestamp() moved by teamwork.clock_offset.
    #[pg_extern(volatile, parallel_safe)]
    pub fn engine_time() -> TimestampWithTimeZone {
        // Out of range only by settings of hundreds of thousands of years.
        now().try_into().unwrap_or_else(|_| pgrx::error!("timestamp out of range"))
    }
}
