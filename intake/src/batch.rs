//! What is asked of a reading, and the batches it answers with.

use crate::columns::{Mapping, header_signature};
use crate::dialect::Dialect;
use crate::error::{CellError, FileError, Refusal, storable};
use crate::row::Layout;
use crate::table::Table;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// What to read into, and how.
#[derive(Debug, Clone)]
pub struct Spec {
    pub table: Table,
    /// `{"CSV column": "table_column" | null}`; what it leaves out is mapped by name.
    pub mapping: Option<Map<String, Value>>,
    /// Mappings accepted before, by [`header_signature`](crate::header_signature) of the file.
    pub saved: HashMap<String, Map<String, Value>>,
    /// Sniffed if None.
    pub delimiter: Option<u8>,
    /// Whether the first row names the columns; None is yes. Without it they are `column_1`, `column_2`, …
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
            saved: HashMap::new(),
            delimiter: None,
            header: None,
            batch_rows: 1000,
            batch_bytes: 4 << 20,
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
    /// Blank records.
    pub skipped: u64,
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
    /// Whether there was a record that is not blank.
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

    pub(crate) fn skip(&mut self, records: u64) {
        self.batch.skipped += records;
    }

    /// Hands the batch over if it is full. To be called after each record, with the bytes read so far.
    pub(crate) fn turn(&mut self, bytes_read: u64) -> ControlFlow<()> {
        self.batch.bytes_read = bytes_read;
        let full = self.batch.origins.len() >= self.rows
            || self.faults >= self.rows
            || bytes_read - self.began >= self.bytes;
        if full { self.hand_over() } else { ControlFlow::Continue(()) }
    }

    /// Hands over what is left. Fails if there was nothing but blank records.
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
