//! The lock under which the running jobs of a team are counted, for `teamwork.claim_job()`. It is none of pg_advisory_lock()'s:
//! those are anybody's to take, and who held it would keep the team's jobs from running.

use crate::pg;
use pgrx::Uuid;
use pgrx::prelude::*;

#[pg_schema]
mod teamwork {
    use super::*;

    /// Locks the places of a team until the transaction ends; false when somebody else has.
    #[pg_extern(volatile)]
    fn try_lock_team(team: Uuid) -> bool {
        pg::try_lock_places(team)
    }
}
