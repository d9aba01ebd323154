//! The first rows of a file: what becomes of each, and what the table makes of it.

use super::fault::is_fault_of_a_row;
use super::result::{BatchResult, RowCounts};
use super::sql::SqlPath;
use super::statements::Statements;
use super::violations;
use crate::failure::Failure;
use crate::pg;
use intake::{Batch, Notes, Refusal};

/// Rows shown, and refused rows explained.
pub const SHOWN_ROWS: usize = 10;

/// A row that the table takes, or has already.
pub struct ShownRow {
    pub line: u64,
    /// The record as it stands in the file.
    pub raw: String,
    /// One row, counted as what was done with it.
    pub counts: RowCounts,
    /// The row as it is stored then, as JSON; `None` when none has its key, for a trigger has changed or dropped it.
    pub values: Option<String>,
}

#[derive(Default)]
pub struct Sample {
    /// The table's columns that the file fills.
    pub columns: Vec<String>,
    pub rows: Vec<ShownRow>,
    pub refused: Vec<Refusal>,
}

pg::from_row! {
    struct Shown {
        is_new: bool,
        /// The row, as JSON.
        shown: Option<String>,
    }
}

impl Sample {
    /// Writes a batch by statements, the first rows of the file one by one, to show them.
    pub fn write(&mut self, path: &SqlPath, batch: &Batch) -> Result<BatchResult, Failure> {
        self.columns = path.session.columns.iter().map(|column| column.name().to_owned()).collect();
        let first = SHOWN_ROWS.saturating_sub(self.rows.len()).min(batch.rows());
        let mut result = BatchResult::default();
        for row in 0..first {
            match write_and_show(path, batch, row, &mut result.notes)? {
                Ok(row) => {
                    result.counts += row.counts;
                    self.rows.push(row);
                }
                Err(refusal) => result.refused.push(refusal),
            }
        }
        let rest: Vec<usize> = (first..batch.rows()).collect();
        result += path.write(batch, &rest)?;
        Ok(result)
    }

    /// Keeps the first of all refused rows, by their lines.
    pub fn refuse(&mut self, refused: &[Refusal]) {
        self.refused.extend(refused.iter().take(SHOWN_ROWS).cloned());
        self.refused.sort_by_key(|refusal| refusal.line);
        self.refused.truncate(SHOWN_ROWS);
    }
}

/// Writes a row and reads it again; or says why it is refused.
fn write_and_show(
    path: &SqlPath,
    batch: &Batch,
    row: usize,
    notes: &mut Notes,
) -> Result<Result<ShownRow, Refusal>, Failure> {
    let session = &path.session;
    if let Some(cells) = violations::find(session, batch, &[row])?.remove(&row) {
        return Ok(Err(batch.refusal(row, cells)));
    }
    if !session.missing.is_empty() || session.statements.depends_on_rows {
        return write_and_read(path, batch, row, notes);
    }
    let mut emptied = Notes::default();
    let Statements { insert_and_show, show_existing, .. } = &session.statements;
    // A value that only the database can check is found by the insert.
    let _ = pg::subtransaction(|| session.note_emptied(batch, &[row], &mut emptied));
    let written: Option<Shown> = match session.ask(insert_and_show, batch, &[row]) {
        Ok(mut written) => written.pop(),
        Err(error) if is_fault_of_a_row(&error) => {
            return Ok(Err(batch.refusal(row, vec![path.cell_error(batch, row, error)])));
        }
        Err(error) => return Err(error.into()),
    };
    let (counts, values) = match (written, show_existing) {
        (Some(Shown { is_new, shown }), _) => {
            notes.append(&emptied);
            (session.count(1, is_new.into(), (!is_new).into()), shown)
        }
        (None, None) => (session.count(1, 0, 0), None),
        (None, Some(sql)) => {
            let existing: Vec<Option<String>> = session.ask_column(sql, batch, &[row])?;
            (session.count(1, 0, 0), existing.into_iter().next().flatten())
        }
    };
    Ok(Ok(ShownRow { line: batch.line(row), raw: batch.raw(row).to_owned(), counts, values }))
}

/// The same of a row that depends on what the table has.
fn write_and_read(
    path: &SqlPath,
    batch: &Batch,
    row: usize,
    notes: &mut Notes,
) -> Result<Result<ShownRow, Refusal>, Failure> {
    let BatchResult { counts, mut refused, notes: noted, .. } = path.write(batch, &[row])?;
    notes.append(&noted);
    if let Some(refusal) = refused.pop() {
        return Ok(Err(refusal));
    }
    let stored: Vec<Option<String>> = match &path.session.statements.show_existing {
        Some(sql) => path.session.ask_column(sql, batch, &[row])?,
        None => Vec::new(),
    };
    let values = stored.into_iter().next().flatten();
    Ok(Ok(ShownRow { line: batch.line(row), raw: batch.raw(row).to_owned(), counts, values }))
}
