//! The reader by itself, for SQL: how a file is written, and its rows as text. And the options that say how to read, wherever
//! they are given.

use crate::failure::Failure;
use intake::{CsvFile, Fields, FileError, ReadOptions};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use pgrx::{JsonB, name};
use serde_json::Value;

/// What can be said about how to read.
const OPTIONS: [&str; 3] = ["delimiter", "encoding", "header"];

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// What to give for an option instead of a value that it cannot have.
    #[pg_extern(immutable, strict, parallel_safe)]
    pub fn read_option_hint(option: &str, value: JsonB) -> Option<String> {
        hint(option, &value.0)
    }
}

/// `{"encoding", "delimiter", "quote", "escape", "newline", "header", "skip", "columns", "types"}`, and `"padded"` where that is true.
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
    check(&options.0);
    let rows = Fields::of(data, &options_of(&options.0)).unwrap_or_else(|error| Failure::from(error).raise());
    let row = |row: std::io::Result<(u64, Vec<String>)>| {
        let (line, cells) = row.unwrap_or_else(|error| Failure::from(FileError::Io(error)).raise());
        (line as i64, cells)
    };
    TableIterator::new(rows.map(row))
}

/// Those among the options of reading that have a value which they cannot have, each with what to give instead.
pub fn faults(options: &Value) -> impl Iterator<Item = (&'static str, String)> {
    let given = |&option: &&'static str| options.get(option).map(|value| (option, value));
    OPTIONS.iter().filter_map(given).filter_map(|(option, value)| Some((option, hint(option, value)?)))
}

/// Those among checked options that say how to read.
pub fn options_of(options: &Value) -> ReadOptions {
    ReadOptions {
        encoding: options["encoding"].as_str().map(str::to_owned),
        delimiter: options["delimiter"].as_str().and_then(delimiter),
        header: options["header"].as_bool(),
    }
}

fn delimiter(given: &str) -> Option<u8> {
    match given.as_bytes() {
        b"tab" => Some(b'\t'),
        [byte] => Some(*byte),
        _ => None,
    }
}

fn hint(option: &str, value: &Value) -> Option<String> {
    let options = options_of(&serde_json::json!({ option: value }));
    if options == ReadOptions::default() {
        return Some(match option {
            "header" => "Give true or false.".into(),
            "delimiter" => {
                "Give one character that is neither a letter, a digit, a quote nor a line end, or \"tab\"."
                    .into()
            }
            _ => "Give a text.".into(),
        });
    }
    options.check().err().and_then(|error| error.hint())
}

/// Refuses options that reading does not have, and values that an option does not take.
fn check(options: &Value) {
    let Some(object) = options.as_object() else {
        return invalid("read options must be a JSON object".into(), None);
    };
    if let Some(unknown) = object.keys().find(|option| !OPTIONS.contains(&option.as_str())) {
        let known = format!("The options are: {}.", OPTIONS.join(", "));
        invalid(format!("unrecognized read option \"{unknown}\""), Some(known));
    }
    if let Some((option, hint)) = faults(options).next() {
        invalid(format!("invalid value for read option \"{option}\": {}", options[option]), Some(hint));
    }
}

fn invalid(message: String, hint: Option<String>) {
    let mut report =
        ErrorReport::new(PgSqlErrorCode::ERRCODE_INVALID_PARAMETER_VALUE, message, function_name!());
    if let Some(hint) = hint {
        report = report.set_hint(hint);
    }
    report.report(PgLogLevel::ERROR);
}
