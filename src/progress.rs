//! Where a running job reports how far it is. The runner gives it a place; the job does not know which.

pub trait Progress {
    /// The size of the work: the bytes of an import's source, the rows of an export.
    fn expect(&self, total: u64);
    /// Records and refused ones so far, and how much of the work they took.
    fn advance(&self, records: u64, refused: u64, done: u64);
}

/// Progress that nobody can see: that of a job without a slot in shared memory.
pub struct Unwatched;

impl Progress for Unwatched {
    fn expect(&self, _total: u64) {}
    fn advance(&self, _records: u64, _refused: u64, _done: u64) {}
}
