//! Numbers as people write them, in the format of their country, and as computers do.

use crate::digits::is_digits;
use crate::locale::{DecimalMark, Locale};

/// What stands around the digits of a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Affixes {
    pub(crate) percent: bool,
    /// The separator of its thousands.
    pub(crate) group: Option<char>,
    currency: bool,
    signed: bool,
    negative: bool,
}

/// Appends the number that `text` spells in `locale`, as `-1234.50` or `1.5e-3`; None if it spells none. `text` is
/// normalized; currency, percent, sign and an Excel apostrophe may stand around the number.
pub(crate) fn parse_localized(text: &str, locale: Locale, out: &mut String) -> Option<Affixes> {
    let mut affixes = Affixes::default();
    let body = affixes.strip(text.strip_prefix('\'').unwrap_or(text).trim());
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let (whole, fraction) = mantissa.split_once(locale.decimal.as_char()).unwrap_or((mantissa, ""));
    if !is_digits(fraction) || whole.len() + fraction.len() == 0 || !exponent.is_none_or(is_exponent) {
        return None;
    }
    if affixes.negative {
        out.push('-');
    }
    affixes.group = push_whole(whole, locale, out)?;
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

impl Affixes {
    /// Strips everything around the digits, in whatever order it stands there, each thing once.
    fn strip<'t>(&mut self, mut body: &'t str) -> &'t str {
        while let Some(rest) = self.strip_one(body) {
            body = rest.trim();
        }
        body
    }

    fn strip_one<'t>(&mut self, body: &'t str) -> Option<&'t str> {
        // Most numbers have none.
        if [body.bytes().next()?, body.bytes().next_back()?].iter().all(u8::is_ascii_digit) {
            return None;
        }
        if !self.signed
            && let Some((negative, rest)) = sign(body)
        {
            (self.signed, self.negative) = (true, negative);
            return Some(rest);
        }
        if !self.percent
            && let Some(rest) = body.strip_suffix('%')
        {
            self.percent = true;
            return Some(rest);
        }
        if self.currency {
            return None;
        }
        let rest = without_currency(body)?;
        self.currency = true;
        Some(rest)
    }
}

/// A sign on either side; accountants put negative numbers in parentheses.
fn sign(body: &str) -> Option<(bool, &str)> {
    if let Some(rest) = body.strip_prefix('+') {
        return Some((false, rest));
    }
    let in_parentheses = || body.strip_prefix('(')?.strip_suffix(')');
    let negative = body.strip_prefix('-').or_else(|| body.strip_suffix('-')).or_else(in_parentheses);
    negative.map(|rest| (true, rest))
}

/// Currencies beside the signs in Unicode's block: codes, and what people write instead.
const CURRENCIES: [&str; 57] = [
    "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "CNY", "RMB", "INR", "SEK", "NOK", "DKK", "ISK",
    "PLN", "CZK", "HUF", "RON", "BGN", "RSD", "UAH", "RUB", "TRY", "ILS", "AED", "SAR", "EGP", "ZAR", "NGN",
    "KES", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "SGD", "HKD", "TWD", "KRW", "THB", "MYR", "IDR", "PHP",
    "VND", "PKR", "US$", "CA$", "C$", "A$", "R$", "Fr.", "kr", "zł", "Kč", "Rs",
];

fn without_currency(body: &str) -> Option<&str> {
    let sign = body.strip_prefix(is_currency_sign).or_else(|| body.strip_suffix(is_currency_sign));
    sign.or_else(|| CURRENCIES.iter().find_map(|name| without_name(body, name)))
}

fn without_name<'t>(body: &'t str, name: &str) -> Option<&'t str> {
    let (start, end) = (name.len(), body.len().checked_sub(name.len())?);
    if body.get(..start).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
        return Some(&body[start..]);
    }
    body.get(end..).filter(|found| found.eq_ignore_ascii_case(name)).map(|_| &body[..end])
}

fn is_currency_sign(c: char) -> bool {
    matches!(c, '$' | '¢' | '£' | '¤' | '¥' | '฿' | '\u{20A0}'..='\u{20CF}')
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
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()) && !first.starts_with('0'))?;
    if !is_digits(first) {
        return None;
    }
    out.push_str(first);
    for group in groups {
        if group.len() != 3 || !is_digits(group) {
            return None;
        }
        out.push_str(group);
    }
    Some(Some(group))
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
        ] {
            assert_eq!(read(written, Locale::US), None, "{written}");
        }
        assert_eq!(read("12.50", COMMA), None);
        assert_eq!(read("1.234", Locale { grouping: false, ..COMMA }), None);
    }
}
