//! One job row: each step is one call of a function in `sql/jobs/claims.sql` or `sql/jobs/endings.sql`, scalars only. Every
//! function here runs in the caller's transaction.

use crate::failure::Failure;
use crate::pg::{self, query, query_one};
use crate::{clock, settings};
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::{JsonB, Uuid};
use serde_json::{Value, json};
use std::time::Duration;

/// Bytes of a small source: some hundred records.
const BATCH_JOB_BYTES: i64 = 16 * 1024;

/// What is to be done, and in whose name.
pub struct Work {
    pub organization: Uuid,
    pub created_by: Uuid,
    /// The role that asked for it.
    pub submitted_as: String,
    pub data_type: String,
    /// JSON texts.
    pub mapping: Option<String>,
    pub options: String,
}

impl Work {
    /// The table to fill or to read; `None` when it is not protected any more.
    pub fn target(&self) -> Option<pg_sys::Oid> {
        query_one("SELECT teamwork.target_of($1)::oid", &[self.data_type.as_str().into()])
    }
}

/// A claimed job.
pub struct Claim {
    pub job: Uuid,
    pub lease: i64,
    pub kind: Kind,
    pub work: Work,
    /// `None` when the source is records.
    pub upload: Option<Uuid>,
    /// What an earlier attempt has committed, as a JSON text.
    pub checkpoint: Option<String>,
    /// The source, as a JSON text, if it is few records and they were read with the claim.
    pub records: Option<String>,
    /// About how large the source is.
    bytes: i64,
}

impl Claim {
    /// Whether to begin and to end the job is most of its work.
    pub fn fits_a_batch(&self) -> bool {
        self.kind == Kind::Import && self.bytes <= BATCH_JOB_BYTES
    }

    /// For pg_stat_activity.
    pub fn describe(&self) -> String {
        let verb = if self.kind == Kind::Import { "import into" } else { "export of" };
        format!("{verb} {} (job {})", self.work.data_type, self.job)
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Import,
    Export,
}

/// What is waiting.
pub struct Queue {
    /// Jobs due now, counted up to the number asked for.
    pub due: i64,
    /// When the next job becomes due, by the engine's clock.
    pub next_due: Option<i64>,
}

/// A job that some process claims to run.
pub struct Processing {
    pub job: Uuid,
    pub lease: i64,
    pub started_at: i64,
}

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

/// A job that has come to its end in the transaction that took it.
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

/// Due jobs, up to `most`: one of each team in turn, beginning after the team whose job was claimed last.
pub fn next_candidates(last_team: Uuid, most: usize) -> Vec<Uuid> {
    query_one("SELECT teamwork.next_candidates($1, $2)", &[last_team.into(), (most as i32).into()])
        .unwrap_or_default()
}

/// Takes the first of the jobs that is still to be had; also says how many of them need not be tried again.
pub fn claim(candidates: &[Uuid]) -> (Option<Claim>, usize) {
    let sql = "SELECT tried, job_id, lease, organization_id, created_by, submitted_as, job_type, data_type, upload_id, mapping, options, bytes, checkpoint, NULL
               FROM teamwork.claim_job($1, $2)";
    let claimed = query(sql, &[candidates.to_vec().into(), per_team().into()], |row| {
        (read_claim(&row), row.get::<i32>(1).ok().flatten().unwrap_or(0) as usize)
    });
    claimed.into_iter().next().unwrap_or((None, candidates.len()))
}

/// Keeps those of the jobs that are still to be had from everybody else until the transaction ends, up to `most`. To others
/// they are pending until then: a job that is not completed as well is as if nobody had taken it. Only those that are small can
/// be run. Also says how many of the candidates need not be tried again, the taken ones among them.
pub fn lock_batch(candidates: &[Uuid], most: usize) -> (Vec<Claim>, usize) {
    let sql = "SELECT place, job_id, lease, organization_id, created_by, submitted_as, job_type, data_type, upload_id, mapping, options, bytes, checkpoint, records
               FROM teamwork.lock_batch($1, $2, $3) ORDER BY place";
    let arguments = [candidates.to_vec().into(), (most as i32).into(), BATCH_JOB_BYTES.into()];
    let taken = query(sql, &arguments, |row| Some((row.get::<i64>(1).ok()?? as usize, read_claim(&row)?)));
    let taken: Vec<(usize, Claim)> = taken.into_iter().flatten().collect();
    let last = taken.last().filter(|_| taken.len() >= most).map(|(place, _)| *place);
    (taken.into_iter().map(|(_, claim)| claim).collect(), last.unwrap_or(candidates.len()))
}

fn read_claim(row: &pg::Row) -> Option<Claim> {
    Some(Claim {
        job: row.get(2).ok()??,
        lease: row.get(3).ok()??,
        kind: if row.get::<&str>(7).ok()?? == "export" { Kind::Export } else { Kind::Import },
        work: Work {
            organization: row.get(4).ok()??,
            created_by: row.get(5).ok()??,
            submitted_as: row.get(6).ok()??,
            data_type: row.get(8).ok()??,
            mapping: row.get(10).ok()?,
            options: row.get(11).ok()??,
        },
        upload: row.get(9).ok()?,
        bytes: row.get(12).ok()?.unwrap_or(i64::MAX),
        checkpoint: row.get(13).ok()?,
        records: row.get(14).ok()?,
    })
}

/// Whether the claim still holds at the beginning of the work; locks the tables that the work will end in, so that DROP
/// EXTENSION waits for the job instead of deadlocking with it.
pub fn begin(claim: &Claim) -> bool {
    query_one("SELECT teamwork.begin_job($1, $2)", &[claim.job.into(), claim.lease.into()]).unwrap_or(false)
}

/// Keeps how far a job has come; false when the lease is not ours any more.
pub fn checkpoint(claim: &Claim, checkpoint: Value) -> bool {
    let arguments = [claim.job.into(), claim.lease.into(), JsonB(checkpoint).into()];
    query_one("SELECT teamwork.checkpoint_job($1, $2, $3)", &arguments).unwrap_or(false)
}

/// Writes the end of a job; false when the lease is not ours any more.
pub fn end(claim: &Claim, ending: Ending) -> bool {
    let sql = "SELECT teamwork.end_job($1, $2, $3, $4, $5, $6, $7)";
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
    query_one(sql, &arguments).unwrap_or(false)
}

/// Writes the ends of jobs that this transaction has taken; false when one of them is no more what it was then.
pub fn complete(completed: Vec<Completed>) -> bool {
    let sql = "SELECT teamwork.complete_jobs($1, $2, $3, $4, $5, $6, $7)";
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
    query_one(sql, &arguments) == Some(count)
}

/// Lets a job be tried again later, unless that was the last time; the new status, or `None` when the lease is not the job's
/// any more.
pub fn retry_later(job: Uuid, lease: i64, message: &str, crashed: bool) -> Option<String> {
    let sql = "SELECT teamwork.retry_later($1, $2, $3, $4)";
    query_one(sql, &[job.into(), lease.into(), message.into(), crashed.into()])
}

/// Undoes a claim, attempt included; false when the lease is not the job's any more, or somebody has the row locked.
pub fn release(job: Uuid, lease: i64) -> bool {
    query_one("SELECT teamwork.release_job($1, $2)", &[job.into(), lease.into()]).unwrap_or(false)
}

/// The jobs that some process claims to run.
pub fn processing() -> Vec<Processing> {
    let jobs = query("SELECT job_id, lease, started_at FROM teamwork.processing_jobs()", &[], |row| {
        let started_at = row.get::<TimestampWithTimeZone>(3).ok()?.map_or(i64::MIN, i64::from);
        Some(Processing { job: row.get(1).ok()??, lease: row.get(2).ok()??, started_at })
    });
    jobs.into_iter().flatten().collect()
}

/// Makes jobs due whose time has come.
pub fn promote() {
    query("SELECT teamwork.promote_jobs()", &[], |_| ());
}

pub fn queue_state(most: usize) -> Queue {
    let sql = "SELECT due, next_due FROM teamwork.queue_state($1, $2)";
    let state = query(sql, &[per_team().into(), (most as i32).into()], |row| {
        let next_due = row.get::<TimestampWithTimeZone>(2).ok().flatten();
        Queue { due: row.get(1).ok().flatten().unwrap_or(0), next_due: next_due.map(i64::from) }
    });
    state.into_iter().next().unwrap_or(Queue { due: 0, next_due: None })
}

pub fn publish_progress(job: Uuid, lease: i64, progress: Value) {
    let arguments = [job.into(), lease.into(), JsonB(progress).into()];
    query("SELECT teamwork.publish_progress($1, $2, $3)", &arguments, |_| ());
}

/// Deletes jobs that ended longer ago than `age`, up to `most`; whether there may be more.
pub fn forget_ended(age: Duration, most: i32) -> bool {
    let before: Option<TimestampWithTimeZone> = (clock::now() - age.as_micros() as i64).try_into().ok();
    let sql = "SELECT teamwork.forget_ended_jobs($1, $2)";
    query_one::<i32>(sql, &[before.into(), most.into()]).is_some_and(|count| count >= most)
}

/// 0: no limit, to SQL.
fn per_team() -> i32 {
    settings::max_jobs_per_team().unwrap_or(0) as i32
}
