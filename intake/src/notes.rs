//! What a reading has to say about records that it did not refuse.

use serde_json::{Value, json};
use std::borrow::Cow;

/// Why a record is no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    Blank,
    Comment,
    RepeatedHeader,
    /// Under the header: `(kg)`, `EUR`.
    Units,
    /// Under the header, in other words.
    SecondHeader,
    /// The last row, with the sum of a column.
    Total,
}

impl Passed {
    pub fn reason(self) -> &'static str {
        match self {
            Passed::Blank => "blank line",
            Passed::Comment => "comment",
            Passed::RepeatedHeader => "header row again",
            Passed::Units => "row of units",
            Passed::SecondHeader => "second header row",
            Passed::Total => "row of totals",
        }
    }
}

/// Notes told apart; the rest are not kept.
const KEPT: usize = 100;

/// Notes by what they say, each with how often and where first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes(Vec<Note>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub text: Cow<'static, str>,
    pub count: u64,
    /// The first line it is about.
    pub line: u64,
}

impl Notes {
    pub(crate) fn add(&mut self, line: u64, text: impl Into<Cow<'static, str>>) {
        self.merge(Note { text: text.into(), count: 1, line });
    }

    fn merge(&mut self, note: Note) {
        if let Some(known) = self.0.iter_mut().find(|known| known.text == note.text) {
            known.count += note.count;
        } else if self.0.len() < KEPT {
            self.0.push(note);
        }
    }

    /// Adds those of a later stretch of the file.
    pub fn append(&mut self, later: &Notes) {
        later.0.iter().cloned().for_each(|note| self.merge(note));
    }

    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.0.iter()
    }

    /// `[{"note", "count", "line"}]`, in the order of the file.
    pub fn to_json(&self) -> Value {
        let note = |Note { text, count, line }: &Note| json!({ "note": text, "count": count, "line": line });
        self.iter().map(note).collect()
    }
}
