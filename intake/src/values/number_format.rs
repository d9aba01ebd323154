//! Numbers as people write them, in the format of their country, and as computers do.

use super::affixes::Affixes;
use crate::digits::is_digits;
use crate::locale::{DecimalMark, Locale};

/// Appends the number that `text` spells in `locale`, as `-1234.50` or `1.5e-3`; None if it spells none. `text` is
/// normalized; currency, percent, sign and an Excel apostrophe may stand around the number. After None, `out` may have a
/// part of it.
pub(crate) fn parse_localized(text: &str, locale: Locale, out: &mut String) -> Option<Affixes> {
    let mut affixes = Affixes::default();
    let body = affixes.strip(text.strip_prefix('\'').unwrap_or(text).trim());
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    if affixes.is_zero(body) {
        out.push('0');
        return Some(affixes);
    }
    let (whole, fraction) = mantissa.split_once(locale.decimal.as_char()).unwrap_or((mantissa, ""));
    if !is_digits(fraction) || whole.len() + fraction.len() == 0 || !exponent.is_none_or(is_exponent) {
        return None;
    }
    // Cents are not written twice, nor in powers of ten.
    if (affixes.dash_for_cents && mantissa.len() > whole.len()) || (affixes.cents && exponent.is_some()) {
        return None;
    }
    if affixes.negative {
        out.push('-');
    }
    let start = out.len();
    // Of 1.234,50 the point cannot be anything else, even where thousands are mostly parted by spaces.
    let is_certain = !fraction.is_empty();
    affixes.group = push_whole(whole, Locale { grouping: locale.grouping || is_certain, ..locale }, out)?;
    if affixes.cents {
        push_point(out, start);
        out.push_str(fraction);
        return Some(affixes);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    if let Some(exponent) = exponent {
        out.push('e');
        out.push_str(exponent);
    }
    Some(affixes)
}

/// Appends the digits before the decimal mark, and returns the separator of thousands. None if they are not digits, or
/// not in groups of three.
fn push_whole(whole: &str, locale: Locale, out: &mut String) -> Option<Option<char>> {
    if is_digits(whole) {
        out.push_str(if whole.is_empty() { "0" } else { whole });
        return Some(None);
    }
    let group = whole.chars().find(|c| !c.is_ascii_digit()).filter(|&c| parts_thousands(c, locale))?;
    let mut groups = whole.split(group);
    let first = groups.next().filter(|first| !first.is_empty() && !first.starts_with('0'))?;
    let mut groups = groups.peekable();
    // India has groups of two before the last: 1,23,456.
    let is_indian = group == ',' && groups.peek().is_some_and(|second| second.len() == 2);
    let width = if is_indian { 2 } else { 3 };
    if !is_digits(first) || first.len() > width {
        return None;
    }
    out.push_str(first);
    while let Some(digits) = groups.next() {
        let wanted = if groups.peek().is_some() { width } else { 3 };
        if digits.len() != wanted || !is_digits(digits) {
            return None;
        }
        out.push_str(digits);
    }
    Some(Some(group))
}

/// Puts a decimal point before the last two of the digits from `start` on.
fn push_point(out: &mut String, start: usize) {
    while out.len() - start < 3 {
        out.insert(start, '0');
    }
    out.insert(out.len() - 2, '.');
}

fn parts_thousands(c: char, locale: Locale) -> bool {
    matches!(c, ' ' | '\'') || (locale.grouping && c == locale.decimal.other().as_char())
}

fn is_exponent(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    !unsigned.is_empty() && is_digits(unsigned)
}

/// A plain number with the decimal mark of a locale.
pub(super) fn format_localized(plain: &str, decimal: DecimalMark) -> String {
    plain.replace('.', decimal.as_char().encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Locale = Locale { decimal: DecimalMark::Comma, ..Locale::US };

    fn read(text: &str, locale: Locale) -> Option<String> {
        let mut out = String::new();
        parse_localized(text, locale, &mut out).map(|_| out)
    }

    #[test]
    fn what_people_write_becomes_plain() {
        for (locale, written, number) in [
            (Locale::US, "1,234", "1234"),
            (Locale::US, "1,234,567.8", "1234567.8"),
            (Locale::US, "$5", "5"),
            (Locale::US, "-$5", "-5"),
            (Locale::US, "$-5", "-5"),
            (Locale::US, "($5.00)", "-5.00"),
            (Locale::US, "$(5)", "-5"),
            (Locale::US, "12-", "-12"),
            (Locale::US, "+12", "12"),
            (Locale::US, "USD 1,200.50", "1200.50"),
            (Locale::US, "1200.50usd", "1200.50"),
            (Locale::US, "US$5", "5"),
            (Locale::US, "5%", "5"),
            (Locale::US, "-12.5 %", "-12.5"),
            (Locale::US, "1'234.50", "1234.50"),
            (Locale::US, "'007", "007"),
            (Locale::US, "1.5E+3", "1.5e+3"),
            (Locale::US, ".5", "0.5"),
            (Locale::US, "5.", "5"),
            (Locale::US, "12.-", "12"),
            (Locale::US, "-5,-", "-5"),
            (Locale::US, "33.87-", "-33.87"),
            (Locale::US, "1,200.-", "1200"),
            (Locale::US, "Rs. 5/-", "5"),
            (Locale::US, "99¢", "0.99"),
            (Locale::US, "-5¢", "-0.05"),
            (Locale::US, "1,250.5¢", "12.505"),
            (Locale::US, "-1,23,456.78", "-123456.78"),
            (Locale::US, "12,34,567", "1234567"),
            (Locale::US, "$5.00 USD", "5.00"),
            (Locale::US, "$-", "0"),
            (Locale::US, "$.50", "0.50"),
            (COMMA, "5,- €", "5"),
            (COMMA, "1.200,--", "1200"),
            (COMMA, "-   €", "0"),
            (COMMA, "1.234,50 kr.", "1234.50"),
            (COMMA, "12,50", "12.50"),
            (COMMA, "1.234,56", "1234.56"),
            (COMMA, "1.234.567", "1234567"),
            (COMMA, "1 234,5 €", "1234.5"),
            (COMMA, "€ 5,50", "5.50"),
            (COMMA, "1,23E+11", "1.23e+11"),
        ] {
            assert_eq!(read(written, locale).as_deref(), Some(number), "{written}");
        }
    }

    #[test]
    fn what_is_no_number_of_the_locale_stays_unread() {
        for written in [
            "abc",
            "",
            "1,23,4",
            "1,2345,678",
            "$",
            "1 23",
            "12,50",
            "1.2.3",
            "--5",
            "5 pcs",
            "%",
            "(",
            "()",
            "0,123",
            "1,234 567",
            "5%%",
            "e5",
            "1e",
            "-",
            "'",
            "5.00.-",
            "5.-.-",
            "99c",
            "€5 USD",
            "1,23,4567",
            "1,234,56,789",
            "123,45,678",
            "5¢ USD",
            "1k",
            "5 KM",
            "($)",
            "$-%",
        ] {
            assert_eq!(read(written, Locale::US), None, "{written}");
        }
        assert_eq!(read("12.50", COMMA), None);
        assert_eq!(read("1.234", Locale { grouping: false, ..COMMA }), None);
    }
}
