//! What is written down of an import besides its rows.

use super::checkpoint::Checkpoints;
use super::outcome::Tally;
use super::sample::Sample;
use super::{mapping, refusals};
use crate::job::Work;
use intake::{Batch, Mapping, Refusal, Table};
use pgrx::Uuid;

/// Bytes of refused rows that a dry run holds in memory until it is taken back.
const MOST_HELD: usize = 64 << 20;

pub enum Journal<'a> {
    /// Of a job: in the database, in the same commits as its rows.
    Kept(Checkpoints<'a>),
    /// Of a job that is a dry run: in memory, for what is in the database by then is taken back.
    Held(Uuid, &'a mut Held),
    /// Of a preview: as much as people look at.
    Shown(&'a mut Sample),
}

impl<'a> Journal<'a> {
    /// The job that the import is for, if there is one.
    pub fn job(&self) -> Option<Uuid> {
        match self {
            Self::Kept(checkpoints) => Some(checkpoints.claim.job),
            Self::Held(job, _) => Some(*job),
            Self::Shown(_) => None,
        }
    }

    /// The counts to begin with: those of what an earlier attempt has committed.
    pub fn begin(&self) -> Tally {
        if let Self::Kept(checkpoints) = self { checkpoints.tally() } else { Tally::default() }
    }

    /// Up to where, in bytes, an earlier attempt has come.
    pub fn resumes_at(&self) -> Option<u64> {
        if let Self::Kept(checkpoints) = self { checkpoints.resumes_at() } else { None }
    }

    /// Whether what became of a batch is committed already.
    pub fn covers(&self, batch: &Batch) -> bool {
        matches!(self, Self::Kept(checkpoints) if checkpoints.cover(batch))
    }

    /// The places at which to commit in between; of what is taken back there are none.
    pub fn checkpoints(&mut self) -> Option<&mut Checkpoints<'a>> {
        if let Self::Kept(checkpoints) = self { Some(checkpoints) } else { None }
    }

    pub fn refuse(&mut self, refused: &[Refusal]) {
        match self {
            Self::Kept(checkpoints) => refusals::keep(checkpoints.claim.job, refused),
            Self::Held(_, held) => refused.iter().for_each(|refusal| held.add(refusal)),
            Self::Shown(sample) => sample.refuse(refused),
        }
    }

    /// What people have decided on is kept when it has led to an import.
    pub fn remember(&self, work: &Work, mapping: &Mapping, table: &Table) {
        if let Self::Kept(_) = self {
            mapping::remember(work, mapping, table);
        }
    }
}

/// Refused rows in memory.
#[derive(Default)]
pub struct Held {
    pub refusals: Vec<Refusal>,
    bytes: usize,
    /// How many there was no room for.
    pub left_out: u64,
}

impl Held {
    fn add(&mut self, refusal: &Refusal) {
        let size = size_of(refusal);
        if self.left_out > 0 || self.bytes + size > MOST_HELD {
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
