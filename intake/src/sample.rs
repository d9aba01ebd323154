//! The first records of a source, looked at before the first is read in earnest.

use crate::columns::{Destination, Mapping};
use crate::records::Records;
use crate::table::{Column, Table};
use crate::values::is_identifier;
use std::io::{self, Cursor, Read};

/// Records of a sample.
pub(crate) const RECORDS: usize = 1_000;

/// Bytes of the input that a sample is taken from.
pub(crate) const BYTES: usize = 256 * 1024;

/// The cells of the first records, the header among them, and the input as if nothing had been read of it.
pub(crate) fn take<R: Read>(
    mut input: R,
    delimiter: Option<u8>,
) -> io::Result<(Vec<Vec<String>>, impl Read)> {
    let mut head = Vec::new();
    input.by_ref().take(BYTES as u64).read_to_end(&mut head)?;
    let mut rows = Vec::new();
    let mut records = Records::open(head.as_slice(), delimiter)?;
    while let Some(record) = records.next_record()?
        && rows.len() < RECORDS
    {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        rows.push(record.fields().map(|field| text(field.bytes)).collect());
    }
    if head.len() == BYTES {
        // It may be cut off.
        rows.pop();
    }
    Ok((rows, Cursor::new(head).chain(input)))
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
