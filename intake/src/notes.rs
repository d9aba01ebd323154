//! Remarks about the header and about accepted rows, for the report of a job.

use crate::error::shortened;
use crate::locale::{DateOrder, DecimalMark};
use crate::warning::{Warning, WarningKind};
use serde::{Deserialize, Serialize};

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
    /// A blank cell became the column's default.
    DefaultForBlank,
    /// A key is another one but for case, Unicode form, blanks or `.0`.
    LooksAlike,
    /// A key is a number with a fraction of zero.
    Fraction,
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

    /// One each.
    pub fn warnings(&self) -> impl Iterator<Item = Warning> {
        self.kept.iter().map(Note::warning)
    }
}

impl Note {
    fn warning(&self) -> Warning {
        use WarningKind::*;
        let Note { column, count, line, .. } = self;
        let values = if *count == 1 { "1 value" } else { &format!("{count} values") };
        let (kind, message, hint) = match self.remark {
            Remark::Unnamed => {
                (UnnamedColumn, format!("a column without a name is called \"{column}\""), None)
            }
            Remark::Repeated => {
                (RepeatedColumn, format!("a column with the name of another is called \"{column}\""), None)
            }
            Remark::Short if *count == 1 => {
                (ShortRows, "1 short row was filled up with NULL".to_owned(), None)
            }
            Remark::Short => (ShortRows, format!("{count} short rows were filled up with NULL"), None),
            Remark::GuessedDecimal(decimal) => (
                GuessedDecimal,
                format!(
                    "{values} in column \"{column}\" can be read with a decimal point or a decimal comma; \"{}\" was taken, as \
                     nothing in the file decides",
                    decimal.as_char()
                ),
                Some("Give the option decimal."),
            ),
            Remark::GuessedOrder(order) => (
                GuessedDateOrder,
                format!(
                    "{values} in column \"{column}\" can be read in several orders of day, month and year; {} was taken, as \
                     nothing in the file decides",
                    order.name()
                ),
                Some("Give the option date_order."),
            ),
            Remark::Percent => (
                Percent,
                format!("{values} in column \"{column}\" had a percent sign, which was dropped"),
                None,
            ),
            Remark::Serial => {
                let read = if *count == 1 { "was read as a number" } else { "were read as numbers" };
                (
                    SerialDate,
                    format!("{values} in column \"{column}\" {read} of days, as spreadsheets count them"),
                    None,
                )
            }
            Remark::DefaultForBlank => {
                let cells = if *count == 1 { "1 blank cell" } else { &format!("{count} blank cells") };
                (
                    DefaultForBlank,
                    format!("{cells} in column \"{column}\" became its default"),
                    Some("Fill the cells, or leave the column out of the file."),
                )
            }
            Remark::LooksAlike => (
                SimilarKeys,
                format!(
                    "{values} in column \"{column}\" differ from other keys only by case, Unicode form, blanks or .0"
                ),
                Some("Spell each key in one way."),
            ),
            Remark::Fraction => (
                FractionalKeys,
                format!(
                    "{values} in column \"{column}\" end in .0, as programs write identifiers that they took for numbers"
                ),
                Some("Export the column as text."),
            ),
            Remark::Destroyed => (
                DestroyedDigits,
                format!("a spreadsheet has destroyed the digits of {values} in column \"{column}\""),
                Some("Export the column as text."),
            ),
        };
        let warning = Warning::new(kind, *count, message).in_column(column).first(*line, self.sample.clone());
        Warning { hint: hint.map(str::to_owned), ..warning }
    }
}
