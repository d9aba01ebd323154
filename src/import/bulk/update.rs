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
use pack::{Excluded, Packed};
use std::collections::{HashMap, HashSet};

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
        left_out: &Excluded,
    ) -> Result<Fate, Failure> {
        let Some(update) = self.update_of(sink) else { return sink.meet(batch, known) };
        let mut meeting = Meeting { update, sink, batch, known, packed, left_out };
        if meeting.update.merged.is_none() {
            return meeting.write_firsts_and_lasts();
        }
        // Every row adds something.
        let (mut fate, mut start) = (Fate::default(), 0);
        for run in sink.runs_without_repeats(batch, known) {
            fate += meeting.write(&Vec::from_iter(start..start + run.len()))?;
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

/// Rows of a batch that the table has, to be updated. They are meant by their numbers among `known`.
struct Meeting<'a> {
    update: BulkUpdate<'a>,
    sink: &'a Sink<'a>,
    batch: &'a Batch,
    known: &'a [usize],
    packed: &'a mut Packed,
    left_out: &'a Excluded,
}

impl Meeting<'_> {
    /// Of the rows that have the same key the first is written, and then the last: what lies between is overwritten, and only
    /// counted. Every version of a row that a transaction leaves behind is one more that the next update has to look at.
    fn write_firsts_and_lasts(&mut self) -> Result<Fate, Failure> {
        let mut latest = HashMap::new();
        let (mut firsts, mut repeats) = (Vec::new(), Vec::new());
        for (number, row) in self.known.iter().enumerate() {
            match latest.insert(self.sink.key_of(self.batch, *row), number) {
                None => firsts.push(number),
                Some(before) => repeats.push((before, number)),
            }
        }
        let mut lasts: Vec<usize> =
            latest.into_values().filter(|number| firsts.binary_search(number).is_err()).collect();
        lasts.sort_unstable();
        let is_change =
            |(before, number): &&(usize, usize)| !self.packed.are_alike(self.left_out, *before, *number);
        let changes = repeats.iter().filter(is_change).count() as u64;
        let mut fate = self.write(&firsts)?;
        let rewritten = self.write(&lasts)?;
        if rewritten.missing.is_empty() && rewritten.refused.is_empty() {
            fate.written += self.sink.count(repeats.len(), 0, changes);
        } else {
            let between = repeats.len() - lasts.len();
            fate.written += self.sink.count(between, 0, between as u64);
            fate += rewritten;
        }
        Ok(fate)
    }

    /// Writes rows of different keys.
    fn write(&mut self, numbers: &[usize]) -> Result<Fate, Failure> {
        let Self { update, sink, batch, known, .. } = self;
        let rows: Vec<usize> = numbers.iter().map(|number| known[*number]).collect();
        let places =
            || sink.places(batch, &rows).into_iter().map(|(at, place)| (numbers[at], place)).collect();
        let attempt = pg::subtransaction(|| {
            let done = sink.by_place(|| pg::bulk_update(update, self.packed, self.left_out, places));
            Changes::of_updated_rows(done.updated, done.before).keep(sink.job);
            (done.found, done.updated)
        });
        match attempt {
            Ok((found, updated)) => {
                let written = sink.count(found.len(), 0, updated);
                let found: HashSet<usize> = found.into_iter().collect();
                let missing = numbers.iter().zip(&rows).filter(|(number, _)| !found.contains(number));
                Ok(Fate { written, missing: missing.map(|(_, row)| *row).collect(), ..Fate::default() })
            }
            Err(error) if is_race(&error) || is_fault_of_a_row(&error) => sink.meet(batch, &rows),
            Err(error) => Err(error.into()),
        }
    }
}
