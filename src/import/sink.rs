//! The general sink: batches through INSERT, as the job's creator, so that row-level security, triggers, constraints,
//! generated columns and partitions are PostgreSQL's own doing.

mod settling;

use super::changes::{Changes, EXACT, WrittenRow};
use super::check::Check;
use super::options::{OnConflict, Options};
use super::probe;
use super::reason::Named;
use super::statement::Statements;
use super::suspects::Suspicion;
use super::target::{Column, Target};
use super::written::{Fate, Written};
use crate::creator::Creator;
use crate::failure::Failure;
use crate::pg::{self, Caught};
use intake::Batch;
use pgrx::datum::DatumWithOid;
use pgrx::{Uuid, pg_sys};
use settling::Way;
pub use settling::without;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::ffi::CStr;

/// Rows a statement, in one subtransaction. More than 64 subtransactions in a transaction slow down every snapshot of the
/// server, so they are many.
pub const AT_ONCE: usize = 5_000;

/// Rows are found by their keys and updated where they lie: to read the whole table for a few thousand of them costs more,
/// whatever the planner thinks of it.
const BY_PLACE: [(&CStr, &CStr); 3] =
    [(c"enable_seqscan", c"off"), (c"enable_hashjoin", c"off"), (c"enable_mergejoin", c"off")];

pub struct Sink<'a> {
    pub creator: &'a Creator,
    /// `None` of an import that no job is for.
    pub job: Option<Uuid>,
    pub columns: Vec<&'a Column>,
    /// Constraints that look at the file's columns only.
    pub checks: Vec<&'a Check>,
    /// Positions of the key's columns in a batch; empty when the table has no key or the file does not fill it.
    key: Vec<usize>,
    on_conflict: OnConflict,
    pub statements: Statements,
    pub target: &'a Target,
    /// Found out when it is first asked for.
    suspicion: OnceCell<Suspicion>,
    /// Asked for when it is first needed.
    named: OnceCell<Vec<Named>>,
    /// The triggers that need not fire after each row, as what they check is proved.
    proved: Vec<pg_sys::Oid>,
}

impl<'a> Sink<'a> {
    /// `columns`: which columns of the target the batches carry.
    pub fn new(
        target: &'a Target,
        options: &Options,
        creator: &'a Creator,
        job: Option<Uuid>,
        columns: &[usize],
    ) -> Self {
        let columns: Vec<&Column> = columns.iter().map(|index| &target.columns[*index]).collect();
        let is_filled = |name: &String| columns.iter().any(|column| column.name == *name);
        let is_asked = |check: &&Check| check.is_asked && check.columns.iter().all(is_filled);
        let checks: Vec<&Check> = target.checks.iter().filter(is_asked).collect();
        let is_keyed =
            target.columns.iter().filter(|column| column.is_key).all(|column| is_filled(&column.name));
        let key = (0..columns.len()).filter(|index| is_keyed && columns[*index].is_key).collect::<Vec<_>>();
        let statements = Statements::build(target, &columns, &checks, !key.is_empty(), options.on_conflict);
        Self {
            creator,
            job,
            columns,
            checks,
            key,
            on_conflict: options.on_conflict,
            statements,
            target,
            suspicion: OnceCell::new(),
            named: OnceCell::new(),
            proved: Vec::new(),
        }
    }

    /// Proves the foreign keys that all rows have in common, until the transaction ends. A few rows are not worth it.
    pub fn prove_keys(&mut self) {
        if let Some(job) = self.job {
            let arguments =
                [self.target.oid.into(), self.creator.id.into(), self.creator.team.into(), job.into()];
            let sql = "SELECT teamwork.unneeded_triggers($1, $2, $3, $4)";
            self.proved = pg::query_one(sql, &arguments).unwrap_or_default();
        }
    }

    /// After a commit: what was found out about the table may have changed.
    pub fn go_on(&mut self) {
        self.suspicion.take();
        self.named.take();
        self.prove_keys();
    }

    /// Whether the file fills the key that conflicts are told by.
    pub fn has_key(&self) -> bool {
        !self.key.is_empty()
    }

    /// Inserts those of the rows that can be inserted and says why for the rest.
    pub fn write(&mut self, batch: &Batch, rows: &[usize]) -> Result<Fate, Failure> {
        let mut fate = Fate::default();
        for run in self.runs_without_repeats(batch, rows) {
            // A run knows the keys of those before it.
            let faults = probe::faults(self, batch, run)?;
            let good: Vec<usize> = run.iter().copied().filter(|row| !faults.contains_key(row)).collect();
            fate.refused.extend(faults.into_iter().map(|(row, cells)| batch.refusal(row, cells)));
            for some in good.chunks(AT_ONCE) {
                self.settle(Way::Insert, batch, some, &mut fate)?;
            }
        }
        Ok(fate)
    }

    /// Does what is to be done with rows whose keys the table has. Only where there is nothing to ask the database beforehand.
    pub fn meet(&self, batch: &Batch, rows: &[usize]) -> Result<Fate, Failure> {
        let mut fate = Fate::default();
        match (&self.statements.update, self.on_conflict) {
            (Some(_), _) => {
                for run in self.runs_without_repeats(batch, rows) {
                    for some in run.chunks(AT_ONCE) {
                        self.settle(Way::Update, batch, some, &mut fate)?;
                    }
                }
            }
            (None, OnConflict::Skip) => fate.written.skipped += rows.len() as u64,
            (None, _) => fate.missing.extend(rows),
        }
        Ok(fate)
    }

    /// The rows, in ascending order, whose key the table has already or an earlier row of the batch has.
    pub fn known(&self, batch: &Batch) -> Result<Vec<usize>, Failure> {
        let Some(sql) = &self.statements.existing else { return Ok(Vec::new()) };
        let rows: Vec<usize> = (0..batch.rows()).collect();
        let parameters = self.parameters(batch, |index| if self.key.contains(&index) { &rows } else { &[] });
        let found = self.ask_with(sql, &parameters, |row| row.get::<i64>(1).ok().flatten())?;
        let mut known: BTreeSet<usize> = found.into_iter().flatten().map(|row| row as usize - 1).collect();
        let mut seen = HashSet::new();
        known.extend(rows.iter().filter(|row| !seen.insert(self.key_of(batch, **row))));
        Ok(known.into_iter().collect())
    }

    /// What errors call by name.
    pub fn named(&self) -> &[Named] {
        self.named.get_or_init(|| Named::load(self.target.oid))
    }

    /// What a row has in a column of that name.
    pub fn value<'b>(&self, batch: &'b Batch, row: usize, name: &str) -> Option<&'b str> {
        batch.cell(row, self.place(name)?)
    }

    /// The values that rows have there; None when the file does not fill it.
    pub fn values<'b>(&self, batch: &'b Batch, rows: &[usize], name: &str) -> Option<Vec<Option<&'b str>>> {
        Some(batch.column(self.place(name)?, rows))
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
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

    fn insert(&self, batch: &Batch, rows: &[usize]) -> Written {
        let parameters = self.parameters(batch, |_| rows);
        let Statements { lock, insert, .. } = &self.statements;
        if let Some(lock) = lock {
            self.by_place(|| pg::query(lock, &parameters, |_| ()));
        }
        let changes = self.creator.act_with(&EXACT, || {
            let rows = pg::without_triggers(self.target.oid, &self.proved, || {
                pg::query(insert, &parameters, WrittenRow::read)
            });
            Changes::of(rows, lock.is_some())
        });
        changes.keep(self.job);
        let Changes { inserted, updated, .. } = changes;
        self.count(rows.len(), inserted, updated)
    }

    /// Also returns the rows that were not found.
    fn update(&self, batch: &Batch, rows: &[usize]) -> (Written, Vec<usize>) {
        let Some(update) = &self.statements.update else { return (Written::default(), rows.to_vec()) };
        let parameters = self.parameters(batch, |_| rows);
        let (changes, found) =
            self.by_place(|| pg::query(update, &parameters, |row| Changes::read_update(&row)).remove(0));
        changes.keep(self.job);
        let found: HashSet<i64> = found.into_iter().collect();
        let is_missing = |(row, _): &(i64, &usize)| !found.contains(row);
        let missing = (1..).zip(rows).filter(is_missing).map(|(_, row)| *row).collect();
        (self.count(found.len(), 0, changes.updated), missing)
    }

    /// Runs the body as the creator, with what finding rows by their keys and remembering them wants.
    pub fn by_place<R>(&self, body: impl FnOnce() -> R) -> R {
        self.creator.act_with(&[EXACT.as_slice(), &BY_PLACE].concat(), body)
    }

    /// Where the table has rows of these keys: the numbers of `rows`, from 0, with places.
    pub fn places(&self, batch: &Batch, rows: &[usize]) -> Vec<(usize, pg_sys::ItemPointerData)> {
        let Some(sql) = &self.statements.places else { return Vec::new() };
        let parameters = self.parameters(batch, |index| if self.key.contains(&index) { rows } else { &[] });
        let places = pg::query(sql, &parameters, |row| {
            Some((row.get::<i64>(1).ok()?? as usize - 1, row.get(2).ok()??))
        });
        places.into_iter().flatten().collect()
    }

    /// Counts rows by what became of them; those neither inserted nor updated were left alone.
    pub fn count(&self, rows: usize, inserted: u64, updated: u64) -> Written {
        let left_alone = rows as u64 - inserted - updated;
        match self.on_conflict {
            OnConflict::Skip => Written { inserted, updated, skipped: left_alone, ..Default::default() },
            _ => Written { inserted, updated, unchanged: left_alone, ..Default::default() },
        }
    }

    /// Runs a statement of this sink over rows as the creator.
    pub fn ask<T>(
        &self,
        sql: &str,
        batch: &Batch,
        rows: &[usize],
        read: impl FnMut(pg::Row) -> T,
    ) -> Result<Vec<T>, Caught> {
        self.ask_with(sql, &self.parameters(batch, |_| rows), read)
    }

    fn ask_with<T>(
        &self,
        sql: &str,
        parameters: &[DatumWithOid<'static>],
        read: impl FnMut(pg::Row) -> T,
    ) -> Result<Vec<T>, Caught> {
        pg::subtransaction(|| self.by_place(|| pg::query(sql, parameters, read)))
    }

    /// `rows`: those whose values a statement reads of a column.
    fn parameters<'r>(
        &self,
        batch: &Batch,
        rows: impl Fn(usize) -> &'r [usize],
    ) -> Vec<DatumWithOid<'static>> {
        let own = [self.creator.id.into(), self.creator.team.into(), self.job.into()];
        (0..self.columns.len()).map(|index| batch.column(index, rows(index)).into()).chain(own).collect()
    }
}
