//! Dates and timestamps, stored in the ISO form.

use super::date::{Fault, day, serial};
use crate::digits::{is_digits, number_of_digits};
use crate::error::{CellError, shortened};
use crate::kind::Kind;
use crate::locale::{DateOrder, Locale};
use crate::notes::Remark;
use crate::sqlstate;
use jiff::civil::{Date, Time};
use std::fmt::Write;

const DAY_SECONDS: f64 = 86_400.0;

/// Appends the date or timestamp that `text` spells in `locale`.
pub(super) fn write(
    kind: &Kind,
    locale: Locale,
    text: &str,
    out: &mut String,
) -> Result<Option<Remark>, CellError> {
    if let Some((date, part)) = serial(text).filter(|(_, part)| *kind != Kind::Date || *part == 0.0) {
        write_serial(kind, date, part, out);
        return Ok(Some(Remark::Serial));
    }
    match moment(kind, locale.dates, text, out) {
        Ok(()) => Ok(None),
        Err(fault) => Err(refusal(fault, kind, locale.dates, text)),
    }
}

/// Whether `text` is another day in another order than `order`.
pub(super) fn reads_otherwise(order: DateOrder, text: &str) -> bool {
    // Most dates begin with the year.
    let has_year_first = text.len() > 4 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
    let day = |order| day_of(text, order);
    !has_year_first && DateOrder::ALL.into_iter().filter_map(day).any(|other| Some(other) != day(order))
}

fn write_serial(kind: &Kind, date: Date, part: f64, out: &mut String) {
    write_date(date, out);
    if *kind != Kind::Date {
        let seconds = (part * DAY_SECONDS).round().min(DAY_SECONDS - 1.0) as u32;
        push(out, format_args!(" {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    }
}

/// The day that `text` begins with, read in an order. None also for the day numbers of spreadsheets, which have no
/// order, and for a month first with points between the parts, which nobody writes.
pub(crate) fn day_of(text: &str, order: DateOrder) -> Option<Date> {
    let date = split(text).0;
    let possible = serial(text).is_none() && !(order == DateOrder::Mdy && date.contains('.'));
    possible.then(|| day(date, order).ok()).flatten()
}

/// The date in `text`, and the time of day.
fn split(text: &str) -> (&str, &str) {
    let Some(colon) = text.find(':') else { return (text, "") };
    let hours = text[..colon].bytes().rev().take_while(u8::is_ascii_digit).count();
    let (date, time) = text.split_at(colon - hours);
    // ISO has a T in between. A date does not end in one suggestion.
    (date.strip_suffix(['T', 't', ',']).unwrap_or(date).trim_end(), time)
}

fn moment(kind: &Kind, order: DateOrder, text: &str, out: &mut String) -> Result<(), Fault> {
    let (date, time) = split(text);
    write_date(day(date, order)?, out);
    if time.is_empty() {
        return Ok(());
    }
    let in_clock = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
    let (clock, zone) = time.split_at(time.find(|c| !in_clock(c)).unwrap_or(time.len()));
    let (half, zone) = half_of_day(zone.trim_start());
    let start = out.len();
    write_clock(clock, half, out)?;
    if *kind == Kind::Date {
        // Midnight is how spreadsheets show a day.
        let midnight = out[start..].bytes().all(|byte| !(b'1'..=b'9').contains(&byte)) && zone.is_empty();
        out.truncate(start);
        return if midnight { Ok(()) } else { Err(Fault::Form) };
    }
    check_offset(zone)?;
    out.push_str(zone);
    Ok(())
}

fn write_date(date: Date, out: &mut String) {
    push(out, format_args!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()));
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // A string takes everything.
    let _ = out.write_fmt(text);
}

#[derive(Clone, Copy, PartialEq)]
enum Half {
    Am,
    Pm,
}

/// AM or PM, and what follows.
fn half_of_day(text: &str) -> (Option<Half>, &str) {
    let half = |mark: &str| text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    match (half("am"), half("pm")) {
        (true, _) => (Some(Half::Am), text[2..].trim_start()),
        (_, true) => (Some(Half::Pm), text[2..].trim_start()),
        _ => (None, text),
    }
}

/// Takes `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`.
fn write_clock(text: &str, half: Option<Half>, out: &mut String) -> Result<(), Fault> {
    let mut parts = text.splitn(3, ':');
    let mut part = |width| parts.next().and_then(|part| number_of_digits(part, width)).ok_or(Fault::Form);
    let (hour, minute) = (part(1..=2)?, part(2..=2)?);
    let seconds = parts.next().unwrap_or("00");
    let second = second(seconds).ok_or(Fault::Form)?;
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return Err(Fault::Range),
        Some(half) => hour % 12 + if half == Half::Pm { 12 } else { 0 },
    };
    Time::new(hour as i8, minute as i8, second as i8, 0).map_err(|_| Fault::Range)?;
    push(out, format_args!(" {hour:02}:{minute:02}:{seconds}"));
    Ok(())
}

fn second(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fractional = !fraction.is_empty() && is_digits(fraction);
    number_of_digits(whole, 2..=2).filter(|_| fractional)
}

/// Takes nothing, `Z`, `UTC`, `GMT`, or hours and minutes as in `+02`, `+0200`, `+02:00`.
fn check_offset(text: &str) -> Result<(), Fault> {
    if text.is_empty() || ["Z", "UTC", "GMT"].iter().any(|name| text.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    let unsigned = text.strip_prefix(['+', '-']).ok_or(Fault::Form)?;
    let (hours, minutes) = match unsigned.split_once(':') {
        Some(parts) => parts,
        None => unsigned.split_at_checked(2).ok_or(Fault::Form)?,
    };
    let hours = number_of_digits(hours, 2..=2).ok_or(Fault::Form)?;
    let minutes = if minutes.is_empty() { 0 } else { number_of_digits(minutes, 2..=2).ok_or(Fault::Form)? };
    // PostgreSQL's limit is 15:59:59.
    if hours <= 15 && minutes <= 59 { Ok(()) } else { Err(Fault::Range) }
}

fn refusal(fault: Fault, kind: &Kind, order: DateOrder, text: &str) -> CellError {
    let error = match fault {
        Fault::Form => {
            CellError { code: sqlstate::INVALID_DATETIME.into(), ..CellError::invalid_syntax(kind, text) }
        }
        Fault::Range => {
            let message = format!("date/time field value out of range: \"{}\"", shortened(text));
            CellError::new(sqlstate::DATETIME_OUT_OF_RANGE, message)
        }
    };
    match suggestion(kind, order, text) {
        Some(iso) => {
            error.suggest(format!("write {iso}, as the column has its dates in the order {}", order.name()))
        }
        None if fault == Fault::Range => error,
        None if *kind == Kind::Date => error.suggest("write dates as YYYY-MM-DD"),
        None => error.suggest("write timestamps as YYYY-MM-DD HH:MM:SS"),
    }
}

/// What to write for a cell in another order than its column's, unless the other orders disagree.
fn suggestion(kind: &Kind, order: DateOrder, text: &str) -> Option<String> {
    let read = |order| {
        let mut iso = String::new();
        moment(kind, order, text, &mut iso).is_ok().then_some(iso)
    };
    let others = DateOrder::ALL.into_iter().filter(|other| *other != order);
    let mut readings = others.filter_map(read);
    let first = readings.next()?;
    readings.all(|other| other == first).then_some(first)
}
