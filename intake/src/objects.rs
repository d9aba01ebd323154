//! Reads records that are JSON objects.

use crate::batch::{Batches, Event, Origin, Spec};
use crate::columns::{Mapping, file_column};
use crate::error::{CellError, FileError, sqlstate};
use crate::header::name_columns;
use crate::notes::Passed;
use crate::row::{Cell, Layout, Outcome};
use crate::values::{escapes_nul, no_nul};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Reads the texts of JSON objects as rows of a file whose header is `keys`: all keys that the objects have.
/// A string counts as its text, a number as it is written, null as an empty cell, anything nested as its JSON.
/// In attributes all but strings stay JSON. Lines are ordinals from 1, bytes those of the texts.
pub fn read_objects(
    keys: &[String],
    objects: impl Iterator<Item = String>,
    spec: &Spec,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let mut objects = objects.peekable();
    if objects.peek().is_none() {
        return Err(FileError::Empty);
    }
    let header = name_columns(keys.iter().cloned());
    // A client that has mapped the records itself sends its mapping along: what it says of keys that are gone is moot.
    let known = |mapping: &Map<String, Value>| -> Map<String, Value> {
        let pairs = mapping.iter().filter(|(name, _)| file_column(&header, name).is_some());
        pairs.map(|(name, target)| (name.clone(), target.clone())).collect()
    };
    let explicit = spec.mapping.as_ref().map(known);
    let mapping = Mapping::resolve(&header, &spec.table, explicit.as_ref())?;
    let layout = Layout::new(&spec.table, &mapping);
    let columns = layout.columns().to_vec();
    if emit(Event::Started { dialect: None, mapping, columns }).is_break() {
        return Ok(());
    }
    let mut batches = Batches::new(spec, &layout, emit);
    let mut bytes_read = 0;
    for (line, raw) in (1..).zip(objects) {
        bytes_read += raw.len() as u64;
        let outcome = read_object(keys, &raw, &layout);
        let origin = Origin { line, byte_offset: None, raw };
        match outcome {
            Outcome::Accepted(row) => batches.accept(origin, row),
            Outcome::Refused(cells) => batches.refuse(origin, cells),
            Outcome::Blank => batches.skip(line, Passed::Blank),
        }
        if batches.turn(bytes_read).is_break() {
            return Ok(());
        }
    }
    batches.finish()
}

fn read_object(keys: &[String], text: &str, layout: &Layout<'_>) -> Outcome {
    match members(text).and_then(|members| cells(keys, &members)) {
        Ok(cells) => layout.check(&cells),
        Err(error) => Outcome::Refused(vec![error]),
    }
}

type Members<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

fn members(text: &str) -> Result<Members<'_>, CellError> {
    if escapes_nul(text) {
        return Err(no_nul());
    }
    serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            let error = CellError::new(sqlstate::INVALID_PARAMETER, "record is not a JSON object");
            error.about(text).suggest("write {\"column\": value}")
        } else {
            CellError::new(sqlstate::INVALID_TEXT, "invalid input syntax for type json").about(text)
        }
    })
}

fn cells<'a>(keys: &[String], members: &Members<'a>) -> Result<Vec<Cell<'a>>, CellError> {
    if let Some(stray) = members.keys().find(|&key| !keys.iter().any(|known| known == key)) {
        let message = format!("key \"{stray}\" is not among the columns");
        return Err(CellError::new(sqlstate::INVALID_PARAMETER, message));
    }
    keys.iter().map(|key| members.get(key.as_str()).map_or(Ok(EMPTY), |value| cell(value))).collect()
}

const EMPTY: Cell<'static> = Cell { text: Cow::Borrowed(""), json: None };

fn cell(value: &RawValue) -> Result<Cell<'_>, CellError> {
    let json = value.get();
    match json.as_bytes().first() {
        Some(b'n') => Ok(EMPTY),
        Some(b'"') => match serde_json::from_str(json) {
            Ok(text) => Ok(Cell { text: Cow::Owned(text), json: None }),
            // Half of a surrogate pair is JSON by the letter, but no text.
            Err(_) => {
                Err(CellError::new(sqlstate::INVALID_TEXT, "invalid input syntax for type json").about(json))
            }
        },
        _ => Ok(Cell { text: Cow::Borrowed(json), json: Some(json) }),
    }
}
