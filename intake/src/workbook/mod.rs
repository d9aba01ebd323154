//! Workbooks, whose sheets are read as text: one line a row, in which a cell without quotes is a number or a truth value.
//!
//! `.xlsx` and `.ods` are read cell by cell, `.xls` is in memory as a whole. What a file asks for beyond its size is looked at
//! before: an allocation that fails would take the server down.

mod bytes;
mod caught;
mod cell_text;
mod cells;
mod choice;
mod layout;
mod ods;
mod ods_row;
mod ods_xml;
mod sheet;
mod sheet_parts;
mod sheet_text;
mod xls;
mod xls_records;
mod xlsx;
mod xlsx_parts;
mod xml_scan;

pub(crate) use layout::SheetLayout;

use crate::content::Position;
use crate::error::FileError;
use crate::format::Format;
use crate::mapping::Vocabulary;
use cells::Cells;
use choice::Chosen;
use ods::OpenDocument;
use sheet::Sheet;
use sheet_text::SheetText;
use xls::OldWorkbook;
use xlsx::ExcelWorkbook;

/// A sheet that is read.
pub(crate) struct OpenSheet<'w> {
    pub(crate) name: String,
    /// The others that have rows, too, if nobody said which one to take.
    pub(crate) others: Vec<String>,
    /// Its rows.
    pub(crate) text: SheetText<'w>,
}

/// An opened workbook.
pub(crate) struct Workbook {
    format: Format,
    /// Of the file.
    size: u64,
    kind: Kind,
}

enum Kind {
    Excel(Box<ExcelWorkbook>),
    Old(Box<OldWorkbook>),
    OpenDocument(Box<OpenDocument>),
}

impl Workbook {
    /// Opens a workbook, which may take so many bytes of memory.
    pub(crate) fn open(
        format: Format,
        bytes: Vec<u8>,
        memory: u64,
        position: Position,
    ) -> Result<Self, FileError> {
        let size = bytes.len() as u64;
        let kind = match format {
            Format::ExcelWorkbook => Kind::Excel(Box::new(ExcelWorkbook::open(bytes, memory, position)?)),
            Format::OldExcelWorkbook => Kind::Old(Box::new(OldWorkbook::open(bytes, memory, position)?)),
            Format::OpenDocument => Kind::OpenDocument(Box::new(OpenDocument::open(bytes, position)?)),
            other => return Err(FileError::NotCsv(other)),
        };
        Ok(Workbook { format, size, kind })
    }

    /// Opens the sheet that is asked for by its name or its number, or the one with the data.
    pub(crate) fn open_sheet(
        &mut self,
        asked: Option<&str>,
        vocabulary: &Vocabulary,
    ) -> Result<OpenSheet<'_>, FileError> {
        let Chosen { sheet, others } = self.choose(asked, vocabulary)?;
        let text = self.text(&sheet)?;
        Ok(OpenSheet { name: sheet, others, text })
    }

    /// The names of the sheets.
    pub(crate) fn sheet_names(&self) -> Vec<String> {
        self.sheets().into_iter().map(|sheet| sheet.name).collect()
    }

    fn choose(&mut self, asked: Option<&str>, vocabulary: &Vocabulary) -> Result<Chosen, FileError> {
        let sheets = self.sheets();
        if let Some(asked) = asked {
            return choice::asked(&sheets, asked);
        }
        let visible = choice::candidates(&sheets);
        if let [lone] = visible.as_slice() {
            return Ok(Chosen::only(&lone.name));
        }
        let mut looks = Vec::new();
        for sheet in visible {
            looks.push((sheet.name.clone(), choice::Look::at(self.text(&sheet.name)?, vocabulary)?));
        }
        choice::best(looks)
    }

    fn sheets(&self) -> Vec<Sheet> {
        match &self.kind {
            Kind::Excel(excel) => excel.sheets(),
            Kind::Old(old) => old.sheets(),
            Kind::OpenDocument(open) => open.sheets(),
        }
    }

    /// The rows of a sheet as text.
    fn text(&mut self, sheet: &str) -> Result<SheetText<'_>, FileError> {
        let (cells, layout): (Box<dyn Cells + '_>, SheetLayout) = match &mut self.kind {
            Kind::Excel(excel) => excel.cells(sheet)?,
            Kind::Old(old) => old.cells(sheet)?,
            Kind::OpenDocument(open) => open.cells(sheet)?,
        };
        Ok(SheetText::new(cells, layout, self.format, self.size))
    }
}
