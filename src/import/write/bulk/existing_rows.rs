//! Rows that the table has, updated past the executor. Only where that is provably the same as the UPDATE of the SQL path: what an
//! UPDATE would do besides is absent from the table (`teamwork.update_obstacles`) or done here, such as the stamp of
//! `teamwork.touch_row()`. What is refused, and what somebody else changes meanwhile, is left to statements.

use super::path::BulkPath;
use crate::failure::Failure;
use crate::import::write::changes::Changes;
use crate::import::write::fault::{is_fault_of_a_row, is_race};
use crate::import::write::result::BatchResult;
use crate::import::write::session::Session;
use crate::import::write::sql::SqlPath;
use crate::import::write::statements::Statements;
use crate::pg::{self, BulkUpdate, Emptied};
use intake::{Batch, Notes};
use pack::{Excluded, Packed};
use std::collections::{HashMap, HashSet};

/// Updates those of the `existing` rows that differ from what the table has; what is not found remains. `excluded`: the same rows,
/// made.
pub fn write_existing(
    bulk: &BulkPath,
    sql: &SqlPath,
    batch: &Batch,
    existing: &[usize],
    packed: &mut Packed,
    excluded: &Excluded,
) -> Result<BatchResult, Failure> {
    let Some(update) = update_of(bulk, &sql.session) else { return sql.write_existing(batch, existing) };
    let mut rows = ExistingRows { names: &bulk.plan.names, update, sql, batch, existing, packed, excluded };
    if rows.update.merged.is_none() {
        return rows.write_firsts_and_lasts();
    }
    // Every row adds something.
    let (mut result, mut start) = (BatchResult::default(), 0);
    for run in sql.session.runs_without_repeats(batch, existing) {
        result += rows.write(&Vec::from_iter(start..start + run.len()))?;
        start += run.len();
    }
    Ok(result)
}

/// What an update sets, looks at and remembers; None if only a statement can do it.
fn update_of<'b>(bulk: &'b BulkPath, session: &Session) -> Option<BulkUpdate<'b>> {
    let position = |name: &str| bulk.plan.position(name);
    let Statements { update, depends_on_rows, .. } = &session.statements;
    update.as_ref().filter(|_| bulk.can_update && !depends_on_rows)?;
    let set = session.columns.iter().filter(|column| column.is_updatable());
    let merged = set.clone().find(|column| column.is_attributes());
    let remembered = session.statements.remembered.iter().map(|name| position(name));
    Some(BulkUpdate {
        target: &bulk.target,
        set: set.map(|column| position(column.name())).collect::<Option<_>>()?,
        merged: merged.and_then(|column| position(column.name())),
        time: position("updated_at")?,
        author: (position("updated_by")?, session.creator.id),
        remembered: remembered.collect::<Option<_>>()?,
    })
}

/// Rows of a batch that the table has, to be updated. They are meant by their numbers among `existing`.
struct ExistingRows<'a> {
    /// Of the table's columns.
    names: &'a [String],
    update: BulkUpdate<'a>,
    sql: &'a SqlPath<'a>,
    batch: &'a Batch,
    existing: &'a [usize],
    packed: &'a mut Packed,
    excluded: &'a Excluded,
}

impl ExistingRows<'_> {
    /// Of the rows that have the same key the first is written, and then the last: what lies between is overwritten, and only
    /// counted. Every version of a row that a transaction leaves behind is one more that the next update has to look at.
    fn write_firsts_and_lasts(&mut self) -> Result<BatchResult, Failure> {
        let session = &self.sql.session;
        let mut latest = HashMap::new();
        let (mut firsts, mut repeats) = (Vec::new(), Vec::new());
        for (number, row) in self.existing.iter().enumerate() {
            match latest.insert(session.key_of(self.batch, *row), number) {
                None => firsts.push(number),
                Some(before) => repeats.push((before, number)),
            }
        }
        let mut lasts: Vec<usize> =
            latest.into_values().filter(|number| firsts.binary_search(number).is_err()).collect();
        lasts.sort_unstable();
        let is_change =
            |(before, number): &&(usize, usize)| !self.packed.are_alike(self.excluded, *before, *number);
        let changes = repeats.iter().filter(is_change).count() as u64;
        let mut result = self.write(&firsts)?;
        let rewritten = self.write(&lasts)?;
        if rewritten.remaining.is_empty() && rewritten.refused.is_empty() {
            result.counts += session.count(repeats.len(), 0, changes);
        } else {
            let between = repeats.len() - lasts.len();
            result.counts += session.count(between, 0, between as u64);
            result += rewritten;
        }
        Ok(result)
    }

    /// Writes rows of different keys.
    fn write(&mut self, numbers: &[usize]) -> Result<BatchResult, Failure> {
        let Self { names, update, sql, batch, existing, .. } = self;
        let session = &sql.session;
        let rows: Vec<usize> = numbers.iter().map(|number| existing[*number]).collect();
        let tids = || session.tids(batch, &rows).into_iter().map(|(at, tid)| (numbers[at], tid)).collect();
        let attempt = pg::subtransaction(|| {
            let done = session.with_tid_plan(|| pg::bulk_update(update, self.packed, self.excluded, tids));
            Changes::of_updated_rows(done.updated, done.before).keep(session.job);
            (done.found, done.updated, done.emptied)
        });
        match attempt {
            Ok((found, updated, emptied)) => {
                let counts = session.count(found.len(), 0, updated);
                let mut notes = Notes::default();
                for Emptied { row, attribute, was } in emptied {
                    notes.add_emptied(&names[attribute], batch.line(existing[row]), was.as_deref());
                }
                let found: HashSet<usize> = found.into_iter().collect();
                let missing = numbers.iter().zip(&rows).filter(|(number, _)| !found.contains(number));
                let remaining = missing.map(|(_, row)| *row).collect();
                Ok(BatchResult { counts, remaining, notes, ..BatchResult::default() })
            }
            Err(error) if is_race(&error) || is_fault_of_a_row(&error) => sql.write_existing(batch, &rows),
            Err(error) => Err(error.into()),
        }
    }
}
