//! Normalization: characters that look like others, and what spreadsheets put around a value.

use crate::constraint::{Comparison, Condition};
use crate::digits::is_digits;
use crate::kind::Kind;
use crate::table::Column;
use crate::trimming::is_hidden;
use std::borrow::Cow;

/// The text with ASCII in place of its look-alikes: full-width characters, typographic minus signs, spaces and
/// apostrophes. Characters without width are dropped. White space around it is, too.
pub(crate) fn normalized(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.is_ascii() || text.chars().all(|c| normalize_char(c) == Some(c)) {
        return Cow::Borrowed(text);
    }
    let normalized: String = text.chars().filter_map(normalize_char).collect();
    Cow::Owned(normalized.trim().to_owned())
}

fn normalize_char(c: char) -> Option<char> {
    Some(match c {
        // Most characters.
        _ if c.is_ascii() => c,
        _ if is_hidden(c) => return None,
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => ' ',
        // Hyphens, dashes and the minus sign.
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{B4}' | '\u{2BC}' | '\u{2018}' | '\u{2019}' | '\u{2032}' => '\'',
        '\u{FFE0}' => '¢',
        '\u{FFE1}' => '£',
        '\u{FFE5}' => '¥',
        '\u{FFE6}' => '₩',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0)?,
        _ => c,
    })
}

/// `="0123"`, by which a spreadsheet is made to keep a value as text, is 0123.
pub(crate) fn without_formula(text: &str) -> Cow<'_, str> {
    let inner = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    match inner {
        // Another quote ends the text: what follows is a formula.
        Some(inner) if inner.replace("\"\"", "").contains('"') => Cow::Borrowed(text),
        Some(inner) if inner.contains('"') => Cow::Owned(inner.replace("\"\"", "\"")),
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(text),
    }
}

/// Whether a spreadsheet has made a number of a long identifier and dropped its last digits: `1.23E+11`.
pub(super) fn is_destroyed(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && is_digits(text);
    let Some((mantissa, exponent)) = text.split_once('+') else { return false };
    let Some(mantissa) = mantissa.trim_start().strip_suffix(['E', 'e']) else { return false };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    whole.len() == 1 && digits(whole) && digits(fraction) && digits(exponent.trim_end())
}

/// Whether the numbers of a column are changes, going by some of them: all have a sign, and a plus is among them. Only
/// where pieces are counted or nothing may be negative; signed amounts of money are amounts.
pub(crate) fn is_change(column: &Column, cells: &[&str]) -> bool {
    use Comparison::{AtLeast, MoreThan};
    let is_count = |condition: &Condition| matches!(condition, Condition::Number(AtLeast | MoreThan, 0..));
    let counts = || column.constraints.iter().any(|constraint| is_count(&constraint.condition));
    let is_whole = matches!(column.kind, Kind::Int2 | Kind::Int4 | Kind::Int8);
    if !(is_whole || (column.kind.is_number() && counts())) {
        return false;
    }
    let mut has_plus = false;
    cells.iter().map(|cell| normalized(cell)).filter(|cell| !cell.is_empty() && cell != "0").all(|cell| {
        has_plus |= cell.starts_with('+');
        cell.starts_with(['+', '-'])
    }) && has_plus
}

/// Whether a column holds identifiers, going by its name and some of its values.
pub(crate) fn is_identifier<'v>(name: &str, values: impl Iterator<Item = &'v str>) -> bool {
    const WORDS: [&str; 13] = [
        "sku", "barcode", "ean", "upc", "gtin", "isbn", "asin", "mpn", "code", "id", "number", "no", "phone",
    ];
    let words = || name.split(|c: char| !c.is_alphanumeric());
    if words().any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))) {
        return true;
    }
    let long_number = |text: &str| text.len() >= 8 && is_digits(text);
    let (mut filled, mut numbers) = (0, 0);
    for value in values.filter(|value| !value.is_empty()) {
        filled += 1;
        numbers += usize::from(long_number(value) || is_destroyed(value));
    }
    numbers * 2 > filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_become_ascii() {
        for (text, plain) in [
            ("\u{FF11}\u{FF12}", "12"),
            ("\u{2212}5", "-5"),
            ("1\u{202F}234", "1 234"),
            ("\u{FEFF}1\u{200B}2\u{A0}", "12"),
            ("1\u{2019}234", "1'234"),
            ("\u{A0}\u{200B}\u{A0}", ""),
        ] {
            assert_eq!(normalized(text), plain);
        }
    }

    #[test]
    fn only_a_quoted_text_is_taken_out_of_a_formula() {
        for (text, inner) in [
            ("=\"0123\"", "0123"),
            ("=\"a\"\"b\"", "a\"b"),
            ("=\"\"", ""),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
            ("=A1", "=A1"),
            ("=\"", "=\""),
            ("x", "x"),
        ] {
            assert_eq!(without_formula(text), inner);
        }
    }

    #[test]
    fn digits_are_destroyed_by_scientific_notation_alone() {
        assert!(["1.23E+11", "4,00616E+12", "5e+15"].into_iter().all(is_destroyed));
        assert!(
            !["1E5", "12E+11", "1.2.3E+5", "E+11", "123", "1.23E+", "A1E+5"].into_iter().any(is_destroyed)
        );
    }

    #[test]
    fn identifiers_are_known_by_name_or_by_their_digits() {
        let values = |values: &'static [&str]| values.iter().copied();
        assert!(is_identifier("part_number", values(&[])));
        assert!(is_identifier("x", values(&["4006381333931", "4.00638E+12", ""])));
        assert!(!is_identifier("notes", values(&["4006381333931", "a", "b"])));
        assert!(!is_identifier("idea", values(&[])));
    }
}
