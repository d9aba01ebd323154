//! Texts of ASCII digits and nothing else: the one place where they are recognized and read, for intake and for pack.
//!
//! `str::parse` takes a sign, too, and as many digits as come; the parts of dates and times have a width and no sign.

use std::ops::RangeInclusive;

/// Whether a text has nothing but digits; an empty one has.
#[inline]
pub(crate) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number that so many digits are, at most 18; None for any other text.
///
/// ```
/// use intake::number_of_digits;
///
/// assert_eq!(number_of_digits("07", 1..=2), Some(7));
/// assert_eq!(number_of_digits("+7", 1..=2), None);
/// assert_eq!(number_of_digits("2024", 1..=2), None);
/// ```
#[inline]
pub fn number_of_digits(text: &str, digits: RangeInclusive<usize>) -> Option<i64> {
    debug_assert!(*digits.end() <= 18);
    let is_number = digits.contains(&text.len()) && is_digits(text);
    is_number.then(|| text.bytes().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}
