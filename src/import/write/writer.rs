//! Which path the rows of a batch take: in bulk, if the table allows that and they are new, else by statements.

use super::bulk::{BulkPath, Prepared, write_existing};
use super::changes::Changes;
use super::result::BatchResult;
use super::sql::{SqlPath, without};
use crate::failure::Failure;
use crate::import::path::SqlPathReason;
use crate::table::Target;
use intake::Batch;
use pack::Packed;
use std::collections::BTreeSet;
use std::rc::Rc;

/// After so many batches in a row that could not go in bulk, the rest of the file is not tried: what was tried in vain is left
/// behind as dead rows.
const MAX_BULK_FAILURES: u32 = 3;

pub struct Writer<'a> {
    pub sql: SqlPath<'a>,
    bulk: Option<BulkPath>,
    /// Whether the table allows for bulk until the next commit.
    is_open: bool,
    /// Why rows went by statements, since they were last asked for.
    reasons: BTreeSet<SqlPathReason>,
    /// Whether rows of the next batch may have keys that the table knows, as those of the latest had.
    expects_existing: bool,
    /// Whether the database may refuse rows of the next batch, as it refused some of the latest.
    expects_violations: bool,
    failures: u32,
    is_order_sensitive: bool,
}

impl<'a> Writer<'a> {
    /// `columns`: which of the columns that a file may fill the batches carry.
    pub fn new(sql: SqlPath<'a>, prepared: Prepared, columns: &[usize]) -> Self {
        let prepared = prepared.and_then(|bulk| bulk.plan.packer(columns).map(|_| bulk));
        let is_order_sensitive =
            prepared.as_ref().is_ok_and(|bulk| bulk.is_order_sensitive(&sql.session.columns));
        let (bulk, reasons) = match prepared {
            Ok(bulk) => (Some(bulk), BTreeSet::new()),
            Err(reasons) => (None, reasons.into_iter().collect()),
        };
        let expects_existing = sql.session.has_key();
        Self {
            sql,
            bulk,
            is_open: true,
            reasons,
            expects_existing,
            expects_violations: false,
            failures: 0,
            is_order_sensitive,
        }
    }

    /// Inserts what can be inserted and says why for the rest. `packed` are the rows of the batch, if they can go in bulk.
    pub fn write(&mut self, batch: &Batch, packed: Option<&mut Packed>) -> Result<BatchResult, Failure> {
        let mut result = match packed {
            _ if self.bulk.is_none() || !self.is_open || self.failures >= MAX_BULK_FAILURES => {
                BatchResult::all_remaining(batch)
            }
            Some(packed) => self.write_in_bulk(batch, packed)?,
            None => self.leave(batch, SqlPathReason::ValuesByDatabase),
        };
        let mut rest = std::mem::take(&mut result.remaining);
        rest.sort_unstable();
        result += self.sql.write(batch, &rest)?;
        Ok(result)
    }

    /// Why rows went by statements since the last call.
    pub fn take_reasons(&mut self) -> BTreeSet<SqlPathReason> {
        std::mem::take(&mut self.reasons)
    }

    /// After a commit: what was found out about the table has to be found out again, as its locks are gone. What does not allow for
    /// bulk now may be gone at the next.
    pub fn after_commit(&mut self, now: &Rc<Target>) -> Result<(), Failure> {
        self.sql.after_commit(now.clone());
        let Some(bulk) = &self.bulk else { return Ok(()) };
        let session = &self.sql.session;
        let renewed = BulkPath::prepare(now, session.creator, session.job, false)?
            .and_then(|renewed| renewed.for_rows_of(bulk).ok_or_else(|| vec![SqlPathReason::TableChanged]));
        self.is_open = renewed.is_ok();
        match renewed {
            Ok(renewed) => {
                self.is_order_sensitive = renewed.is_order_sensitive(&session.columns);
                self.bulk = Some(renewed);
            }
            Err(reasons) => self.reasons.extend(reasons),
        }
        Ok(())
    }

    /// What remains is left to statements.
    fn write_in_bulk(&mut self, batch: &Batch, packed: &mut Packed) -> Result<BatchResult, Failure> {
        let Some(bulk) = &self.bulk else { return Ok(BatchResult::all_remaining(batch)) };
        let session = &self.sql.session;
        // A row that is refused leaves its key to the next one.
        let asks_for_keys = self.expects_existing || self.expects_violations;
        let existing = if asks_for_keys { session.existing(batch)? } else { Vec::new() };
        if !existing.is_empty() && self.is_order_sensitive {
            return Ok(self.leave(batch, SqlPathReason::ExistingKeysAndUniqueIndex));
        }
        let excluded = packed.exclude(&existing);
        let mut rows = NewRows::without(batch, &existing);
        if self.expects_violations {
            rows.exclude_conflicts(&self.sql, batch, packed)?;
        }
        let values = |column: &str| session.values(batch, &rows.good, column);
        if !bulk.insert(packed, session.creator, session.job, values)? {
            return self.after_refusal(batch, packed);
        }
        self.expects_existing = !existing.is_empty();
        self.expects_violations = !rows.conflicts.is_empty();
        self.failures = 0;
        let keys = bulk.keys(packed, |row, column| session.value(batch, rows.good[row], column));
        Changes::of_new_rows(packed.rows() as u64, keys).keep(session.job);
        if self.expects_existing {
            self.reasons.insert(SqlPathReason::ExistingKeys);
        }
        if self.expects_violations {
            self.reasons.insert(SqlPathReason::ViolationsExpected);
        }
        let mut result = write_existing(bulk, &self.sql, batch, &existing, packed, &excluded)?;
        result.remaining.extend(rows.conflicts);
        result.counts.inserted += packed.rows() as u64;
        result.counts.in_bulk += packed.rows() as u64;
        Ok(result)
    }

    /// The database has refused a row of the batch. Where not all was asked beforehand and nothing is excluded yet, that is done now.
    fn after_refusal(&mut self, batch: &Batch, packed: &mut Packed) -> Result<BatchResult, Failure> {
        let has_asked = (self.expects_existing, self.expects_violations);
        (self.expects_existing, self.expects_violations) = (self.sql.session.has_key(), true);
        if packed.rows() == batch.rows() && has_asked != (self.expects_existing, true) {
            return self.write_in_bulk(batch, packed);
        }
        self.failures += 1;
        Ok(self.leave(batch, SqlPathReason::Violations))
    }

    /// All rows are left to statements.
    fn leave(&mut self, batch: &Batch, reason: SqlPathReason) -> BatchResult {
        self.reasons.insert(reason);
        BatchResult::all_remaining(batch)
    }
}

/// Rows of a batch that are new, in ascending order.
struct NewRows {
    /// Those that are to go in bulk.
    good: Vec<usize>,
    /// Those that the database would refuse, as far as that can be asked.
    conflicts: Vec<usize>,
}

impl NewRows {
    fn without(batch: &Batch, existing: &[usize]) -> Self {
        let good = (0..batch.rows()).filter(|row| existing.binary_search(row).is_err()).collect();
        Self { good, conflicts: Vec::new() }
    }

    fn exclude_conflicts(
        &mut self,
        sql: &SqlPath,
        batch: &Batch,
        packed: &mut Packed,
    ) -> Result<(), Failure> {
        let positions = sql.likely_conflicts(batch, &self.good)?;
        packed.exclude(&positions);
        self.conflicts = positions.iter().map(|position| self.good[*position]).collect();
        self.good = without(&self.good, &positions);
        Ok(())
    }
}
