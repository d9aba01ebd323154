//! The first rows of a file: what becomes of each, and what the table makes of it.

use super::fault::is_fault_of_a_row;
use super::probe;
use super::sink::Sink;
use super::statement::Statements;
use super::written::{Fate, Written};
use crate::failure::Failure;
use crate::pg;
use intake::{Batch, Refusal};

/// Rows shown, and refused rows explained.
pub const SHOWN: usize = 10;

/// A row that the table takes, or has already.
pub struct Row {
    pub line: u64,
    /// The record as it stands in the file.
    pub raw: String,
    /// One row, counted as what was done with it.
    pub written: Written,
    /// The row as it is stored then, as JSON; `None` when none has its key, for a trigger has changed or dropped it.
    pub values: Option<String>,
}

#[derive(Default)]
pub struct Sample {
    /// The table's columns that the file fills.
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    pub refused: Vec<Refusal>,
}

impl Sample {
    /// Writes a batch as the sink does, but the first rows of the file one by one, to show them.
    pub fn write(&mut self, sink: &mut Sink, batch: &Batch) -> Result<Fate, Failure> {
        self.columns = sink.columns.iter().map(|column| column.name.clone()).collect();
        let first = SHOWN.saturating_sub(self.rows.len()).min(batch.rows());
        let mut fate = Fate::default();
        for row in 0..first {
            match write_one(sink, batch, row)? {
                Ok(row) => {
                    fate.written += row.written;
                    self.rows.push(row);
                }
                Err(refusal) => fate.refused.push(refusal),
            }
        }
        let rest: Vec<usize> = (first..batch.rows()).collect();
        fate += sink.write(batch, &rest)?;
        Ok(fate)
    }

    /// Keeps the first of all refused rows, by their lines.
    pub fn refuse(&mut self, refused: &[Refusal]) {
        self.refused.extend(refused.iter().take(SHOWN).cloned());
        self.refused.sort_by_key(|refusal| refusal.line);
        self.refused.truncate(SHOWN);
    }
}

/// Writes a row and reads it again; or says why it is refused.
fn write_one(sink: &Sink, batch: &Batch, row: usize) -> Result<Result<Row, Refusal>, Failure> {
    if let Some(cells) = probe::faults(sink, batch, &[row])?.remove(&row) {
        return Ok(Err(batch.refusal(row, cells)));
    }
    let Statements { insert_and_show, show_existing, .. } = &sink.statements;
    let read = |row: pg::Row| (row.get(1).ok().flatten().unwrap_or(false), row.get(2).ok().flatten());
    let stored: Option<(bool, Option<String>)> = match sink.ask(insert_and_show, batch, &[row], read) {
        Ok(mut stored) => stored.pop(),
        Err(error) if is_fault_of_a_row(&error) => {
            return Ok(Err(batch.refusal(row, vec![sink.reason(batch, row, error)])));
        }
        Err(error) => return Err(error.into()),
    };
    let (written, values) = match (stored, show_existing) {
        (Some((is_new, values)), _) => (sink.count(1, is_new.into(), (!is_new).into()), values),
        (None, None) => (sink.count(1, 0, 0), None),
        (None, Some(sql)) => {
            let existing = sink.ask(sql, batch, &[row], |row| row.get(1).ok().flatten())?;
            (sink.count(1, 0, 0), existing.into_iter().next().flatten())
        }
    };
    Ok(Ok(Row { line: batch.line(row), raw: batch.raw(row).to_owned(), written, values }))
}
