//! What there may be to remark about a column, a row or a value that was taken.

mod message;

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
