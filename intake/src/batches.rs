//! Gathers rows and refusals into batches.

use crate::batch::{Batch, Emit, Event, Origin};
use crate::doubts::Doubts;
use crate::error::{CellError, FileError, Refusal, storable};
use crate::keys::Keys;
use crate::notes::Notes;
use crate::row::{Layout, NewRow};
use crate::skipped::SkipReason;
use crate::spec::Spec;
use crate::sqlstate;
use std::ops::ControlFlow;

/// A batch ends at this many bytes of values. They can be longer than the cells that they come from.
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
    keys: Keys,
    doubts: Doubts,
}

impl<'e> Batches<'e> {
    pub(crate) fn new(spec: &Spec, layout: &Layout<'_>, doubts: Doubts, emit: Emit<'e>) -> Self {
        Batches {
            emit,
            rows: spec.batch_rows,
            bytes: spec.batch_bytes,
            break_at: spec.break_at,
            batch: Batch::default().recycled(layout.columns().len()),
            faults: 0,
            began: 0,
            any: false,
            keys: Keys::of(layout.keys()),
            doubts,
        }
    }

    /// Adds a record. `write` appends its values to the row, or says why the record is refused.
    pub(crate) fn add(
        &mut self,
        origin: Origin<'_>,
        write: impl FnOnce(&mut NewRow<'_>) -> Result<(), Vec<CellError>>,
    ) {
        self.any = true;
        let rows = self.batch.rows();
        let Batch { cells: values, notes, .. } = &mut self.batch;
        let doubts = &mut self.doubts;
        if let Err(cells) = write(&mut NewRow { values, notes, doubts, line: origin.line }) {
            return self.refuse(rows, origin, cells);
        }
        self.batch.keep(&origin);
        if self.batch.overflows() {
            return self.refuse(rows, origin, vec![too_large()]);
        }
        let Batch { cells, width, notes, .. } = &mut self.batch;
        self.keys.add(|column| cells.get(rows * *width + column), origin.line, notes);
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

    /// Emits the batch if it is full. To be called after each record, with the bytes read so far; `consumed` are those of the
    /// file as it was sent. Fails once the records have overturned how they are read.
    pub(crate) fn emit_if_full(
        &mut self,
        bytes_read: u64,
        consumed: u64,
    ) -> Result<ControlFlow<()>, FileError> {
        if let Some(column) = self.doubts.overturned() {
            return Err(FileError::GuessRuledOut { column: column.to_owned() });
        }
        self.batch.bytes_read = bytes_read;
        self.batch.bytes_consumed = consumed;
        let full = self.batch.rows() >= self.rows
            || self.faults >= self.rows
            || bytes_read - self.began >= self.bytes
            || self.break_at.is_some_and(|at| self.began < at && bytes_read >= at)
            || self.batch.cells.bytes() >= VALUE_BYTES;
        Ok(if full { self.emit_batch() } else { ControlFlow::Continue(()) })
    }

    /// Emits what is left. Fails if there was no data.
    pub(crate) fn finish(mut self) -> Result<(), FileError> {
        let Batch { refused, skipped, .. } = &self.batch;
        if self.batch.rows() > 0 || !refused.is_empty() || !skipped.is_empty() {
            // The reading ends here anyway.
            let _ = self.emit_batch();
        }
        if self.any { Ok(()) } else { Err(FileError::HeaderOnly) }
    }

    fn emit_batch(&mut self) -> ControlFlow<()> {
        let (width, bytes_read) = (self.batch.width, self.batch.bytes_read);
        let spent = (self.emit)(Event::Batch(std::mem::take(&mut self.batch)))?;
        self.batch = spent.recycled(width);
        self.batch.bytes_read = bytes_read;
        self.faults = 0;
        self.began = bytes_read;
        ControlFlow::Continue(())
    }
}

fn too_large() -> CellError {
    CellError::new(sqlstate::LIMIT_EXCEEDED, "record is too large").suggest("split the record")
}
