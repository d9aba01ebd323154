//! Keys that are on several lines, of which a later one may replace what an earlier one said; and keys that look alike: they
//! differ only by case, Unicode form, dashes, blanks, `.0` or the apostrophe by which spreadsheets mark texts, and so make two
//! rows of one thing.

use crate::notes::Notes;
use crate::remark::Remark;
use crate::trimming::is_hidden;
use crate::values::normalized;
use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use unicode_normalization::UnicodeNormalization;

/// Different keys that are remembered, by eight bytes each and their likeness. Later ones are not looked at.
const MAX_KEPT: usize = 1 << 17;

/// Marks the hash of a key that was on another line already.
const REPEATED: u64 = 1;

/// The keys of a file so far.
pub(crate) struct Keys {
    /// By value of a row: the columns of the key, and their names.
    columns: Vec<(usize, String)>,
    /// What keys look like, and the first that looks so; others that look so too, by themselves.
    seen: HashMap<u64, u64>,
    /// What the latest key looks like: one text is hashed faster than its characters are.
    likeness: String,
}

impl Keys {
    /// Without a key there is nothing to remark.
    pub(crate) fn of(columns: Vec<(usize, String)>) -> Self {
        Keys { columns, seen: HashMap::new(), likeness: String::new() }
    }

    /// Looks at the key of a row; `value` has the row's values.
    #[inline]
    pub(crate) fn add<'v>(&mut self, value: impl Fn(usize) -> Option<&'v str>, line: u64, notes: &mut Notes) {
        if !self.columns.is_empty() && self.seen.len() < MAX_KEPT {
            self.compare(value, line, notes);
        }
    }

    fn compare<'v>(&mut self, value: impl Fn(usize) -> Option<&'v str>, line: u64, notes: &mut Notes) {
        let mut exact = DefaultHasher::new();
        self.likeness.clear();
        for (column, name) in &self.columns {
            let Some(text) = value(*column) else { return };
            text.hash(&mut exact);
            push_likeness(text, &mut self.likeness);
            if without_fraction(text).len() < text.len() {
                notes.add(name, Remark::Fraction, line, Some(text));
            }
        }
        let mut likeness = DefaultHasher::new();
        likeness.write(self.likeness.as_bytes());
        let (likeness, exact) = (likeness.finish(), exact.finish() & !REPEATED);
        let (column, name) = &self.columns[0];
        let mut note = |remark| notes.add(name, remark, line, value(*column));
        let sighting = match sight(&mut self.seen, likeness, exact) {
            Sighting::Other => {
                note(Remark::LooksAlike);
                sight(&mut self.seen, exact, exact)
            }
            sighting => sighting,
        };
        if sighting == Sighting::Second {
            note(Remark::RepeatedKey);
        }
    }
}

/// What is known of a key.
#[derive(PartialEq)]
enum Sighting {
    First,
    Second,
    Later,
    /// In its place is another key.
    Other,
}

fn sight(seen: &mut HashMap<u64, u64>, place: u64, exact: u64) -> Sighting {
    match seen.entry(place) {
        Entry::Vacant(free) => {
            free.insert(exact);
            Sighting::First
        }
        Entry::Occupied(known) if known.get() & !REPEATED != exact => Sighting::Other,
        Entry::Occupied(known) if known.get() & REPEATED != 0 => Sighting::Later,
        Entry::Occupied(mut known) => {
            *known.get_mut() |= REPEATED;
            Sighting::Second
        }
    }
}

/// What the text shares with those that look like it, and a mark of its end.
fn push_likeness(text: &str, likeness: &mut String) {
    let text = without_fraction(text.strip_prefix('\'').unwrap_or(text));
    let is_seen = |c: &char| !c.is_whitespace() && !is_hidden(*c);
    if text.is_ascii() {
        likeness.extend(text.chars().map(|c| c.to_ascii_lowercase()).filter(is_seen));
    } else {
        likeness.extend(normalized(text).nfkc().flat_map(char::to_lowercase).nfkc().filter(is_seen));
    }
    likeness.push('\0');
}

/// `1001.0` is 1001 to programs that take identifiers for numbers.
fn without_fraction(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, "0" | "00")) if !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) => whole,
        _ => text,
    }
}
