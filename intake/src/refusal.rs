//! Everything that can be wrong with a record or a cell.

use crate::kind::Kind;
use crate::sqlstate;
use serde::Serialize;
use std::borrow::Cow;

/// What is wrong with one cell, or with a record as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellError {
    /// The table's column; None if the fault is not one column's.
    pub column: Option<String>,
    /// The text at fault, at most 1000 characters of it.
    pub value: Option<String>,
    /// SQLSTATE: one of [`sqlstate`], or the database's.
    pub code: Cow<'static, str>,
    /// As PostgreSQL would word it.
    pub message: String,
    /// What to write instead, in the imperative, where it is evident.
    pub suggestion: Option<String>,
}

impl CellError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        CellError {
            column: None,
            value: None,
            code: Cow::Borrowed(code),
            message: message.into(),
            suggestion: None,
        }
    }

    /// PostgreSQL's complaint about a text that is no value of a type.
    pub(crate) fn invalid_syntax(kind: &Kind, text: &str) -> Self {
        let message = format!("invalid input syntax for type {kind}: \"{}\"", shortened(text));
        CellError::new(sqlstate::INVALID_TEXT, message)
    }

    pub(crate) fn in_column(self, name: Option<&str>) -> Self {
        CellError { column: name.map(str::to_owned), ..self }
    }

    pub(crate) fn about(self, value: &str) -> Self {
        CellError { value: Some(shortened(value)), ..self }
    }

    pub(crate) fn suggest(self, suggestion: impl Into<String>) -> Self {
        CellError { suggestion: Some(suggestion.into()), ..self }
    }
}

/// A record that is not imported, with every reason that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Physical line on which the record starts, from 1; of a JSON record its ordinal.
    pub line: u64,
    /// Position of the record's first byte in the input.
    /// None for a JSON record.
    pub byte_offset: Option<u64>,
    /// The record as it stands in the file, bytes that are not UTF-8 replaced by U+FFFD and NULs too.
    pub raw: String,
    /// What is wrong with its cells, or with the record as a whole.
    pub cells: Vec<CellError>,
}

/// The first 1000 characters: a report shows values, it does not store files.
pub(crate) fn shortened(value: &str) -> String {
    let end = value.char_indices().nth(1000).map_or(value.len(), |(end, _)| end);
    storable(&value[..end])
}

/// The text with U+FFFD for NUL, which PostgreSQL's text cannot hold.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}
