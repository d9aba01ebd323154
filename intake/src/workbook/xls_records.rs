//! The records of an `.xls`, looked at before `calamine` reads it: how much memory it would take, which depends on the
//! places of the cells rather than on their number, and how numbers are shown.
//!
//! Microsoft, [MS-XLS], sections 2.4.28 (BoundSheet8), 2.4.90 (Dimensions), 2.4.122 (Format), 2.4.353 (XF) and those of
//! the cells.

use super::cells::NumberFormat;
use crate::error::FileError;
use crate::format::Format;
use std::collections::HashMap;
use std::io::{Cursor, Read};

/// Memory that a place in a sheet takes, for its value and for its formula.
const PLACE_BYTES: u64 = 64;

/// Formats that every workbook has: `0%` and `0.00%`.
const PERCENT: [u16; 2] = [9, 10];

/// Cells that are shown otherwise than their numbers are, by the number of their sheet, row and column, from 0.
pub(super) type ShownFormats = HashMap<(usize, u32, u32), NumberFormat>;

/// Looks through the records. Fails if the workbook would take more memory than it may.
pub(super) fn look_through(bytes: &[u8], memory: u64) -> Result<ShownFormats, FileError> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(damaged)?;
    if file.exists("/EncryptedPackage") {
        return Err(FileError::Protected(Format::ExcelWorkbook));
    }
    let name = ["/Workbook", "/Book", "/WORKBOOK", "/BOOK"].into_iter().find(|name| file.is_stream(name));
    let Some(name) = name else { return Err(damaged("there is no workbook in it")) };
    let mut stream = Vec::new();
    file.open_stream(name)
        .and_then(|stream_of| stream_of.take(memory).read_to_end(&mut stream))
        .map_err(damaged)?;
    let mut held = 4 * bytes.len() as u64;
    let globals = Globals::of(&stream);
    let mut shown = ShownFormats::new();
    for (sheet, start) in globals.sheets.iter().enumerate() {
        let mut extent = Extent::default();
        for record in Records::from(&stream, *start) {
            extent.add(&record);
            for (row, column, style) in record.numbers() {
                let format = globals.styles.get(usize::from(style)).copied().unwrap_or(NumberFormat::Plain);
                if format != NumberFormat::Plain {
                    shown.insert((sheet, row, column), format);
                }
            }
        }
        held = held.saturating_add(extent.places().saturating_mul(PLACE_BYTES));
        if held > memory {
            return Err(FileError::TooLarge { memory });
        }
    }
    Ok(shown)
}

/// What the workbook says before its sheets.
struct Globals {
    /// Where the records of each sheet begin.
    sheets: Vec<usize>,
    /// The format of each style.
    styles: Vec<NumberFormat>,
}

impl Globals {
    fn of(stream: &[u8]) -> Self {
        let mut formats = HashMap::new();
        let (mut sheets, mut styles) = (Vec::new(), Vec::new());
        for record in Records::from(stream, 0) {
            match record.kind {
                0x0085 => sheets.extend(record.u32(0).map(|at| at as usize)),
                0x041E => formats.extend(record.u16(0).map(|id| (id, format(&record.data[2..])))),
                0x00E0 => styles.extend(record.u16(2)),
                _ => {}
            }
        }
        let of_style = |id: u16| {
            let usual = if PERCENT.contains(&id) { NumberFormat::Percent } else { NumberFormat::Plain };
            formats.get(&id).copied().unwrap_or(usual)
        };
        Globals { sheets, styles: styles.into_iter().map(of_style).collect() }
    }
}

/// A format, of whose text only ASCII matters: `[length: 1 or 2][flags: 0 or 1]text`.
fn format(data: &[u8]) -> NumberFormat {
    let text: String =
        data.iter().filter(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect();
    let start = text.find(['0', '#', '?']).unwrap_or(0);
    NumberFormat::of(&text[start..])
}

/// The rows and columns that a sheet seems to have.
#[derive(Default)]
struct Extent {
    announced: u64,
    rows: u64,
    columns: u64,
}

impl Extent {
    fn add(&mut self, record: &Record<'_>) {
        if record.kind == 0x0200 {
            let wide = || Some((record.u32(0)?, record.u32(4)?, record.u16(8)?, record.u16(10)?));
            if let Some((first_row, row, first_column, column)) = wide() {
                let rows = u64::from(row.wrapping_sub(first_row)) + 1;
                let columns = u64::from(column.wrapping_sub(first_column)) + 1;
                self.announced = self.announced.max(rows.saturating_mul(columns));
            }
        }
        if let Some((row, column)) = record.place() {
            self.rows = self.rows.max(u64::from(row) + 1);
            self.columns = self.columns.max(u64::from(column) + 1);
        }
    }

    fn places(&self) -> u64 {
        self.announced.max(self.rows * self.columns)
    }
}

struct Record<'s> {
    kind: u16,
    data: &'s [u8],
}

impl Record<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.data.get(at..at + 2)?.try_into().ok()?))
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.data.get(at..at + 4)?.try_into().ok()?))
    }

    /// The last cell of the record.
    fn place(&self) -> Option<(u16, u16)> {
        match self.kind {
            0x0203 | 0x0204 | 0x0205 | 0x0006 | 0x00D6 | 0x00FD | 0x027E => {
                Some((self.u16(0)?, self.u16(2)?))
            }
            0x00BD => Some((self.u16(0)?, self.u16(self.data.len().checked_sub(2)?)?)),
            _ => None,
        }
    }

    /// Row, column and style of the numbers in the record.
    fn numbers(&self) -> Vec<(u32, u32, u16)> {
        let at = |column: u16, place: usize| Some((self.u16(0)?.into(), column.into(), self.u16(place)?));
        match self.kind {
            0x0203 | 0x0006 | 0x027E => self.u16(2).and_then(|column| at(column, 4)).into_iter().collect(),
            0x00BD => {
                let first = self.u16(2).unwrap_or_default();
                let count = self.data.len().saturating_sub(6) / 6;
                (0..count).filter_map(|it| at(first.checked_add(it as u16)?, 4 + 6 * it)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The records from a place in the stream to the end of their part.
struct Records<'s> {
    rest: &'s [u8],
    depth: usize,
}

impl<'s> Records<'s> {
    fn from(stream: &'s [u8], start: usize) -> Self {
        Records { rest: stream.get(start..).unwrap_or_default(), depth: 0 }
    }
}

impl<'s> Iterator for Records<'s> {
    type Item = Record<'s>;

    fn next(&mut self) -> Option<Record<'s>> {
        let (header, rest) = self.rest.split_at_checked(4)?;
        let kind = u16::from_le_bytes([header[0], header[1]]);
        let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
        let (data, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        match kind {
            0x0809 => self.depth += 1,
            0x000A => self.depth = self.depth.checked_sub(1).filter(|depth| *depth > 0)?,
            _ => {}
        }
        Some(Record { kind, data })
    }
}

fn damaged(error: impl std::fmt::Display) -> FileError {
    FileError::damaged(Format::OldExcelWorkbook, error)
}
