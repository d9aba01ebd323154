//! Remarks about the header and about accepted rows, counted for the report of a job.

use crate::refusal::shortened;
use crate::remark::Remark;
use crate::warning::Warning;
use serde::{Deserialize, Serialize};

/// The most notes that are kept.
const MAX_KEPT: usize = 100;

/// Remarks by column, with how many values or rows they are about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    kept: Vec<Note>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    /// Empty for a remark about rows.
    column: String,
    remark: Remark,
    count: u64,
    /// Of the first of them.
    line: u64,
    /// The first of them, as it stands in the file.
    sample: Option<String>,
}

impl Notes {
    /// `sample`: the text that it is about; none of a record or a name.
    pub(crate) fn add(&mut self, column: &str, remark: Remark, line: u64, sample: Option<&str>) {
        self.count(column, remark, 1, line, sample);
    }

    /// Adds that so many blank cells of a column of the table became its default; `line` is that of the first.
    pub fn add_defaults_for_blanks(&mut self, column: &str, count: u64, line: u64) {
        self.count(column, Remark::DefaultForBlank, count, line, None);
    }

    /// Adds that a blank cell of a column of the table took the place of what a known row had: `was`.
    pub fn add_emptied(&mut self, column: &str, line: u64, was: Option<&str>) {
        self.count(column, Remark::Emptied, 1, line, was);
    }

    /// Adds the notes of a later stretch.
    pub fn append(&mut self, later: &Notes) {
        for Note { column, remark, count, line, sample } in &later.kept {
            self.count(column, *remark, *count, *line, sample.as_deref());
        }
    }

    fn count(&mut self, column: &str, remark: Remark, count: u64, line: u64, sample: Option<&str>) {
        let same = |note: &&mut Note| note.remark == remark && note.column == column;
        if let Some(known) = self.kept.iter_mut().find(same) {
            known.count += count;
        } else if self.kept.len() < MAX_KEPT {
            let sample = sample.map(shortened);
            self.kept.push(Note { column: column.to_owned(), remark, count, line, sample });
        }
    }

    /// One each; one for all currencies of a column, if it has several.
    pub fn warnings(&self) -> impl Iterator<Item = Warning> {
        self.kept.iter().filter_map(|note| match note.remark {
            Remark::Currency(_) => self.of_currencies(note),
            _ => Some(note.warning()),
        })
    }

    /// The warning about a column's currencies, in place of the first of them.
    fn of_currencies(&self, note: &Note) -> Option<Warning> {
        let is_currency = |remark| matches!(remark, Remark::Currency(_));
        let all: Vec<&Note> = (self.kept.iter())
            .filter(|other| other.column == note.column && is_currency(other.remark))
            .collect();
        let first = *all.iter().min_by_key(|other| other.line)?;
        if all.len() == 1 || note != all[0] {
            return None;
        }
        let names = all.iter().map(|other| format!("{} {}", other.remark.currency(), other.count));
        let names = names.collect::<Vec<_>>().join(", ");
        let count = all.iter().map(|other| other.count).sum();
        let warning = Note { count, ..first.clone() }.warning();
        Some(Warning { message: format!("{}: {names}", warning.message), ..warning })
    }
}

impl Note {
    fn warning(&self) -> Warning {
        let Note { column, remark, count, line, sample } = self;
        let warning = Warning::new(remark.kind(), *count, remark.message(column, *count));
        let warning = warning.in_column(column).first(*line, sample.clone());
        Warning { hint: remark.hint().map(str::to_owned), ..warning }
    }
}
