//! Signs, codes and names of currencies before or behind a number.

use super::words::{folded, table};
use crate::currency::Currency;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A currency as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Money {
    pub(super) currency: Currency,
    /// Others have the same sign: `$5.00 CAD` is no contradiction.
    is_shared: bool,
}

impl Money {
    fn of(code: &str, written: &str) -> Option<Self> {
        let is_shared = !is_code(code) || matches!(written, "$" | "£" | "¥");
        Some(Money { currency: Currency::new(code)?, is_shared })
    }

    /// What is meant by two of them beside one number: `$5.00 USD`. None if they contradict each other.
    pub(super) fn and(self, other: Money) -> Option<Money> {
        let is_euro = |money: Money| money.currency == Currency::EURO;
        match (self.is_shared, other.is_shared) {
            _ if self.currency == other.currency => Some(self),
            // Nobody else has its sign.
            _ if is_euro(self) || is_euro(other) => None,
            (true, _) => Some(other),
            (false, true) => Some(self),
            (false, false) => None,
        }
    }
}

fn is_code(name: &str) -> bool {
    name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase())
}

const EURO: Money = Money { currency: Currency::EURO, is_shared: false };

/// These are words, units or sizes in any other case: `ALL`, `Ft`.
const CASED: [&str; 12] = ["ALL", "BOB", "CUP", "Ft", "GEL", "LAK", "MAD", "MOP", "PEN", "SOS", "TOP", "TRY"];

struct Entry {
    money: Money,
    /// As it must be spelled, if not in any case.
    exactly: Option<&'static str>,
}

static WRITTEN: LazyLock<HashMap<String, Entry>> = LazyLock::new(|| {
    let entry = |(code, written): (&str, &'static str)| {
        let exactly = CASED.contains(&written).then_some(written);
        Some((folded(written), Entry { money: Money::of(code, written)?, exactly }))
    };
    table(include_str!("cldr/currencies.txt")).filter_map(entry).collect()
});

/// Whether a word or a sign is a currency: `EUR`, `€`, `kr.`
pub(crate) fn is_currency(word: &str) -> bool {
    let name = word.trim_end_matches('.');
    let is_letter = name.len() == 1 && !name.starts_with(is_sign);
    !is_letter && known(name).is_some()
}

/// The currency that a number begins with, and what follows; a point may end it: `kr. 5`.
pub(super) fn before(body: &str) -> Option<(Money, &str)> {
    // S/ is Peru's.
    let end = body.find(|c| !in_name(c) && c != '/').filter(|end| *end > 0)?;
    let name = body[..end].trim_end_matches('.');
    // South Africa's R; behind a number it would be anything.
    let money = known(name).or_else(|| (name == "R").then(|| Money::of("ZAR", name)).flatten())?;
    // Of `$.50` and `USD.50` the point is the number's.
    let has_point = name.ends_with(|c: char| c.is_alphabetic() || c == '/') && !is_code(name);
    Some((money, if has_point { &body[end..] } else { &body[name.len()..] }))
}

/// The currency that a number ends with, and what precedes it.
pub(super) fn behind(body: &str) -> Option<(Money, &str)> {
    // Most money.
    if let Some(rest) = body.strip_suffix(is_sign)
        && rest.ends_with(|c: char| c.is_ascii_digit() || c == ' ')
    {
        return Some((known(&body[rest.len()..])?, rest));
    }
    let start = body.char_indices().rev().take_while(|(_, c)| in_name(*c)).last()?.0;
    let name = body[start..].trim_start_matches('.');
    let rest = &body[..body.len() - name.len()];
    Some((known(name.trim_end_matches('.'))?, rest))
}

/// Accents may be characters of their own.
fn in_name(c: char) -> bool {
    is_sign(c) || c == '.' || c.is_alphabetic() || matches!(c, '\u{300}'..='\u{36F}')
}

fn is_sign(c: char) -> bool {
    matches!(c, '$' | '£' | '¤' | '¥' | '฿' | '\u{20A0}'..='\u{20CF}')
}

fn known(name: &str) -> Option<Money> {
    match name {
        // Most money.
        "€" => Some(EURO),
        "$" => Money::of("USD", name),
        "" => None,
        _ => match WRITTEN.get(&folded(name)) {
            Some(entry) => entry.exactly.is_none_or(|exactly| exactly == name).then_some(entry.money),
            None => {
                Some(name).filter(|name| name.chars().all(is_sign)).and_then(|name| Money::of(name, name))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_means_two_currencies() {
        let mut codes: HashMap<String, &str> = HashMap::new();
        for (code, written) in table(include_str!("cldr/currencies.txt")) {
            assert_eq!(*codes.entry(folded(written)).or_insert(code), code, "{written}");
            assert!(Money::of(code, written).is_some(), "{code}");
        }
    }

    #[test]
    fn a_point_is_the_currencys_or_the_numbers() {
        let rest = |body| before(body).map(|(_, rest)| rest);
        assert_eq!(
            (rest("kr.50"), rest("$.50"), rest("USD.50"), rest("Rs. 5")),
            (Some("50"), Some(".50"), Some(".50"), Some(" 5"))
        );
        let rest = |body| behind(body).map(|(_, rest)| rest);
        assert_eq!(
            (rest("50 kr."), rest("50.€"), rest("5k"), rest("5 ft")),
            (Some("50 "), Some("50."), None, None)
        );
    }
}
