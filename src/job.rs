//! One job row: each step is one call of a function in `sql/53_lifecycle.sql`, scalars only. Every function here runs in
//! the caller's transaction.

use crate::import;
use crate::pg::{query, query_one};
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::{JsonB, Uuid};

/// A claimed job.
pub struct Claim {
    pub job: Uuid,
    pub lease: i64,
    pub organization: Uuid,
    pub created_by: Uuid,
    /// The role that submitted the job.
    pub submitted_as: String,
    pub data_type: String,
    /// `None` when the table is not protected any more.
    pub target: Option<pg_sys::Oid>,
    /// `None` when the source is records.
    pub upload: Option<Uuid>,
    /// JSON texts.
    pub mapping: Option<String>,
    pub options: String,
}

/// What is waiting.
pub struct Queue {
    /// Jobs due now, counted up to the number asked for.
    pub due: i64,
    /// When the next job becomes due, in PostgreSQL's microseconds.
    pub next_due: Option<i64>,
}

pub enum Ending<'a> {
    Completed(&'a import::Outcome),
    Failed(&'a import::Failure),
}

/// Takes the next due job.
pub fn claim() -> Option<Claim> {
    let sql =
        "SELECT job_id, lease, organization_id, created_by, submitted_as::text, data_type, target, upload_id,
                      mapping, options FROM teamwork.claim_job()";
    query(sql, &[], |row| {
        Some(Claim {
            job: row.get(1).ok()??,
            lease: row.get(2).ok()??,
            organization: row.get(3).ok()??,
            created_by: row.get(4).ok()??,
            submitted_as: row.get(5).ok()??,
            data_type: row.get(6).ok()??,
            target: row.get(7).ok()?,
            upload: row.get(8).ok()?,
            mapping: row.get(9).ok()?,
            options: row.get(10).ok()??,
        })
    })
    .pop()
    .flatten()
}

/// Whether the claim still holds at the beginning of the work; locks the tables that the work will end in, so that DROP
/// EXTENSION waits for the job instead of deadlocking with it.
pub fn begin(claim: &Claim) -> bool {
    query_one("SELECT teamwork.begin_job($1, $2)", &[claim.job.into(), claim.lease.into()]).unwrap_or(false)
}

/// Writes the end of a job; false when the lease is not ours any more.
pub fn end(claim: &Claim, ending: Ending) -> bool {
    let sql = "SELECT teamwork.end_job($1, $2, $3, $4, $5, $6, $7)";
    let (status, error, count, progress, report) = match ending {
        Ending::Completed(outcome) => (
            "completed",
            None,
            Some(outcome.record_count()),
            Some(outcome.progress()),
            Some(outcome.report()),
        ),
        Ending::Failed(failure) => ("failed", Some(failure.to_string()), None, None, None),
    };
    let arguments: [DatumWithOid; 7] = [
        claim.job.into(),
        claim.lease.into(),
        status.into(),
        error.into(),
        count.into(),
        progress.map(JsonB).into(),
        report.map(JsonB).into(),
    ];
    query_one(sql, &arguments).unwrap_or(false)
}

/// Puts back a job whose process is gone; the new status, or `None` when somebody else did.
pub fn rescue(job: Uuid, lease: i64) -> Option<String> {
    query_one("SELECT teamwork.rescue_job($1, $2)", &[job.into(), lease.into()])
}

/// The jobs that some process claims to run, with their leases.
pub fn processing() -> Vec<(Uuid, i64)> {
    let pairs = query("SELECT job_id, lease FROM teamwork.processing_jobs()", &[], |row| {
        Some((row.get(1).ok()??, row.get(2).ok()??))
    });
    pairs.into_iter().flatten().collect()
}

pub fn queue_state(most: usize) -> Queue {
    let sql = "SELECT due, next_due FROM teamwork.queue_state($1)";
    let state = query(sql, &[(most as i32).into()], |row| {
        let next_due = row.get::<TimestampWithTimeZone>(2).ok().flatten();
        Queue { due: row.get(1).ok().flatten().unwrap_or(0), next_due: next_due.map(i64::from) }
    });
    state.into_iter().next().unwrap_or(Queue { due: 0, next_due: None })
}

pub fn publish_progress(job: Uuid, lease: i64, progress: serde_json::Value) {
    let arguments = [job.into(), lease.into(), JsonB(progress).into()];
    query("SELECT teamwork.publish_progress($1, $2, $3)", &arguments, |_| ());
}
