//! The first rows of a file as text: what mappings are suggested from, locales told by, and previews shown of.

use crate::dialect::Dialect;
use crate::error::FileError;
use crate::file::CsvFile;
use crate::guess::{Guess, guess_column};
use crate::header_detection::Row;
use crate::limits::{SAMPLE_BYTES, SAMPLE_ROWS};
use crate::lines::{Line, Lines};
use crate::mapping::{Destination, Mapping};
use crate::options::ReadOptions;
use crate::record::RecordKind;
use crate::records::Records;
use crate::table::{Column, Table};
use crate::values::is_identifier;

/// The start of a file, decoded; bytes that cannot be are U+FFFD.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// The names of the file's columns, as [`CsvFile::columns`] has them.
    pub header: Vec<String>,
    /// The cells of the first data rows, at most 1000; a row is as long as it is in the file.
    pub rows: Vec<Vec<String>>,
}

impl Sample {
    /// Of a file, or of its first 64 KiB or more.
    pub fn of(bytes: &[u8], options: &ReadOptions) -> Result<Sample, FileError> {
        let start = &bytes[..bytes.len().min(SAMPLE_BYTES)];
        CsvFile::open(start, options).map(|file| file.sample().clone())
    }

    /// What the columns seem to hold, one for each name of the header.
    pub fn guesses(&self) -> Vec<Guess> {
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        (0..self.header.len()).map(|column| guess_column(cells(column).map(String::as_str))).collect()
    }
}

/// The last row of `text` is cut off unless that `is_all` of the file.
pub(crate) fn first_rows(mut lines: Lines<&[u8]>, text: &[u8], is_all: bool) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    while rows.len() <= SAMPLE_ROWS
        && let Ok(Some(line)) = lines.next()
    {
        let Line::Data(record) = line else { continue };
        if !is_all && record.is_cut_off(text) {
            break;
        }
        if record.kind == RecordKind::Row {
            let cell = |bytes| String::from_utf8_lossy(bytes).into_owned();
            rows.push(record.fields().map(|field| cell(field.bytes)).collect());
        }
    }
    if !is_all {
        rows.pop();
    }
    rows.truncate(SAMPLE_ROWS);
    rows
}

/// The records of a sample, for its header to be detected by. A record that is cut off is none of them, unless
/// there is no other.
pub(crate) fn read_rows(text: &[u8], dialect: Dialect, is_all: bool) -> Vec<Row> {
    let mut records = Records::new(text, dialect);
    let mut rows = Vec::new();
    while rows.len() <= SAMPLE_ROWS
        && let Ok(Some(record)) = records.next_record()
    {
        if !is_all && record.is_cut_off(text) {
            return rows;
        }
        if !(dialect.sep_line && record.line == 1) {
            rows.push(Row::of(&record));
        }
    }
    if !is_all && rows.len() > 1 {
        rows.pop();
    }
    rows
}

/// A column of the table with some of the cells it is to be filled from.
pub(crate) struct Sampled<'a> {
    pub(crate) column: &'a Column,
    pub(crate) cells: Vec<&'a str>,
}

impl<'a> Sampled<'a> {
    /// The columns that a mapping fills; `rows` have a cell for each column of the file, or fewer.
    pub(crate) fn columns(table: &'a Table, mapping: &Mapping, rows: &'a [Vec<String>]) -> Vec<Self> {
        let sampled = |(cell, destination): (usize, &Destination)| {
            let Destination::Column(index) = destination else { return None };
            let cells = rows.iter().filter_map(|row| row.get(cell).map(String::as_str)).collect();
            Some(Sampled { column: &table.columns[*index], cells })
        };
        mapping.destinations.iter().enumerate().filter_map(sampled).collect()
    }

    pub(crate) fn is_identifier(&self) -> bool {
        is_identifier(&self.column.name, self.cells.iter().copied())
    }
}
