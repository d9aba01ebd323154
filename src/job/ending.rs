//! Endings: what has become of a job, and how that is written down. `sql/jobs/endings.sql` and `sql/jobs/batch.sql` are the other
//! half.

use super::claim::Claim;
use crate::failure::Failure;
use crate::pg;
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::{JsonB, Uuid};
use serde_json::{Value, json};

/// What a job has done that has come to its end.
pub struct Outcome {
    /// Rows inserted, updated or exported.
    pub records: u64,
    /// Records that went through the job, refused ones among them.
    pub read: u64,
    pub refused: u64,
    pub report: Value,
}

impl Outcome {
    fn record_count(&self) -> i32 {
        self.records.try_into().unwrap_or(i32::MAX)
    }

    fn progress(&self) -> Value {
        json!({ "current": self.read, "total": self.read, "percent": 100, "failed": self.refused })
    }
}

/// A job of a batch that has come to its end in the transaction that has locked it.
pub struct Completed {
    pub job: Uuid,
    pub lease: i64,
    /// By PostgreSQL's clock, in its microseconds.
    pub started_at: i64,
    pub completed_at: i64,
    pub outcome: Outcome,
}

/// How a job ends for good.
pub enum Ending<'a> {
    Completed(Outcome),
    Failed(&'a Failure),
    Cancelled(&'a Failure),
}

/// Writes the end of a job; false when the lease is not ours any more.
pub fn end(claim: &Claim, ending: Ending) -> bool {
    let (status, failure, outcome) = match ending {
        Ending::Completed(outcome) => ("completed", None, Some(outcome)),
        Ending::Failed(failure) => ("failed", Some(failure), None),
        Ending::Cancelled(failure) => ("cancelled", Some(failure), None),
    };
    let arguments: [DatumWithOid; 7] = [
        claim.job.into(),
        claim.lease.into(),
        status.into(),
        failure.map(Failure::to_string).into(),
        outcome.as_ref().map(Outcome::record_count).into(),
        outcome.as_ref().map(|outcome| JsonB(outcome.progress())).into(),
        outcome.map(|outcome| JsonB(outcome.report)).into(),
    ];
    pg::query_value("SELECT teamwork.end_job($1, $2, $3, $4, $5, $6, $7)", &arguments)
}

/// Writes the ends of the jobs of a batch; false when one of them is no more what it was when it was locked.
pub fn complete(completed: Vec<Completed>) -> bool {
    let count = completed.len() as i64;
    let time = |microseconds: i64| TimestampWithTimeZone::try_from(microseconds).ok();
    let arguments: [DatumWithOid; 7] = [
        completed.iter().map(|it| it.job).collect::<Vec<_>>().into(),
        completed.iter().map(|it| it.lease).collect::<Vec<_>>().into(),
        completed.iter().map(|it| time(it.started_at)).collect::<Vec<_>>().into(),
        completed.iter().map(|it| time(it.completed_at)).collect::<Vec<_>>().into(),
        completed.iter().map(|it| it.outcome.record_count()).collect::<Vec<_>>().into(),
        completed.iter().map(|it| JsonB(it.outcome.progress())).collect::<Vec<_>>().into(),
        completed.into_iter().map(|it| JsonB(it.outcome.report)).collect::<Vec<_>>().into(),
    ];
    let written: i64 =
        pg::query_value("SELECT teamwork.complete_jobs($1, $2, $3, $4, $5, $6, $7)", &arguments);
    written == count
}

/// Lets a job be tried again later, unless that was the last time; the new status, or `None` when the lease is not the job's
/// any more.
pub fn retry_later(job: Uuid, lease: i64, message: &str, crashed: bool) -> Option<String> {
    let arguments: [DatumWithOid; 4] = [job.into(), lease.into(), message.into(), crashed.into()];
    pg::query_value("SELECT teamwork.retry_later($1, $2, $3, $4)", &arguments)
}

/// Undoes a claim, attempt included; false when the lease is not the job's any more, or somebody has the row locked.
pub fn release(job: Uuid, lease: i64) -> bool {
    pg::query_value("SELECT teamwork.release_job($1, $2)", &[job.into(), lease.into()])
}
