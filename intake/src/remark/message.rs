//! Remarks in words.

use super::Remark;

impl Remark {
    /// In words, of so many values of a column.
    pub(crate) fn message(self, column: &str, count: u64) -> String {
        let of =
            |one: &str, many: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
        match self {
            Remark::Unnamed => format!("a column without a name is called \"{column}\""),
            Remark::Repeated => format!("a column with the name of another is called \"{column}\""),
            Remark::Short => of("short row was filled up with NULL", "short rows were filled up with NULL"),
            Remark::OneColumn => "no delimiter was found, so that each line is one cell".to_owned(),
            Remark::GuessedEncoding(encoding) => format!("the encoding was guessed: {}", encoding.name()),
            Remark::DosEncoding(encoding) => format!(
                "the encoding was guessed: {}, but the bytes look like cp850 or cp437, which cannot be read",
                encoding.name()
            ),
            Remark::Lost => {
                of("row has", "rows have") + " U+FFFD, for characters that were lost before the file was sent"
            }
            Remark::EncodedTwice => of("row has", "rows have") + " text that looks encoded twice",
            Remark::DefaultForBlank => {
                of("blank cell", "blank cells") + &format!(" in column \"{column}\" became its default")
            }
            Remark::OtherSheet | Remark::HiddenRow | Remark::MergedCell | Remark::FormulaWithoutValue => {
                self.message_on_sheet(count)
            }
            Remark::Removal | Remark::UnsignedDebit => self.of_marks(column, count),
            Remark::RepeatedKey | Remark::FilledDown | Remark::Differs | Remark::Emptied => {
                self.message_on_lines(column, count)
            }
            _ => self.message_on_values(column, count),
        }
    }

    /// The same of the values of a column.
    fn message_on_values(self, column: &str, count: u64) -> String {
        let values =
            format!("{count} {} in column \"{column}\"", if count == 1 { "value" } else { "values" });
        match self {
            Remark::GuessedDecimal(decimal) => format!(
                "{values} can be read with a decimal point or a decimal comma; \"{}\" was taken, as nothing in the file decides",
                decimal.as_char()
            ),
            Remark::GuessedOrder(order) => format!(
                "{values} can be read in several orders of day, month and year; {} was taken, as nothing in the file decides",
                order.name()
            ),
            Remark::Percent => format!("{values} had a percent sign, which was dropped"),
            Remark::Rounded => {
                format!("{values} had more digits behind the point than the column keeps, and were rounded")
            }
            Remark::Currency(_) => {
                format!("{values} had different currencies, which were left out")
            }
            Remark::Change => {
                format!("{values} had a plus sign, which was dropped, and all have a sign, as changes have")
            }
            Remark::Serial if count == 1 => {
                format!("{values} was read as a number of days, as spreadsheets count them")
            }
            Remark::Serial => format!("{values} were read as numbers of days, as spreadsheets count them"),
            Remark::Weekday => {
                format!("{values} had another day of the week than the date has; the date was taken")
            }
            Remark::ShortYear => format!("{values} had a year of two digits and became a day in the future"),
            Remark::Destroyed => format!("a spreadsheet has destroyed the digits of {values}"),
            Remark::LooksAlike => {
                format!(
                    "{values} differ from other keys only by case, Unicode form, dashes, blanks, .0 or an apostrophe in front"
                )
            }
            _ => format!("{values} end in .0, as programs write identifiers that they took for numbers"),
        }
    }

    /// The same of what several lines, or a line and the table, have to do with each other.
    fn message_on_lines(self, column: &str, count: u64) -> String {
        let of = |one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let blanks = of("blank cell", "blank cells") + &format!(" in column \"{column}\"");
        match self {
            Remark::RepeatedKey => {
                of("key is", "keys are") + &format!(" in column \"{column}\" on several lines")
            }
            Remark::FilledDown => blanks + " got what the first row of the same product has",
            Remark::Emptied => blanks + " took the place of what known rows had",
            _ => {
                of("value", "values")
                    + &format!(
                        " in column \"{column}\" differ from those on the first line of the same key, which were kept"
                    )
            }
        }
    }

    fn message_on_sheet(self, count: u64) -> String {
        let (one, many) = match self {
            Remark::OtherSheet => (
                "other sheet has rows, too, which were not read",
                "other sheets have rows, too, which were not read",
            ),
            Remark::HiddenRow => {
                ("hidden row was read like the others", "hidden rows were read like the others")
            }
            Remark::MergedCell => (
                "cell is merged over several rows: a text or a date counts for each of them, a number for the first",
                "cells are merged over several rows: a text or a date counts for each of them, a number for the first",
            ),
            _ => (
                "formula has no value in the file, and counted as empty",
                "formulas have no value in the file, and counted as empty",
            ),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }

    /// The same of rows that a column of marks says something about.
    fn of_marks(self, column: &str, count: u64) -> String {
        let rows = if count == 1 { "1 row is".to_owned() } else { format!("{count} rows are") };
        match self {
            Remark::Removal => {
                format!("{rows} to be removed by column \"{column}\", and went in like the others")
            }
            _ => format!("{rows} on the debit side by column \"{column}\", and went in without a minus sign"),
        }
    }
}
