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
}

impl Keys {
    /// Without a key there is nothing to remark.
    pub(crate) fn of(columns: Vec<(usize, String)>) -> Self {
        Keys { columns, seen: HashMap::new() }
    }

    /// Looks at the key of a row; `value` has the row's values.
    #[inline]
    pub(crate) fn add<'v>(&mut self, value: impl Fn(usize) -> Option<&'v str>, line: u64, notes: &mut Notes) {
        if !self.columns.is_empty() && self.seen.len() < MAX_KEPT {
            self.compare(value, line, notes);
        }
    }

    fn compare<'v>(&mut self, value: impl Fn(usize) -> Option<&'v str>, line: u64, notes: &mut Notes) {
        let (mut likeness, mut exact) = (DefaultHasher::new(), DefaultHasher::new());
        for (column, name) in &self.columns {
            let Some(text) = value(*column) else { return };
            text.hash(&mut exact);
            hash_likeness(text, &mut likeness);
            if without_fraction(text).len() < text.len() {
                notes.add(name, Remark::Fraction, line, Some(text));
            }
        }
        let (likeness, exact) = (likeness.finish(), exact.finish() & !REPEATED);
        let (column, name) = &self.columns[0];
        let mut note = |remark| notes.add(name, remark, line, value(*column));
        let place = match self.seen.get(&likeness) {
            Some(first) if first & !REPEATED != exact => {
                note(Remark::LooksAlike);
                exact
            }
            _ => likeness,
        };
        match self.seen.entry(place) {
            Entry::Vacant(free) => {
                free.insert(exact);
            }
            Entry::Occupied(mut seen) if seen.get() & REPEATED == 0 => {
                *seen.get_mut() |= REPEATED;
                note(Remark::RepeatedKey);
            }
            Entry::Occupied(_) => {}
        }
    }
}

fn hash_likeness(text: &str, hasher: &mut DefaultHasher) {
    let text = without_fraction(text.strip_prefix('\'').unwrap_or(text));
    let mut write = |c: char| {
        if !c.is_whitespace() && !is_hidden(c) {
            hasher.write_u32(c.into());
        }
    };
    if text.is_ascii() {
        text.chars().for_each(|c| write(c.to_ascii_lowercase()));
    } else {
        normalized(text).nfkc().flat_map(char::to_lowercase).nfkc().for_each(write);
    }
    hasher.write_u8(0xFF);
}

/// `1001.0` is 1001 to programs that take identifiers for numbers.
fn without_fraction(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, "0" | "00")) if !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) => whole,
        _ => text,
    }
}
