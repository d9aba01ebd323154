//! Prefetched candidates: due jobs that a worker claims one after the other. A search for the next job steps over the index
//! entries of all jobs that were claimed since the last VACUUM. So one search fetches many. They are good for a moment only: a
//! team that has just submitted a job waits no longer than that.

use crate::job::{self, Claim};
use pgrx::Uuid;
use std::time::{Duration, Instant};

/// Jobs that one search fetches.
const SIZE: usize = 64;

/// How long they are good for.
const FRESH: Duration = Duration::from_millis(20);

pub struct Candidates {
    jobs: Vec<Uuid>,
    fetched_at: Instant,
}

impl Candidates {
    pub fn empty() -> Self {
        Self { jobs: Vec::new(), fetched_at: Instant::now() }
    }

    /// Claims the next job: teams take turns, beginning after `last_team`.
    pub fn claim_next(&mut self, last_team: Uuid) -> Option<Claim> {
        if self.fetched_at.elapsed() < FRESH
            && let Some(claim) = self.claim_fetched()
        {
            return Some(claim);
        }
        // Others may be about to commit what they did with the first ones: then there are more behind.
        let mut size = SIZE;
        loop {
            self.fetch(last_team, size);
            let was_full = self.jobs.len() == size;
            let claim = self.claim_fetched();
            if claim.is_some() || !was_full {
                return claim;
            }
            size *= 2;
        }
    }

    /// Locks jobs that are still pending, up to `most`, until the transaction ends. They stay candidates: what becomes of them is
    /// not decided yet.
    pub fn lock(&mut self, last_team: Uuid, most: usize) -> Vec<Claim> {
        let mut taken = if self.fetched_at.elapsed() < FRESH { self.lock_fetched(most) } else { Vec::new() };
        let mut size = SIZE;
        // As in a claim, what others have taken is in the way.
        while taken.len() < most {
            self.fetch(last_team, size);
            let was_full = self.jobs.len() == size;
            taken = self.lock_fetched(most);
            if !was_full {
                break;
            }
            size *= 2;
        }
        taken
    }

    fn lock_fetched(&mut self, most: usize) -> Vec<Claim> {
        if self.jobs.is_empty() {
            return Vec::new();
        }
        let (taken, tried) = job::lock_batch(&self.jobs, most);
        self.jobs.splice(..tried.min(self.jobs.len()), taken.iter().map(|claim| claim.job));
        taken
    }

    /// Forgets jobs that are done.
    pub fn remove(&mut self, jobs: &[Uuid]) {
        self.jobs.retain(|job| !jobs.contains(job));
    }

    /// Whether there are more jobs than the one claimed last.
    pub fn has_more(&self) -> bool {
        !self.jobs.is_empty()
    }

    fn fetch(&mut self, last_team: Uuid, size: usize) {
        self.jobs = job::next_candidates(last_team, size);
        self.fetched_at = Instant::now();
    }

    fn claim_fetched(&mut self) -> Option<Claim> {
        if self.jobs.is_empty() {
            return None;
        }
        let (claim, tried) = job::claim(&self.jobs);
        self.jobs.drain(..tried.min(self.jobs.len()));
        claim
    }
}
