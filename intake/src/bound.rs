//! CHECK constraints that compare a number with a number: they are asked here, so that nobody has to ask the database.

use crate::error::{CellError, sqlstate};
use crate::table::Kind;

/// The most digits of a number that is compared.
const MOST_DIGITS: usize = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    AtLeast,
    MoreThan,
    AtMost,
    LessThan,
}

/// What a column's numbers must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub comparison: Comparison,
    pub limit: i64,
    /// What the database would say of a row that breaks it.
    pub message: String,
    pub suggestion: String,
}

impl Bound {
    /// Whether numbers of a kind can be compared here: whole ones, and decimals of not too many digits.
    pub fn applies_to(kind: &Kind) -> bool {
        match kind {
            Kind::Int2 | Kind::Int4 | Kind::Int8 => true,
            Kind::Numeric { precision: Some((precision, scale)) } => {
                usize::from(*precision) <= MOST_DIGITS && (0..=MOST_DIGITS as i16).contains(scale)
            }
            _ => false,
        }
    }

    /// Whether a value of a column of that kind, as [`check`](crate::check) writes it, satisfies the constraint. It is rounded
    /// first, as the column rounds it.
    pub fn holds(&self, kind: &Kind, text: &str) -> bool {
        let scale = match kind {
            Kind::Numeric { precision: Some((_, scale)) } => usize::try_from(*scale).unwrap_or(0),
            _ => 0,
        };
        let Some(value) = scaled(text, scale) else { return true };
        // A limit beyond all numbers of so many digits is as good as the end of them.
        let limit = i128::from(self.limit).saturating_mul(10i128.pow(scale as u32));
        match self.comparison {
            Comparison::AtLeast => value >= limit,
            Comparison::MoreThan => value > limit,
            Comparison::AtMost => value <= limit,
            Comparison::LessThan => value < limit,
        }
    }

    pub(crate) fn refusal(&self, column: &str, text: &str) -> CellError {
        let error = CellError::new(sqlstate::CHECK_VIOLATION, self.message.as_str())
            .suggest(self.suggestion.as_str());
        error.in_column(Some(column)).about(text)
    }
}

/// `-1.5e1` times ten to the power of `scale`, rounded half away from zero; None of what is no number of so few digits.
fn scaled(text: &str, scale: usize) -> Option<i128> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let end = whole.len() as i64 + exponent.parse::<i64>().ok()? + scale as i64;
    let Ok(end) = usize::try_from(end) else { return Some(0) };
    let mut digits = whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat(b'0'));
    let leading = whole.bytes().chain(fraction.bytes()).take_while(|digit| *digit == b'0').count();
    if end.saturating_sub(leading) > MOST_DIGITS + 1 {
        return None;
    }
    let digit = |digit: u8| digit.is_ascii_digit().then(|| i128::from(digit - b'0'));
    let mut value = 0;
    for next in digits.by_ref().take(end) {
        value = value * 10 + digit(next)?;
    }
    if digit(digits.next()?)? >= 5 {
        value += 1;
    }
    Some(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_before_they_are_compared() {
        let bound = Bound {
            comparison: Comparison::AtLeast,
            limit: 0,
            message: String::new(),
            suggestion: String::new(),
        };
        let kind = Kind::Numeric { precision: Some((12, 2)) };
        for (text, holds) in [
            ("0", true),
            ("-0.004", true),
            ("-0.005", false),
            ("-5e-3", false),
            ("-4e-3", true),
            ("1e9", true),
            ("-1", false),
        ] {
            assert_eq!(bound.holds(&kind, text), holds, "{text}");
        }
    }

    #[test]
    fn limits_are_not_bounded_by_the_scale() {
        let bound = Bound {
            comparison: Comparison::AtMost,
            limit: i64::MAX,
            message: String::new(),
            suggestion: String::new(),
        };
        assert!(bound.holds(&Kind::Numeric { precision: Some((30, 30)) }, "0.5"));
        assert!(!Bound::applies_to(&Kind::Numeric { precision: Some((3, 50)) }));
    }

    #[test]
    fn every_comparison_has_its_own_edge() {
        let bound =
            |comparison| Bound { comparison, limit: 5, message: String::new(), suggestion: String::new() };
        let holds = |comparison| ["4", "5", "6"].map(|text| bound(comparison).holds(&Kind::Int4, text));
        assert_eq!(holds(Comparison::AtLeast), [false, true, true]);
        assert_eq!(holds(Comparison::MoreThan), [false, false, true]);
        assert_eq!(holds(Comparison::AtMost), [true, true, false]);
        assert_eq!(holds(Comparison::LessThan), [true, false, false]);
    }
}
