//! Where the rows of a batch go: in bulk, if the table allows that and they are new, else through the general sink.

use super::bulk::{Bulk, Prepared};
use super::changes::Changes;
use super::sink::Sink;
use super::target::Target;
use super::written::Fate;
use crate::creator::Creator;
use crate::failure::Failure;
use intake::Batch;
use pack::Packed;
use std::collections::BTreeSet;

/// After so many batches in a row that could not go in bulk, the rest of the file is not tried: what was tried in vain is left
/// behind as dead rows.
const PATIENCE: u32 = 3;

pub struct Writer<'a> {
    pub sink: Sink<'a>,
    creator: &'a Creator,
    bulk: Option<Bulk>,
    /// Why rows went through the general sink.
    pub reasons: BTreeSet<String>,
    /// Whether rows of the next batch may have keys that the table knows, as those of the latest had.
    meets_keys: bool,
    failures: u32,
    is_order_felt: bool,
}

impl<'a> Writer<'a> {
    /// `columns`: which columns of the target the batches carry.
    pub fn new(sink: Sink<'a>, creator: &'a Creator, prepared: Prepared, columns: &[usize]) -> Self {
        let prepared = prepared.and_then(|bulk| bulk.plan.packer(columns).map(|_| bulk));
        let is_order_felt = prepared.as_ref().is_ok_and(|bulk| bulk.is_order_felt(&sink.columns));
        let (bulk, reasons) = match prepared {
            Ok(bulk) => (Some(bulk), BTreeSet::new()),
            Err(reasons) => (None, reasons.into_iter().collect()),
        };
        let meets_keys = sink.has_key();
        Self { sink, creator, bulk, reasons, meets_keys, failures: 0, is_order_felt }
    }

    /// Inserts what can be inserted and says why for the rest. `packed` are the rows of the batch, if they can go in bulk.
    pub fn write(&mut self, batch: &Batch, packed: Option<&mut Packed>) -> Result<Fate, Failure> {
        let mut fate = match packed {
            _ if self.bulk.is_none() || self.failures >= PATIENCE => Fate::all_missing(batch),
            Some(packed) => self.write_in_bulk(batch, packed)?,
            None => self.leave(batch, "only the database can store some values"),
        };
        let rest = std::mem::take(&mut fate.missing);
        fate += self.sink.write(batch, &rest)?;
        Ok(fate)
    }

    /// After a commit: what was found out about the table has to be found out again, as its locks are gone.
    pub fn go_on(&mut self, target: &Target) -> Result<(), Failure> {
        self.sink.prove_keys();
        if let Some(bulk) = &self.bulk {
            let is_same = |renewed: &Bulk| renewed.makes_the_same_rows(bulk);
            self.bulk = match Bulk::prepare(target, self.creator, self.sink.job, false)? {
                Ok(renewed) if is_same(&renewed) => Some(renewed),
                Ok(_) => self.do_without("the table was changed between two commits"),
                Err(reasons) => reasons.iter().fold(None, |_, reason| self.do_without(reason)),
            };
        }
        Ok(())
    }

    /// The missing are left to the general sink.
    fn write_in_bulk(&mut self, batch: &Batch, packed: &mut Packed) -> Result<Fate, Failure> {
        let Some(bulk) = &self.bulk else { return Ok(Fate::all_missing(batch)) };
        let known = if self.meets_keys { self.sink.known(batch)? } else { Vec::new() };
        if !known.is_empty() && self.is_order_felt {
            return Ok(self.leave(batch, "rows meet others by their keys, and a unique index besides"));
        }
        let left_out = packed.leave_out(&known);
        let rows: Vec<usize> = (0..batch.rows()).filter(|row| known.binary_search(row).is_err()).collect();
        let is_in = bulk.insert(packed, self.creator, |column| self.sink.values(batch, &rows, column))?;
        let has_asked = std::mem::replace(&mut self.meets_keys, !known.is_empty());
        if !is_in && self.sink.has_key() && !has_asked {
            self.meets_keys = true;
            return self.write_in_bulk(batch, packed);
        }
        if !is_in {
            self.failures += 1;
            return Ok(self.leave(batch, "the database refuses rows"));
        }
        self.failures = 0;
        let keys = bulk.keys(packed, |row, column| self.sink.value(batch, rows[row], column));
        Changes::of_new_rows(packed.rows() as u64, keys).keep(self.sink.job);
        if !known.is_empty() {
            self.reasons.insert("the table has the keys of rows".into());
        }
        let mut fate = bulk.meet(&self.sink, batch, &known, packed, &left_out)?;
        fate.written.inserted += packed.rows() as u64;
        fate.written.in_bulk += packed.rows() as u64;
        Ok(fate)
    }

    fn do_without(&mut self, reason: &str) -> Option<Bulk> {
        self.reasons.insert(reason.into());
        None
    }

    /// All rows are left to the general sink.
    fn leave(&mut self, batch: &Batch, reason: &str) -> Fate {
        self.reasons.insert(reason.into());
        Fate::all_missing(batch)
    }
}
