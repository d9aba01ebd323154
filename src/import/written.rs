//! What becomes of rows in the database.

use intake::{Batch, Refusal};

/// Rows by what the database did with them.
#[derive(Clone, Copy, Default)]
pub struct Written {
    pub inserted: u64,
    pub updated: u64,
    /// The table had them as they are.
    pub unchanged: u64,
    /// The table has the key, and was to be left alone.
    pub skipped: u64,
    /// Those of the inserted that went in bulk.
    pub in_bulk: u64,
}

impl std::ops::AddAssign for Written {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.skipped += other.skipped;
        self.in_bulk += other.in_bulk;
    }
}

/// What has become of rows.
#[derive(Default)]
pub struct Fate {
    pub written: Written,
    pub refused: Vec<Refusal>,
    /// Those that are left to the general sink.
    pub missing: Vec<usize>,
}

impl Fate {
    pub fn all_missing(batch: &Batch) -> Self {
        Self { missing: (0..batch.rows()).collect(), ..Self::default() }
    }
}

impl std::ops::AddAssign for Fate {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.refused.extend(other.refused);
        self.missing.extend(other.missing);
    }
}
