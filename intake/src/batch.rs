//! What is asked of a reading, and the batches it answers with.

use crate::columns::Mapping;
use crate::dialect::Dialect;
use crate::error::{CellError, FileError, Refusal, storable};
use crate::notes::{Notes, Passed};
use crate::options::ReadOptions;
use crate::row::Layout;
use crate::table::Table;
use serde_json::{Map, Value};
use std::ops::ControlFlow;

/// What to read into, and how.
#[derive(Debug, Clone)]
pub struct Spec {
    pub table: Table,
    /// `{"CSV column": "table_column" | null}`; what it leaves out is mapped by name.
    pub mapping: Option<Map<String, Value>>,
    /// Sniffed if None.
    pub delimiter: Option<u8>,
    /// A label such as `windows-1252`; sniffed if None.
    pub encoding: Option<String>,
    /// Whether there is a row that names the columns; sniffed if None. Without it they are `column_1`, `column_2`, …
    pub header: Option<bool>,
    /// A batch ends with this many accepted rows, or as many faults.
    pub batch_rows: usize,
    /// A batch ends when it has gone through this much input.
    pub batch_bytes: u64,
}

impl Spec {
    /// Everything sniffed; batches of 1000 rows or 4 MiB.
    pub fn new(table: Table) -> Self {
        Spec {
            table,
            mapping: None,
            delimiter: None,
            encoding: None,
            header: None,
            batch_rows: 1000,
            batch_bytes: 4 << 20,
        }
    }

    /// How the file is to be read.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions { encoding: self.encoding.clone(), delimiter: self.delimiter, header: self.header }
    }
}

/// Where an accepted row comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Physical line on which the record starts, from 1; of a JSON record its ordinal.
    pub line: u64,
    /// Position of the record's first byte in the input.
    /// None for a JSON record.
    pub byte_offset: Option<u64>,
    /// The record as it stands in the file.
    pub raw: String,
}

/// A stretch of the input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// One for each accepted row.
    pub origins: Vec<Origin>,
    /// Values by column, parallel to `columns` of [`Event::Started`]; each as long as `origins`.
    pub columns: Vec<Vec<Option<String>>>,
    pub refused: Vec<Refusal>,
    /// Records that are no data; `notes` say what they are.
    pub skipped: u64,
    /// What there is to say about records that are not refused.
    pub notes: Notes,
    /// Bytes of the input up to the end of this stretch.
    pub bytes_read: u64,
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
    },
    Batch(Batch),
}

/// Takes events; may break off the reading.
pub(crate) type Emit<'e> = &'e mut dyn FnMut(Event) -> ControlFlow<()>;

/// Gathers rows and refusals, and hands them over before they grow large.
pub(crate) struct Batches<'e> {
    emit: Emit<'e>,
    rows: usize,
    bytes: u64,
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
        let columns = vec![Vec::new(); layout.columns().len()];
        let batch = Batch { columns, ..Batch::default() };
        Batches {
            emit,
            rows: spec.batch_rows,
            bytes: spec.batch_bytes,
            batch,
            faults: 0,
            began: 0,
            any: false,
        }
    }

    pub(crate) fn accept(&mut self, origin: Origin, row: Vec<Option<String>>) {
        self.any = true;
        self.batch.origins.push(origin);
        for (column, value) in self.batch.columns.iter_mut().zip(row) {
            column.push(value);
        }
    }

    pub(crate) fn refuse(&mut self, origin: Origin, cells: Vec<CellError>) {
        self.any = true;
        self.faults += cells.len();
        let Origin { line, byte_offset, raw } = origin;
        self.batch.refused.push(Refusal { line, byte_offset, raw: storable(&raw), cells });
    }

    /// Passes over a record that is no data.
    pub(crate) fn skip(&mut self, line: u64, why: Passed) {
        self.batch.skipped += 1;
        self.batch.notes.add(line, why.reason());
    }

    /// Those of this batch.
    pub(crate) fn notes(&mut self) -> &mut Notes {
        &mut self.batch.notes
    }

    /// Hands the batch over if it is full. To be called after each record, with the bytes read so far.
    pub(crate) fn turn(&mut self, bytes_read: u64) -> ControlFlow<()> {
        self.batch.bytes_read = bytes_read;
        let full = self.batch.origins.len() >= self.rows
            || self.faults >= self.rows
            || bytes_read - self.began >= self.bytes;
        if full { self.hand_over() } else { ControlFlow::Continue(()) }
    }

    /// Hands over what is left. Fails if there was no data.
    pub(crate) fn finish(mut self) -> Result<(), FileError> {
        let Batch { origins, refused, skipped, .. } = &self.batch;
        if !origins.is_empty() || !refused.is_empty() || *skipped > 0 {
            // Nothing is left to break off.
            let _ = self.hand_over();
        }
        if self.any { Ok(()) } else { Err(FileError::HeaderOnly) }
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        let columns = vec![Vec::new(); self.batch.columns.len()];
        let next = Batch { columns, bytes_read: self.batch.bytes_read, ..Batch::default() };
        self.faults = 0;
        self.began = next.bytes_read;
        (self.emit)(Event::Batch(std::mem::replace(&mut self.batch, next)))
    }
}
