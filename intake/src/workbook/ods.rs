//! `.ods`, read row by row. `calamine` holds such a workbook in memory, each repeated cell of it as one of its own, so that a
//! few kilobytes can fill any memory; nor does it tell percentages from numbers.
//!
//! OASIS, Open Document Format 1.2, part 1, sections 9.1 (tables) and 19.385 (values).

use super::bytes::Bytes;
use super::cells::{Cells, MAX_ROWS, SheetCell};
use super::layout::SheetLayout;
use super::ods_row::{OdsCell, OdsRow, read_row};
use super::ods_xml::{OdsXml, attribute, damaged, open_content};
use super::sheet::Sheet;
use super::xml_scan::scan;
use crate::content::Position;
use crate::error::FileError;
use crate::format::Format;
use quick_xml::events::Event;
use std::collections::HashSet;
use std::io::Read;
use zip::ZipArchive;

pub(super) struct OpenDocument {
    archive: ZipArchive<Bytes>,
    sheets: Vec<(Sheet, SheetLayout)>,
}

impl OpenDocument {
    pub(super) fn open(bytes: Vec<u8>, position: Position) -> Result<Self, FileError> {
        let size = bytes.len() as u64;
        let mut archive = ZipArchive::new(Bytes::of(bytes.into(), position)).map_err(damaged)?;
        if is_encrypted(&mut archive)? {
            return Err(FileError::Protected(Format::OpenDocument));
        }
        scan(archive.by_name("content.xml").map_err(damaged)?, size)?;
        let sheets = outline(open_content(&mut archive)?)?;
        Ok(OpenDocument { archive, sheets })
    }

    pub(super) fn sheets(&self) -> Vec<Sheet> {
        self.sheets.iter().map(|(sheet, _)| sheet.clone()).collect()
    }

    pub(super) fn cells(&mut self, name: &str) -> Result<(Box<dyn Cells + '_>, SheetLayout), FileError> {
        let layout =
            self.sheets.iter().find(|(sheet, _)| sheet.name == name).map(|(_, layout)| layout.clone());
        let mut xml = open_content(&mut self.archive)?;
        xml.go_to_table(name)?;
        Ok((Box::new(OdsCells::of(xml)), layout.unwrap_or_default()))
    }
}

/// Whether the manifest says that a part is encrypted.
fn is_encrypted(archive: &mut ZipArchive<Bytes>) -> Result<bool, FileError> {
    let Ok(manifest) = archive.by_name("META-INF/manifest.xml") else { return Ok(false) };
    let mut start = Vec::new();
    manifest.take(1 << 20).read_to_end(&mut start).map_err(damaged)?;
    Ok(memchr::memmem::find(&start, b"encryption-data").is_some())
}

/// The sheets, and what they have besides their cells.
fn outline<R: Read>(mut xml: OdsXml<R>) -> Result<Vec<(Sheet, SheetLayout)>, FileError> {
    let mut hidden_styles = HashSet::new();
    let mut style = None;
    let mut sheets = Vec::new();
    loop {
        let table = match xml.next()? {
            Event::Start(it) if it.local_name().as_ref() == "style" => {
                style = attribute(&it, "name");
                None
            }
            Event::Start(it) if it.local_name().as_ref() == "table-properties" => {
                let is_hidden = attribute(&it, "display").as_deref() == Some("false");
                hidden_styles.extend(style.take().filter(|_| is_hidden));
                None
            }
            Event::Start(it) if it.local_name().as_ref() == "table" => {
                let is_hidden = attribute(&it, "style-name").is_some_and(|it| hidden_styles.contains(&it));
                Some(Sheet { name: attribute(&it, "name").unwrap_or_default(), is_visible: !is_hidden })
            }
            Event::Eof => return Ok(sheets),
            _ => None,
        };
        if let Some(sheet) = table {
            sheets.push((sheet, layout_of_table(&mut xml)?));
        }
    }
}

fn layout_of_table<R: Read>(xml: &mut OdsXml<R>) -> Result<SheetLayout, FileError> {
    let mut layout = SheetLayout::default();
    let mut number = 0;
    while let Some(row) = read_row(xml)? {
        if row.is_hidden && !row.cells.is_empty() {
            layout.hidden.push(u64::from(number) + 1);
        }
        layout.merged.extend(row.merged(number));
        number = next_number(number, row.repeated);
        if number >= MAX_ROWS {
            break;
        }
    }
    Ok(layout)
}

fn next_number(number: u32, repeated: u32) -> u32 {
    number.saturating_add(repeated).min(MAX_ROWS)
}

struct OdsCells<R> {
    xml: OdsXml<R>,
    /// The current row, which is there `times` times more.
    row: OdsRow,
    /// Its number, from 0.
    number: u32,
    times: u32,
    /// Of its cells, the next one.
    at: usize,
}

impl<R: Read> OdsCells<R> {
    fn of(xml: OdsXml<R>) -> Self {
        OdsCells { xml, row: OdsRow::default(), number: 0, times: 0, at: 0 }
    }

    /// Goes to the next row with cells; false at the end of the table.
    fn next_row(&mut self) -> Result<bool, FileError> {
        self.at = 0;
        if self.times > 1 {
            self.times -= 1;
            self.number += 1;
            return Ok(self.number < MAX_ROWS);
        }
        self.number = next_number(self.number, self.times);
        self.times = 0;
        while self.number < MAX_ROWS
            && let Some(row) = read_row(&mut self.xml)?
        {
            if row.cells.is_empty() {
                self.number = next_number(self.number, row.repeated);
                continue;
            }
            self.times = row.repeated;
            self.row = row;
            return Ok(self.number < MAX_ROWS);
        }
        Ok(false)
    }
}

impl<R: Read> Cells for OdsCells<R> {
    fn first_column(&self) -> u32 {
        0
    }

    fn next(&mut self) -> Result<Option<SheetCell<'_>>, FileError> {
        while self.at == self.row.cells.len() {
            if !self.next_row()? {
                return Ok(None);
            }
        }
        let OdsCell { column, value, format, .. } = &self.row.cells[self.at];
        self.at += 1;
        Ok(Some(SheetCell { row: self.number, column: *column, value: value.get(), format: *format }))
    }
}
