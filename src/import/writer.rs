//! Where the rows of a batch go: in bulk, if the table allows that and they are new, else through the general sink.

use super::bulk::{Bulk, Prepared};
use super::sink::{Sink, Written};
use crate::creator::Creator;
use crate::failure::Failure;
use intake::{Batch, Refusal};
use pack::Packed;
use std::collections::BTreeSet;

/// After so many batches in a row that could not go in bulk, the rest of the file is not tried: what was tried in vain is left
/// behind as dead rows.
const PATIENCE: u32 = 3;

pub struct Writer<'a> {
    pub sink: Sink<'a>,
    pub creator: &'a Creator,
    pub bulk: Option<&'a Bulk>,
    /// Why rows went through the general sink.
    pub reasons: BTreeSet<String>,
    /// Whether rows of the latest batch had keys that the table knows: so will those of the next.
    meets_keys: bool,
    failures: u32,
    is_order_felt: bool,
}

impl<'a> Writer<'a> {
    /// `columns`: which columns of the target the batches carry.
    pub fn new(sink: Sink<'a>, creator: &'a Creator, prepared: &'a Prepared, columns: &[usize]) -> Self {
        let reasons = match prepared {
            Ok(bulk) => bulk.plan.packer(columns).err().unwrap_or_default(),
            Err(reasons) => reasons.clone(),
        };
        let bulk = prepared.as_ref().ok().filter(|_| reasons.is_empty());
        let is_order_felt = bulk.is_some_and(|bulk| bulk.is_order_felt(&sink.columns));
        let reasons = reasons.into_iter().collect();
        Self { sink, creator, bulk, reasons, meets_keys: false, failures: 0, is_order_felt }
    }

    /// Inserts what can be inserted and says why for the rest. `packed` are the rows of the batch, if they can go in bulk.
    pub fn write(
        &mut self,
        batch: &Batch,
        packed: Option<Packed>,
    ) -> Result<(Written, Vec<Refusal>), Failure> {
        let mut written = Written::default();
        let rest = match (self.bulk, packed) {
            (Some(bulk), Some(packed)) if self.failures < PATIENCE => {
                self.write_in_bulk(bulk, batch, packed, &mut written)?
            }
            (Some(_), None) => self.leave(batch, "only the database can store some values"),
            _ => (0..batch.rows()).collect(),
        };
        let (others, refused) = self.sink.write(batch, &rest)?;
        written += others;
        Ok((written, refused))
    }

    /// Returns the rows that are left to the general sink.
    fn write_in_bulk(
        &mut self,
        bulk: &Bulk,
        batch: &Batch,
        mut packed: Packed,
        written: &mut Written,
    ) -> Result<Vec<usize>, Failure> {
        let known = if self.meets_keys { self.sink.known(batch)? } else { Vec::new() };
        if !known.is_empty() && self.is_order_felt {
            return Ok(self.leave(batch, "rows meet others by their keys, and a unique index besides"));
        }
        packed.leave_out(&known);
        let is_in = bulk.insert(&mut packed, self.creator)?;
        self.meets_keys = self.sink.has_key() && !(is_in && known.is_empty());
        if !is_in {
            self.failures += 1;
            return Ok(self.leave(batch, "the database refuses rows, or has their keys"));
        }
        self.failures = 0;
        written.inserted += packed.rows() as u64;
        written.in_bulk += packed.rows() as u64;
        if !known.is_empty() {
            self.reasons.insert("the table has the keys of rows".into());
        }
        Ok(known)
    }

    /// All rows are left to the general sink.
    fn leave(&mut self, batch: &Batch, reason: &str) -> Vec<usize> {
        self.reasons.insert(reason.into());
        (0..batch.rows()).collect()
    }
}
