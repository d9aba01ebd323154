//! One attempt at a claimed job, and what becomes of the job when the attempt fails. Workers and
//! `teamwork.run_pending_jobs()` share it.

use crate::failure::Failure;
use crate::import::{self, Survey};
use crate::job::{self, Claim, Commits, Ending, JobType, Outcome, Processing};
use crate::pg::{self, Timeout};
use crate::progress::Progress;
use crate::{export, settings};

/// The job's rows, status, report and notification, all or none of them: to be called in a (sub)transaction, which an error
/// rolls back. A job that was asked to commit in between does, if it may.
pub fn run(claim: &Claim, progress: &impl Progress, commits: Commits, survey: Survey) -> Result<(), Failure> {
    if !job::begin(claim) {
        return Ok(());
    }
    let outcome = work(claim, progress, commits, survey)?;
    if job::end(claim, Ending::Completed(outcome)) { Ok(()) } else { Err(Failure::taken_away()) }
}

/// The job's rows, without its end.
pub fn work(
    claim: &Claim,
    progress: &impl Progress,
    commits: Commits,
    survey: Survey,
) -> Result<Outcome, Failure> {
    match claim.job_type {
        JobType::Import => import::run(claim, progress, commits, survey),
        JobType::Export => export::run(claim, progress),
    }
}

/// What ended an attempt before its time.
pub enum Interruption {
    /// The job itself was to be stopped.
    Intended,
    /// It came too late for the job before this one.
    Stray,
}

/// Why an attempt failed. An error that somebody's interrupt has raised is not told by its text: ask before the next
/// statement.
pub fn explain(mut failure: Failure, interruption: impl FnOnce() -> Interruption) -> (Failure, Verdict) {
    let Some("57014") = failure.sqlstate() else {
        let verdict = if failure.is_transient() { Verdict::RetryLater } else { Verdict::Fail };
        return (failure, verdict);
    };
    match Timeout::take() {
        Some(Timeout::Job) => {
            failure = Failure::timed_out(settings::job_timeout().unwrap_or_default());
            (failure, Verdict::Fail)
        }
        Some(Timeout::Statement) => (failure, Verdict::Fail),
        // Too late for the job that it was set for.
        Some(Timeout::Batch) => (failure, Verdict::Release),
        None => match interruption() {
            Interruption::Intended => (failure, Verdict::Cancel),
            Interruption::Stray => (failure, Verdict::Release),
        },
    }
}

#[derive(Clone, Copy)]
pub enum Verdict {
    Fail,
    RetryLater,
    Cancel,
    Release,
}

/// Writes down why an attempt failed, in a transaction of its own.
pub fn record(claim: &Claim, failure: &Failure, verdict: Verdict) {
    match verdict {
        Verdict::Fail => {
            import::keep_refusals(claim.job, &failure.refusals);
            job::end(claim, Ending::Failed(failure));
        }
        Verdict::RetryLater => {
            job::retry_later(claim.job, claim.lease, &failure.to_string(), false);
        }
        Verdict::Cancel => {
            job::end(claim, Ending::Cancelled(failure));
        }
        Verdict::Release => {
            job::release(claim.job, claim.lease);
        }
    }
}

/// Puts a job back whose process is gone; the new status, or `None` when it is alive or somebody else did. A job that was
/// running when the server came up (`server_started_at`, in PostgreSQL's microseconds) may be what brought it down.
pub fn rescue(job: &Processing, server_started_at: Option<i64>) -> Option<String> {
    let _lease = pg::Lease::hold(job.lease)?;
    let crashed = server_started_at.is_some_and(|server_started_at| job.started_at() < server_started_at);
    let message =
        if crashed { "the server crashed while the job ran" } else { "the worker ended before the job did" };
    job::retry_later(job.job_id, job.lease, message, crashed)
}
