//! Where the refused rows of an import, and what else is to be remembered of it, are written down.

use super::checkpoint::Checkpoints;
use super::refusals;
use super::stats::ImportStats;
use crate::import::write::Sample;
use intake::{Batch, Refusal};
use pgrx::Uuid;

/// Bytes of refused rows that a dry run holds in memory until it is taken back.
const MOST_BYTES: usize = 64 << 20;

pub enum ErrorLog<'a> {
    /// Of a job: tables, in the same commits as its rows.
    Table(Checkpoints<'a>),
    /// Of a job that is a dry run: in memory, for what is in the database by then is taken back.
    Memory(Uuid, &'a mut RefusalsInMemory),
    /// Of a preview: as much as people look at.
    Sample(&'a mut Sample),
}

impl<'a> ErrorLog<'a> {
    /// The job that the import is for, if there is one.
    pub fn job(&self) -> Option<Uuid> {
        match self {
            Self::Table(checkpoints) => Some(checkpoints.claim.job),
            Self::Memory(job, _) => Some(*job),
            Self::Sample(_) => None,
        }
    }

    /// The counts to begin with: those of what an earlier attempt has committed.
    pub fn stats(&self) -> ImportStats {
        if let Self::Table(checkpoints) = self { checkpoints.stats() } else { ImportStats::default() }
    }

    /// Up to where, in bytes, an earlier attempt has come.
    pub fn resumes_at(&self) -> Option<u64> {
        if let Self::Table(checkpoints) = self { checkpoints.resumes_at() } else { None }
    }

    /// Whether what became of a batch is committed already.
    pub fn covers(&self, batch: &Batch) -> bool {
        matches!(self, Self::Table(checkpoints) if checkpoints.covers(batch))
    }

    /// The places at which to commit in between; of what is taken back there are none.
    pub fn checkpoints(&mut self) -> Option<&mut Checkpoints<'a>> {
        if let Self::Table(checkpoints) = self { Some(checkpoints) } else { None }
    }

    pub fn refuse(&mut self, refused: &[Refusal]) {
        match self {
            Self::Table(checkpoints) => refusals::keep(checkpoints.claim.job, refused),
            Self::Memory(_, memory) => refused.iter().for_each(|refusal| memory.add(refusal)),
            Self::Sample(sample) => sample.refuse(refused),
        }
    }
}

/// Refused rows in memory.
#[derive(Default)]
pub struct RefusalsInMemory {
    pub refusals: Vec<Refusal>,
    bytes: usize,
    /// How many there was no room for.
    pub left_out: u64,
}

impl RefusalsInMemory {
    fn add(&mut self, refusal: &Refusal) {
        let size = size_of(refusal);
        if self.left_out > 0 || self.bytes + size > MOST_BYTES {
            self.left_out += 1;
            return;
        }
        self.bytes += size;
        self.refusals.push(refusal.clone());
    }
}

/// About how many bytes a refusal takes.
fn size_of(refusal: &Refusal) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let cells = refusal.cells.iter().map(|cell| {
        size_of_val(cell)
            + cell.message.len()
            + length(&cell.column)
            + length(&cell.value)
            + length(&cell.suggestion)
    });
    size_of_val(refusal) + refusal.raw.len() + cells.sum::<usize>()
}
