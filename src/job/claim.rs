//! Claims: which job is next, and what its claim says. `sql/jobs/claims.sql` and `sql/jobs/batch.sql` are the other half.

use super::work::Work;
use crate::pg::{self, FromColumn, FromRow};
use crate::settings;
use pgrx::datum::DatumWithOid;
use pgrx::{JsonB, Uuid};
use serde_json::Value;

/// Bytes of a source that is small enough for a batch: some hundred records.
const BATCH_JOB_BYTES: i64 = 16 * 1024;

/// A claimed job.
pub struct Claim {
    pub job: Uuid,
    pub lease: i64,
    pub job_type: JobType,
    pub work: Work,
    /// `None` when the source is records.
    pub upload: Option<Uuid>,
    /// What an earlier attempt has committed, as a JSON text.
    pub checkpoint: Option<String>,
    /// The source, as a JSON text, if it is few records and they were read with the claim.
    pub records: Option<String>,
    /// About how large the source is.
    bytes: Option<i64>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum JobType {
    Import,
    Export,
}

/// When a job commits what it has done.
pub enum Commits {
    /// With its end: the caller's transaction is not the job's to commit.
    AtEnd,
    /// In between as well, if it was asked to.
    Between,
}

impl FromColumn for JobType {
    type Value = String;

    fn from_value(value: Option<String>) -> Option<Self> {
        match value.as_deref() {
            Some("import") => Some(Self::Import),
            Some("export") => Some(Self::Export),
            _ => None,
        }
    }
}

impl FromRow for Claim {
    fn from_row(row: &pg::Row) -> Self {
        Self {
            job: row.get("job_id"),
            lease: row.get("lease"),
            job_type: row.get("job_type"),
            work: Work::from_row(row),
            upload: row.get("upload_id"),
            checkpoint: row.get("checkpoint"),
            records: row.get("records"),
            bytes: row.get("bytes"),
        }
    }
}

impl Claim {
    /// Whether to begin and to end the job is most of its work.
    pub fn fits_a_batch(&self) -> bool {
        self.job_type == JobType::Import && self.bytes.is_some_and(|bytes| bytes <= BATCH_JOB_BYTES)
    }

    /// For pg_stat_activity.
    pub fn describe(&self) -> String {
        let verb = if self.job_type == JobType::Import { "import into" } else { "export of" };
        format!("{verb} {} (job {})", self.work.data_type, self.job)
    }
}

/// Due jobs, up to `most`: one of each team in turn, beginning after the team whose job was claimed last.
pub fn next_candidates(last_team: Uuid, most: usize) -> Vec<Uuid> {
    pg::query_value("SELECT teamwork.next_candidates($1, $2)", &[last_team.into(), (most as i32).into()])
}

/// What a claim has come to: the job, if there was one, and how many of the candidates need not be tried again.
struct Claimed {
    claim: Option<Claim>,
    tried: i32,
}

impl FromRow for Claimed {
    fn from_row(row: &pg::Row) -> Self {
        let job: Option<Uuid> = row.get("job_id");
        Self { claim: job.map(|_| Claim::from_row(row)), tried: row.get("tried") }
    }
}

/// Takes the first of the candidates that is still pending; also says how many of them need not be tried again.
pub fn claim(candidates: &[Uuid]) -> (Option<Claim>, usize) {
    let sql = "SELECT *, NULL::text AS records FROM teamwork.claim_job($1, $2)";
    let arguments = [candidates.to_vec().into(), settings::max_jobs_per_team_or_zero().into()];
    match pg::query_first(sql, &arguments) {
        Some(Claimed { claim, tried }) => (claim, tried as usize),
        None => (None, candidates.len()),
    }
}

struct Locked {
    claim: Claim,
    place: i64,
}

impl FromRow for Locked {
    fn from_row(row: &pg::Row) -> Self {
        Self { claim: Claim::from_row(row), place: row.get("place") }
    }
}

/// Locks those of the candidates that are still pending, up to `most`, until the transaction ends. To others they stay pending: a
/// job that this transaction does not complete is as if nobody had taken it. Only those that fit a batch can be run. Also says how
/// many of the candidates need not be tried again, the locked ones among them.
pub fn lock_batch(candidates: &[Uuid], most: usize) -> (Vec<Claim>, usize) {
    let sql = "SELECT * FROM teamwork.lock_batch($1, $2, $3) ORDER BY place";
    let locked: Vec<Locked> =
        pg::query(sql, &[candidates.to_vec().into(), (most as i32).into(), BATCH_JOB_BYTES.into()]);
    let last = locked.last().filter(|_| locked.len() >= most).map(|locked| locked.place as usize);
    (locked.into_iter().map(|locked| locked.claim).collect(), last.unwrap_or(candidates.len()))
}

/// Whether the claim still holds at the beginning of the work; locks the tables that the work will end in, so that DROP
/// EXTENSION waits for the job instead of deadlocking with it.
pub fn begin(claim: &Claim) -> bool {
    pg::query_value("SELECT teamwork.begin_job($1, $2)", &[claim.job.into(), claim.lease.into()])
}

/// Keeps how far a job has come; false when the lease is not ours any more.
pub fn checkpoint(claim: &Claim, checkpoint: Value) -> bool {
    let arguments: [DatumWithOid; 3] = [claim.job.into(), claim.lease.into(), JsonB(checkpoint).into()];
    pg::query_value("SELECT teamwork.checkpoint_job($1, $2, $3)", &arguments)
}
