//! The first rows of a file, column by column.

use crate::kind::Kind;
use crate::locale::{DateOrder, DecimalMark, Locale};
use crate::refusal::shortened;
use crate::table::Column;
use crate::values::check;

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
    pub(super) fn values(self, column: usize) -> impl Iterator<Item = &'a str> {
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

    /// Whether, of two columns of numbers, most rows have a value in one at most. Zeros are none.
    pub(super) fn take_turns(self, one: usize, other: usize) -> bool {
        let has = |row: &[String], column: usize| row.get(column).is_some_and(|cell| !is_zero(cell));
        let both = self.0.iter().filter(|row| has(row, one) && has(row, other)).count();
        let any = self.0.iter().filter(|row| has(row, one) || has(row, other)).count();
        both * 10 <= any
    }

    /// Whether all numbers of a column that are not zero have a minus sign.
    pub(super) fn are_negative(self, column: usize) -> bool {
        let mut numbers = self.values(column).filter(|value| !is_zero(value)).peekable();
        numbers.peek().is_some() && numbers.all(is_negative)
    }

    pub(super) fn shown(self, column: usize) -> Vec<String> {
        self.values(column).take(SHOWN).map(shortened).collect()
    }

    /// Whether the values of a column may be meant for `target`, by their type alone. Any text is a text, and says nothing.
    pub(super) fn may_be(self, column: usize, target: &Column) -> bool {
        let is_bare = |value: &str| {
            let points = value.bytes().filter(|byte| *byte == b'.').count();
            points < 2 && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        };
        self.is_telling(column, target)
            // A bare number can be the number of a day, but hardly ever is.
            && !(target.kind.is_date() && self.values(column).all(is_bare))
            && self.match_type_of(column, target)
    }

    /// Whether a column has values, and `target` is not of texts, which any value may be.
    pub(super) fn is_telling(self, column: usize, target: &Column) -> bool {
        let is_typed = target.kind.is_number() || target.kind.is_date() || target.kind == Kind::Bool;
        is_typed && self.fill(column) != Fill::None
    }

    /// Whether most values of a column look like the type of `target`. Numbers and dates may be written in any way
    /// here.
    pub(super) fn match_type_of(self, column: usize, target: &Column) -> bool {
        let (mut matching, mut all) = (0, 0);
        for value in self.values(column) {
            all += 1;
            matching +=
                usize::from(resembles(&target.kind, value) || check(target, Locale::US, value).is_ok());
        }
        matching * 2 >= all
    }
}

/// Whether a number, however it is written, is zero; nothing is zero, too.
fn is_zero(value: &str) -> bool {
    !value.contains(|c: char| c.is_numeric() && c != '0')
}

/// Whether a number, however it is written, is below zero.
fn is_negative(value: &str) -> bool {
    const MINUS: [char; 3] = ['-', '−', '–'];
    let value = value.trim_matches(|c: char| !c.is_numeric() && !MINUS.contains(&c) && c != '(');
    value.starts_with(MINUS) || value.starts_with('(') || value.ends_with(MINUS)
}

fn resembles(kind: &Kind, value: &str) -> bool {
    let kind = match kind {
        // The labels may be unknown, where a table is described by the names of its types only.
        Kind::Enum { .. } => Kind::Other,
        kind if kind.is_number() => Kind::Numeric { precision: None },
        kind if kind.is_date() => Kind::Timestamp,
        _ => return false,
    };
    let column = Column::new("", kind);
    let spellings = [Locale::US, Locale { decimal: DecimalMark::Comma, dates: DateOrder::Dmy, ..Locale::US }];
    spellings.into_iter().any(|locale| check(&column, locale, value).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_known_however_they_are_written() {
        for value in ["5", "-1,234.50", "1.234,56 €", "$5", "(12)", "12%", "USD 5", "1 234", "１２"] {
            assert!(resembles(&Kind::Int4, value), "{value}");
        }
        for value in ["A1", "SKU-123", "AB 12 34", "12 pieces", "ABCDE 5"] {
            assert!(!resembles(&Kind::Int4, value), "{value}");
        }
    }

    #[test]
    fn dates_are_known_however_they_are_written() {
        for value in ["2026-01-31", "31.1.2026", "1/31/26 5:30 pm", "Jan 31, 2026", "46053"] {
            assert!(resembles(&Kind::Date, value), "{value}");
        }
        for value in ["today", "red", "12.50", "A-B-C"] {
            assert!(!resembles(&Kind::Date, value), "{value}");
        }
    }
}
