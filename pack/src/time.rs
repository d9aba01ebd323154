//! Dates and timestamps: days and microseconds since 2000-01-01.

use jiff::civil::{Date, DateTime, date};

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

/// Microseconds of `2024-01-31 10:00:00.5`, without a zone.
pub(crate) fn microseconds(text: &str) -> Option<i64> {
    let (date, clock) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let moment: DateTime = format!("{date}T{clock}").parse().ok()?;
    let time = moment.time().duration_since(jiff::civil::Time::midnight());
    Some(i64::from(days(date)?) * DAY + time.as_micros() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
