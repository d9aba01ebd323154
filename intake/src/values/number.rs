//! Integers, exact decimals and floats.

use super::number_format;
use crate::decimal::Decimal;
use crate::digits::is_digits;
use crate::kind::Kind;
use crate::locale::{DecimalMark, Locale};
use crate::refusal::{CellError, shortened};
use crate::remark::{Remark, Remarks};
use crate::sqlstate;
use std::num::IntErrorKind;

/// Digits that numeric holds before and after the point.
const NUMERIC_WHOLE_DIGITS: i64 = 131_072;
const NUMERIC_FRACTION_DIGITS: i64 = 16_383;

/// Appends the number that `text` spells in `locale`, plainly.
#[inline]
pub(super) fn write(
    kind: &Kind,
    locale: Locale,
    text: &str,
    out: &mut String,
    remarks: &mut Remarks,
) -> Result<(), CellError> {
    if is_plain(kind, locale, text) {
        out.push_str(text);
        return Ok(());
    }
    match parse(kind, locale, text, out, remarks) {
        Err(error) if error.code == sqlstate::INVALID_TEXT => {
            if let Some(number) = in_cents(kind, locale, text) {
                return Err(error.suggest(format!("write {number}, if these are cents")));
            }
            let Some(number) = suggestion(kind, locale, text) else { return Err(error) };
            let marks = if locale.decimal == DecimalMark::Comma { "commas" } else { "points" };
            Err(error.suggest(format!("write {number}, as the column has decimal {marks}")))
        }
        outcome => outcome,
    }
}

/// What to write for a cell in another locale than its column's.
fn suggestion(kind: &Kind, locale: Locale, text: &str) -> Option<String> {
    let plain = by_other_mark(kind, locale, text)?;
    Some(number_format::format_localized(&plain, locale.decimal))
}

/// What to write for `99c` and `99 ct`, of which nobody can be sure.
fn in_cents(kind: &Kind, locale: Locale, text: &str) -> Option<String> {
    let number = ["c", "ct", "p"].iter().find_map(|mark| text.strip_suffix(mark))?;
    let mut plain = String::new();
    parse(kind, locale, &format!("{number}¢"), &mut plain, &mut Remarks::new()).ok()?;
    Some(number_format::format_localized(&plain, locale.decimal))
}

/// Whether `text`, which is `plain` in `locale`, is another number by the other decimal mark.
pub(super) fn reads_otherwise(kind: &Kind, locale: Locale, text: &str, plain: &str) -> bool {
    // Most numbers have no marks.
    text.bytes().any(|byte| matches!(byte, b'.' | b','))
        && by_other_mark(kind, locale, text).is_some_and(|other| other != plain)
}

fn by_other_mark(kind: &Kind, locale: Locale, text: &str) -> Option<String> {
    let mut plain = String::new();
    let other = Locale { decimal: locale.decimal.other(), grouping: true, ..locale };
    parse(kind, other, text, &mut plain, &mut Remarks::new()).ok().map(|_| plain)
}

fn parse(
    kind: &Kind,
    locale: Locale,
    text: &str,
    out: &mut String,
    remarks: &mut Remarks,
) -> Result<(), CellError> {
    let start = out.len();
    if matches!(kind, Kind::Float4 | Kind::Float8) && is_float_word(text) {
        out.push_str(text);
        return Ok(());
    }
    let affixes = number_format::parse_localized(text, locale, out)
        .ok_or_else(|| CellError::invalid_syntax(kind, text))?;
    let kept = match kind {
        Kind::Numeric { precision } => checked_numeric(kind, &out[start..], text, *precision, remarks)?,
        Kind::Float4 | Kind::Float8 => checked_float(kind, &out[start..], text)?,
        _ => checked_integer(kind, &out[start..], text)?,
    };
    let end = start + kept.len();
    out.truncate(end);
    if affixes.percent {
        remarks.add(Remark::Percent);
    }
    if let Some(currency) = affixes.currency() {
        remarks.add(Remark::Currency(currency));
    }
    Ok(())
}

/// A fast check whether a cell is a number of its column as it stands. False means that it has to be parsed.
fn is_plain(kind: &Kind, locale: Locale, text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let whole = unsigned.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let Some(rest) = unsigned.get(whole..).filter(|_| whole > 0) else { return false };
    match kind {
        Kind::Int2 => rest.is_empty() && whole <= 4,
        Kind::Int4 | Kind::Int8 => rest.is_empty() && whole <= 9,
        Kind::Numeric { precision: Some((precision, scale)) } => {
            // Fewer digits than fit: rounding cannot make it overflow.
            let fits = (whole as i64) < i64::from(*precision) - i64::from(*scale);
            let is_exact = |rest| *scale >= 0 && is_fraction(rest, *scale as usize);
            fits && match rest {
                [] => *scale >= 0,
                rest => locale.decimal == DecimalMark::Point && is_exact(rest),
            }
        }
        _ => false,
    }
}

/// Of at most `scale` digits, but for zeros.
fn is_fraction(text: &[u8], scale: usize) -> bool {
    let digits = text.strip_prefix(b".").unwrap_or_default();
    let (kept, rest) = digits.split_at(scale.min(digits.len()));
    (1..=100).contains(&digits.len())
        && kept.iter().all(u8::is_ascii_digit)
        && rest.iter().all(|digit| *digit == b'0')
}

/// Spreadsheets write whole numbers as `5.0`; the part before the point is what PostgreSQL takes.
fn checked_integer<'t>(kind: &Kind, plain: &'t str, text: &str) -> Result<&'t str, CellError> {
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
    if fraction.is_empty() || !is_digits(fraction) {
        return Err(CellError::invalid_syntax(kind, text));
    }
    let value = match whole.parse::<i64>() {
        Ok(value) => Some(value),
        Err(error) if matches!(error.kind(), IntErrorKind::PosOverflow | IntErrorKind::NegOverflow) => None,
        Err(_) => return Err(CellError::invalid_syntax(kind, text)),
    };
    if fraction.bytes().any(|digit| digit != b'0') {
        return Err(CellError::invalid_syntax(kind, text).suggest("write a whole number"));
    }
    let fits = value.is_some_and(|value| match kind {
        Kind::Int2 => i16::try_from(value).is_ok(),
        Kind::Int4 => i32::try_from(value).is_ok(),
        _ => true,
    });
    if fits { Ok(whole) } else { Err(out_of_range(&format!("value \"{}\"", shortened(text)), kind)) }
}

fn checked_numeric<'t>(
    kind: &Kind,
    plain: &'t str,
    text: &str,
    precision: Option<(u16, i16)>,
    remarks: &mut Remarks,
) -> Result<&'t str, CellError> {
    let decimal = Decimal::parse(plain).ok_or_else(|| CellError::invalid_syntax(kind, text))?;
    if let Some((precision, scale)) = precision {
        if decimal.overflows(precision, scale) {
            let power = i32::from(precision) - i32::from(scale);
            let error = CellError::new(sqlstate::NUMBER_OUT_OF_RANGE, "numeric field overflow");
            return Err(error.suggest(format!("write a number below 10^{power}")));
        }
        if decimal.is_rounded_at(scale) {
            remarks.add(Remark::Rounded);
        }
    }
    // What fits a precision is not longer before the point.
    let is_long = precision.is_none() && decimal.whole_digits() > NUMERIC_WHOLE_DIGITS;
    if is_long || decimal.fraction_digits() > NUMERIC_FRACTION_DIGITS {
        return Err(CellError::new(sqlstate::NUMBER_OUT_OF_RANGE, "value overflows numeric format"));
    }
    Ok(plain)
}

fn is_float_word(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    ["NaN", "Infinity", "inf"].iter().any(|word| unsigned.eq_ignore_ascii_case(word))
}

fn checked_float<'t>(kind: &Kind, plain: &'t str, text: &str) -> Result<&'t str, CellError> {
    let decimal = Decimal::parse(plain).ok_or_else(|| CellError::invalid_syntax(kind, text))?;
    let magnitude = match kind {
        Kind::Float4 => plain.parse::<f32>().map(f64::from),
        _ => plain.parse::<f64>(),
    };
    let magnitude = magnitude.map_err(|_| CellError::invalid_syntax(kind, text))?;
    if decimal.is_lost_as(magnitude) {
        return Err(out_of_range(&format!("\"{}\"", shortened(text)), kind));
    }
    Ok(plain)
}

fn out_of_range(what: &str, kind: &Kind) -> CellError {
    CellError::new(sqlstate::NUMBER_OUT_OF_RANGE, format!("{what} is out of range for type {kind}"))
}
