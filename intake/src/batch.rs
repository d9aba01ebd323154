//! What is asked of a reading, and the batches it answers with.

use crate::arena::Arena;
use crate::dialect::Dialect;
use crate::error::{CellError, FileError, Refusal, sqlstate, storable};
use crate::locale::{DateOrder, DecimalMark};
use crate::locales::{Hints, Locales};
use crate::mapping::{Mapping, header_signature};
use crate::notes::Notes;
use crate::options::ReadOptions;
use crate::row::{Layout, NewRow};
use crate::skipped::{SkipReason, SkippedLines};
use crate::table::Table;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// What to read into, and how.
#[derive(Debug, Clone)]
pub struct Spec {
    pub table: Table,
    /// `{"CSV column": "table_column" | null}`; what it leaves out is mapped by name.
    pub mapping: Option<Map<String, Value>>,
    /// Mappings accepted before, by [`header_signature`] of the file.
    pub saved: HashMap<String, Map<String, Value>>,
    /// How the file is written, where that is not left to the file.
    pub reading: ReadOptions,
    /// How numbers are spelled; found out column by column if None.
    pub decimal: Option<DecimalMark>,
    /// How dates are; found out likewise.
    pub date_order: Option<DateOrder>,
    /// How dates are read that can be read in several orders, if nothing else in the file tells.
    pub usual_date_order: DateOrder,
    /// A batch ends with this many accepted rows, or as many faults.
    pub batch_rows: usize,
    /// A batch ends when it has gone through this much input.
    pub batch_bytes: u64,
    /// A batch ends where this much of the input has been read, whatever else would end it: up to there another reading went.
    pub break_at: Option<u64>,
}

impl Spec {
    /// Everything sniffed; batches of 1000 rows or 4 MiB.
    pub fn new(table: Table) -> Self {
        Spec {
            table,
            mapping: None,
            saved: HashMap::new(),
            reading: ReadOptions::default(),
            decimal: None,
            date_order: None,
            usual_date_order: DateOrder::Mdy,
            batch_rows: 1000,
            batch_bytes: 4 << 20,
            break_at: None,
        }
    }

    pub(crate) fn hints(&self, delimiter: Option<u8>) -> Hints {
        Hints {
            decimal: self.decimal,
            date_order: self.date_order,
            usual_date_order: self.usual_date_order,
            semicolons: delimiter == Some(b';'),
        }
    }

    /// Where the columns of a file go that begins with these rows.
    pub(crate) fn map(
        &self,
        header: &[String],
        rows: &[Vec<String>],
        explicit: Option<&Map<String, Value>>,
    ) -> Result<Mapping, FileError> {
        let saved = header_signature(header).and_then(|signature| self.saved.get(&signature));
        Mapping::resolve(header, rows, &self.table, explicit, saved)
    }
}

/// A stretch of the input: accepted rows, numbered from 0, and refusals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Row by row, `width` values each.
    cells: Arena,
    /// As many as `columns` of [`Event::Started`].
    width: usize,
    /// One for each row, like `lines` and `byte_offsets`.
    raws: Arena,
    lines: Vec<u64>,
    byte_offsets: Vec<Option<u64>>,
    pub refused: Vec<Refusal>,
    /// About the header, and about rows that were accepted.
    pub notes: Notes,
    /// Lines that are no data.
    pub skipped: SkippedLines,
    /// Bytes of the input up to the end of this stretch.
    pub bytes_read: u64,
}

impl Batch {
    /// Accepted rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// A value as PostgreSQL's input function takes it; None is NULL. `column` counts in `columns` of
    /// [`Event::Started`].
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.cells.get(row * self.width + column)
    }

    /// The values that some rows have in a column.
    pub fn column(&self, column: usize, rows: &[usize]) -> Vec<Option<&str>> {
        rows.iter().map(|row| self.cell(*row, column)).collect()
    }

    /// Physical line on which the row's record starts, from 1; of a JSON record its ordinal.
    pub fn line(&self, row: usize) -> u64 {
        self.lines[row]
    }

    /// Position of the record's first byte in the input.
    /// None for a JSON record.
    pub fn byte_offset(&self, row: usize) -> Option<u64> {
        self.byte_offsets[row]
    }

    /// The record as it stands in the file.
    pub fn raw(&self, row: usize) -> &str {
        self.raws.get(row).unwrap_or_default()
    }

    /// The refusal of an accepted row, by somebody who knows more than intake.
    pub fn refusal(&self, row: usize, cells: Vec<CellError>) -> Refusal {
        let (line, byte_offset) = (self.line(row), self.byte_offset(row));
        Refusal { line, byte_offset, raw: self.raw(row).to_owned(), cells }
    }

    /// An empty batch of such rows in the memory of this one.
    fn emptied(mut self, width: usize) -> Batch {
        self.cells.clear();
        self.raws.clear();
        self.lines.clear();
        self.byte_offsets.clear();
        let Batch { cells, raws, lines, byte_offsets, .. } = self;
        Batch { cells, width, raws, lines, byte_offsets, ..Batch::default() }
    }

    fn keep(&mut self, origin: &Origin<'_>) {
        self.raws.push(Some(&origin.raw));
        self.lines.push(origin.line);
        self.byte_offsets.push(origin.byte_offset);
    }

    /// Drops the values of all rows from number `rows` on, finished or not.
    fn truncate(&mut self, rows: usize) {
        self.cells.truncate(rows * self.width);
        self.raws.truncate(rows);
        self.lines.truncate(rows);
        self.byte_offsets.truncate(rows);
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Comes first, once the file's columns are known.
    Started {
        /// None for JSON records.
        dialect: Option<Dialect>,
        mapping: Mapping,
        /// Indices in the table's columns that batches carry, the attributes last.
        columns: Vec<usize>,
        /// How numbers and dates are read.
        locales: Locales,
    },
    Batch(Batch),
}

/// Takes events; may break off the reading. A batch that it is done with it gives back, for its memory is used again; else an
/// empty one.
pub type Emit<'e> = &'e mut dyn FnMut(Event) -> ControlFlow<(), Batch>;

/// Where a record comes from: what [`Batch`] keeps of it.
pub(crate) struct Origin<'a> {
    pub(crate) line: u64,
    pub(crate) byte_offset: Option<u64>,
    pub(crate) raw: Cow<'a, str>,
}

/// Bytes of values at which a batch ends: values can be longer than what they are made of.
const VALUE_BYTES: usize = 16 << 20;

/// Gathers rows and refusals, and hands them over before they grow large.
pub(crate) struct Batches<'e> {
    emit: Emit<'e>,
    rows: usize,
    bytes: u64,
    break_at: Option<u64>,
    batch: Batch,
    /// Cells refused in this batch.
    faults: usize,
    /// Where in the input this batch started.
    began: u64,
    /// Whether there was a record of data.
    any: bool,
}

impl<'e> Batches<'e> {
    pub(crate) fn new(spec: &Spec, layout: &Layout<'_>, emit: Emit<'e>) -> Self {
        Batches {
            emit,
            rows: spec.batch_rows,
            bytes: spec.batch_bytes,
            break_at: spec.break_at,
            batch: Batch { width: layout.columns().len(), ..Batch::default() },
            faults: 0,
            began: 0,
            any: false,
        }
    }

    /// Takes in the record of `origin`, whose values `write` appends to the row if they are good.
    pub(crate) fn add(
        &mut self,
        origin: Origin<'_>,
        write: impl FnOnce(&mut NewRow<'_>) -> Result<(), Vec<CellError>>,
    ) {
        self.any = true;
        let rows = self.batch.rows();
        let Batch { cells: values, notes, .. } = &mut self.batch;
        if let Err(cells) = write(&mut NewRow { values, notes, line: origin.line }) {
            return self.refuse(rows, origin, cells);
        }
        self.batch.keep(&origin);
        if self.batch.cells.overflows() || self.batch.raws.overflows() {
            self.refuse(rows, origin, vec![too_large()]);
        }
    }

    /// Skips a record that is no data.
    pub(crate) fn skip(&mut self, line: u64, why: SkipReason) {
        self.batch.skipped.add(line, why);
    }

    /// Adds what was noted before the first record.
    pub(crate) fn note(&mut self, notes: &Notes) {
        self.batch.notes.append(notes);
    }

    fn refuse(&mut self, rows: usize, origin: Origin<'_>, cells: Vec<CellError>) {
        self.batch.truncate(rows);
        self.faults += cells.len();
        let Origin { line, byte_offset, raw } = origin;
        self.batch.refused.push(Refusal { line, byte_offset, raw: storable(&raw), cells });
    }

    /// Hands the batch over if it is full. To be called after each record, with the bytes read so far.
    pub(crate) fn turn(&mut self, bytes_read: u64) -> ControlFlow<()> {
        self.batch.bytes_read = bytes_read;
        let full = self.batch.rows() >= self.rows
            || self.faults >= self.rows
            || bytes_read - self.began >= self.bytes
            || self.break_at.is_some_and(|at| self.began < at && bytes_read >= at)
            || self.batch.cells.bytes() >= VALUE_BYTES;
        if full { self.hand_over() } else { ControlFlow::Continue(()) }
    }

    /// Hands over what is left. Fails if there was no data.
    pub(crate) fn finish(mut self) -> Result<(), FileError> {
        let Batch { refused, skipped, .. } = &self.batch;
        if self.batch.rows() > 0 || !refused.is_empty() || !skipped.is_empty() {
            // Nothing is left to break off.
            let _ = self.hand_over();
        }
        if self.any { Ok(()) } else { Err(FileError::HeaderOnly) }
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        let (width, bytes_read) = (self.batch.width, self.batch.bytes_read);
        let spent = (self.emit)(Event::Batch(std::mem::take(&mut self.batch)))?;
        self.batch = Batch { bytes_read, ..spent.emptied(width) };
        self.faults = 0;
        self.began = bytes_read;
        ControlFlow::Continue(())
    }
}

fn too_large() -> CellError {
    CellError::new(sqlstate::LIMIT_EXCEEDED, "record is too large").suggest("split the record")
}
