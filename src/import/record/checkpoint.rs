//! The option `commit_every`: an import in several transactions, each of which commits its rows together with how far the file
//! has been read. Whoever goes on after a crash reads the file again from its beginning, which costs little, and writes from
//! there on: a batch ends there, however the rows before it are judged by then. What was counted of them is part of the
//! checkpoint, and is not counted again.

use super::stats::{Counts, ImportStats};
use crate::creator::Creator;
use crate::failure::Failure;
use crate::job::{self, Claim, Commits};
use crate::options::ImportOptions;
use crate::pg;
use crate::table::Target;
use intake::{Batch, Notes};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::rc::Rc;

/// How far an attempt has come, in the job's row.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Checkpoint {
    /// Bytes of the file that are done with and committed.
    bytes: u64,
    /// The line of the last record so far, blank ones aside.
    line: u64,
    notes: Notes,
    #[serde(flatten)]
    counts: Counts,
}

pub struct Checkpoints<'a> {
    pub claim: &'a Claim,
    /// What an earlier attempt has committed.
    resumed: Option<Box<Checkpoint>>,
    /// Rows after which to commit; `None`: not in between.
    every: Option<u64>,
    /// Bytes of the file that are done with and committed.
    committed: u64,
    /// The line of the last record so far, blank ones aside.
    line: u64,
    /// Rows since then.
    rows: u64,
}

impl<'a> Checkpoints<'a> {
    /// Fails when what an earlier attempt has committed cannot be read: it would be imported again.
    pub fn new(claim: &'a Claim, options: &ImportOptions, commits: Commits) -> Result<Self, Failure> {
        let resumed = claim.checkpoint.as_deref().map(serde_json::from_str::<Box<Checkpoint>>).transpose();
        let resumed = resumed.map_err(|error| Failure::new(format!("invalid checkpoint: {error}")))?;
        let (committed, line) =
            resumed.as_ref().map_or((0, 0), |checkpoint| (checkpoint.bytes, checkpoint.line));
        let every = options.commit_every().filter(|_| matches!(commits, Commits::Between));
        Ok(Self { claim, resumed, every, committed, line, rows: 0 })
    }

    /// The counts to begin with.
    pub fn stats(&self) -> ImportStats {
        let resumed = self.resumed.clone().unwrap_or_default();
        ImportStats::resumed(resumed.counts, resumed.notes)
    }

    /// Up to where, in bytes, an earlier attempt has come.
    pub fn resumes_at(&self) -> Option<u64> {
        Some(self.committed).filter(|bytes| *bytes > 0)
    }

    /// Whether what became of the batch is committed already.
    pub fn covers(&self, batch: &Batch) -> bool {
        batch.bytes_read <= self.committed
    }

    /// Whether there are any to be.
    pub fn are_wanted(&self) -> bool {
        self.every.is_some()
    }

    /// Whether it is time to commit, after this batch.
    pub fn are_due(&mut self, batch: &Batch) -> bool {
        self.rows += (batch.rows() + batch.refused.len()) as u64;
        self.line = self.line.max(last_line(batch));
        self.every.is_some_and(|every| self.rows >= every)
    }

    /// From here on there is nothing to commit in between.
    pub fn commit_at_the_end(&mut self) {
        self.every = None;
    }

    /// Commits what has been done up to the end of the batch, and begins the next transaction as the first was begun: the job
    /// is still ours, its creator still a member, the table still as it was.
    pub fn commit(
        &mut self,
        batch: &Batch,
        stats: &ImportStats,
        target: &Target,
    ) -> Result<Rc<Target>, Failure> {
        let checkpoint = Checkpoint {
            bytes: batch.bytes_read,
            line: self.line,
            notes: stats.notes.clone(),
            counts: stats.counts.clone(),
        };
        if !job::checkpoint(self.claim, json!(checkpoint)) {
            return Err(Failure::taken_away());
        }
        pg::commit_and_begin();
        self.committed = batch.bytes_read;
        self.rows = 0;
        if !job::begin(self.claim) {
            return Err(Failure::taken_away());
        }
        Creator::of(&self.claim.work)?;
        let now = Target::locked(&self.claim.work)?;
        if now.is_like(target) { Ok(now) } else { Err(self.claim.work.found_its_target_changed()) }
    }
}

/// The line of the last record of a batch, blank ones aside.
fn last_line(batch: &Batch) -> u64 {
    let accepted = batch.rows().checked_sub(1).map(|last| batch.line(last));
    accepted.max(batch.refused.last().map(|refusal| refusal.line)).unwrap_or_default()
}
