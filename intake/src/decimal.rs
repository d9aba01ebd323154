//! Decimal numbers as programs write them, of any length: the one place where their parts are told apart, for intake
//! and for pack.
//!
//! A crate of decimals (`rust_decimal`, `bigdecimal`) stores a number. Here none is stored: PostgreSQL's `numeric` has
//! up to 131072 digits before the point, and what is asked is whether a text fits, is rounded up, or is greater than
//! another. That is answered from the text itself, without memory.

use crate::digits::is_digits;
use std::cmp::Ordering;

/// A decimal number as written.
///
/// ```
/// let price = intake::Decimal::parse("-1234.50").expect("a decimal number");
/// assert_eq!(price.plain_parts(), Some((true, "1234", "50")));
/// assert!(intake::Decimal::parse("1,234.50").is_none());
/// ```
pub struct Decimal<'t> {
    is_negative: bool,
    whole: &'t str,
    fraction: &'t str,
    exponent: Option<i64>,
}

impl<'t> Decimal<'t> {
    /// Takes `1`, `-1.5`, `.5`, `5.`, `1.5e-3`.
    #[inline]
    pub fn parse(text: &'t str) -> Option<Self> {
        let (whole, rest) = split_digits(text.strip_prefix(['+', '-']).unwrap_or(text));
        let (fraction, rest) = split_digits(rest.strip_prefix('.').unwrap_or(rest));
        let exponent = match rest {
            "" => None,
            rest => Some(parse_exponent(rest.strip_prefix(['e', 'E'])?)?),
        };
        let is_written = whole.len() + fraction.len() > 0;
        is_written.then_some(Decimal { is_negative: text.starts_with('-'), whole, fraction, exponent })
    }

    /// Whether the number is negative, and its digits before and after the point; None if it has an exponent.
    pub fn plain_parts(&self) -> Option<(bool, &'t str, &'t str)> {
        (self.exponent.is_none()).then_some((self.is_negative, self.whole, self.fraction))
    }

    /// The sum of two numbers, with the more digits behind the point; None if there are too many digits, or an exponent.
    pub(crate) fn plus(&self, other: &Self) -> Option<String> {
        let scale = self.fraction.len().max(other.fraction.len());
        let sum = self.scaled(scale)?.checked_add(other.scaled(scale)?)?;
        let digits = format!("{:0width$}", sum.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let sign = if sum < 0 { "-" } else { "" };
        Some(if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
    }

    /// The number times ten to the power of `scale`, which takes all of its fraction.
    fn scaled(&self, scale: usize) -> Option<i128> {
        let (is_negative, whole, fraction) = self.plain_parts()?;
        let digits = format!("{whole}{fraction}{}", "0".repeat(scale - fraction.len()));
        let number: i128 = digits.parse().ok()?;
        Some(if is_negative { -number } else { number })
    }

    /// Whether a float that was read from this number is infinite or zero because the number is out of its range.
    pub fn is_lost_as(&self, float: f64) -> bool {
        float.is_infinite() || (float == 0.0 && self.significant().next().is_some())
    }

    /// The digits from the first that is not 0 on.
    #[inline]
    pub(crate) fn significant(&self) -> impl Iterator<Item = u8> {
        self.whole.bytes().chain(self.fraction.bytes()).skip_while(|&digit| digit == b'0')
    }

    /// Digits before the point once the exponent is applied: 3 for 123, 0 for 0.5, -1 for 0.05.
    #[inline]
    pub(crate) fn whole_digits(&self) -> i64 {
        match self.significant().count() {
            0 => 0,
            count => count as i64 - self.fraction.len() as i64 + self.exponent.unwrap_or(0),
        }
    }

    #[inline]
    pub(crate) fn fraction_digits(&self) -> i64 {
        self.fraction.len() as i64 - self.exponent.unwrap_or(0)
    }

    /// Whether the number, rounded to `scale`, has more than `precision` digits.
    pub(crate) fn overflows(&self, precision: u16, scale: i16) -> bool {
        let room = i64::from(precision) - i64::from(scale);
        let whole = self.whole_digits();
        let mut digits = self.significant().peekable();
        if whole != room || digits.peek().is_none() {
            return whole > room && digits.peek().is_some();
        }
        // It fits as it stands, unless rounding carries: 999.995 becomes 1000.00.
        let precision = usize::from(precision);
        let nines = digits.by_ref().take(precision).filter(|&digit| digit == b'9').count();
        nines == precision && digits.next() >= Some(b'5')
    }

    /// Whether the number has other digits than zeros behind `scale` places, which rounding takes away.
    #[inline]
    pub(crate) fn is_rounded_at(&self, scale: i16) -> bool {
        let excess = usize::try_from(self.fraction_digits() - i64::from(scale)).unwrap_or(0);
        excess > 0
            && self.whole.bytes().chain(self.fraction.bytes()).rev().take(excess).any(|digit| digit != b'0')
    }

    /// The number times ten to the power of `scale`, without what is behind the point then.
    pub(crate) fn cut(&self, scale: usize) -> Cut {
        let significant = self.significant().count() as i64;
        let end = self.whole_digits() + scale as i64;
        let kept = end.clamp(0, significant);
        // More zeros than these make no number larger that has a digit.
        let zeros = (end - significant).clamp(0, i128::MAX.ilog10().into());
        let mut digits = self.significant().map(|digit| digit - b'0');
        let shift = |number: i128, digit: u8| number.saturating_mul(10).saturating_add(digit.into());
        let whole = digits.by_ref().take(kept as usize).chain((0..zeros).map(|_| 0)).fold(0, shift);
        let mut cut_off = digits.peekable();
        // Of 0.0something the first digit behind the point is a zero that is not significant.
        let next = if end < 0 { 0 } else { cut_off.peek().copied().unwrap_or(0) };
        Cut { is_negative: self.is_negative, whole, next, has_more: cut_off.any(|digit| digit > 0) }
    }
}

/// What is before the point of a number, and what is left of the rest.
pub(crate) struct Cut {
    is_negative: bool,
    /// As large as there are such numbers at most.
    whole: i128,
    /// The first digit behind the point.
    next: u8,
    /// Whether there is anything but zeros behind it.
    has_more: bool,
}

impl Cut {
    /// The nearest whole number; of two the one that is farther from zero.
    pub(crate) fn rounded(&self) -> i128 {
        self.signed(self.whole.saturating_add((self.next >= 5).into()))
    }

    /// How the number compares with a whole one.
    pub(crate) fn compare(&self, other: i128) -> Ordering {
        self.signed(self.whole).cmp(&other).then(self.signed(self.has_more.into()).cmp(&0))
    }

    fn signed(&self, number: i128) -> i128 {
        if self.is_negative { -number } else { number }
    }
}

/// The digits that a text begins with, and the rest.
fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

/// An exponent beyond all sense stays beyond every limit.
fn parse_exponent(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.is_empty() || !is_digits(unsigned) {
        return None;
    }
    let bound = i64::from(i32::MAX);
    let magnitude = unsigned.parse().unwrap_or(bound).min(bound);
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}
