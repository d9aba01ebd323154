//! Where the rows of a batch go: in bulk, if the table allows that and they are new, else through the general sink.

use super::bulk::{Bulk, Prepared};
use super::changes::Changes;
use super::sink::{Sink, without};
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
    /// Whether the table allows for it until the next commit.
    is_open: bool,
    /// Why rows went through the general sink.
    pub reasons: BTreeSet<String>,
    /// Whether rows of the next batch may have keys that the table knows, as those of the latest had.
    meets_keys: bool,
    /// Whether the database may refuse rows of the next batch, as it refused some of the latest.
    meets_refusals: bool,
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
        Self {
            sink,
            creator,
            bulk,
            is_open: true,
            reasons,
            meets_keys,
            meets_refusals: false,
            failures: 0,
            is_order_felt,
        }
    }

    /// Inserts what can be inserted and says why for the rest. `packed` are the rows of the batch, if they can go in bulk.
    pub fn write(&mut self, batch: &Batch, packed: Option<&mut Packed>) -> Result<Fate, Failure> {
        let mut fate = match packed {
            _ if self.bulk.is_none() || !self.is_open || self.failures >= PATIENCE => {
                Fate::all_missing(batch)
            }
            Some(packed) => self.write_in_bulk(batch, packed)?,
            None => self.leave(batch, "only the database can store some values"),
        };
        let mut rest = std::mem::take(&mut fate.missing);
        rest.sort_unstable();
        fate += self.sink.write(batch, &rest)?;
        Ok(fate)
    }

    /// After a commit: what was found out about the table has to be found out again, as its locks are gone. What does not allow for
    /// bulk now may be gone at the next.
    pub fn go_on(&mut self, target: &Target) -> Result<(), Failure> {
        self.sink.go_on();
        let Some(bulk) = &self.bulk else { return Ok(()) };
        let renewed = Bulk::prepare(target, self.creator, self.sink.job, false)?.and_then(|renewed| {
            renewed.for_rows_of(bulk).ok_or_else(|| vec!["the table was changed between two commits".into()])
        });
        self.is_open = renewed.is_ok();
        match renewed {
            Ok(renewed) => {
                self.is_order_felt = renewed.is_order_felt(&self.sink.columns);
                self.bulk = Some(renewed);
            }
            Err(reasons) => self.reasons.extend(reasons),
        }
        Ok(())
    }

    /// The missing are left to the general sink.
    fn write_in_bulk(&mut self, batch: &Batch, packed: &mut Packed) -> Result<Fate, Failure> {
        let Some(bulk) = &self.bulk else { return Ok(Fate::all_missing(batch)) };
        // A row that is refused leaves its key to the next one.
        let asks_for_keys = self.meets_keys || self.meets_refusals;
        let known = if asks_for_keys { self.sink.known(batch)? } else { Vec::new() };
        if !known.is_empty() && self.is_order_felt {
            return Ok(self.leave(batch, "rows meet others by their keys, and a unique index besides"));
        }
        let left_out = packed.exclude(&known);
        let mut rows = Rows::without(batch, &known);
        if self.meets_refusals {
            rows.leave_out_suspects(&self.sink, batch, packed)?;
        }
        let values = |column: &str| self.sink.values(batch, &rows.good, column);
        if !bulk.insert(packed, self.creator, values)? {
            let has_asked = (self.meets_keys, self.meets_refusals);
            (self.meets_keys, self.meets_refusals) = (self.sink.has_key(), true);
            if packed.rows() == batch.rows() && has_asked != (self.meets_keys, true) {
                return self.write_in_bulk(batch, packed);
            }
            self.failures += 1;
            return Ok(self.leave(batch, "the database refuses rows"));
        }
        self.meets_keys = !known.is_empty();
        self.meets_refusals = !rows.suspects.is_empty();
        self.failures = 0;
        let keys = bulk.keys(packed, |row, column| self.sink.value(batch, rows.good[row], column));
        Changes::of_new_rows(packed.rows() as u64, keys).keep(self.sink.job);
        if self.meets_keys {
            self.reasons.insert("the table has the keys of rows".into());
        }
        if self.meets_refusals {
            self.reasons.insert("the database may refuse rows".into());
        }
        let mut fate = bulk.meet(&self.sink, batch, &known, packed, &left_out)?;
        fate.missing.extend(rows.suspects);
        fate.written.inserted += packed.rows() as u64;
        fate.written.in_bulk += packed.rows() as u64;
        Ok(fate)
    }

    /// All rows are left to the general sink.
    fn leave(&mut self, batch: &Batch, reason: &str) -> Fate {
        self.reasons.insert(reason.into());
        Fate::all_missing(batch)
    }
}

/// Rows of a batch that are new, in ascending order.
struct Rows {
    /// Those that are to go in bulk.
    good: Vec<usize>,
    suspects: Vec<usize>,
}

impl Rows {
    fn without(batch: &Batch, known: &[usize]) -> Self {
        let good = (0..batch.rows()).filter(|row| known.binary_search(row).is_err()).collect();
        Self { good, suspects: Vec::new() }
    }

    /// Leaves the rows out that the database would refuse, as far as that can be asked.
    fn leave_out_suspects(&mut self, sink: &Sink, batch: &Batch, packed: &mut Packed) -> Result<(), Failure> {
        let positions = sink.suspects(batch, &self.good)?;
        packed.exclude(&positions);
        self.suspects = positions.iter().map(|position| self.good[*position]).collect();
        self.good = without(&self.good, &positions);
        Ok(())
    }
}
