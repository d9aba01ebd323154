//! `.xlsx`: its texts are in memory, its cells are read as they come.

use super::bytes::Bytes;
use super::caught::caught;
use super::cells::{Cells, NumberFormat, SheetCell};
use super::layout::SheetLayout;
use super::sheet::Sheet;
use super::xlsx_parts::Parts;
use crate::content::Position;
use crate::error::FileError;
use crate::format::Format;
use calamine::{Reader, Xlsx, XlsxCellReader, XlsxError};
use std::sync::Arc;

const FORMAT: Format = Format::ExcelWorkbook;

pub(super) struct ExcelWorkbook {
    excel: Xlsx<Bytes>,
    parts: Parts,
}

impl ExcelWorkbook {
    pub(super) fn open(bytes: Vec<u8>, memory: u64, position: Position) -> Result<Self, FileError> {
        let bytes: Arc<[u8]> = bytes.into();
        let parts = Parts::of(bytes.clone(), memory)?;
        let excel = caught(FORMAT, || Xlsx::new(Bytes::of(bytes, position)).map_err(damaged))?;
        Ok(ExcelWorkbook { excel, parts })
    }

    pub(super) fn sheets(&self) -> Vec<Sheet> {
        Sheet::all(self.excel.sheets_metadata())
    }

    /// The cells of a sheet, and what it has besides.
    pub(super) fn cells(&mut self, sheet: &str) -> Result<(Box<dyn Cells + '_>, SheetLayout), FileError> {
        let layout = self.parts.layout(sheet)?;
        let reader = caught(FORMAT, || self.excel.worksheet_cells_reader(sheet).map_err(damaged))?;
        let code = |style: &calamine::Style| {
            style.number_format.as_ref().map_or(NumberFormat::Plain, |it| NumberFormat::of(&it.format_code))
        };
        let formats = reader.styles().iter().map(code).collect();
        Ok((Box::new(ExcelCells { reader, formats }), layout))
    }
}

struct ExcelCells<'w> {
    reader: XlsxCellReader<'w, Bytes>,
    /// By the number of the style.
    formats: Vec<NumberFormat>,
}

impl Cells for ExcelCells<'_> {
    fn first_column(&self) -> u32 {
        self.reader.dimensions().start.1
    }

    fn next(&mut self) -> Result<Option<SheetCell<'_>>, FileError> {
        let cell = caught(FORMAT, || self.reader.next_cell_with_style_id().map_err(damaged))?;
        let Some((cell, style)) = cell else {
            return Ok(None);
        };
        let (row, column) = cell.get_position();
        let format = self.formats.get(style).copied().unwrap_or(NumberFormat::Plain);
        Ok(Some(SheetCell { row, column, value: cell.get_value().clone(), format }))
    }
}

fn damaged(error: XlsxError) -> FileError {
    match error {
        XlsxError::Password => FileError::Protected(FORMAT),
        other => FileError::damaged(FORMAT, other),
    }
}
