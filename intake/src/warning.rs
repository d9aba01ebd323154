//! What a report says of a file besides its counts.

use serde::{Deserialize, Serialize};

/// Something that deserves a look: a guess, a change of a value, or what the sender may not expect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What it is, for programs.
    pub kind: WarningKind,
    /// The column that it is about: the table's, or the file's where it has none in the table.
    pub column: Option<String>,
    /// How many values, rows or columns it is about.
    pub count: u64,
    /// The line of the first of them.
    pub line: Option<u64>,
    /// The first of them, as it stands in the file, at most 1000 characters of it.
    pub sample: Option<String>,
    /// What it is, for people, without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The kinds of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// A column of the file has no name, and got one.
    UnnamedColumn,
    /// A column of the file has the name of another, and got its own.
    RepeatedColumn,
    /// Rows end before the last column, and were filled up with NULL.
    ShortRows,
    /// Numbers can be read with either decimal mark, and nothing in the file decides.
    GuessedDecimal,
    /// Dates can be read in several orders, and nothing in the file decides.
    GuessedDateOrder,
    /// Percent signs were dropped.
    Percent,
    /// Digits behind the point were more than the column keeps, and the values were rounded.
    Rounded,
    /// Amounts in one column had several currencies, which were left out.
    SeveralCurrencies,
    /// All counts in a column have a sign, as changes have.
    SignedCounts,
    /// Dates were numbers of days, as spreadsheets count them.
    SerialDate,
    /// Dates have another day of the week than their texts say.
    OtherWeekday,
    /// Years of two digits became days in the future.
    FutureYear,
    /// A spreadsheet has destroyed the last digits of identifiers.
    DestroyedDigits,
    /// No delimiter was found, and the only column of the file goes nowhere.
    OneColumn,
    /// The encoding was guessed: no mark and no byte decides it.
    GuessedEncoding,
    /// The encoding was guessed, and is likely a code page of DOS, which cannot be read.
    UnreadableEncoding,
    /// Characters were lost before the file was sent: rows have U+FFFD.
    LostCharacters,
    /// Texts look encoded twice: UTF-8 that was read as Windows-1252.
    EncodedTwice,
    /// No column of the file was found for a column of the table, which gets its default, and columns of the file are left over.
    DefaultForColumn,
    /// Blank cells became the default of their column.
    DefaultForBlank,
    /// Keys differ from others only by case, Unicode form, dashes, blanks, `.0` or an apostrophe in front.
    SimilarKeys,
    /// Keys are numbers with a fraction of zero, as programs write identifiers that they took for numbers.
    FractionalKeys,
    /// Other sheets of the workbook have rows, too, and were not read.
    OtherSheets,
    /// Hidden rows of a sheet were read like the others.
    HiddenRows,
    /// Cells of a sheet are merged over several rows.
    MergedCells,
    /// Formulas of a sheet have no value in the file, and counted as empty.
    FormulasWithoutValue,
    /// Rows are marked as to be removed, and went in like the others.
    Removals,
    /// Rows are marked as debits, and their amounts have no sign.
    UnsignedDebits,
    /// Keys are on several lines, of which a later one replaces what an earlier one said.
    RepeatedKeys,
    /// Blank cells got what the first row of the same product has.
    FilledDown,
    /// Lines that were added up have different values in other columns, of which the first were kept.
    DifferingValues,
    /// Blank cells took the place of what known rows had.
    EmptiedCells,
    /// The team has imported the same file before.
    RepeatedFile,
    /// The import would fail, as more rows are refused than it may refuse. Of dry runs and previews.
    WouldFail,
    /// There are more refused rows than a dry run lists.
    RefusalsNotListed,
}

impl WarningKind {
    /// All kinds.
    pub const ALL: [Self; 35] = [
        Self::UnnamedColumn,
        Self::RepeatedColumn,
        Self::ShortRows,
        Self::GuessedDecimal,
        Self::GuessedDateOrder,
        Self::Percent,
        Self::Rounded,
        Self::SeveralCurrencies,
        Self::SignedCounts,
        Self::SerialDate,
        Self::OtherWeekday,
        Self::FutureYear,
        Self::DestroyedDigits,
        Self::OneColumn,
        Self::GuessedEncoding,
        Self::UnreadableEncoding,
        Self::LostCharacters,
        Self::EncodedTwice,
        Self::DefaultForColumn,
        Self::DefaultForBlank,
        Self::SimilarKeys,
        Self::FractionalKeys,
        Self::OtherSheets,
        Self::HiddenRows,
        Self::MergedCells,
        Self::FormulasWithoutValue,
        Self::Removals,
        Self::UnsignedDebits,
        Self::RepeatedKeys,
        Self::FilledDown,
        Self::DifferingValues,
        Self::EmptiedCells,
        Self::RepeatedFile,
        Self::WouldFail,
        Self::RefusalsNotListed,
    ];
}

impl Warning {
    /// A warning that is about the file as a whole.
    pub fn new(kind: WarningKind, count: u64, message: impl Into<String>) -> Self {
        Warning { kind, column: None, count, line: None, sample: None, message: message.into(), hint: None }
    }

    /// The same, about a column.
    pub fn in_column(self, column: &str) -> Self {
        Warning { column: Some(column.to_owned()).filter(|name| !name.is_empty()), ..self }
    }

    /// The same, with the first of what it is about.
    pub fn first(self, line: u64, sample: Option<String>) -> Self {
        Warning { line: Some(line), sample, ..self }
    }

    /// The same, with what to do.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Warning { hint: Some(hint.into()), ..self }
    }
}
