//! Dates and timestamps: days and microseconds since 2000-01-01.

use intake::number_of_digits as number;
use jiff::civil::{Date, date};

/// `POSTGRES_EPOCH_JDATE` in `timestamp.h`.
const EPOCH: Date = date(2000, 1, 1);
const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// `MAX_TIMESTAMP_PRECISION` in `timestamp.h`, in digits.
const MAX_PRECISION: usize = 6;
/// `MAX_TZDISP_HOUR` in `timestamp.h`.
const MAX_HOURS_EAST: i64 = 15;

/// Days of `2024-01-31`; None of a year of fewer digits, whose century and place `DateStyle` decides about
/// (`DecodeDate` in `datetime.c`), and of the year 0, which PostgreSQL has not (`ValidateDate`).
pub(crate) fn days(text: &str) -> Option<i32> {
    let mut parts = text.splitn(3, '-');
    let (year, month) = (number(parts.next()?, 4..=4)?, number(parts.next()?, 1..=2)?);
    let day = number(parts.next()?, 1..=2)?;
    let date = Date::new(year as i16, month as i8, day as i8).ok().filter(|_| year > 0)?;
    Some(date.duration_since(EPOCH).as_hours() as i32 / 24)
}

/// Microseconds of `2024-01-31 10:00:00.5`, without a zone.
pub(crate) fn microseconds(text: &str) -> Option<i64> {
    let (date, clock) = match text.split_once([' ', 'T']) {
        Some((date, text)) => (date, since_midnight(text)?),
        None => (text, 0),
    };
    Some(i64::from(days(date)?) * DAY + clock)
}

/// Microseconds of `10:00`, `10:00:00` or `10:00:00.5`; None of what PostgreSQL rounds or carries over: finer
/// fractions, 24:00 and the second 60 (`DecodeTimeCommon` in `datetime.c`, `tm2timestamp`).
fn since_midnight(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':');
    let (hour, minute) = (number(parts.next()?, 2..=2)?, number(parts.next()?, 2..=2)?);
    let (second, fraction) = parts.next().map_or(Some((0, 0)), seconds)?;
    let is_usual = hour < 24 && minute < 60 && second < 60;
    is_usual.then_some(hour * HOUR + minute * MINUTE + second * SECOND + fraction)
}

/// The seconds of `05` or `05.25`, and their fraction in microseconds.
fn seconds(text: &str) -> Option<(i64, i64)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let shift = 10_i64.pow(MAX_PRECISION.checked_sub(fraction.len())? as u32);
    Some((number(whole, 2..=2)?, number(fraction, 1..=MAX_PRECISION)? * shift))
}

/// Microseconds of `2024-01-31 10:00:00.5+02:00`, in UTC; None of texts that do not name their zone so.
pub(crate) fn microseconds_utc(text: &str) -> Option<i64> {
    if let Some(civil) = text.strip_suffix('Z') {
        return microseconds(civil);
    }
    // A date has no more than one colon before its zone's sign, and so dashes before the first one are its own.
    let sign = text.find(':').and_then(|colon| Some(colon + text[colon..].find(['+', '-'])?))?;
    let (civil, zone) = text.split_at(sign);
    let east = offset(&zone[1..])? * if zone.starts_with('-') { -1 } else { 1 };
    Some(microseconds(civil)? - east)
}

/// Microseconds of `02`, `0200` or `02:00` (`DecodeTimezone` in `datetime.c`).
fn offset(zone: &str) -> Option<i64> {
    let (hours, rest) = zone.split_at_checked(2)?;
    let minutes = match rest {
        "" => "00",
        rest => rest.strip_prefix(':').unwrap_or(rest),
    };
    let (hours, minutes) = (number(hours, 2..=2)?, number(minutes, 2..=2)?);
    (hours <= MAX_HOURS_EAST && minutes < 60).then_some(hours * HOUR + minutes * MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_count_from_2000() {
        assert_eq!(days("2000-01-01"), Some(0));
        assert_eq!(days("1999-12-31"), Some(-1));
        assert_eq!(days("2024-3-1"), Some(8826));
        for text in
            ["2023-02-29", "0000-01-01", "24-03-01", "+2024-03-01", "2024-03", "2024-03-01-", "2024-0٣-01"]
        {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn timestamps_count_microseconds() {
        assert_eq!(microseconds("2000-01-01 00:00:01.5"), Some(1_500_000));
        assert_eq!(microseconds("1999-12-31T23:59:59"), Some(-1_000_000));
        assert_eq!(microseconds("2000-01-02"), Some(DAY));
        assert_eq!(microseconds("2000-01-01 00:00:00.000001"), Some(1));
        for clock in [
            "00:00:00.0000005",
            "10:00+02",
            "23:59:60",
            "24:00",
            "10:60",
            "10",
            "1000",
            "9:00",
            "10:00.5",
            "10:00:00.",
        ] {
            assert_eq!(microseconds(&format!("2000-01-01 {clock}")), None, "{clock}");
        }
    }

    #[test]
    fn offsets_are_east_of_utc() {
        for (text, hours) in [
            ("2000-01-01 10:00:00+00", 10),
            ("2000-01-01 10:00Z", 10),
            ("2000-01-01 10:00:00+02", 8),
            ("2000-01-01 10:00:00.0-0330", 13),
            ("2000-01-01 10:00:00+03:30", 6),
        ] {
            let half = if text.contains("30") { HOUR / 2 } else { 0 };
            assert_eq!(microseconds_utc(text), Some(hours * HOUR + half), "{text}");
        }
        for text in ["2000-01-01 10:00:00", "2000-01-01", "2000-01-01 10:00+2", "2000-01-01 10:00+16"] {
            assert_eq!(microseconds_utc(text), None, "{text}");
        }
    }
}
