//! What there may be to remark about a column, a row or a value that was taken.

use crate::currency::Currency;
use crate::locale::{DateOrder, DecimalMark};
use crate::warning::WarningKind;
use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

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
    /// Digits behind the point were more than the column keeps.
    Rounded,
    /// The value had a currency, which was dropped. That is told of columns with several.
    Currency(Currency),
    /// A plus sign, where every value has a sign: it may be a change, not a count.
    Change,
    /// A date was the number of a day, as spreadsheets count them.
    Serial,
    /// A date has another day of the week than its text says.
    Weekday,
    /// A year of two digits was read as one to come.
    ShortYear,
    /// An identifier in scientific notation: its last digits are gone.
    Destroyed,
    /// There is one column, which goes nowhere: perhaps it is several.
    OneColumn,
    /// The encoding was guessed.
    GuessedEncoding(&'static Encoding),
    /// It was guessed, and is likely one of DOS, which cannot be read.
    DosEncoding(&'static Encoding),
    /// Characters were lost before.
    Lost,
    /// UTF-8 that was read as Windows-1252 and encoded again.
    EncodedTwice,
    /// A blank cell became the column's default.
    DefaultForBlank,
    /// A key is another one but for case, Unicode form, dashes, blanks, `.0` or an apostrophe in front.
    LooksAlike,
    /// A key is a number with a fraction of zero.
    Fraction,
    /// A sheet of the workbook has rows, too, and was not read.
    OtherSheet,
    /// A row of the sheet is hidden.
    HiddenRow,
    /// A cell is merged over several rows.
    MergedCell,
    /// A formula has no value in the file.
    FormulaWithoutValue,
    /// A row is marked as to be removed.
    Removal,
    /// A row is marked as a debit, and its amount has no sign.
    UnsignedDebit,
    /// A key is on another line already.
    RepeatedKey,
    /// A blank cell got what the first row of the same product says.
    FilledDown,
    /// A value is another than that of an earlier line which it was added to.
    Differs,
    /// A blank cell took the place of what a known row had.
    Emptied,
}

impl Remark {
    pub(crate) fn kind(self) -> WarningKind {
        match self {
            Remark::Unnamed => WarningKind::UnnamedColumn,
            Remark::Repeated => WarningKind::RepeatedColumn,
            Remark::Short => WarningKind::ShortRows,
            Remark::GuessedDecimal(_) => WarningKind::GuessedDecimal,
            Remark::GuessedOrder(_) => WarningKind::GuessedDateOrder,
            Remark::Percent => WarningKind::Percent,
            Remark::Rounded => WarningKind::Rounded,
            Remark::Currency(_) => WarningKind::SeveralCurrencies,
            Remark::Change => WarningKind::SignedCounts,
            Remark::Serial => WarningKind::SerialDate,
            Remark::Weekday => WarningKind::OtherWeekday,
            Remark::ShortYear => WarningKind::FutureYear,
            Remark::Destroyed => WarningKind::DestroyedDigits,
            Remark::OneColumn => WarningKind::OneColumn,
            Remark::GuessedEncoding(_) => WarningKind::GuessedEncoding,
            Remark::DosEncoding(_) => WarningKind::UnreadableEncoding,
            Remark::Lost => WarningKind::LostCharacters,
            Remark::EncodedTwice => WarningKind::EncodedTwice,
            Remark::DefaultForBlank => WarningKind::DefaultForBlank,
            Remark::LooksAlike => WarningKind::SimilarKeys,
            Remark::Fraction => WarningKind::FractionalKeys,
            Remark::OtherSheet => WarningKind::OtherSheets,
            Remark::HiddenRow => WarningKind::HiddenRows,
            Remark::MergedCell => WarningKind::MergedCells,
            Remark::FormulaWithoutValue => WarningKind::FormulasWithoutValue,
            Remark::Removal => WarningKind::Removals,
            Remark::UnsignedDebit => WarningKind::UnsignedDebits,
            Remark::RepeatedKey => WarningKind::RepeatedKeys,
            Remark::FilledDown => WarningKind::FilledDown,
            Remark::Differs => WarningKind::DifferingValues,
            Remark::Emptied => WarningKind::EmptiedCells,
        }
    }

    /// In words, of so many values of a column.
    pub(crate) fn message(self, column: &str, count: u64) -> String {
        let of =
            |one: &str, many: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
        let values = of("value", "values") + &format!(" in column \"{column}\"");
        match self {
            Remark::Unnamed => format!("a column without a name is called \"{column}\""),
            Remark::Repeated => format!("a column with the name of another is called \"{column}\""),
            Remark::Short => of("short row was filled up with NULL", "short rows were filled up with NULL"),
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
            Remark::LooksAlike => {
                format!(
                    "{values} differ from other keys only by case, Unicode form, dashes, blanks, .0 or an apostrophe in front"
                )
            }
            Remark::OtherSheet | Remark::HiddenRow | Remark::MergedCell | Remark::FormulaWithoutValue => {
                self.message_on_sheet(count)
            }
            Remark::Removal | Remark::UnsignedDebit => self.of_marks(column, count),
            Remark::Fraction => {
                format!("{values} end in .0, as programs write identifiers that they took for numbers")
            }
            Remark::RepeatedKey | Remark::FilledDown | Remark::Differs | Remark::Emptied => {
                self.message_on_lines(column, count)
            }
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

    /// Which currency it is about, or none.
    pub(crate) fn currency(&self) -> &str {
        match self {
            Remark::Currency(currency) => currency.as_str(),
            _ => "",
        }
    }

    /// What to do about it.
    pub(crate) fn hint(self) -> Option<&'static str> {
        Some(match self {
            Remark::GuessedDecimal(_) => "Give the option decimal.",
            Remark::GuessedOrder(_) => "Give the option date_order.",
            Remark::ShortYear => {
                "Write years with four digits: 70 to 99 are read as 1970 to 1999, 00 to 69 as 2000 to 2069."
            }
            Remark::Rounded => {
                "Give the column of the table more digits behind the point, or round the values yourself."
            }
            Remark::Currency(_) => "Convert the amounts to one currency.",
            Remark::Change => {
                "If they are changes, give the option quantity_mode, such as {\"quantity\": \"add\"}."
            }
            Remark::Destroyed | Remark::Fraction => "Export the column as text.",
            Remark::OneColumn => "Give the option delimiter.",
            Remark::GuessedEncoding(_) => "Give the option encoding if the sample is misspelt.",
            Remark::DosEncoding(_) => "Save the file as UTF-8, or give the option encoding.",
            Remark::Lost => "Export the file anew, as UTF-8.",
            Remark::EncodedTwice => "Save the file anew, as UTF-8.",
            Remark::DefaultForBlank => "Fill the cells, or leave the column out of the file.",
            Remark::Removal => "Imports add and change rows: leave these out, and remove them yourself.",
            Remark::UnsignedDebit => "Write a minus sign before the amounts that go out.",
            Remark::LooksAlike => "Spell each key in one way.",
            Remark::OtherSheet => "Import each sheet by itself, with the option sheet.",
            Remark::HiddenRow => "Delete the rows if they are not meant.",
            Remark::MergedCell => "Unmerge the cells if that is not meant.",
            Remark::FormulaWithoutValue => {
                "Open the workbook in a spreadsheet program, which calculates them, and save it."
            }
            Remark::RepeatedKey => {
                "With on_conflict update, a later line replaces what an earlier one said. Give each key one line, or the option location if the lines are of several."
            }
            Remark::Emptied => "Give the option blank: \"keep\", if rows are to keep what they have.",
            _ => return None,
        })
    }
}

/// What there is to remark about one cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remarks {
    kept: [Remark; 4],
    count: usize,
}

impl Remarks {
    #[inline]
    pub(crate) fn new() -> Self {
        Remarks { kept: [Remark::Short; 4], count: 0 }
    }

    /// Those that do not fit are dropped; no cell has so many.
    pub(crate) fn add(&mut self, remark: Remark) {
        if let Some(free) = self.kept.get_mut(self.count) {
            *free = remark;
            self.count += 1;
        }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[Remark] {
        &self.kept[..self.count]
    }
}
