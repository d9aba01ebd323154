//! Reads one cell: NULL, a value, or a reason to refuse it.

use super::normalize::{self, normalized, without_formula};
use super::{enumeration, json, number, scalar, time, truth};
use crate::constraint::Constraint;
use crate::kind::Kind;
use crate::locale::Locale;
use crate::refusal::CellError;
use crate::remark::{Remark, Remarks};
use crate::sqlstate;
use crate::table::Column;
use crate::trimming::trimmed;
use std::borrow::Cow;

/// How the cells of a column are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellReader<'t> {
    pub(crate) column: &'t Column,
    pub(crate) locale: Locale,
    /// Whether nothing told the locale.
    pub(crate) is_guess: bool,
    /// Whether digits that a spreadsheet has destroyed are worth a remark.
    pub(crate) is_identifier: bool,
    /// Whether every number has a sign, as changes have and counts have not.
    pub(crate) is_change: bool,
    /// Whether texts are taken to the letter, and quotes tell an empty one from NULL.
    pub(crate) is_verbatim: bool,
}

/// What became of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Null,
    Value,
}

/// The text that PostgreSQL's input function takes for `text` in `column`; None is NULL, as an empty cell is.
///
/// Numbers come out as `-1234.50` or `1.5e-3`, dates as `2024-01-31`, timestamps as `2024-01-31 10:00:00` with what
/// fraction and zone they have, booleans as `true` and `false`. Text stays as it is, but for `="0123"`, which is 0123.
///
/// ```
/// use intake::{Column, DecimalMark, Kind, Locale, check};
///
/// let price = Column::new("price", Kind::Numeric { precision: Some((12, 2)) });
/// let comma = Locale { decimal: DecimalMark::Comma, ..Locale::US };
/// assert_eq!(check(&price, comma, "1.234,50 €")?.as_deref(), Some("1234.50"));
/// assert_eq!(check(&price, comma, " ")?, None);
///
/// let error = check(&price, comma, "a lot").expect_err("no number");
/// assert_eq!(error.message, "invalid input syntax for type numeric: \"a lot\"");
/// # Ok::<(), intake::CellError>(())
/// ```
pub fn check(column: &Column, locale: Locale, text: &str) -> Result<Option<String>, CellError> {
    let mut out = String::new();
    let is_guess = false;
    let reader =
        CellReader { column, locale, is_guess, is_identifier: false, is_change: false, is_verbatim: false };
    Ok(match reader.read(text, false, &mut out, &mut Remarks::new())? {
        Found::Null => None,
        Found::Value => Some(out),
    })
}

impl CellReader<'_> {
    /// Appends the cell's value, if it has one, to `out`, and what there is to remark about it to `remarks`; after an
    /// error there may be a part of it. What was `quoted` is no word for NULL.
    pub(crate) fn read(
        &self,
        cell: &str,
        quoted: bool,
        out: &mut String,
        remarks: &mut Remarks,
    ) -> Result<Found, CellError> {
        let kind = &self.column.kind;
        let unwrapped = if self.is_verbatim { Cow::Borrowed(cell) } else { without_formula(cell) };
        let text = match kind {
            Kind::Text { .. } | Kind::Other => unwrapped,
            Kind::Enum { .. } => Cow::Borrowed(trimmed(&unwrapped)),
            Kind::Json => Cow::Borrowed(unwrapped.trim()),
            _ => normalized(&unwrapped),
        };
        if is_null(kind, &text, quoted) && !(quoted && self.tells_empty_from_null()) {
            let is_refused = self.column.required || self.column.refuses_blanks;
            return if is_refused { Err(missing(self.column, cell)) } else { Ok(Found::Null) };
        }
        let start = out.len();
        self.value(&text, out, remarks)
            .map_err(|error| error.in_column(Some(&self.column.name)).about(cell.trim()))?;
        let holds = |constraint: &&Constraint| constraint.condition.holds(kind, &out[start..]);
        match self.column.constraints.iter().find(|constraint| !holds(constraint)) {
            Some(broken) => Err(broken.refusal(&self.column.name, &out[start..])),
            None => Ok(Found::Value),
        }
    }

    fn tells_empty_from_null(&self) -> bool {
        self.is_verbatim && matches!(self.column.kind, Kind::Text { .. } | Kind::Other)
    }

    /// The same column, for JSON values other than strings.
    pub(crate) fn of_json(&self) -> Self {
        CellReader { locale: self.locale.machine(), is_guess: false, ..*self }
    }

    fn value(&self, text: &str, out: &mut String, remarks: &mut Remarks) -> Result<(), CellError> {
        let kind = &self.column.kind;
        match kind {
            Kind::Text { max_chars } => {
                out.push_str(scalar::varchar(kind, text, *max_chars)?);
                if self.is_identifier && normalize::is_destroyed(text) {
                    remarks.add(Remark::Destroyed);
                }
            }
            _ if kind.is_number() => return self.number(text, out, remarks),
            _ if kind.is_date() => return self.date(text, out, remarks),
            Kind::Bool => out.push_str(truth::boolean(kind, text)?),
            Kind::Uuid => scalar::push_uuid(kind, text, out)?,
            Kind::Json => out.push_str(json::document(kind, text)?),
            Kind::Enum { labels, .. } => out.push_str(enumeration::label(kind, labels, text)?),
            _ => out.push_str(text),
        }
        Ok(())
    }

    fn number(&self, text: &str, out: &mut String, remarks: &mut Remarks) -> Result<(), CellError> {
        let (kind, locale) = (&self.column.kind, self.locale);
        let start = out.len();
        number::write(kind, locale, text, out, remarks)?;
        if self.is_guess && number::reads_otherwise(kind, locale, text, &out[start..]) {
            remarks.add(Remark::GuessedDecimal(locale.decimal));
        }
        if self.is_change && text.starts_with('+') {
            remarks.add(Remark::Change);
        }
        Ok(())
    }

    fn date(&self, text: &str, out: &mut String, remarks: &mut Remarks) -> Result<(), CellError> {
        let Locale { dates, .. } = self.locale;
        time::write(&self.column.kind, self.locale, text, out, remarks)?;
        if self.is_guess && time::reads_otherwise(dates, text) {
            remarks.add(Remark::GuessedOrder(dates));
        }
        Ok(())
    }
}

/// Whether programs write the text, without quotes, for no value.
pub(crate) fn is_null_of_programs(text: &str) -> bool {
    matches!(text, "NULL" | "#N/A")
}

/// In text, `none` and `-` are words, and quotes tell a text from the NULL of a program, as in COPY.
fn is_null(kind: &Kind, text: &str, quoted: bool) -> bool {
    const WORDS: [&str; 6] = ["n/a", "#n/a", "null", "none", "-", "--"];
    let is_word = || text.len() <= 4 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    match kind {
        _ if text.is_empty() => true,
        Kind::Text { .. } | Kind::Enum { .. } | Kind::Other => !quoted && is_null_of_programs(text),
        // A JSON document.
        Kind::Json if text == "null" => false,
        _ => is_word(),
    }
}

#[cold]
fn missing(column: &Column, cell: &str) -> CellError {
    let name = &column.name;
    let message = if column.required {
        format!("null value in column \"{name}\" violates not-null constraint")
    } else {
        format!("blank cell in column \"{name}\", whose default is the time of the import")
    };
    let error = CellError::new(sqlstate::NOT_NULL_VIOLATION, message).in_column(Some(name));
    let error = error.suggest(format!("fill in {name}"));
    match cell.trim() {
        "" => error,
        word => error.about(word),
    }
}
