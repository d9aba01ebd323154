//! What becomes of rows in the database.

use intake::{Batch, Notes, Refusal};
use std::collections::HashSet;

/// Rows by what the database did with them.
#[derive(Clone, Copy, Default)]
pub struct RowCounts {
    pub inserted: u64,
    pub updated: u64,
    /// The table had them as they are.
    pub unchanged: u64,
    /// The table has the key, and was to be left alone.
    pub skipped: u64,
    /// Those of the inserted that went in bulk.
    pub in_bulk: u64,
}

impl std::ops::AddAssign for RowCounts {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.skipped += other.skipped;
        self.in_bulk += other.in_bulk;
    }
}

/// What has become of the rows of a batch.
#[derive(Default)]
pub struct BatchResult {
    pub counts: RowCounts,
    pub refused: Vec<Refusal>,
    /// Rows that are still to be written, by statements.
    pub remaining: Vec<usize>,
    /// Rows that the table has, where blank cells mean that they keep what they have.
    pub known: HashSet<usize>,
    /// What there is to remark about what was done.
    pub notes: Notes,
}

impl BatchResult {
    pub fn all_remaining(batch: &Batch) -> Self {
        Self { remaining: (0..batch.rows()).collect(), ..Self::default() }
    }
}

impl std::ops::AddAssign for BatchResult {
    fn add_assign(&mut self, other: Self) {
        self.counts += other.counts;
        self.refused.extend(other.refused);
        self.remaining.extend(other.remaining);
        self.known.extend(other.known);
        self.notes.append(&other.notes);
    }
}
