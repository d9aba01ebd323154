//! Where the rows of a batch go: in bulk, if the table allows that and they are new, else through the general sink.

use super::bulk::Bulk;
use super::changes::Changes;
use super::sink::{Sink, Written};
use super::target::Target;
use crate::creator::Creator;
use crate::failure::Failure;
use intake::{Batch, Refusal};
use pack::Packed;

/// After so many batches in a row that could not go in bulk, the rest of the file is not tried: what was tried in vain is left
/// behind as dead rows.
const PATIENCE: u32 = 3;

pub struct Writer<'a> {
    pub sink: Sink<'a>,
    creator: &'a Creator,
    bulk: Option<Bulk>,
    /// Whether rows of the latest batch had keys that the table knows: so will those of the next.
    meets_keys: bool,
    failures: u32,
}

impl<'a> Writer<'a> {
    pub fn new(sink: Sink<'a>, creator: &'a Creator, bulk: Option<Bulk>) -> Self {
        Self { sink, creator, bulk, meets_keys: false, failures: 0 }
    }

    /// Inserts what can be inserted and says why for the rest. `packed` are the rows of the batch, if they can go in bulk.
    pub fn write(
        &mut self,
        batch: &Batch,
        packed: Option<Packed>,
    ) -> Result<(Written, Vec<Refusal>), Failure> {
        let mut written = Written::default();
        let rest = match packed.filter(|_| self.failures < PATIENCE) {
            Some(packed) => self.write_in_bulk(batch, packed, &mut written)?,
            None => (0..batch.rows()).collect(),
        };
        let (others, refused) = self.sink.write(batch, &rest)?;
        written += others;
        Ok((written, refused))
    }

    /// After a commit: what was found out about the table has to be found out again, as its locks are gone.
    pub fn go_on(&mut self, target: &Target) -> Result<(), Failure> {
        if let (Some(bulk), Some(job)) = (&self.bulk, self.sink.job) {
            let renewed = Bulk::prepare(target, self.creator, job)?;
            self.bulk = renewed.filter(|renewed| renewed.makes_the_same_rows(bulk));
        }
        Ok(())
    }

    /// Returns the rows that are left to the general sink.
    fn write_in_bulk(
        &mut self,
        batch: &Batch,
        mut packed: Packed,
        written: &mut Written,
    ) -> Result<Vec<usize>, Failure> {
        let Some(bulk) = &self.bulk else { return Ok((0..batch.rows()).collect()) };
        let known = if self.meets_keys { self.sink.known(batch)? } else { Vec::new() };
        packed.leave_out(&known);
        let is_in = bulk.insert(&mut packed, self.creator)?;
        self.meets_keys = self.sink.has_key() && !(is_in && known.is_empty());
        if !is_in {
            self.failures += 1;
            return Ok((0..batch.rows()).collect());
        }
        self.failures = 0;
        let rows: Vec<usize> = (0..batch.rows()).filter(|row| known.binary_search(row).is_err()).collect();
        let keys = bulk.keys(&packed, |row, column| self.sink.value(batch, rows[row], column));
        Changes::of_new_rows(packed.rows() as u64, keys).keep(self.sink.job);
        written.inserted += packed.rows() as u64;
        Ok(known)
    }
}
