//! How an error file tells the way in which its columns were read: in words behind each reason, so that it is not lost
//! when rows are sorted, filtered or deleted.
//!
//! `[read with decimal comma, dates dmy?, paid_on: dates mdy]`: what holds for all columns of numbers or dates, then what
//! holds for single columns of the table. A question mark stands behind what was a guess. Last come words for the texts
//! of an export.

use crate::error_file::reason_column;
use crate::locale::{DateOrder, DecimalMark, Locale};
use crate::table::Column;
use serde_json::Value;
use std::fmt;

const BEGINS: &str = "[read with ";
const ENDS: char = ']';
const TO_THE_LETTER: &str = "texts to the letter";

/// How one column, or all of a kind, were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    spelling: Spelling,
    is_guess: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Number { decimal: DecimalMark, grouping: bool },
    Date(DateOrder),
}

/// What an error file tells. Nothing, of other files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// As it stands in the file; empty if there is nothing.
    pub(crate) text: String,
    /// None is for all columns of the kind.
    ways: Vec<(Option<String>, Way)>,
    /// The file is an export.
    pub(crate) is_export: bool,
    /// It is one, or was made of one: its texts are taken as they stand in it.
    pub(crate) is_verbatim: bool,
}

impl Told {
    /// What the rows of a file tell: the first of them that tells something.
    pub(crate) fn of_file(header: &[String], rows: &[Vec<String>]) -> Told {
        let Some(place) = reason_column(header) else { return Told::default() };
        rows.iter().filter_map(|row| Told::of_reason(row.get(place)?)).next().unwrap_or_default()
    }

    /// An export has decimal points, and its days begin with the year.
    pub(crate) fn of_export() -> Told {
        let number = Spelling::Number { decimal: DecimalMark::Point, grouping: false };
        let ways = [number, Spelling::Date(DateOrder::Ymd)];
        let ways = ways.map(|spelling| (None, Way { spelling, is_guess: false }));
        Told { ways: ways.to_vec(), is_export: true, is_verbatim: true, ..Told::default() }
    }

    /// What stands behind a reason.
    pub(crate) fn of_reason(reason: &str) -> Option<Told> {
        let text = &reason[reason.rfind(BEGINS)?..].trim_end();
        let inner = text.strip_prefix(BEGINS)?.strip_suffix(ENDS)?;
        let (inner, is_verbatim) = match inner.strip_suffix(TO_THE_LETTER) {
            Some(before) => (before.strip_suffix(", ").unwrap_or(before), true),
            None => (inner, false),
        };
        let ways = if inner.is_empty() && is_verbatim { Vec::new() } else { ways(inner)? };
        Some(Told { text: (*text).to_owned(), ways, is_export: false, is_verbatim })
    }

    /// How a column was read, if that is told, and whether it was a guess.
    pub(crate) fn locale(&self, column: &Column, usual: Locale) -> Option<(Locale, bool)> {
        let fits = |way: &Way| match way.spelling {
            Spelling::Number { .. } => column.kind.is_number(),
            Spelling::Date(_) => column.kind.is_date(),
        };
        let named = |name: Option<&str>| {
            let mut ways = self.ways.iter().filter(|(of, way)| of.as_deref() == name && fits(way));
            ways.next().map(|(_, way)| *way)
        };
        let Way { spelling, is_guess } = named(Some(&column.name)).or_else(|| named(None))?;
        let locale = match spelling {
            Spelling::Number { decimal, grouping } => Locale { decimal, grouping, ..usual },
            Spelling::Date(dates) => Locale { dates, ..usual },
        };
        Some((locale, is_guess))
    }
}

/// What an error file is to tell of columns that were read like this, as [`Locales::to_json`](crate::Locales::to_json)
/// has it: a space and words in brackets; nothing, if nothing depends on it. `is_export`: the file was an export.
///
/// ```
/// let locales = serde_json::json!({"price": {"decimal": ",", "basis": "values"}});
/// assert_eq!(intake::error_file_mark(&locales, false), " [read with decimal comma]");
/// ```
pub fn error_file_mark(locales: &Value, is_export: bool) -> String {
    let columns = locales.as_object().into_iter().flatten();
    let mut columns: Vec<(&String, Way)> =
        columns.filter_map(|(name, decision)| Some((name, way_of(decision)?))).collect();
    columns.sort_by_key(|(_, way)| way.is_date());
    let (numbers, dates): (Vec<Way>, Vec<Way>) =
        columns.iter().map(|(_, way)| *way).partition(|way| !way.is_date());
    let usual = [most_frequent(&numbers), most_frequent(&dates)];
    let general = usual.iter().flatten().map(|way| way.to_string());
    let others = columns.iter().filter(|(_, way)| !usual.contains(&Some(*way)));
    let others = others.map(|(name, way)| format!("{}: {way}", spelled(name)));
    let letters = is_export.then(|| TO_THE_LETTER.to_owned());
    let words: Vec<String> = general.chain(others).chain(letters).collect();
    if words.is_empty() { String::new() } else { format!(" {BEGINS}{}{ENDS}", words.join(", ")) }
}

fn way_of(decision: &Value) -> Option<Way> {
    let decimal = decision["decimal"].as_str().and_then(DecimalMark::parse);
    let grouping = decision["grouping"].as_bool().unwrap_or(true);
    let order = || decision["date_order"].as_str().and_then(DateOrder::parse);
    let number = decimal.map(|decimal| Spelling::Number { decimal, grouping });
    let spelling = number.or_else(|| order().map(Spelling::Date))?;
    let is_guess = ["delimiter", "default"].iter().any(|guess| decision["basis"] == *guess);
    Some(Way { spelling, is_guess })
}

/// The first of those that are there most.
fn most_frequent(ways: &[Way]) -> Option<Way> {
    let count = |way: &&Way| ways.iter().filter(|other| other == way).count();
    ways.iter().rev().max_by_key(count).copied()
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spelling.fmt(f)?;
        f.write_str(if self.is_guess { "?" } else { "" })
    }
}

impl fmt::Display for Spelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spelling::Number { decimal, grouping } => {
                f.write_str(if *decimal == DecimalMark::Comma { "decimal comma" } else { "decimal point" })?;
                f.write_str(if *grouping { "" } else { " ungrouped" })
            }
            Spelling::Date(order) => write!(f, "dates {}", order.name()),
        }
    }
}

impl Way {
    fn is_date(self) -> bool {
        matches!(self.spelling, Spelling::Date(_))
    }

    /// The way that a text begins with, and the rest.
    fn split_off(text: &str) -> Option<(Way, &str)> {
        let number = |decimal, grouping| Spelling::Number { decimal, grouping };
        let numbers = [DecimalMark::Point, DecimalMark::Comma]
            .map(|decimal| [number(decimal, false), number(decimal, true)]);
        let dates = DateOrder::ALL.map(Spelling::Date);
        let mut spellings = numbers.as_flattened().iter().chain(&dates);
        let (spelling, rest) = spellings.find_map(|it| Some((*it, text.strip_prefix(&it.to_string())?)))?;
        let guessed = rest.strip_prefix('?');
        Some((Way { spelling, is_guess: guessed.is_some() }, guessed.unwrap_or(rest)))
    }
}

fn ways(text: &str) -> Option<Vec<(Option<String>, Way)>> {
    let mut ways = Vec::new();
    let mut rest = text;
    loop {
        let (name, of_way) = match split_off_name(rest) {
            Some((name, of_way)) => (Some(name), of_way),
            None => (None, rest),
        };
        let (way, behind) = Way::split_off(of_way)?;
        ways.push((name, way));
        match behind.strip_prefix(", ") {
            Some(next) => rest = next,
            None => return behind.is_empty().then_some(ways),
        }
    }
}

/// The name of a column, in quotes unless it is a plain word.
fn spelled(name: &str) -> String {
    if is_plain_word(name) { name.to_owned() } else { Value::from(name).to_string() }
}

fn is_plain_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn split_off_name(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
        let name = values.next()?.ok()?;
        return Some((name, text[values.byte_offset()..].strip_prefix(": ")?));
    }
    let (name, rest) = text.split_once(": ")?;
    is_plain_word(name).then(|| (name.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use serde_json::json;

    fn told(locales: &Value) -> Told {
        let mark = error_file_mark(locales, true);
        Told::of_reason(&format!("price: no number{mark}")).expect("a mark")
    }

    #[test]
    fn what_holds_for_most_columns_is_told_once() {
        let locales = json!({
            "cost": {"decimal": ","}, "price": {"decimal": ","}, "weight": {"decimal": ".", "grouping": false},
            "a, \"b\": c": {"decimal": "."}, "sold_on": {"date_order": "dmy", "basis": "default"},
        });
        let mark = error_file_mark(&locales, false);
        assert_eq!(
            mark,
            " [read with decimal comma, dates dmy?, weight: decimal point ungrouped, \"a, \\\"b\\\": c\": decimal point]"
        );
        let told = told(&locales);
        let locale = |name: &str, kind| told.locale(&Column::new(name, kind), Locale::US);
        let comma = Locale { decimal: DecimalMark::Comma, ..Locale::US };
        assert_eq!(locale("price", Kind::Float8), Some((comma, false)));
        assert_eq!(locale("another", Kind::Int4), Some((comma, false)));
        assert_eq!(locale("a, \"b\": c", Kind::Int4), Some((Locale::US, false)));
        assert_eq!(locale("weight", Kind::Int4), Some((Locale { grouping: false, ..Locale::US }, false)));
        assert_eq!(
            locale("sold_on", Kind::Date),
            Some((Locale { dates: DateOrder::Dmy, ..Locale::US }, true))
        );
        assert_eq!(locale("note", Kind::Json), None);
    }

    #[test]
    fn an_export_is_told() {
        assert_eq!(error_file_mark(&json!({}), true), " [read with texts to the letter]");
        assert!(told(&json!({})).is_verbatim && told(&json!({"price": {"decimal": "."}})).is_verbatim);
        assert!(!Told::of_reason("[read with decimal comma]").expect("a mark").is_verbatim);
    }

    #[test]
    fn other_words_tell_nothing() {
        assert_eq!(error_file_mark(&json!({}), false), "");
        for reason in
            ["", "no", "[read with care]", "[read with decimal comma, care]", "[read with decimal comma] x"]
        {
            assert_eq!(Told::of_reason(reason), None, "{reason}");
        }
    }
}
