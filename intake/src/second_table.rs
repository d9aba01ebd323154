//! A second table below the first one, with a header of its own. Its rows look like rows of the first. Its header is
//! refused, as it has names in columns of values, and then this is said.

use crate::record::{Record, RecordKind};
use crate::refusal::CellError;
use crate::sqlstate;
use std::collections::HashSet;

/// The longest name of a column, in bytes.
const MAX_NAME_BYTES: usize = 100;

/// Adds to the reasons why a record is refused that it looks like the header of another table. `after_gap`: blank lines
/// stand before it.
pub(crate) fn explain(record: &Record<'_>, after_gap: bool, mut errors: Vec<CellError>) -> Vec<CellError> {
    let no_value =
        |error: &&CellError| [sqlstate::INVALID_TEXT, sqlstate::INVALID_DATETIME].contains(&&*error.code);
    // A single word among numbers is probably a mistake in a row.
    let stands_out = after_gap || errors.iter().filter(no_value).count() > 1;
    if record.kind == RecordKind::Row && stands_out && names_columns(record) {
        let error = CellError::new(sqlstate::NO_DATA_ROW, "row looks like the header of another table");
        let suggestion = "split the file here: the rows below were read as rows of the table above";
        errors.insert(0, error.suggest(suggestion));
    }
    errors
}

/// Whether a record has several cells that all could name a column, and all differ.
fn names_columns(record: &Record<'_>) -> bool {
    let cells: Vec<&[u8]> = record.fields().map(|field| field.bytes.trim_ascii()).collect();
    let is_name = |cell: &&[u8]| {
        let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        cell.len() <= MAX_NAME_BYTES && cell.iter().any(is_letter) && !cell.iter().any(u8::is_ascii_digit)
    };
    let distinct: HashSet<_> = cells.iter().collect();
    cells.len() > 1 && cells.iter().all(is_name) && distinct.len() == cells.len()
}
