//! Remarks about the header and about accepted rows, for the report of a job.

use crate::locale::{DateOrder, DecimalMark};
use serde::{Deserialize, Serialize};

use std::fmt;

/// The most notes that are kept.
const MAX_KEPT: usize = 100;

/// Something that the sender of the file may want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Remark {
    /// A column of the file has no name.
    Unnamed,
    /// It has the name of another.
    Repeated,
    /// A row ends before the last column.
    Short,
    /// A value would be another number with the other decimal mark, and nothing decided between them.
    GuessedDecimal(DecimalMark),
    /// Likewise a date would be another day in another order.
    GuessedOrder(DateOrder),
    /// The percent sign was dropped.
    Percent,
    /// A date was the number of a day, as spreadsheets count them.
    Serial,
    /// An identifier in scientific notation: its last digits are gone.
    Destroyed,
}

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
}

impl Notes {
    pub(crate) fn add(&mut self, column: &str, remark: Remark, line: u64) {
        self.count(column, remark, 1, line);
    }

    /// Adds the notes of a later stretch.
    pub fn append(&mut self, later: &Notes) {
        for Note { column, remark, count, line } in &later.kept {
            self.count(column, *remark, *count, *line);
        }
    }

    fn count(&mut self, column: &str, remark: Remark, count: u64, line: u64) {
        let same = |note: &&mut Note| note.remark == remark && note.column == column;
        if let Some(known) = self.kept.iter_mut().find(same) {
            known.count += count;
        } else if self.kept.len() < MAX_KEPT {
            self.kept.push(Note { column: column.to_owned(), remark, count, line });
        }
    }

    /// One sentence each.
    pub fn sentences(&self) -> impl Iterator<Item = String> {
        self.kept.iter().map(Note::to_string)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Note { column, count, line, .. } = self;
        let values = if *count == 1 { "1 value" } else { &format!("{count} values") };
        match self.remark {
            Remark::Unnamed => write!(f, "a column without a name is called \"{column}\""),
            Remark::Repeated => write!(f, "a column with the name of another is called \"{column}\""),
            Remark::Short if *count == 1 => write!(f, "1 short row was filled up with NULL, on line {line}"),
            Remark::Short => write!(f, "{count} short rows were filled up with NULL, first on line {line}"),
            Remark::GuessedDecimal(decimal) => write!(
                f,
                "{values} in column \"{column}\" can be read with a decimal point or a decimal comma; \"{}\" was taken for want of \
                 evidence, first on line {line}; the option decimal decides",
                decimal.as_char()
            ),
            Remark::GuessedOrder(order) => write!(
                f,
                "{values} in column \"{column}\" can be read in several orders of day, month and year; {} was taken for want of \
                 evidence, first on line {line}; the option date_order decides",
                order.name()
            ),
            Remark::Percent => write!(
                f,
                "{values} in column \"{column}\" had a percent sign: 5% was read as 5, first on line {line}"
            ),
            Remark::Serial => write!(
                f,
                "{values} in column \"{column}\" counted days as spreadsheets do: 45291 was read as 2023-12-31, first on line {line}"
            ),
            Remark::Destroyed => write!(
                f,
                "a spreadsheet has destroyed the digits of {values} in column \"{column}\", first on line {line}"
            ),
        }
    }
}
