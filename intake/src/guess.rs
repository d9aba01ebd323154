//! What a cell seems to hold, in whatever way people write it. Nothing is refused for it.
//!
//! The sniffer asks this of many dialects, before a locale is known: numbers and dates are known by their looks, more
//! generously than `values` reads them.

use crate::digits::is_digits;
use crate::locale::{DecimalMark, Locale};
use crate::values::{is_spelled, normalized, parse_localized};

/// The kind of value that a cell, or most of a column, seems to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guess {
    /// Nothing, or white space.
    Empty,
    /// Digits without a leading zero, which would make it an identifier.
    Integer,
    /// With decimals, separators, a currency, a percent sign or parentheses.
    Numeric,
    /// A day, in any order of its parts.
    Date,
    /// A day with a time behind it.
    Timestamp,
    /// `true`, `no`, `Y` and their like.
    Boolean,
    /// Anything else.
    Text,
}

impl Guess {
    /// The name of a type of PostgreSQL's.
    pub fn type_name(self) -> &'static str {
        match self {
            Guess::Integer => "integer",
            Guess::Numeric => "numeric",
            Guess::Date => "date",
            Guess::Timestamp => "timestamp",
            Guess::Boolean => "boolean",
            Guess::Empty | Guess::Text => "text",
        }
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Guess::Integer | Guess::Numeric)
    }
}

/// The share of a column's cells that must agree, in percent: typing errors and `n/a` do not make it text.
const AGREEMENT: usize = 90;

/// More does not stand before or behind a number that is an amount.
const AFFIX_BYTES: usize = 16;

/// What a column holds by its cells; `Empty` if all of them are.
pub(crate) fn guess_column<'c>(cells: impl Iterator<Item = &'c str>) -> Guess {
    const KINDS: [Guess; 5] = [Guess::Integer, Guess::Numeric, Guess::Date, Guess::Timestamp, Guess::Boolean];
    let mut counts = [0; KINDS.len()];
    let mut filled = 0;
    for kind in cells.map(guess).filter(|&kind| kind != Guess::Empty) {
        filled += 1;
        if let Some(place) = KINDS.iter().position(|&known| known == kind) {
            counts[place] += 1;
        }
    }
    if filled == 0 {
        return Guess::Empty;
    }
    let [integers, numerics, dates, timestamps, _] = counts;
    // The wider type takes in the narrower.
    counts[1] = if numerics > 0 { integers + numerics } else { 0 };
    counts[3] = if timestamps > 0 { dates + timestamps } else { 0 };
    let agreed = counts.iter().rposition(|&count| count * 100 >= filled * AGREEMENT);
    agreed.map_or(Guess::Text, |place| KINDS[place])
}

pub(crate) fn guess(cell: &str) -> Guess {
    let cell = &*normalized(cell);
    if cell.is_empty() {
        return Guess::Empty;
    }
    if is_boolean(cell) {
        return Guess::Boolean;
    }
    if !cell.bytes().any(|byte| byte.is_ascii_digit()) {
        return Guess::Text;
    }
    number(cell).or_else(|| moment(cell)).unwrap_or(Guess::Text)
}

fn is_boolean(cell: &str) -> bool {
    ["true", "false", "yes", "no", "t", "f", "y", "n"].iter().any(|word| cell.eq_ignore_ascii_case(word))
}

fn number(cell: &str) -> Option<Guess> {
    let plain = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    if is_digits(plain) {
        let identifier = plain.len() > 1 && plain.starts_with('0');
        return Some(if identifier || plain.len() > 18 { Guess::Text } else { Guess::Integer });
    }
    let inner = plain.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(plain);
    let digits = inner.trim_matches(|c: char| c.is_whitespace() || "$€£¥₹%-+".contains(c));
    let digits = digits.strip_suffix(|c: char| c.is_ascii_uppercase()).map_or(digits, without_currency);
    (is_decimal(digits) || is_amount(cell)).then_some(Guess::Numeric)
}

/// What else is read as a number: other currencies, no cents, Indian groups.
fn is_amount(cell: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    let (Some(start), Some(end)) = (cell.find(is_digit), cell.rfind(is_digit)) else { return false };
    let is_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'\'' | b' ');
    let is_short = start <= AFFIX_BYTES && cell.len() - end <= AFFIX_BYTES;
    let reads =
        |decimal| parse_localized(cell, Locale { decimal, ..Locale::US }, &mut String::new()).is_some();
    is_short
        && !cell.starts_with('\'')
        && cell.as_bytes()[start..end].iter().all(is_number)
        && (reads(DecimalMark::Point) || (cell.contains(',') && reads(DecimalMark::Comma)))
}

/// `12.50 EUR` without its code.
fn without_currency(rest: &str) -> &str {
    let number = rest.trim_end_matches(|c: char| c.is_ascii_uppercase());
    if rest.len() - number.len() == 2 { number.trim_end() } else { rest }
}

/// Digits with separators between them: a point or a comma, groups of three, an exponent.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let groups: Vec<&str> = mantissa.split(['.', ',', ' ', '\'', '\u{A0}', '\u{202F}']).collect();
    let digits = |part: &&str| is_digits(part);
    let inner = groups.get(1..groups.len().saturating_sub(1)).unwrap_or_default();
    let last = groups.last().copied().unwrap_or_default();
    !exponent.is_empty()
        && digits(&exponent)
        && groups.iter().all(digits)
        && inner.iter().all(|group| group.len() == 3)
        && !last.is_empty()
        && (groups.len() < 3 || (1..=3).contains(&groups[0].len()))
}

/// `2024-03-01`, `1/3/2024`, `01.03.24`, `1 Mar 2024`, and those with a time behind.
fn moment(cell: &str) -> Option<Guess> {
    let end = capital_t(cell).or_else(|| time_at(cell)).unwrap_or(cell.len());
    let (day, time) = (&cell[..end], cell[end..].trim_start_matches([' ', 'T']));
    if !is_day(day) {
        return None;
    }
    match time {
        "" => Some(Guess::Date),
        time if is_time(time) => Some(Guess::Timestamp),
        _ => None,
    }
}

/// The `T` of ISO 8601.
fn capital_t(cell: &str) -> Option<usize> {
    let at = cell.find('T')?;
    cell[..at].ends_with(|c: char| c.is_ascii_digit()).then_some(at)
}

/// The space before a time.
fn time_at(cell: &str) -> Option<usize> {
    let colon = cell.find(':')?;
    cell[..colon].rfind(' ')
}

fn is_time(text: &str) -> bool {
    let hours = text.split(':').next().unwrap_or_default();
    text.contains(':')
        && hours.parse::<u8>().is_ok_and(|hours| hours < 25)
        && text.chars().all(|c| c.is_ascii_digit() || ":.+-Z APMapm".contains(c))
}

fn is_day(text: &str) -> bool {
    if is_spelled(text) {
        return true;
    }
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ', ',']).filter(|part| !part.is_empty()).collect();
    let [first, second, third] = parts[..] else { return false };
    let number = |part: &str| part.parse::<u16>().ok().filter(|_| part.len() <= 4);
    let small = |part: &str| number(part).is_some_and(|n| (1..=31).contains(&n) && part.len() <= 2);
    let year = |part: &str| number(part).is_some() && matches!(part.len(), 2 | 4);
    let year_first = first.len() == 4 && year(first) && small(second) && small(third);
    year_first || (small(first) && small(second) && year(third))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_what_they_look_like() {
        let expected = [
            (Guess::Empty, &["", "  "][..]),
            (Guess::Integer, &["0", "12", "-3", "+4"]),
            (
                Guess::Numeric,
                &[
                    "1.5",
                    "1,50",
                    "1,234.50",
                    "1.234,50",
                    "1 234",
                    "$5",
                    "5%",
                    "(12)",
                    "12.50 EUR",
                    "1.23E+11",
                    "5 kr.",
                    "Rs. 5/-",
                    "12.–",
                    "1,23,456.78",
                    "\u{2066}-9.50\u{2069}",
                ],
            ),
            (
                Guess::Date,
                &["2024-03-01", "1/3/2024", "01.03.24", "1 Mar 2024", "Mar 1, 2024", "Di., 5. März 2024"],
            ),
            (Guess::Timestamp, &["2024-03-01 10:00", "2024-03-01T10:00:00Z", "1/3/2024 9:05 PM"]),
            (Guess::Boolean, &["true", "No", "Y"]),
            (Guess::Text, &["A1", "007", "5\" pipe", "10-20", "2024-13", "a,b", "1,2,3"]),
        ];
        for (guessed, cells) in expected {
            for cell in cells {
                assert_eq!(guess(cell), guessed, "{cell:?}");
            }
        }
    }

    #[test]
    fn a_column_is_what_nine_in_ten_of_its_cells_are() {
        assert_eq!(guess_column(["1", "", "2.5"].into_iter()), Guess::Numeric);
        assert_eq!(guess_column(["1", "n/a"].into_iter()), Guess::Text);
        assert_eq!(guess_column(["1"; 9].into_iter().chain(["n/a"])), Guess::Integer);
        assert_eq!(guess_column(["", ""].into_iter()), Guess::Empty);
    }
}
