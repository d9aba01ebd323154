//! A hand of due jobs, from which a worker claims one after the other. To look for the next job means to step over the index
//! entries of all that were claimed since the last VACUUM; the more there are, the longer it takes. So several are looked for at
//! once, and forgotten again in a moment, so that a team that has just submitted a job is waiting for no more than that.

use crate::job::{self, Claim};
use pgrx::Uuid;
use std::time::{Duration, Instant};

/// Jobs that are looked for at once.
const SIZE: usize = 64;

/// How long a hand is good for.
const FRESH: Duration = Duration::from_millis(20);

pub struct Hand {
    jobs: Vec<Uuid>,
    dealt_at: Instant,
}

impl Hand {
    pub fn empty() -> Self {
        Self { jobs: Vec::new(), dealt_at: Instant::now() }
    }

    /// Claims the job whose turn it is, of a team after `turn`.
    pub fn claim(&mut self, turn: Uuid) -> Option<Claim> {
        if self.dealt_at.elapsed() < FRESH
            && let Some(claim) = self.play()
        {
            return Some(claim);
        }
        // Others may be about to commit what they did with the first ones: then there are more behind.
        let mut size = SIZE;
        loop {
            self.deal(turn, size);
            let was_full = self.jobs.len() == size;
            let claim = self.play();
            if claim.is_some() || !was_full {
                return claim;
            }
            size *= 2;
        }
    }

    /// Takes jobs that are still to be had, up to `most`, for as long as the transaction goes on. They stay in the hand: what
    /// becomes of them is not decided yet.
    pub fn take(&mut self, turn: Uuid, most: usize) -> Vec<Claim> {
        let mut taken = if self.dealt_at.elapsed() < FRESH { self.take_at_hand(most) } else { Vec::new() };
        let mut size = SIZE;
        // As in a claim, what others have taken is in the way.
        while taken.len() < most {
            self.deal(turn, size);
            let was_full = self.jobs.len() == size;
            taken = self.take_at_hand(most);
            if !was_full {
                break;
            }
            size *= 2;
        }
        taken
    }

    fn take_at_hand(&mut self, most: usize) -> Vec<Claim> {
        if self.jobs.is_empty() {
            return Vec::new();
        }
        let (taken, tried) = job::take(&self.jobs, most);
        self.jobs.splice(..tried.min(self.jobs.len()), taken.iter().map(|claim| claim.job));
        taken
    }

    /// Forgets jobs that are done.
    pub fn lay_down(&mut self, jobs: &[Uuid]) {
        self.jobs.retain(|job| !jobs.contains(job));
    }

    /// Whether there are more jobs than the one claimed last.
    pub fn has_more(&self) -> bool {
        !self.jobs.is_empty()
    }

    fn deal(&mut self, turn: Uuid, size: usize) {
        self.jobs = job::deal(turn, size);
        self.dealt_at = Instant::now();
    }

    fn play(&mut self) -> Option<Claim> {
        if self.jobs.is_empty() {
            return None;
        }
        let (claim, tried) = job::claim(&self.jobs);
        self.jobs.drain(..tried.min(self.jobs.len()));
        claim
    }
}
