//! `.xls`, which is in memory as a whole.

use super::caught::caught;
use super::cells::{Cells, NumberFormat, SheetCell};
use super::layout::{Merged, SheetLayout};
use super::sheet::Sheet;
use super::xls_records::{ShownFormats, look_through};
use crate::content::Position;
use crate::error::FileError;
use crate::format::Format;
use calamine::{Data, DataRef, Range, Reader, Xls, XlsError};
use std::io::Cursor;

const FORMAT: Format = Format::OldExcelWorkbook;

pub(super) struct OldWorkbook {
    xls: Xls<Cursor<Vec<u8>>>,
    size: u64,
    shown: ShownFormats,
    position: Position,
}

impl OldWorkbook {
    pub(super) fn open(bytes: Vec<u8>, memory: u64, position: Position) -> Result<Self, FileError> {
        let (size, shown) = (bytes.len() as u64, look_through(&bytes, memory)?);
        let xls = caught(FORMAT, || Xls::new(Cursor::new(bytes)).map_err(damaged))?;
        Ok(OldWorkbook { xls, size, shown, position })
    }

    pub(super) fn sheets(&self) -> Vec<Sheet> {
        Sheet::all(self.xls.sheets_metadata())
    }

    pub(super) fn cells(&mut self, name: &str) -> Result<(Box<dyn Cells + '_>, SheetLayout), FileError> {
        let range = self.xls.worksheet_range(name).map_err(damaged)?;
        let tall = |area: &calamine::Dimensions| {
            (area.start.0 < area.end.0)
                .then_some(Merged { rows: area.start.0..=area.end.0, column: area.start.1 })
        };
        let merged = self.xls.merge_cells_by_sheet_name(name).map_err(damaged)?;
        let layout =
            SheetLayout { merged: merged.iter().filter_map(tall).collect(), ..SheetLayout::default() };
        let number =
            self.xls.sheets_metadata().iter().position(|sheet| sheet.name == name).unwrap_or_default();
        let (shown, position, size) = (&self.shown, &self.position, self.size);
        Ok((Box::new(OldCells { range, number, shown, position, size, at: 0 }), layout))
    }
}

struct OldCells<'w> {
    range: Range<Data>,
    /// Of the sheet.
    number: usize,
    shown: &'w ShownFormats,
    position: &'w Position,
    size: u64,
    /// Of the places of the range, row by row.
    at: usize,
}

impl Cells for OldCells<'_> {
    fn first_column(&self) -> u32 {
        self.range.start().map_or(0, |(_, column)| column)
    }

    fn next(&mut self) -> Result<Option<SheetCell<'_>>, FileError> {
        let (first_row, first_column) = self.range.start().unwrap_or_default();
        let (height, width) = self.range.get_size();
        while self.at < height * width {
            let (row, column) = (self.at / width, self.at % width);
            if column == 0 {
                self.position.set(self.size * row as u64 / height as u64);
            }
            self.at += 1;
            if self.range.get((row, column)).is_some_and(|value| *value != Data::Empty) {
                let place = (first_row + row as u32, first_column + column as u32);
                let format = self.shown.get(&(self.number, place.0, place.1)).copied();
                return Ok(self.range.get((row, column)).map(|value| SheetCell {
                    row: place.0,
                    column: place.1,
                    value: borrowed(value),
                    format: format.unwrap_or(NumberFormat::Plain),
                }));
            }
        }
        Ok(None)
    }
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(value) => DataRef::Int(*value),
        Data::Float(value) => DataRef::Float(*value),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(time) => DataRef::DateTime(*time),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        _ => DataRef::Empty,
    }
}

fn damaged(error: XlsError) -> FileError {
    match error {
        XlsError::Password => FileError::Protected(FORMAT),
        other => FileError::damaged(FORMAT, other),
    }
}
