//! A sheet as text: a line for each of its rows, so that the number of a line is that of a row.

use super::cell_text;
use super::cells::{Cells, MAX_COLUMNS, MAX_ROWS};
use super::layout::{Merged, SheetLayout};
use crate::content::is_bomb;
use crate::error::FileError;
use crate::format::Format;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::Range;

/// Text that is made at a time.
const CHUNK: usize = 64 * 1024;

pub(crate) struct SheetText<'w> {
    cells: Box<dyn Cells + 'w>,
    format: Format,
    layout: SheetLayout,
    /// Merged cells that are still to come, in the order of their rows.
    merged: VecDeque<Merged>,
    /// Those that cover the current row, with their text.
    open: Vec<(Merged, String)>,
    /// Of the current row, which cell has what part of `texts`.
    row: Vec<(u32, Range<usize>)>,
    texts: String,
    /// The text of the cell that was read last.
    text: String,
    /// From 0.
    number: u32,
    /// The first column with something in it. Those before it are none of the table.
    first_column: u32,
    out: Vec<u8>,
    taken: usize,
    is_at_end: bool,
    /// Of the text so far, and of the workbook.
    bytes: u64,
    file_size: u64,
}

impl<'w> SheetText<'w> {
    pub(super) fn new(
        cells: Box<dyn Cells + 'w>,
        mut layout: SheetLayout,
        format: Format,
        file_size: u64,
    ) -> Self {
        layout.merged.sort_by_key(|merged| (*merged.rows.start(), merged.column));
        let merged = layout.merged.iter().cloned().collect();
        let first_column = cells.first_column();
        SheetText {
            cells,
            format,
            layout,
            merged,
            open: Vec::new(),
            row: Vec::new(),
            texts: String::new(),
            text: String::new(),
            number: 0,
            first_column,
            out: Vec::new(),
            taken: 0,
            is_at_end: false,
            bytes: 0,
            file_size,
        }
    }

    pub(crate) fn layout(&self) -> &SheetLayout {
        &self.layout
    }

    /// Makes more text, or ends.
    fn fill(&mut self) -> Result<(), FileError> {
        self.out.clear();
        self.taken = 0;
        while self.out.len() < CHUNK && !self.is_at_end {
            let Some(cell) = self.cells.next()? else {
                self.is_at_end = true;
                self.end_row();
                break;
            };
            self.text.clear();
            cell_text::write(&cell.value, cell.format, &mut self.text);
            if self.text.is_empty() {
                continue;
            }
            let (row, column, holds) = (cell.row, cell.column, cell_text::holds_for_rows(&cell.value));
            if row < self.number || column < self.first_column || row >= MAX_ROWS || column >= MAX_COLUMNS {
                return Err(FileError::damaged(self.format, "a cell is where none can be"));
            }
            self.go_to(row);
            self.keep(column, holds);
        }
        self.bytes += self.out.len() as u64;
        if is_bomb(self.file_size, self.bytes) { Err(FileError::Bomb) } else { Ok(()) }
    }

    /// Keeps the text as a cell of the current row.
    fn keep(&mut self, column: u32, holds: bool) {
        self.row.push((column, self.texts.len()..self.texts.len() + self.text.len()));
        self.texts.push_str(&self.text);
        let begins = |merged: &Merged| *merged.rows.start() == self.number && merged.column == column;
        while self.merged.front().is_some_and(|merged| *merged.rows.end() < self.number) {
            self.merged.pop_front();
        }
        let upcoming = self.merged.iter().take_while(|merged| *merged.rows.start() <= self.number);
        if let Some(place) = upcoming.enumerate().find(|(_, merged)| begins(merged)).map(|(place, _)| place)
            && let Some(merged) = self.merged.remove(place)
            && holds
        {
            self.open.push((merged, self.text.clone()));
        }
    }

    /// Ends the rows before that one.
    fn go_to(&mut self, row: u32) {
        while self.number < row {
            self.end_row();
            self.number += 1;
        }
    }

    /// Writes the current row, with the cells that cover it.
    fn end_row(&mut self) {
        self.open.retain(|(merged, _)| *merged.rows.end() >= self.number);
        for (merged, text) in &self.open {
            if self.row.iter().all(|(column, _)| *column != merged.column) {
                self.row.push((merged.column, self.texts.len()..self.texts.len() + text.len()));
                self.texts.push_str(text);
            }
        }
        self.row.sort_by_key(|(column, _)| *column);
        let mut at = self.first_column;
        for (column, text) in &self.row {
            while at < *column {
                self.out.push(b',');
                at += 1;
            }
            self.out.extend_from_slice(self.texts[text.clone()].as_bytes());
        }
        self.out.push(b'\n');
        self.row.clear();
        self.texts.clear();
    }
}

impl Read for SheetText<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.out.len() && !self.is_at_end {
            self.fill()?;
        }
        let read = (self.out.len() - self.taken).min(into.len());
        into[..read].copy_from_slice(&self.out[self.taken..self.taken + read]);
        self.taken += read;
        Ok(read)
    }
}
