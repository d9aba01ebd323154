//! The reader by itself, for SQL: how a file is written, and its rows as text.

use crate::failure::Failure;
use crate::options::{self, ReadingOptions};
use crate::settings;
use intake::{CsvFile, Fields, FileError, ReadOptions};
use pgrx::prelude::*;
use pgrx::{JsonB, name};
use serde_json::{Value, json};

/// `{"encoding", "encoding_basis", "delimiter", "quote", "escape", "newline", "header", "skip", "columns", "types"}`, and `"padded"` and `"export"` where they are true.
#[pg_extern(immutable, strict, parallel_safe)]
pub fn sniff_csv(data: &[u8]) -> JsonB {
    let file =
        CsvFile::open(data, &ReadOptions::default()).unwrap_or_else(|error| Failure::from(error).raise());
    let mut sniffed = file.dialect().to_json();
    sniffed["columns"] = file.columns().into();
    sniffed["types"] = file.sample().guesses().into_iter().map(|guess| guess.type_name()).collect();
    JsonB(sniffed)
}

/// What `sniff_csv` says, with `format`, and `archive`, `sheet` and `sheets` where there are such; `named` if the name says otherwise.
#[pg_extern(immutable, parallel_safe)]
pub fn sniff_file(data: Option<&[u8]>, file_name: default!(Option<&str>, "NULL")) -> Option<JsonB> {
    let options = ReadOptions { memory: settings::workbook_memory(), ..ReadOptions::default() };
    let sniffed = intake::sniff_file(data?, &options).unwrap_or_else(|error| Failure::from(error).raise());
    let mut json = sniffed.dialect.map_or_else(|| json!({}), |dialect| dialect.to_json());
    merge(&mut json, sniffed.file.to_json());
    if !sniffed.columns.is_empty() {
        merge(&mut json, json!({"columns": sniffed.columns, "types": sniffed.types}));
    }
    if !sniffed.sheets.is_empty() {
        json["sheets"] = json!(sniffed.sheets);
    }
    let sent = sniffed.file.archives.first().unwrap_or(&sniffed.file.format);
    if let Some(named) = file_name.and_then(intake::Format::of_name).filter(|named| named != sent) {
        json["named"] = named.code().into();
    }
    Some(JsonB(json))
}

fn merge(json: &mut Value, more: Value) {
    if let (Some(members), Value::Object(more)) = (json.as_object_mut(), more) {
        members.extend(more);
    }
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
