//! CHECK constraints that look at one value only. They are checked here, where the row can be refused with its reason.

mod comparison;
mod wording;

use crate::kind::Kind;
use crate::refusal::CellError;
use crate::sqlstate;
use comparison::{MAX_DIGITS, compare};
use std::cmp::Ordering;

/// A CHECK constraint of a column, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// What a value must be.
    pub condition: Condition,
    /// Of the constraint, in the database.
    pub name: String,
}

/// What a value must be. NULL satisfies every condition, as in PostgreSQL.
///
/// ```
/// use intake::{Comparison, Condition, Kind};
///
/// let not_negative = Condition::Number(Comparison::AtLeast, 0);
/// assert!(not_negative.applies_to(&Kind::Int4));
/// assert!(not_negative.holds(&Kind::Int4, "5") && !not_negative.holds(&Kind::Int4, "-5"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A number on that side of the limit.
    Number(Comparison, i64),
    /// A text with a number of characters on that side of the limit.
    Length(Comparison, i64),
    /// One of these texts.
    OneOf(Vec<String>),
    /// None of these texts.
    NoneOf(Vec<String>),
}

/// On which side of a limit a number must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    MoreThan,
    /// `<=`
    AtMost,
    /// `<`
    LessThan,
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::AtLeast => order.is_ge(),
            Comparison::MoreThan => order.is_gt(),
            Comparison::AtMost => order.is_le(),
            Comparison::LessThan => order.is_lt(),
        }
    }
}

impl Condition {
    /// Whether the condition can be checked for values of a kind: numbers, compared as they are stored, or texts.
    pub fn applies_to(&self, kind: &Kind) -> bool {
        match (self, kind) {
            (Condition::Number(..), Kind::Numeric { precision: Some((precision, scale)) }) => {
                usize::from(*precision) <= MAX_DIGITS && (0..=MAX_DIGITS as i16).contains(scale)
            }
            (Condition::Number(..), kind) => kind.is_number(),
            (_, kind) => matches!(kind, Kind::Text { .. }),
        }
    }

    /// Whether a value of a column of that kind, as [`check`](crate::check) writes it, satisfies the condition.
    pub fn holds(&self, kind: &Kind, text: &str) -> bool {
        match self {
            Condition::Number(comparison, limit) => comparison.holds(compare(kind, text, *limit)),
            Condition::Length(comparison, limit) => {
                comparison.holds((stored(kind, text).chars().count() as i64).cmp(limit))
            }
            Condition::OneOf(texts) => texts.iter().any(|one| one == stored(kind, text)),
            Condition::NoneOf(texts) => texts.iter().all(|one| one != stored(kind, text)),
        }
    }
}

impl Constraint {
    #[cold]
    pub(crate) fn refusal(&self, column: &str, text: &str) -> CellError {
        let Constraint { condition, name } = self;
        let message = format!("{} (check constraint \"{name}\")", condition.in_words(column));
        let error = CellError::new(sqlstate::CHECK_VIOLATION, message).suggest(condition.suggestion(text));
        error.in_column(Some(column)).about(text)
    }
}

/// A text as the column stores it: without spaces beyond its limit.
fn stored<'t>(kind: &Kind, text: &'t str) -> &'t str {
    match kind {
        Kind::Text { max_chars: Some(most) } => {
            text.char_indices().nth(*most as usize).map_or(text, |(end, _)| &text[..end])
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comparison_has_its_own_edge() {
        let holds = |comparison| {
            ["4", "5", "6"].map(|text| Condition::Number(comparison, 5).holds(&Kind::Int4, text))
        };
        assert_eq!(holds(Comparison::AtLeast), [false, true, true]);
        assert_eq!(holds(Comparison::MoreThan), [false, false, true]);
        assert_eq!(holds(Comparison::AtMost), [true, true, false]);
        assert_eq!(holds(Comparison::LessThan), [true, false, false]);
    }

    #[test]
    fn texts_are_judged_as_they_are_kept() {
        let kind = Kind::Text { max_chars: Some(4) };
        let words = || vec!["glad".to_owned(), "sad".to_owned()];
        for (text, holds) in
            [("glad", true), ("glad  ", true), ("sad", true), ("sad ", false), ("Glad", false)]
        {
            assert_eq!(Condition::OneOf(words()).holds(&kind, text), holds, "{text:?}");
            assert_eq!(Condition::NoneOf(words()).holds(&kind, text), !holds, "{text:?}");
        }
        let length = Condition::Length(Comparison::AtMost, 4);
        assert!(length.holds(&kind, "äöüß  "));
        assert!(!length.holds(&Kind::Text { max_chars: None }, "äöüß "));
    }

    #[test]
    fn a_condition_is_asked_of_what_it_is_about() {
        let number = Condition::Number(Comparison::AtLeast, 0);
        let word = Condition::OneOf(Vec::new());
        let text = Kind::Text { max_chars: None };
        assert!(number.applies_to(&Kind::Float8) && number.applies_to(&Kind::Numeric { precision: None }));
        assert!(!number.applies_to(&Kind::Numeric { precision: Some((3, 50)) }));
        assert!(!number.applies_to(&text) && word.applies_to(&text) && !word.applies_to(&Kind::Int4));
    }
}
