//! The reader by itself, for SQL: how a file is written, and its rows as text.

use crate::failure::Failure;
use crate::options::{self, ReadingOptions};
use intake::{CsvFile, Fields, FileError, ReadOptions};
use pgrx::prelude::*;
use pgrx::{JsonB, name};

/// `{"encoding", "encoding_basis", "delimiter", "quote", "escape", "newline", "header", "skip", "columns", "types"}`, and `"padded"` where that is true.
#[pg_extern(immutable, strict, parallel_safe)]
pub fn sniff_csv(data: &[u8]) -> JsonB {
    let file =
        CsvFile::open(data, &ReadOptions::default()).unwrap_or_else(|error| Failure::from(error).raise());
    let mut sniffed = file.dialect().to_json();
    sniffed["columns"] = file.columns().into();
    sniffed["types"] = file.sample().guesses().into_iter().map(|guess| guess.type_name()).collect();
    JsonB(sniffed)
}

/// The rows, one at a time.
#[pg_extern(immutable, strict, parallel_safe)]
pub fn read_csv(
    data: Vec<u8>,
    options: default!(JsonB, "'{}'"),
) -> TableIterator<'static, (name!(line, i64), name!(fields, Vec<String>))> {
    let options: ReadingOptions = options::read(options.0).unwrap_or_else(|failure| failure.raise());
    let rows = Fields::of(data, &options.into()).unwrap_or_else(|error| Failure::from(error).raise());
    let row = |row: std::io::Result<(u64, Vec<String>)>| {
        let (line, cells) = row.unwrap_or_else(|error| Failure::from(FileError::Io(error)).raise());
        (line as i64, cells)
    };
    TableIterator::new(rows.map(row))
}
