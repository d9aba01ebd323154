//! Dates and timestamps, stored in the ISO form.

use super::clock::{Clock, half_of_day};
use super::date::{Fault, Written, day, serial};
use crate::digits::number_of_digits;
use crate::kind::Kind;
use crate::locale::{DateOrder, Locale};
use crate::refusal::{CellError, shortened};
use crate::remark::{Remark, Remarks};
use crate::sqlstate;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::fmt::Write;

const DAY_SECONDS: f64 = 86_400.0;

/// Appends the date or timestamp that `text` spells in `locale`.
pub(super) fn write(
    kind: &Kind,
    locale: Locale,
    text: &str,
    out: &mut String,
    remarks: &mut Remarks,
) -> Result<(), CellError> {
    if let Some((date, part)) = serial(text).filter(|(_, part)| *kind != Kind::Date || *part == 0.0) {
        write_serial(kind, date, part, out);
        remarks.add(Remark::Serial);
        return Ok(());
    }
    let day =
        moment(kind, locale.dates, text, out).map_err(|fault| refusal(fault, kind, locale.dates, text))?;
    // A clock that is wrong costs a remark.
    let is_future = || day.date > Timestamp::now().to_zoned(TimeZone::UTC).date();
    if day.odd_weekday {
        remarks.add(Remark::Weekday);
    }
    if day.short_year && is_future() {
        remarks.add(Remark::ShortYear);
    }
    Ok(())
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
/// order, and for numbers with points between them and the month first, which nobody writes.
pub(crate) fn day_of(text: &str, order: DateOrder) -> Option<Date> {
    let date = split(text).0;
    let in_points = || date.contains('.') && !date.contains(char::is_alphabetic);
    let possible = serial(text).is_none() && !(order == DateOrder::Mdy && in_points());
    possible.then(|| day(date, order).ok()).flatten().map(|day| day.date)
}

/// The date in `text`, and the time of day.
fn split(text: &str) -> (&str, &str) {
    let Some(colon) = text.find(':') else { return split_basic(text).unwrap_or((text, "")) };
    let hours = text[..colon].bytes().rev().take_while(u8::is_ascii_digit).count();
    let (date, time) = text.split_at(colon - hours);
    // ISO has a T in between. A date does not end in one suggestion.
    (date.strip_suffix(['T', 't', ',']).unwrap_or(date).trim_end(), time)
}

/// ISO's basic form, `20240105T100000Z`, or with a space in place of the T.
fn split_basic(text: &str) -> Option<(&str, &str)> {
    let (date, rest) = text.split_at_checked(text.find(['T', 't', ' '])?)?;
    let time = &rest[1..];
    let digits = time.bytes().take_while(u8::is_ascii_digit).count();
    let is_basic = digits == 6 || (digits == 4 && !rest.starts_with(' '));
    (is_basic && (date.len() == 8 || date.len() == 10) && date.is_ascii()).then_some((date, time))
}

fn moment(kind: &Kind, order: DateOrder, text: &str, out: &mut String) -> Result<Written, Fault> {
    let (date, time) = split(text);
    let day = day(date, order)?;
    if time.is_empty() {
        write_date(day.date, out);
        return Ok(day);
    }
    let in_clock = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | ',');
    let (clock, zone) = time.split_at(time.find(|c| !in_clock(c)).unwrap_or(time.len()));
    let (half, zone) = half_of_day(zone.trim_start());
    // A day is the day as written, wherever that was.
    if !(*kind == Kind::Date && is_zone_name(zone)) {
        check_offset(zone)?;
    }
    let clock = Clock::parse(clock, half)?;
    if *kind == Kind::Date {
        // The date as written, as PostgreSQL's cast has it.
        write_date(day.date, out);
        return Ok(day);
    }
    let date = if clock.is_next_day() { day.date.tomorrow().map_err(|_| Fault::Range)? } else { day.date };
    write_date(date, out);
    clock.write(out);
    out.push_str(zone);
    Ok(day)
}

fn write_date(date: Date, out: &mut String) {
    push(out, format_args!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()));
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // A string takes everything.
    let _ = out.write_fmt(text);
}

/// Abbreviations that stand for a zone of their own; some for several, so that none is read into a time.
fn is_zone_name(text: &str) -> bool {
    const NAMES: [&str; 32] = [
        "WET", "WEST", "CET", "CEST", "MEZ", "MESZ", "EET", "EEST", "BST", "IST", "MSK", "SAST", "EST",
        "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AKST", "AKDT", "HST", "AEST", "AEDT", "ACST",
        "AWST", "NZST", "NZDT", "JST", "KST", "SGT",
    ];
    NAMES.contains(&text)
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
