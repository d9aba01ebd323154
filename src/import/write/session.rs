//! What the steps of writing share: the table, the file's columns there, in whose name, and the statements for them.

use super::changes::EXACT_VALUES;
use super::result::RowCounts;
use super::statements::{Known, Statements};
use crate::creator::Creator;
use crate::failure::Failure;
use crate::options::OnConflict;
use crate::pg::{self, Caught, FromColumn, FromRow, setting_name};
use crate::table::{Check, Column, Target};
use intake::{Batch, Notes};
use pgrx::datum::DatumWithOid;
use pgrx::{Uuid, pg_sys};
use std::collections::{BTreeSet, HashSet};
use std::ffi::CStr;

/// Rows are found by their keys and updated where they are: to read the whole table for a few thousand of them costs more,
/// whatever the planner thinks of it.
const TID_PLAN: [(&CStr, &CStr); 3] = [
    (setting_name::ENABLE_SEQSCAN, c"off"),
    (setting_name::ENABLE_HASHJOIN, c"off"),
    (setting_name::ENABLE_MERGEJOIN, c"off"),
];

pub struct Session<'a> {
    pub creator: &'a Creator,
    /// `None` of an import that no job is for.
    pub job: Option<Uuid>,
    pub columns: Vec<&'a Column>,
    /// Constraints that look at the file's columns only.
    pub checks: Vec<&'a Check>,
    /// Positions of the key's columns in a batch; empty when the table has no key or the file does not fill it.
    key: Vec<usize>,
    pub on_conflict: OnConflict,
    pub statements: Statements,
    pub target: &'a Target,
    /// Columns that new rows require and the file does not fill: it can only update rows that the table has.
    pub missing: Vec<&'a str>,
}

pg::from_row! {
    struct Found {
        /// From 1.
        row: i64,
        tid: pg_sys::ItemPointerData,
    }
}

pg::from_row! {
    struct Emptied {
        /// From 1.
        row: i64,
        /// Of the column in a batch.
        number: i32,
        was: String,
    }
}

impl<'a> Session<'a> {
    /// `columns`: which of the columns that a file may fill the batches carry.
    pub fn new(
        target: &'a Target,
        on_conflict: OnConflict,
        creator: &'a Creator,
        job: Option<Uuid>,
        columns: &[usize],
        known: Known,
    ) -> Self {
        let columns: Vec<&Column> = columns.iter().map(|number| target.file_column(*number)).collect();
        let is_filled = |name: &str| columns.iter().any(|column| column.name() == name);
        let is_asked = |check: &&Check| check.is_unmodified && check.columns.iter().all(|it| is_filled(it));
        let checks: Vec<&Check> = target.checks.iter().filter(is_asked).collect();
        let is_keyed =
            target.file_columns().filter(|column| column.is_key).all(|column| is_filled(column.name()));
        let key = (0..columns.len()).filter(|index| is_keyed && columns[*index].is_key).collect::<Vec<_>>();
        let statements = Statements::build(target, &columns, &checks, !key.is_empty(), on_conflict, known);
        // What becomes of a row only the database can judge then.
        let checks = if statements.depends_on_rows { Vec::new() } else { checks };
        let is_missing =
            |column: &&Column| column.is_required && !column.is_attributes() && !is_filled(column.name());
        let missing = target.file_columns().filter(is_missing).map(Column::name).collect();
        Self { creator, job, columns, checks, key, on_conflict, statements, target, missing }
    }

    /// Whether the file fills the key that conflicts are told by.
    pub fn has_key(&self) -> bool {
        !self.key.is_empty()
    }

    /// What a row has in a column of that name.
    pub fn value<'b>(&self, batch: &'b Batch, row: usize, name: &str) -> Option<&'b str> {
        batch.cell(row, self.position(name)?)
    }

    /// The values that rows have there; None when the file does not fill it.
    pub fn values<'b>(&self, batch: &'b Batch, rows: &[usize], name: &str) -> Option<Vec<Option<&'b str>>> {
        Some(batch.column(self.position(name)?, rows))
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name() == name)
    }

    pub fn key_of<'b>(&self, batch: &'b Batch, row: usize) -> Vec<Option<&'b str>> {
        self.key.iter().map(|index| batch.cell(row, *index)).collect()
    }

    /// Splits rows where a key repeats: one statement cannot touch a row twice, and a later line follows an earlier one.
    pub fn runs_without_repeats<'r>(&self, batch: &Batch, rows: &'r [usize]) -> Vec<&'r [usize]> {
        if self.key.is_empty() {
            return vec![rows];
        }
        let mut runs = Vec::new();
        let mut seen = HashSet::new();
        let mut start = 0;
        for (position, row) in rows.iter().enumerate() {
            let key = self.key_of(batch, *row);
            if !seen.insert(key.clone()) {
                runs.push(&rows[start..position]);
                start = position;
                seen.clear();
                seen.insert(key);
            }
        }
        runs.push(&rows[start..]);
        runs
    }

    /// The rows, in ascending order, whose key the table has already or an earlier row of the batch has.
    pub fn existing(&self, batch: &Batch) -> Result<Vec<usize>, Failure> {
        let Some(sql) = &self.statements.existing else { return Ok(Vec::new()) };
        let rows: Vec<usize> = (0..batch.rows()).collect();
        let parameters = self.key_parameters(batch, &rows);
        let found: Vec<i64> =
            pg::subtransaction(|| self.with_tid_plan(|| pg::query_column(sql, &parameters)))?;
        let mut existing: BTreeSet<usize> = found.into_iter().map(|row| row as usize - 1).collect();
        let mut seen = HashSet::new();
        existing.extend(rows.iter().filter(|row| !seen.insert(self.key_of(batch, **row))));
        Ok(existing.into_iter().collect())
    }

    /// Where the table has rows of these keys: the numbers of `rows`, from 0, with their TIDs.
    pub fn tids(&self, batch: &Batch, rows: &[usize]) -> Vec<(usize, pg_sys::ItemPointerData)> {
        let Some(sql) = &self.statements.tids else { return Vec::new() };
        let found = pg::query(sql, &self.key_parameters(batch, rows));
        found.into_iter().map(|Found { row, tid }| (row as usize - 1, tid)).collect()
    }

    /// Notes the blank cells of rows that would take what known rows have.
    pub fn note_emptied(&self, batch: &Batch, rows: &[usize], notes: &mut Notes) {
        let Statements { emptied: Some(sql), emptiable, .. } = &self.statements else { return };
        let is_blank = |row: &&usize| emptiable.iter().any(|index| batch.cell(**row, *index).is_none());
        let rows: Vec<usize> = rows.iter().filter(is_blank).copied().collect();
        if rows.is_empty() {
            return;
        }
        let emptied: Vec<Emptied> = self.with_tid_plan(|| pg::query(sql, &self.parameters(batch, &rows)));
        for Emptied { row, number, was } in emptied {
            let line = batch.line(rows[row as usize - 1]);
            notes.add_emptied(self.columns[number as usize].name(), line, Some(&was));
        }
    }

    /// Runs the body as the creator, with what finding rows by their keys and remembering them wants.
    pub fn with_tid_plan<R>(&self, body: impl FnOnce() -> R) -> R {
        self.creator.act_with(&[EXACT_VALUES.as_slice(), &TID_PLAN].concat(), body)
    }

    /// Counts rows by what became of them; those neither inserted nor updated were left alone.
    pub fn count(&self, rows: usize, inserted: u64, updated: u64) -> RowCounts {
        let left_alone = rows as u64 - inserted - updated;
        match self.on_conflict {
            OnConflict::Skip => RowCounts { inserted, updated, skipped: left_alone, ..Default::default() },
            _ => RowCounts { inserted, updated, unchanged: left_alone, ..Default::default() },
        }
    }

    /// Runs a statement over rows as the creator.
    pub fn ask<R: FromRow>(&self, sql: &str, batch: &Batch, rows: &[usize]) -> Result<Vec<R>, Caught> {
        let parameters = self.parameters(batch, rows);
        pg::subtransaction(|| self.with_tid_plan(|| pg::query(sql, &parameters)))
    }

    /// The same of a statement that returns one column.
    pub fn ask_column<T: FromColumn>(
        &self,
        sql: &str,
        batch: &Batch,
        rows: &[usize],
    ) -> Result<Vec<T>, Caught> {
        let parameters = self.parameters(batch, rows);
        pg::subtransaction(|| self.with_tid_plan(|| pg::query_column(sql, &parameters)))
    }

    /// The parameters of [`Statements`] for some rows.
    pub fn parameters(&self, batch: &Batch, rows: &[usize]) -> Vec<DatumWithOid<'static>> {
        self.parameters_of(batch, |_| rows)
    }

    /// The same for statements that read the columns of the key only.
    fn key_parameters(&self, batch: &Batch, rows: &[usize]) -> Vec<DatumWithOid<'static>> {
        self.parameters_of(batch, |index| if self.key.contains(&index) { rows } else { &[] })
    }

    /// `rows`: those whose values a statement reads of a column.
    fn parameters_of<'r>(
        &self,
        batch: &Batch,
        rows: impl Fn(usize) -> &'r [usize],
    ) -> Vec<DatumWithOid<'static>> {
        let own = [self.creator.id.into(), self.creator.team.into(), self.job.into()];
        (0..self.columns.len()).map(|index| batch.column(index, rows(index)).into()).chain(own).collect()
    }
}
