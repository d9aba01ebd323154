//! `teamwork.run_pending_jobs()`: the engine's work in an ordinary session, for servers where nothing can be preloaded.

use super::attempt::{self, Interruption};
use super::candidates::Candidates;
use super::shmem;
use crate::import::again_if_ruled_out;
use crate::job::{self, Claim, Commits};
use crate::progress::Unwatched;
use crate::{claims, identity, pg, settings};
use pgrx::prelude::*;
use pgrx::{PgSqlErrorCode, Uuid};

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// Runs due jobs in the calling session and transaction, one after the other, up to `max_jobs`; returns how many.
    #[pg_extern(volatile, security_definer)]
    #[search_path(pg_catalog, pg_temp)]
    pub fn run_pending_jobs(max_jobs: default!(Option<i32>, "NULL")) -> i32 {
        require_read_committed();
        require_claims();
        claims::without(|| run_some(max_jobs.unwrap_or(i32::MAX)))
    }
}

/// The engine's work in the caller's session, whose claims are none of the engine's.
fn run_some(most: i32) -> i32 {
    job::promote();
    job::processing().iter().for_each(|job| drop(attempt::rescue(job, shmem::server_started_at())));
    let mut last_team = Uuid::from_bytes([0; 16]);
    let mut candidates = Candidates::empty();
    let mut count = 0;
    while count < most
        && let Some(claim) = candidates.claim_next(last_team)
    {
        last_team = claim.work.organization_id;
        run(&claim);
        count += 1;
    }
    count
}

/// A role that signs in with tokens is who its token says, and nobody else: it cannot act as the creators of jobs.
fn require_claims() {
    if identity::goes_by_token() {
        refuse(
            PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            "run_pending_jobs() cannot act for others in a session that goes by a token",
            "The role that has connected is a member of teamwork_token_only.",
        );
    }
}

fn require_read_committed() {
    if !pg::is_read_committed() {
        refuse(
            PgSqlErrorCode::ERRCODE_INVALID_TRANSACTION_STATE,
            "run_pending_jobs() needs a transaction of isolation level read committed",
            "Other levels do not see the jobs that others run meanwhile.",
        );
    }
}

/// The job in a subtransaction: what a worker does in a transaction of its own.
fn run(claim: &Claim) {
    let Some(_lease) = pg::Lease::hold(claim.lease) else { return };
    let outcome = pg::Timeout::Job.within(settings::job_timeout(), || {
        again_if_ruled_out(|survey| {
            pg::try_subtransaction(|| attempt::run(claim, &Unwatched, Commits::AtEnd, survey))
        })
    });
    if let Err(failure) = outcome {
        let (failure, verdict) = attempt::explain(failure, cancelled_by_the_caller);
        attempt::record(claim, &failure, verdict);
    }
}

/// Not the job is cancelled then but the statement that runs it, with all it has done.
fn cancelled_by_the_caller() -> Interruption {
    refuse(
        PgSqlErrorCode::ERRCODE_QUERY_CANCELED,
        "canceling statement due to user request",
        "The jobs that it has run are pending again.",
    )
}

fn refuse(code: PgSqlErrorCode, message: &'static str, detail: &str) -> ! {
    pg_sys::panic::ErrorReport::new(code, message, function_name!())
        .set_detail(detail)
        .report(PgLogLevel::ERROR);
    unreachable!("an ERROR does not return")
}
