//! Dates, with their parts in any order.

use super::spelled_date::{self, Day, Spelled};
use crate::digits::{is_digits, number_of_digits};
use crate::locale::DateOrder;
use jiff::ToSpan;
use jiff::civil::{Date, date};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The text has not the form of a date.
    Form,
    /// It has the form, but there is no such day.
    Range,
}

/// A day, and what there is to say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) date: Date,
    /// Its year had two digits.
    pub(super) short_year: bool,
    /// It has another day of the week than its text says.
    pub(super) odd_weekday: bool,
}

/// Takes `2024-01-31`, `20240131`, and by `order` `31.01.2024`, `1/31/24`, `31 Jan 2024`, `Wed, January 31st, 2024`.
/// `text` is normalized.
pub(crate) fn day(text: &str, order: DateOrder) -> Result<Written, Fault> {
    let text = text.strip_prefix('\'').unwrap_or(text);
    if text.bytes().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii()) {
        return spelled(text, order);
    }
    numbers(text, order)
}

fn numbers(text: &str, order: DateOrder) -> Result<Written, Fault> {
    if text.len() == 8 && is_digits(text) {
        return from_parts(&text[..4], &text[4..6], &text[6..]);
    }
    let [first, second, third] = parts(text).ok_or(Fault::Form)?;
    match order {
        _ if first.len() == 4 => from_parts(first, second, third),
        DateOrder::Ymd => from_parts(first, second, third),
        DateOrder::Dmy => from_parts(third, second, first),
        DateOrder::Mdy => from_parts(third, first, second),
    }
}

fn spelled(text: &str, order: DateOrder) -> Result<Written, Fault> {
    let Spelled { day, weekdays } = spelled_date::parts(text).ok_or(Fault::Form)?;
    let (month, place, [first, second]) = match day {
        Day::Named { month, place, numbers } => (month.to_string(), place, numbers),
        // The day of the week tells the order.
        Day::Numbers(text) => {
            return numbers(text, order)
                .and_then(|day| if fits(weekdays, day.date) { Ok(day) } else { Err(Fault::Range) });
        }
    };
    // A year of two digits in front is a matter of the order, like elsewhere.
    let year_first = first.len() == 4 || (place == 1 && order == DateOrder::Ymd && second.len() <= 2);
    let (year, day) = if year_first { (first, second) } else { (second, first) };
    let day = from_parts(year, &month, day)?;
    Ok(Written { odd_weekday: !fits(weekdays, day.date), ..day })
}

/// Whether the date is on one of these days of the week, if there are any.
fn fits(weekdays: u8, date: Date) -> bool {
    weekdays == 0 || weekdays & (1 << date.weekday().to_monday_zero_offset()) != 0
}

/// Three numbers between separators of one kind: points, dashes, slashes or spaces. Spaces may go with any, and a comma
/// before the year.
fn parts(text: &str) -> Option<[&str; 3]> {
    let mut marks = text.bytes().filter(|byte| matches!(byte, b'.' | b'-' | b'/'));
    let mark = marks.next();
    if marks.any(|other| Some(other) != mark) {
        return None;
    }
    let between = |c| matches!(c, '.' | '-' | '/' | ' ' | ',') || spelled_date::is_unit(c);
    let mut parts = text.split(between).filter(|part| !part.is_empty());
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

fn from_parts(year: &str, month: &str, day: &str) -> Result<Written, Fault> {
    let part = |text: &str, digits| number_of_digits(text, digits).ok_or(Fault::Form);
    let (written, month, day) = (part(year, 2..=4)?, part(month, 1..=2)?, part(day, 1..=2)?);
    // As PostgreSQL has it: 70 is 1970, 69 is 2069.
    let short_year = year.len() == 2;
    let year = match (year.len(), written) {
        (2, 70..) => written + 1900,
        (2, _) => written + 2000,
        (4, _) => written,
        _ => return Err(Fault::Form),
    };
    // PostgreSQL has no year 0.
    let date =
        Date::new(year as i16, month as i8, day as i8).ok().filter(|_| year > 0).ok_or(Fault::Range)?;
    Ok(Written { date, short_year, odd_weekday: false })
}

/// A day and a part of the day, from 0 to 1, as spreadsheets count them: 45291.5 is noon of 2023-12-31. Takes five
/// digits before the point: days from 1927 to 2173.
pub(super) fn serial(text: &str) -> Option<(Date, f64)> {
    let (days, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    if days.starts_with('0') || fraction.is_empty() || !is_digits(fraction) {
        return None;
    }
    let day = date(1899, 12, 30).checked_add(number_of_digits(days, 5..=5)?.days()).ok()?;
    Some((day, format!("0.{fraction}").parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_decides_where_the_form_does_not() {
        use DateOrder::*;
        for (order, text, iso) in [
            (Mdy, "1/31/2024", "2024-01-31"),
            (Mdy, "01/31/24", "2024-01-31"),
            (Dmy, "31.01.2024", "2024-01-31"),
            (Dmy, "31. 1. 2024", "2024-01-31"),
            (Dmy, "31-01-99", "1999-01-31"),
            (Dmy, "31 01 2024", "2024-01-31"),
            (Ymd, "24-01-31", "2024-01-31"),
            (Ymd, "2024. 01. 31.", "2024-01-31"),
            (Mdy, "2024/1/31", "2024-01-31"),
            (Mdy, "20240131", "2024-01-31"),
            (Mdy, "31-Jan-24", "2024-01-31"),
            (Ymd, "24-Jan-31", "2024-01-31"),
            (Dmy, "January 31, 2024", "2024-01-31"),
            (Dmy, "sept. 5 2024", "2024-09-05"),
            (Mdy, "2024-Jan-31", "2024-01-31"),
        ] {
            assert_eq!(day(text, order).map(|day| day.date.to_string()).as_deref(), Ok(iso), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_told_from_what_is_no_day() {
        for text in
            ["", "2024", "2024-01", "31/01-2024", "1.2.3.4", "12.50", "Foo 1 2024", "1/2/345", "Jan Feb 2024"]
        {
            assert_eq!(day(text, DateOrder::Dmy), Err(Fault::Form), "{text}");
        }
        for text in ["31/02/2024", "01/13/2024", "00/01/2024", "0000-01-01", "99 Jan 2024"] {
            assert_eq!(day(text, DateOrder::Dmy), Err(Fault::Range), "{text}");
        }
    }

    #[test]
    fn serials_count_as_spreadsheets_do() {
        assert_eq!(serial("45291").map(|(day, _)| day), Some(date(2023, 12, 31)));
        assert_eq!(serial("45291.5"), Some((date(2023, 12, 31), 0.5)));
        for text in ["2024", "452910", "4529x", "01234", "45291."] {
            assert_eq!(serial(text), None);
        }
    }
}
