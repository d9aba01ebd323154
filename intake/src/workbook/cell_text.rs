//! Cells as text. A number or a truth value has no quotes and is written as JSON has it; everything else is in quotes.

use super::cells::NumberFormat;
use crate::trimming::trimmed;
use calamine::{DataRef, ExcelDateTime};
use std::fmt::Write;

/// The digits that spreadsheets keep.
const DIGITS: usize = 15;

/// Up to here, every whole number is exact.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether a cell holds for all rows that it is merged over: a text or a day does, an amount does not.
pub(super) fn holds_for_rows(value: &DataRef<'_>) -> bool {
    !matches!(value, DataRef::Int(_) | DataRef::Float(_) | DataRef::DurationIso(_))
}

/// Appends a cell; nothing for one that is empty.
pub(super) fn write(value: &DataRef<'_>, format: NumberFormat, out: &mut String) {
    match value {
        DataRef::Empty => {}
        DataRef::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        DataRef::Int(value) => number(*value as f64, format, out),
        DataRef::Float(value) => number(*value, format, out),
        DataRef::String(text) => quoted(text, out),
        DataRef::SharedString(text) => quoted(text, out),
        DataRef::DateTime(time) => quoted(&date_time(time), out),
        DataRef::DateTimeIso(text) => quoted(&iso(text), out),
        DataRef::DurationIso(text) => quoted(&duration(text), out),
        DataRef::Error(error) => quoted(&error.to_string(), out),
    }
}

fn quoted(text: &str, out: &mut String) {
    let text = trimmed(text);
    if text.is_empty() {
        return;
    }
    out.push('"');
    for piece in text.split_inclusive('"') {
        out.push_str(piece);
        if piece.ends_with('"') {
            out.push('"');
        }
    }
    out.push('"');
}

fn number(value: f64, format: NumberFormat, out: &mut String) {
    match format {
        NumberFormat::Percent => {
            let mut text = String::new();
            plain(value * 100.0, &mut text);
            quoted(&(text + "%"), out);
        }
        NumberFormat::Digits(digits) if value.fract() == 0.0 && value >= 0.0 => {
            quoted(&format!("{value:0digits$}"), out);
        }
        _ => plain(value, out),
    }
}

/// A number with the digits that a spreadsheet shows: 0.1 + 0.2 is 0.3 there.
fn plain(value: f64, out: &mut String) {
    if value.fract() == 0.0 && value.abs() < MAX_EXACT {
        let _ = write!(out, "{}", value as i64);
        return;
    }
    let start = out.len();
    let _ = write!(out, "{value}");
    let digits = out[start..].bytes().filter(u8::is_ascii_digit).count();
    if digits <= DIGITS {
        return;
    }
    out.truncate(start);
    let rounded: f64 = format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value);
    let is_plain = (1e-5..1e15).contains(&rounded.abs());
    let _ = if is_plain { write!(out, "{rounded}") } else { write!(out, "{rounded:e}") };
}

/// `2024-03-01`, `2024-03-01 10:00:00`, or `10:00:00` of a time without a day.
fn date_time(time: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    if time.is_duration() {
        let seconds = (time.as_f64() * 86_400.0).round() as i64;
        return format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let clock = match (hour, minute, second, milli) {
        (0, 0, 0, 0) => String::new(),
        (_, _, _, 0) => format!("{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    };
    if (0.0..1.0).contains(&time.as_f64()) && !clock.is_empty() {
        return clock;
    }
    let day = format!("{year:04}-{month:02}-{day:02}");
    if clock.is_empty() { day } else { format!("{day} {clock}") }
}

/// A day whose time is midnight is a day.
fn iso(text: &str) -> String {
    let day = ["T00:00:00", "T00:00:00Z", "T00:00:00.000", "T00:00:00.000Z"].iter();
    let day = day.filter_map(|midnight| text.strip_suffix(midnight)).next();
    day.map_or_else(|| text.replacen('T', " ", 1), str::to_owned)
}

/// `PT09H30M00S` as `09:30:00`; anything else as it stands.
fn duration(text: &str) -> String {
    let parts = || {
        let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
        let (minutes, rest) = rest.split_once('M')?;
        let seconds = rest.strip_suffix('S')?;
        Some(format!("{hours}:{minutes}:{}", seconds.split('.').next()?))
    };
    parts().unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    fn text(value: DataRef<'_>, format: NumberFormat) -> String {
        let mut out = String::new();
        write(&value, format, &mut out);
        out
    }

    #[test]
    fn numbers_have_the_digits_that_spreadsheets_show() {
        let plain = |value| text(DataRef::Float(value), NumberFormat::Plain);
        assert_eq!(plain(0.1 + 0.2), "0.3");
        assert_eq!(plain(19.99 * 3.0), "59.97");
        assert_eq!(plain(4_006_381_333_931.0), "4006381333931");
        assert_eq!(plain(-12.5), "-12.5");
        assert_eq!(plain(1e300), "1e300");
        assert_eq!(plain(1.0 / 3.0), "0.333333333333333");
    }

    #[test]
    fn the_format_of_a_cell_counts() {
        assert_eq!(text(DataRef::Float(0.075), NumberFormat::of("0.0%")), "\"7.5%\"");
        assert_eq!(text(DataRef::Float(123.0), NumberFormat::of("00000")), "\"00123\"");
        assert_eq!(text(DataRef::Float(5.0), NumberFormat::of("0.00")), "5");
        assert_eq!(text(DataRef::Float(5.0), NumberFormat::of("#,##0 \"%\"")), "5");
    }

    #[test]
    fn days_and_times_are_written_as_iso_8601() {
        let time = |value, is_1904| {
            let time = ExcelDateTime::new(value, ExcelDateTimeType::DateTime, is_1904);
            text(DataRef::DateTime(time), NumberFormat::Plain)
        };
        assert_eq!(time(45_352.0, false), "\"2024-03-01\"");
        assert_eq!(time(43_890.0, true), "\"2024-03-01\"");
        assert_eq!(time(45_352.5, false), "\"2024-03-01 12:00:00\"");
        assert_eq!(time(0.25, false), "\"06:00:00\"");
        let span = ExcelDateTime::new(1.5, ExcelDateTimeType::TimeDelta, false);
        assert_eq!(text(DataRef::DateTime(span), NumberFormat::Plain), "\"36:00:00\"");
        assert_eq!(
            text(DataRef::DateTimeIso("2024-03-01T00:00:00".into()), NumberFormat::Plain),
            "\"2024-03-01\""
        );
        assert_eq!(text(DataRef::DurationIso("PT09H30M00S".into()), NumberFormat::Plain), "\"09:30:00\"");
    }

    #[test]
    fn texts_are_quoted_without_the_blanks_around_them() {
        assert_eq!(text(DataRef::SharedString(" a \"b\" "), NumberFormat::Plain), "\"a \"\"b\"\"\"");
        assert_eq!(text(DataRef::SharedString("  "), NumberFormat::Plain), "");
        assert_eq!(text(DataRef::Bool(true), NumberFormat::Plain), "true");
    }
}
