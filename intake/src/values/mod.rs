//! Reads a cell as its column's type, in its column's locale, into what PostgreSQL's input functions take.

mod date;
mod enumeration;
mod json;
mod locale;
mod normalize;
mod number;
mod number_format;
mod time;

pub(crate) use json::{escapes_nul, no_nul};
pub use locale::{DateOrder, DecimalMark, Locale};
pub(crate) use normalize::{is_hidden, is_identifier, normalized, without_formula};
pub(crate) use number_format::parse_localized;
pub(crate) use time::day_of;

use crate::constraint::Constraint;
use crate::error::{CellError, shortened, sqlstate};
use crate::notes::Remark;
use crate::table::{Column, Kind};
use std::borrow::Cow;
use uuid::Uuid;

/// How the cells of a column are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellReader<'t> {
    pub(crate) column: &'t Column,
    pub(crate) locale: Locale,
    /// Whether nothing told the locale.
    pub(crate) is_guess: bool,
    /// Whether digits that a spreadsheet has destroyed are worth a word.
    pub(crate) is_identifier: bool,
}

/// What became of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Null,
    /// A value, with what there is to remark about it.
    Value(Option<Remark>),
}

/// The text that PostgreSQL's input function takes for `text` in `column`; None is NULL, as an empty cell is.
///
/// Numbers come out as `-1234.50` or `1.5e-3`, dates as `2024-01-31`, timestamps as `2024-01-31 10:00:00` with what fraction
/// and zone they have, booleans as `true` and `false`. Text stays as it is, but for `="0123"`, which is 0123.
pub fn check(column: &Column, locale: Locale, text: &str) -> Result<Option<String>, CellError> {
    let mut out = String::new();
    let reader = CellReader { column, locale, is_guess: false, is_identifier: false };
    Ok(match reader.read(text, &mut out)? {
        Found::Null => None,
        Found::Value(_) => Some(out),
    })
}

impl CellReader<'_> {
    /// Appends the cell's value, if it has one, to `out`; after an error there may be a part of it.
    pub(crate) fn read(&self, cell: &str, out: &mut String) -> Result<Found, CellError> {
        let kind = &self.column.kind;
        let unwrapped = without_formula(cell);
        let text = match kind {
            Kind::Text { .. } | Kind::Other => unwrapped,
            Kind::Json | Kind::Enum { .. } => Cow::Borrowed(unwrapped.trim()),
            _ => normalized(&unwrapped),
        };
        if is_null(kind, &text) {
            return if self.column.required { Err(missing(&self.column.name)) } else { Ok(Found::Null) };
        }
        let start = out.len();
        let remark = self
            .value(&text, out)
            .map_err(|error| error.in_column(Some(&self.column.name)).about(cell.trim()))?;
        let holds = |constraint: &&Constraint| constraint.condition.holds(kind, &out[start..]);
        match self.column.constraints.iter().find(|constraint| !holds(constraint)) {
            Some(broken) => Err(broken.refusal(&self.column.name, &out[start..])),
            None => Ok(Found::Value(remark)),
        }
    }

    /// The same column's, for what JSON holds besides strings.
    pub(crate) fn of_json(&self) -> Self {
        CellReader { locale: self.locale.machine(), is_guess: false, ..*self }
    }

    fn value(&self, text: &str, out: &mut String) -> Result<Option<Remark>, CellError> {
        let kind = &self.column.kind;
        match kind {
            Kind::Text { max_chars } => {
                out.push_str(varchar(kind, text, *max_chars)?);
                let destroyed = self.is_identifier && normalize::is_destroyed(text);
                return Ok(destroyed.then_some(Remark::Destroyed));
            }
            _ if kind.is_number() => return self.number(text, out),
            _ if kind.is_date() => return self.date(text, out),
            Kind::Bool => out.push_str(boolean(kind, text)?),
            Kind::Uuid => push_uuid(kind, text, out)?,
            Kind::Json => out.push_str(json::document(kind, text)?),
            Kind::Enum { labels, .. } => out.push_str(enumeration::label(kind, labels, text)?),
            _ => out.push_str(text),
        }
        Ok(None)
    }
}

impl CellReader<'_> {
    fn number(&self, text: &str, out: &mut String) -> Result<Option<Remark>, CellError> {
        let Locale { decimal, .. } = self.locale;
        let start = out.len();
        let remark = number::write(&self.column.kind, self.locale, text, out)?;
        let guessed =
            self.is_guess && number::reads_otherwise(&self.column.kind, self.locale, text, &out[start..]);
        Ok(if guessed { Some(Remark::GuessedDecimal(decimal)) } else { remark })
    }

    fn date(&self, text: &str, out: &mut String) -> Result<Option<Remark>, CellError> {
        let Locale { dates, .. } = self.locale;
        let remark = time::write(&self.column.kind, self.locale, text, out)?;
        let guessed = self.is_guess && time::reads_otherwise(dates, text);
        Ok(if guessed { Some(Remark::GuessedOrder(dates)) } else { remark })
    }
}

/// In text `none` and `-` are words; `NULL` and `#N/A`, so written, are what programs put for nothing.
fn is_null(kind: &Kind, text: &str) -> bool {
    const WORDS: [&str; 6] = ["n/a", "#n/a", "null", "none", "-", "--"];
    let is_word = || text.len() <= 4 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    match kind {
        _ if text.is_empty() => true,
        Kind::Text { .. } | Kind::Enum { .. } | Kind::Other => matches!(text, "NULL" | "#N/A"),
        // A document of its own.
        Kind::Json if text == "null" => false,
        _ => is_word(),
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

fn varchar<'t>(kind: &Kind, text: &'t str, max: Option<u32>) -> Result<&'t str, CellError> {
    let Some(max) = max.filter(|max| text.len() > *max as usize) else { return Ok(text) };
    let excess = text.char_indices().nth(max as usize).map_or("", |(end, _)| &text[end..]);
    // PostgreSQL cuts off spaces that are too many.
    if excess.bytes().all(|byte| byte == b' ') {
        return Ok(text);
    }
    let error = CellError::new(sqlstate::STRING_TOO_LONG, format!("value too long for type {kind}"));
    Err(error.suggest(format!("shorten to {max} characters")))
}

fn boolean(kind: &Kind, text: &str) -> Result<&'static str, CellError> {
    const TRUE: [&str; 12] =
        ["true", "t", "yes", "y", "1", "on", "x", "active", "ja", "oui", "si", "s\u{ED}"];
    const FALSE: [&str; 9] = ["false", "f", "no", "n", "0", "off", "inactive", "nein", "non"];
    let among = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if among(&TRUE) {
        Ok("true")
    } else if among(&FALSE) {
        Ok("false")
    } else {
        Err(invalid(kind, text).suggest("write true or false"))
    }
}

fn push_uuid(kind: &Kind, text: &str, out: &mut String) -> Result<(), CellError> {
    let parsed = Uuid::try_parse(text).map_err(|_| invalid(kind, text))?;
    // Only the plain form is sure to be PostgreSQL's too.
    out.push_str(parsed.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    Ok(())
}
