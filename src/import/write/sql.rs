//! The SQL path: rows by statements, as the job's creator, until each is written or refused. Row-level security, triggers,
//! constraints, generated columns and partitions are PostgreSQL's own doing.

use super::command::{self, Command, Written};
use super::conflicts::ConflictCheck;
use super::fault::{is_fault_of_a_row, is_race};
use super::result::BatchResult;
use super::session::Session;
use super::{cell_errors, violations};
use crate::failure::Failure;
use crate::options::OnConflict;
use crate::pg;
use crate::table::Target;
use intake::{Batch, CellError};
use pgrx::datum::DatumWithOid;
use pgrx::pg_sys;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

pub struct SqlPath<'a> {
    pub session: Session<'a>,
    /// The session's table, as it is since the last commit.
    now: Rc<Target>,
    /// Made when it is first needed.
    conflicts: OnceCell<ConflictCheck>,
    /// The triggers that need not fire after each row, as what they check is proved.
    unneeded_triggers: Vec<pg_sys::Oid>,
}

impl<'a> SqlPath<'a> {
    pub fn new(session: Session<'a>, now: Rc<Target>) -> Self {
        Self { session, now, conflicts: OnceCell::new(), unneeded_triggers: Vec::new() }
    }

    /// Proves the foreign keys that all rows have in common, until the transaction ends. A few rows are not worth it.
    pub fn prove_keys(&mut self) {
        if let Some(job) = self.session.job {
            let Session { target, creator, .. } = &self.session;
            let arguments: [DatumWithOid; 4] =
                [target.oid.into(), creator.id.into(), creator.team.into(), job.into()];
            self.unneeded_triggers =
                pg::query_value("SELECT teamwork.unneeded_triggers($1, $2, $3, $4)", &arguments);
        }
    }

    /// After a commit: what was found out about the table may have changed.
    pub fn after_commit(&mut self, now: Rc<Target>) {
        self.now = now;
        self.conflicts.take();
        self.prove_keys();
    }

    /// Inserts those of the rows that can be inserted and says why for the rest.
    pub fn write(&self, batch: &Batch, rows: &[usize]) -> Result<BatchResult, Failure> {
        if !self.session.missing.is_empty() {
            return self.write_known(batch, rows);
        }
        let mut result = BatchResult::default();
        for run in self.session.runs_without_repeats(batch, rows) {
            // A run knows the keys of those before it.
            let violations = violations::find(&self.session, batch, run)?;
            let good: Vec<usize> = run.iter().copied().filter(|row| !violations.contains_key(row)).collect();
            result.refused.extend(violations.into_iter().map(|(row, cells)| batch.refusal(row, cells)));
            match self.session.statements.depends_on_rows {
                true => self.update_or_insert(batch, &good, &mut result)?,
                false => self.write_or_bisect(Command::Insert, batch, &good, &mut result)?,
            }
        }
        Ok(result)
    }

    /// Updates the rows that the table has, and inserts the others.
    fn update_or_insert(
        &self,
        batch: &Batch,
        rows: &[usize],
        result: &mut BatchResult,
    ) -> Result<(), Failure> {
        let mut known = BatchResult::default();
        self.write_or_bisect(Command::Update, batch, rows, &mut known)?;
        let mut new = std::mem::take(&mut known.remaining);
        *result += known;
        new.sort_unstable();
        self.insert_new(batch, &new, result)
    }

    /// Inserts rows that the table had not when it was asked. One that it has by now is updated after all; so rows are halved until
    /// it is found.
    fn insert_new(&self, batch: &Batch, rows: &[usize], result: &mut BatchResult) -> Result<(), Failure> {
        let mut inserted = BatchResult::default();
        if !self.try_statement(Command::Insert, batch, rows, &mut inserted)? {
            let (first, second) = rows.split_at(rows.len() / 2);
            self.insert_new(batch, first, result)?;
            return self.insert_new(batch, second, result);
        }
        if inserted.refused.is_empty() && rows.len() == 1 && inserted.counts.inserted == 0 {
            let mut known = BatchResult::default();
            self.try_statement(Command::Update, batch, rows, &mut known)?;
            // Else a trigger has dropped it.
            if std::mem::take(&mut known.remaining).is_empty() {
                inserted = known;
            }
        }
        *result += inserted;
        Ok(())
    }

    /// Updates the rows that the table has, and refuses the others: the file does not fill what new rows require.
    fn write_known(&self, batch: &Batch, rows: &[usize]) -> Result<BatchResult, Failure> {
        let tids = pg::subtransaction(|| self.session.with_tid_plan(|| self.session.tids(batch, rows)))?;
        let known: BTreeSet<usize> = tids.into_iter().map(|(at, _)| at).collect();
        let (known, new): (Vec<usize>, Vec<usize>) =
            (0..rows.len()).partition(|position| known.contains(position));
        let row = |position: usize| rows[position];
        let mut result = self.write_existing(batch, &known.into_iter().map(row).collect::<Vec<_>>())?;
        let gone = std::mem::take(&mut result.remaining);
        let refuse = |row| batch.refusal(row, vec![cell_errors::of_new_row(&self.session, batch, row)]);
        result.refused.extend(new.into_iter().map(row).chain(gone).map(refuse));
        Ok(result)
    }

    /// Does what is to be done with rows whose keys the table has. Only where there is nothing to ask the database beforehand.
    pub fn write_existing(&self, batch: &Batch, rows: &[usize]) -> Result<BatchResult, Failure> {
        let mut result = BatchResult::default();
        match (&self.session.statements.update, self.session.on_conflict) {
            (Some(_), _) => {
                for run in self.session.runs_without_repeats(batch, rows) {
                    self.write_or_bisect(Command::Update, batch, run, &mut result)?;
                }
            }
            (None, OnConflict::Skip) => result.counts.skipped += rows.len() as u64,
            (None, _) => result.remaining.extend(rows),
        }
        Ok(result)
    }

    /// The positions, among `rows` and in ascending order, of those that a unique index or a foreign key would refuse, as far as can be
    /// asked of many at once.
    pub fn likely_conflicts(&self, batch: &Batch, rows: &[usize]) -> Result<Vec<usize>, Failure> {
        let check = self.conflicts.get_or_init(|| ConflictCheck::of(&self.session, &self.now));
        match check.find(&self.session, batch, rows) {
            // The insert finds a value that only the database can check.
            Err(error) if is_fault_of_a_row(&error) => Ok(Vec::new()),
            found => Ok(found?),
        }
    }

    /// Why the database refuses a row that was tried by itself.
    pub fn cell_error(&self, batch: &Batch, row: usize, error: pg::Caught) -> CellError {
        cell_errors::of_error(&self.session, &self.now.constraints, batch, row, error)
    }

    /// Tries rows as one statement; where that is refused, those without likely conflicts, and each of the others by itself.
    fn write_or_bisect(
        &self,
        command: Command,
        batch: &Batch,
        rows: &[usize],
        result: &mut BatchResult,
    ) -> Result<(), Failure> {
        if self.try_statement(command, batch, rows, result)? {
            return Ok(());
        }
        let conflicts = match command {
            Command::Insert => self.likely_conflicts(batch, rows)?,
            Command::Update => Vec::new(),
        };
        if conflicts.is_empty() {
            return self.bisect(command, batch, rows, result);
        }
        let others = without(rows, &conflicts);
        if !self.try_statement(command, batch, &others, result)? {
            self.bisect(command, batch, &others, result)?;
        }
        for position in conflicts {
            // Alone it is written or refused.
            self.try_statement(command, batch, &[rows[position]], result)?;
        }
        Ok(())
    }

    /// By halves, until the row stands alone.
    fn bisect(
        &self,
        command: Command,
        batch: &Batch,
        rows: &[usize],
        result: &mut BatchResult,
    ) -> Result<(), Failure> {
        let (first, second) = rows.split_at(rows.len() / 2);
        for half in [first, second] {
            if !self.try_statement(command, batch, half, result)? {
                self.bisect(command, batch, half, result)?;
            }
        }
        Ok(())
    }

    /// One statement in one subtransaction; false when some row of several is refused.
    fn try_statement(
        &self,
        command: Command,
        batch: &Batch,
        rows: &[usize],
        result: &mut BatchResult,
    ) -> Result<bool, Failure> {
        if rows.is_empty() {
            return Ok(true);
        }
        let attempt = pg::subtransaction(|| match command {
            Command::Insert => command::insert(&self.session, &self.unneeded_triggers, batch, rows),
            Command::Update => command::update(&self.session, batch, rows),
        });
        match attempt {
            Ok(Written { counts, missing, notes }) => {
                result.counts += counts;
                if matches!(command, Command::Update) && self.session.statements.depends_on_rows {
                    result.known.extend(rows.iter().filter(|row| !missing.contains(row)));
                }
                result.remaining.extend(missing);
                result.notes.append(&notes);
                Ok(true)
            }
            Err(error) if !(is_fault_of_a_row(&error) || is_race(&error) && rows.len() > 1) => {
                Err(error.into())
            }
            Err(error) if rows.len() == 1 => {
                result.refused.push(batch.refusal(rows[0], vec![self.cell_error(batch, rows[0], error)]));
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }
}

/// The rows but for those at some positions, which ascend.
pub fn without(rows: &[usize], positions: &[usize]) -> Vec<usize> {
    let is_other = |(position, _): &(usize, &usize)| positions.binary_search(position).is_err();
    rows.iter().enumerate().filter(is_other).map(|(_, row)| *row).collect()
}
