//! ISO dates and timestamps. Other spellings depend on where the writer lives, and are refused.

use super::invalid;
use crate::error::{CellError, shortened, sqlstate};
use crate::table::Kind;
use jiff::civil::{Date, Time};
use std::borrow::Cow;
use std::ops::RangeInclusive;

enum Fault {
    /// Not in the ISO form.
    Form,
    /// In the form, but no such day or time.
    Range,
}

/// Takes `2024-01-31`.
pub(super) fn date<'t>(kind: &Kind, text: &'t str) -> Result<Cow<'t, str>, CellError> {
    let suggestion = "write dates as YYYY-MM-DD";
    day(text).map(|()| Cow::Borrowed(text)).map_err(|fault| refusal(fault, kind, text, suggestion))
}

/// Takes `2024-01-31 10:00`, `2024-01-31T10:00:00.5Z`, `2024-01-31 10:00:00 +0200`, `2024-01-31`.
pub(super) fn timestamp<'t>(kind: &Kind, text: &'t str) -> Result<Cow<'t, str>, CellError> {
    let suggestion = "write timestamps as YYYY-MM-DD HH:MM:SS";
    moment(text).map(|()| Cow::Borrowed(text)).map_err(|fault| refusal(fault, kind, text, suggestion))
}

fn refusal(fault: Fault, kind: &Kind, text: &str, suggestion: &str) -> CellError {
    match fault {
        Fault::Form => {
            CellError { code: sqlstate::INVALID_DATETIME.into(), ..invalid(kind, text) }.suggest(suggestion)
        }
        Fault::Range => {
            let message = format!("date/time field value out of range: \"{}\"", shortened(text));
            CellError::new(sqlstate::DATETIME_OUT_OF_RANGE, message)
        }
    }
}

fn moment(text: &str) -> Result<(), Fault> {
    let Some((date, rest)) = text.split_once([' ', 'T']) else {
        return day(text);
    };
    let in_clock = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
    let (time, zone) = rest.split_at(rest.find(|c| !in_clock(c)).unwrap_or(rest.len()));
    day(date)?;
    clock(time)?;
    offset(zone.trim_start())
}

fn day(text: &str) -> Result<(), Fault> {
    let mut parts = text.split('-');
    let mut part = |width| parts.next().and_then(|part| number(part, width)).ok_or(Fault::Form);
    let (year, month, day) = (part(4..=4)?, part(1..=2)?, part(1..=2)?);
    if parts.next().is_some() {
        return Err(Fault::Form);
    }
    // PostgreSQL has no year 0.
    let exists = year > 0 && Date::new(year, month as i8, day as i8).is_ok();
    exists.then_some(()).ok_or(Fault::Range)
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`.
fn clock(text: &str) -> Result<(), Fault> {
    let mut parts = text.splitn(3, ':');
    let mut part = |width| parts.next().and_then(|part| number(part, width)).ok_or(Fault::Form);
    let (hour, minute) = (part(1..=2)?, part(2..=2)?);
    let second = match parts.next() {
        Some(seconds) => second(seconds).ok_or(Fault::Form)?,
        None => 0,
    };
    Time::new(hour as i8, minute as i8, second as i8, 0).map(drop).map_err(|_| Fault::Range)
}

fn second(text: &str) -> Option<i16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fractional = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    number(whole, 2..=2).filter(|_| fractional)
}

/// Nothing, `Z`, `UTC`, `GMT`, or hours and minutes as in `+02`, `+0200`, `+02:00`.
fn offset(text: &str) -> Result<(), Fault> {
    if text.is_empty() || ["Z", "UTC", "GMT"].iter().any(|name| text.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let unsigned = text.strip_prefix(['+', '-']).ok_or(Fault::Form)?;
    let (hours, minutes) = match unsigned.split_once(':') {
        Some(parts) => parts,
        None => unsigned.split_at_checked(2).ok_or(Fault::Form)?,
    };
    let hours = number(hours, 2..=2).ok_or(Fault::Form)?;
    let minutes = if minutes.is_empty() { 0 } else { number(minutes, 2..=2).ok_or(Fault::Form)? };
    // PostgreSQL's limit is 15:59:59.
    if hours <= 15 && minutes <= 59 { Ok(()) } else { Err(Fault::Range) }
}

fn number(text: &str, width: RangeInclusive<usize>) -> Option<i16> {
    let written = width.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    written.then(|| text.parse().ok()).flatten()
}
