//! Rows that the table has, updated past the executor. Only where that is provably the same as the UPDATE of the general sink:
//! what an UPDATE would do besides is absent from the table (`teamwork.update_obstacles`) or done here, such as the stamp of
//! `teamwork.touch_row()`. What is refused, and what somebody else changes meanwhile, is left to the general sink.

use super::Bulk;
use crate::failure::Failure;
use crate::import::changes::Changes;
use crate::import::fault::{is_fault_of_a_row, is_race};
use crate::import::sink::Sink;
use crate::import::written::Fate;
use crate::pg::{self, BulkUpdate};
use intake::Batch;
use pack::{LeftOut, Packed};
use std::collections::HashSet;

/// What has to be true of a table.
pub fn is_possible(table: pgrx::pg_sys::Oid) -> bool {
    pg::query_one("SELECT NOT EXISTS (SELECT teamwork.update_obstacles($1))", &[table.into()]) == Some(true)
}

impl Bulk {
    /// Updates those of the `known` rows that differ from what the table has; the missing are left to the general sink.
    /// `left_out`: the same rows, made.
    pub fn meet(
        &self,
        sink: &Sink,
        batch: &Batch,
        known: &[usize],
        packed: &mut Packed,
        left_out: &LeftOut,
    ) -> Result<Fate, Failure> {
        let Some(update) = self.update_of(sink) else { return sink.meet(batch, known) };
        let (mut fate, mut start) = (Fate::default(), 0);
        for run in sink.runs_without_repeats(batch, known) {
            let places = || sink.places(batch, run).into_iter().map(|(row, place)| (start + row, place));
            let attempt = pg::subtransaction(|| {
                let find = || places().collect();
                let done = sink.by_place(|| pg::bulk_update(&update, packed, left_out, find));
                Changes::of_updated_rows(done.updated, done.before).keep(sink.job);
                (done.found, done.updated)
            });
            fate += match attempt {
                Ok((found, updated)) => {
                    let written = sink.count(found.len(), 0, updated);
                    let found: HashSet<usize> = found.into_iter().collect();
                    let missing = (start..).zip(run).filter(|(number, _)| !found.contains(number));
                    Fate { written, missing: missing.map(|(_, row)| *row).collect(), ..Fate::default() }
                }
                Err(error) if is_race(&error) || is_fault_of_a_row(&error) => sink.meet(batch, run)?,
                Err(error) => return Err(error.into()),
            };
            start += run.len();
        }
        Ok(fate)
    }

    /// What an update sets, looks at and remembers; None if only the general sink can do it.
    fn update_of(&self, sink: &Sink) -> Option<BulkUpdate<'_>> {
        let position = |name: &str| self.plan.names.iter().position(|column| column == name);
        sink.statements.update.as_ref().filter(|_| self.can_update)?;
        let set = sink.columns.iter().filter(|column| !column.is_key && !column.is_identity);
        let merged = set.clone().find(|column| column.is_attributes());
        Some(BulkUpdate {
            target: &self.target,
            set: set.map(|column| position(&column.name)).collect::<Option<_>>()?,
            merged: merged.and_then(|column| position(&column.name)),
            time: position("updated_at")?,
            remembered: sink
                .statements
                .remembered
                .iter()
                .map(|name| position(name))
                .collect::<Option<_>>()?,
        })
    }
}
