//! Dates and timestamps: days and microseconds since 2000-01-01.

use jiff::civil::{Date, Time, date};

const EPOCH: Date = date(2000, 1, 1);
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Days of `2024-01-31`.
pub(crate) fn days(text: &str) -> Option<i32> {
    let mut parts = text.splitn(3, '-');
    let mut part = || parts.next().and_then(|part| part.parse::<i16>().ok());
    let (year, month, day) = (part()?, part()?, part()?);
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(date.duration_since(EPOCH).as_hours() as i32 / 24)
}

/// Microseconds of `2024-01-31 10:00:00.5`, without a zone; None of finer fractions, which PostgreSQL rounds.
pub(crate) fn microseconds(text: &str) -> Option<i64> {
    let (date, clock) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let is_clock = |byte: u8| byte.is_ascii_digit() || matches!(byte, b':' | b'.');
    let fraction = clock.split_once('.').map_or("", |(_, fraction)| fraction);
    if fraction.len() > 6 || !clock.bytes().all(is_clock) {
        return None;
    }
    let clock: Time = clock.parse().ok()?;
    let time = clock.duration_since(Time::midnight());
    Some(i64::from(days(date)?) * DAY + time.as_micros() as i64)
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

/// Microseconds of `02`, `0200` or `02:00`.
fn offset(zone: &str) -> Option<i64> {
    let (hours, rest) = zone.split_at_checked(2)?;
    let minutes = match rest {
        "" => "00",
        rest => rest.strip_prefix(':').unwrap_or(rest),
    };
    let number = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    // PostgreSQL's limits.
    (hours <= 15 && minutes <= 59).then_some((hours * 60 + minutes) * 60 * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = DAY / 24;

    #[test]
    fn dates_count_from_2000() {
        assert_eq!(days("2000-01-01"), Some(0));
        assert_eq!(days("1999-12-31"), Some(-1));
        assert_eq!(days("2024-3-1"), Some(8826));
        assert_eq!(days("2023-02-29"), None);
    }

    #[test]
    fn timestamps_count_microseconds() {
        assert_eq!(microseconds("2000-01-01 00:00:01.5"), Some(1_500_000));
        assert_eq!(microseconds("1999-12-31T23:59:59"), Some(-1_000_000));
        assert_eq!(microseconds("2000-01-02"), Some(DAY));
        assert_eq!(microseconds("2000-01-01 00:00:00.000001"), Some(1));
        for text in ["2000-01-01 00:00:00.0000005", "2000-01-01 10:00+02"] {
            assert_eq!(microseconds(text), None, "{text}");
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
