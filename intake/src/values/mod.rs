//! Checks a cell against its column, as PostgreSQL's input functions would.

mod json;
mod number;
mod plain;
mod time;

pub(crate) use json::{escapes_nul, no_nul};

use crate::error::{CellError, shortened, sqlstate};
use crate::table::{Column, Kind};
use std::borrow::Cow;
use uuid::Uuid;

/// The text that PostgreSQL's input function takes for `text` in `column`; None is NULL, which an empty cell
/// is. White space around values that are not text, U+00A0 included, is dropped.
pub fn check<'t>(column: &Column, text: &'t str) -> Result<Option<Cow<'t, str>>, CellError> {
    let text = if column.kind.keeps_spaces() { text } else { text.trim() };
    if text.is_empty() {
        return if column.required { Err(missing(&column.name)) } else { Ok(None) };
    }
    match check_kind(&column.kind, text) {
        Ok(checked) => Ok(Some(checked)),
        Err(error) => Err(error.in_column(Some(&column.name)).about(text)),
    }
}

fn check_kind<'t>(kind: &Kind, text: &'t str) -> Result<Cow<'t, str>, CellError> {
    match kind {
        Kind::Other | Kind::Text { max_chars: None } => Ok(Cow::Borrowed(text)),
        Kind::Text { max_chars: Some(max) } => varchar(kind, text, *max),
        Kind::Int2 | Kind::Int4 | Kind::Int8 => number::integer(kind, text),
        Kind::Numeric { precision } => number::numeric(kind, text, *precision),
        Kind::Float4 | Kind::Float8 => number::float(kind, text),
        Kind::Bool => boolean(kind, text),
        Kind::Date => time::date(kind, text),
        Kind::Timestamp | Kind::TimestampTz => time::timestamp(kind, text),
        Kind::Uuid => uuid(kind, text),
        Kind::Json => json::document(kind, text),
    }
}

/// PostgreSQL's complaint about text that is no value of a type.
fn invalid(kind: &Kind, text: &str) -> CellError {
    let message = format!("invalid input syntax for type {kind}: \"{}\"", shortened(text));
    CellError::new(sqlstate::INVALID_TEXT, message)
}

fn missing(column: &str) -> CellError {
    let message = format!("null value in column \"{column}\" violates not-null constraint");
    CellError::new(sqlstate::NOT_NULL_VIOLATION, message)
        .in_column(Some(column))
        .suggest(format!("fill in {column}"))
}

fn varchar<'t>(kind: &Kind, text: &'t str, max: u32) -> Result<Cow<'t, str>, CellError> {
    let excess = text.char_indices().nth(max as usize).map_or("", |(end, _)| &text[end..]);
    // PostgreSQL cuts off spaces that are too many.
    if excess.bytes().all(|byte| byte == b' ') {
        return Ok(Cow::Borrowed(text));
    }
    let error = CellError::new(sqlstate::STRING_TOO_LONG, format!("value too long for type {kind}"));
    Err(error.suggest(format!("shorten to {max} characters")))
}

fn boolean<'t>(kind: &Kind, text: &'t str) -> Result<Cow<'t, str>, CellError> {
    const TRUE: [&str; 7] = ["true", "t", "yes", "y", "1", "on", "x"];
    const FALSE: [&str; 6] = ["false", "f", "no", "n", "0", "off"];
    let among = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if among(&TRUE) {
        Ok(Cow::Borrowed("true"))
    } else if among(&FALSE) {
        Ok(Cow::Borrowed("false"))
    } else {
        Err(invalid(kind, text).suggest("write true or false"))
    }
}

fn uuid<'t>(kind: &Kind, text: &'t str) -> Result<Cow<'t, str>, CellError> {
    let parsed = Uuid::try_parse(text).map_err(|_| invalid(kind, text))?;
    // Only the plain form is sure to be PostgreSQL's too.
    let plain = text.len() == 36;
    Ok(if plain { Cow::Borrowed(text) } else { Cow::Owned(parsed.hyphenated().to_string()) })
}
