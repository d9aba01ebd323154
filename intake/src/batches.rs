//! Gathers rows and refusals into batches.

use crate::batch::{Batch, Emit, Event, Origin};
use crate::doubts::Doubts;
use crate::error::FileError;
use crate::keys::Keys;
use crate::new_row::NewRow;
use crate::notes::Notes;
use crate::refusal::{CellError, Refusal, storable};
use crate::row::Layout;
use crate::skipped::SkipReason;
use crate::spec::Spec;
use crate::sqlstate;
use crate::sums::{SumRow, Sums};
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
    /// Where rows of one key are added up.
    sums: Option<Sums>,
}

impl<'e> Batches<'e> {
    pub(crate) fn new(
        spec: &Spec,
        layout: &Layout<'_>,
        doubts: Doubts,
        sums: Option<Sums>,
        emit: Emit<'e>,
    ) -> Self {
        Batches {
            sums,
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
        match self.sums.as_mut().map(|sums| sums.take(&mut self.batch, rows)) {
            Some(Err(cell)) => self.refuse(rows, origin, vec![cell]),
            // It is there no more, or has no key.
            Some(Ok(())) => {}
            None => self.look_at_key(rows, origin.line),
        }
    }

    fn look_at_key(&mut self, row: usize, line: u64) {
        let Batch { cells, width, notes, .. } = &mut self.batch;
        self.keys.add(|column| cells.get(row * *width + column), line, notes);
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
        if let Some(sums) = self.sums.take()
            && self.add_sums(sums.finish()?)?.is_break()
        {
            return Ok(());
        }
        let Batch { refused, skipped, .. } = &self.batch;
        if self.batch.rows() > 0 || !refused.is_empty() || !skipped.is_empty() {
            // The reading ends here anyway.
            let _ = self.emit_batch();
        }
        if self.any { Ok(()) } else { Err(FileError::HeaderOnly) }
    }

    fn add_sums(&mut self, sums: Vec<SumRow>) -> Result<ControlFlow<()>, FileError> {
        for sum in sums {
            sum.values.iter().for_each(|value| self.batch.cells.push(value.as_deref()));
            self.batch.keep(&sum.origin());
            self.look_at_key(self.batch.rows() - 1, sum.line);
            if self.emit_if_full(self.batch.bytes_read, self.batch.bytes_consumed)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn emit_batch(&mut self) -> ControlFlow<()> {
        let Batch { width, bytes_read, bytes_consumed, .. } = self.batch;
        let spent = (self.emit)(Event::Batch(std::mem::take(&mut self.batch)))?;
        self.batch = spent.recycled(width);
        self.batch.bytes_read = bytes_read;
        self.batch.bytes_consumed = bytes_consumed;
        self.faults = 0;
        self.began = bytes_read;
        ControlFlow::Continue(())
    }
}

fn too_large() -> CellError {
    CellError::new(sqlstate::LIMIT_EXCEEDED, "record is too large").suggest("split the record")
}
