//! The first rows of a file, asked column by column.

use crate::error::shortened;
use crate::table::{Column, Kind};
use crate::values::{Locale, check};

/// Rows that are looked at.
pub(crate) const SAMPLE_ROWS: usize = 100;

/// Values that are shown of a column.
const SHOWN: usize = 3;

/// How much of a column the samples fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// Of rows that are there.
    None,
    Some,
    /// Or there are no rows to tell.
    All,
}

#[derive(Clone, Copy)]
pub(super) struct Samples<'a>(pub(super) &'a [Vec<String>]);

impl<'a> Samples<'a> {
    /// The values of a column that are not blank.
    fn values(self, column: usize) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter_map(move |row| row.get(column))
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
    }

    pub(super) fn fill(self, column: usize) -> Fill {
        match self.values(column).count() {
            all if all == self.0.len() => Fill::All,
            0 => Fill::None,
            _ => Fill::Some,
        }
    }

    pub(super) fn shown(self, column: usize) -> Vec<String> {
        self.values(column).take(SHOWN).map(shortened).collect()
    }

    /// Whether most of a column's values look as if they were of the type that `target` has. Generous: how exactly numbers and
    /// dates are written is settled when they are read.
    pub(super) fn fit(self, column: usize, target: &Column) -> bool {
        let (mut fitting, mut all) = (0, 0);
        for value in self.values(column) {
            all += 1;
            fitting +=
                usize::from(resembles(&target.kind, value) || check(target, Locale::US, value).is_ok());
        }
        fitting * 2 >= all
    }
}

fn resembles(kind: &Kind, value: &str) -> bool {
    match kind {
        Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Numeric { .. } | Kind::Float4 | Kind::Float8 => {
            is_number(value)
        }
        Kind::Date | Kind::Timestamp | Kind::TimestampTz => is_date(value),
        _ => false,
    }
}

/// Digits, with marks, signs, currencies and per cents around and between them.
fn is_number(value: &str) -> bool {
    let in_number = |c: char| c.is_numeric() || c.is_whitespace() || ".,'’+-−()%$€£¥".contains(c);
    let number = without_currency(value);
    number.chars().any(char::is_numeric) && number.chars().all(in_number)
}

/// `USD 5` and `5 EUR` without the code.
fn without_currency(value: &str) -> &str {
    let is_code = |word: &str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let leading = value.split_once(' ').filter(|(code, _)| is_code(code)).map(|(_, number)| number);
    let trailing = || value.rsplit_once(' ').filter(|(_, code)| is_code(code)).map(|(number, _)| number);
    leading.or_else(trailing).unwrap_or(value)
}

/// Parts of a date or a time, or a spreadsheet's day number.
fn is_date(value: &str) -> bool {
    let parts = value.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).count();
    let is_serial = value.len() == 5 && value.bytes().all(|byte| byte.is_ascii_digit());
    let has_digit = value.chars().any(char::is_numeric);
    is_serial || (has_digit && (3..=9).contains(&parts) && value.chars().count() <= 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_known_however_they_are_written() {
        for value in ["5", "-1,234.50", "1.234,56 €", "$5", "(12)", "12%", "USD 5", "1 234", "１２"] {
            assert!(is_number(value), "{value}");
        }
        for value in ["", "A1", "SKU-123", "AB 12 34", "n/a", "-", "12 pieces", "ABCDE 5"] {
            assert!(!is_number(value), "{value}");
        }
    }

    #[test]
    fn dates_are_known_however_they_are_written() {
        for value in ["2026-01-31", "31.1.2026", "1/31/26 5:30 pm", "Jan 31, 2026", "46053"] {
            assert!(is_date(value), "{value}");
        }
        for value in ["", "today", "red", "12.50", "A-B-C"] {
            assert!(!is_date(value), "{value}");
        }
    }
}
