//! The queue as a whole: what is due, what is running, and what is old.

use crate::{clock, pg, settings};
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::{JsonB, Uuid};
use serde_json::Value;
use std::time::Duration;

pg::from_row! {
    /// What is waiting.
    pub struct Queue {
        /// Jobs due now, counted up to the number asked for.
        pub due: i64,
        /// When the next job becomes due, by the engine's clock.
        next_due: Option<TimestampWithTimeZone>,
    }
}

impl Queue {
    /// When the next job becomes due, by the engine's clock, in PostgreSQL's microseconds.
    pub fn next_due(&self) -> Option<i64> {
        self.next_due.map(i64::from)
    }
}

pg::from_row! {
    /// A job that some process claims to run.
    pub struct Processing {
        pub job_id: Uuid,
        pub lease: i64,
        started_at: Option<TimestampWithTimeZone>,
    }
}

impl Processing {
    /// In PostgreSQL's microseconds.
    pub fn started_at(&self) -> i64 {
        self.started_at.map_or(i64::MIN, i64::from)
    }
}

/// The jobs that some process claims to run.
pub fn processing() -> Vec<Processing> {
    pg::query("SELECT job_id, lease, started_at FROM teamwork.processing_jobs()", &[])
}

/// Makes jobs due whose time has come.
pub fn promote() {
    pg::execute("SELECT teamwork.promote_jobs()", &[]);
}

pub fn queue_state(most: usize) -> Queue {
    let arguments: [DatumWithOid; 2] = [settings::max_jobs_per_team_or_zero().into(), (most as i32).into()];
    pg::query_first("SELECT due, next_due FROM teamwork.queue_state($1, $2)", &arguments)
        .unwrap_or(Queue { due: 0, next_due: None })
}

pub fn publish_progress(job: Uuid, lease: i64, progress: Value) {
    let arguments: [DatumWithOid; 3] = [job.into(), lease.into(), JsonB(progress).into()];
    pg::execute("SELECT teamwork.publish_progress($1, $2, $3)", &arguments);
}

/// Deletes jobs and invitations that ended longer ago than `age`, up to `most` of each; whether there may be more.
pub fn delete_ended(age: Duration, most: i32) -> bool {
    let before: Option<TimestampWithTimeZone> = (clock::now() - age.as_micros() as i64).try_into().ok();
    let sql =
        "SELECT greatest(teamwork.forget_ended_jobs($1, $2), teamwork.forget_ended_invitations($1, $2))";
    let count: i32 = pg::query_value(sql, &[before.into(), most.into()]);
    count >= most
}
