//! Batches of rows: what a reading answers with.

use crate::arena::Arena;
use crate::dialect::Dialect;
use crate::file_description::FileDescription;
use crate::locales::Locales;
use crate::mapping::Mapping;
use crate::notes::Notes;
use crate::refusal::{CellError, Refusal};
use crate::skipped::SkippedLines;
use std::borrow::Cow;
use std::ops::ControlFlow;

/// The rows of one stretch of the input, numbered from 0, and its refusals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Row by row, `width` values each.
    pub(crate) cells: Arena,
    /// As many as `columns` of [`Event::Started`].
    pub(crate) width: usize,
    /// One for each row, like `lines` and `byte_offsets`.
    raws: Arena,
    lines: Vec<u64>,
    byte_offsets: Vec<Option<u64>>,
    /// Records that are not imported, in the order of the file.
    pub refused: Vec<Refusal>,
    /// About the header, and about rows that were accepted.
    pub notes: Notes,
    /// Lines that are no data.
    pub skipped: SkippedLines,
    /// Bytes of the input up to the end of this stretch; of an archive or a workbook, of the text that it was made into.
    pub bytes_read: u64,
    /// Bytes of the file as it was sent that have been gone through.
    pub bytes_consumed: u64,
}

impl Batch {
    /// Accepted rows.
    #[inline]
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

    /// Refuses a row that was accepted here, for reasons that only the database knows.
    pub fn refusal(&self, row: usize, cells: Vec<CellError>) -> Refusal {
        let (line, byte_offset) = (self.line(row), self.byte_offset(row));
        Refusal { line, byte_offset, raw: self.raw(row).to_owned(), cells }
    }

    /// An empty batch of such rows in the memory of this one.
    pub(crate) fn recycled(mut self, width: usize) -> Batch {
        self.cells.clear();
        self.raws.clear();
        self.lines.clear();
        self.byte_offsets.clear();
        let Batch { cells, raws, lines, byte_offsets, .. } = self;
        Batch { cells, width, raws, lines, byte_offsets, ..Batch::default() }
    }

    #[inline]
    pub(crate) fn keep(&mut self, origin: &Origin<'_>) {
        self.raws.push(Some(&origin.raw));
        self.lines.push(origin.line);
        self.byte_offsets.push(origin.byte_offset);
    }

    /// Whether the last row has no room in the memory. It must be truncated then.
    #[inline]
    pub(crate) fn overflows(&self) -> bool {
        self.cells.overflows() || self.raws.overflows()
    }

    /// Drops the values of all rows from number `rows` on, finished or not.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.cells.truncate(rows * self.width);
        self.raws.truncate(rows);
        self.lines.truncate(rows);
        self.byte_offsets.truncate(rows);
    }
}

/// What a reading reports while it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Comes first, once the file's columns are known.
    Started {
        /// What the file is; None for records of a job.
        file: Option<FileDescription>,
        /// None for JSON.
        dialect: Option<Dialect>,
        /// Where the columns of the file go.
        mapping: Mapping,
        /// The columns of the table that batches have values for, by their index. Attributes come last.
        columns: Vec<usize>,
        /// How numbers and dates are read.
        locales: Locales,
    },
    /// The next stretch of the file.
    Batch(Batch),
}

/// Takes events, and may end the reading. It gives back the batch that it is done with, whose memory is used again, or
/// an empty one.
pub type Emit<'e> = &'e mut dyn FnMut(Event) -> ControlFlow<(), Batch>;

/// Where a record comes from: what [`Batch`] keeps of it.
pub(crate) struct Origin<'a> {
    pub(crate) line: u64,
    pub(crate) byte_offset: Option<u64>,
    pub(crate) raw: Cow<'a, str>,
}
