//! Everything that can be wrong with a file as a whole.

use crate::format::Format;
use crate::kind::Kind;
use crate::location::Location;
use crate::refusal::{CellError, shortened};
use crate::sqlstate;
use std::{fmt, io};

/// Why a whole file cannot be read. Its `Display` is PostgreSQL's MESSAGE, [`FileError::detail`] and
/// [`FileError::hint`] are DETAIL and HINT.
#[derive(Debug)]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum FileError {
    /// There is no record at all.
    Empty,
    /// There is a header, and blank lines at most after it.
    HeaderOnly,
    /// The file ends before the line that the header was said to be on.
    HeaderLine(u64),
    /// The input breaks off with an error.
    Io(io::Error),
    /// The delimiter asked for cannot be one.
    Delimiter(u8),
    /// There is no encoding of the name asked for.
    Encoding(String),
    /// The file is something else, whatever it is called.
    NotCsv(Format),
    /// It is of a format that is read, but its bytes are not what they should be.
    Damaged { format: Format, reason: String },
    /// It opens with a password only.
    Protected(Format),
    /// An archive unpacks to far more than a table would.
    Bomb,
    /// It has to be in memory, and takes more of it than so many bytes.
    TooLarge { memory: u64 },
    /// An archive has several files in it.
    SeveralFiles(Vec<String>),
    /// It is an archive in archives.
    NestedArchives,
    /// A sheet was asked for of a file that has none.
    NoSheets(Format),
    /// The workbook has no sheet of that name or number.
    UnknownSheet { sheet: String, sheets: Vec<String> },
    /// The first row, which says what columns there are, is refused for `cause`.
    FirstRow { line: u64, cause: Box<CellError> },
    /// The mapping gives `column` neither a name nor null.
    MappingValue { column: String },
    /// The mapping names a column that the file lacks; `header` is what the file has.
    UnknownFileColumn { column: String, header: Vec<String> },
    /// The mapping names a column that the table lacks; `columns` is what the table has.
    UnknownTableColumn { column: String, columns: Vec<String> },
    /// The mapping names `column`, of the file or of the table, twice; of the table's, it may be one of numbers, which several
    /// columns of the file can fill.
    MappedTwice { column: String, is_number: bool },
    /// The mapping gives `column` as `target` to a column that is no number.
    NoNumber { column: String, target: String, kind: Kind },
    /// The file has nothing of the location asked for, but of `places`; or nothing of any location.
    NoLocation { location: Location, places: Vec<String> },
    /// Rows are to be added up, but the file fills no column of counts, or not the key.
    NoSum,
    /// There are too many rows to be added up.
    SumTooLarge,
    /// Required columns get nothing from the file, whose columns are `header`. With each comes one that may be meant for
    /// it; `advice` is what else may have gone wrong.
    RequiredNotMapped { columns: Vec<(String, Option<String>)>, header: Vec<String>, advice: Option<String> },
    /// Later values say that `column`, of the table, is to be read in another way than the first rows said. What has
    /// been read may be wrong.
    GuessRuledOut { column: String },
}

impl FileError {
    /// One of [`sqlstate`].
    pub fn sqlstate(&self) -> &str {
        match self {
            FileError::Empty
            | FileError::HeaderOnly
            | FileError::NotCsv(_)
            | FileError::Damaged { .. }
            | FileError::Protected(_)
            | FileError::SeveralFiles(_)
            | FileError::NestedArchives
            | FileError::GuessRuledOut { .. } => sqlstate::BAD_FILE_FORMAT,
            FileError::Bomb | FileError::TooLarge { .. } => sqlstate::LIMIT_EXCEEDED,
            FileError::Io(_) => sqlstate::IO_ERROR,
            FileError::FirstRow { cause, .. } => &cause.code,
            FileError::NoSheets(_)
            | FileError::UnknownSheet { .. }
            | FileError::Delimiter(_)
            | FileError::Encoding(_)
            | FileError::HeaderLine(_)
            | FileError::NoNumber { .. }
            | FileError::NoLocation { .. }
            | FileError::NoSum
            | FileError::MappingValue { .. } => sqlstate::INVALID_PARAMETER,
            FileError::UnknownFileColumn { .. } | FileError::UnknownTableColumn { .. } => {
                sqlstate::UNDEFINED_COLUMN
            }
            FileError::SumTooLarge => sqlstate::LIMIT_EXCEEDED,
            FileError::MappedTwice { .. } => sqlstate::DUPLICATE_COLUMN,
            FileError::RequiredNotMapped { .. } => sqlstate::NOT_NULL_VIOLATION,
        }
    }

    pub(crate) fn damaged(format: Format, reason: impl fmt::Display) -> Self {
        FileError::Damaged { format, reason: reason.to_string() }
    }

    /// The same with what else may have gone wrong, if that is that columns are missing.
    pub(crate) fn with_advice(self, advice: Option<String>) -> Self {
        match self {
            FileError::RequiredNotMapped { columns, header, .. } => {
                FileError::RequiredNotMapped { columns, header, advice }
            }
            other => other,
        }
    }

    /// PostgreSQL's DETAIL: facts about the file or the table.
    pub fn detail(&self) -> Option<String> {
        match self {
            FileError::UnknownFileColumn { header, .. } | FileError::RequiredNotMapped { header, .. } => {
                Some(format!("The file has the columns {}.", quoted_list(header)))
            }
            FileError::UnknownTableColumn { columns, .. } => {
                Some(format!("The columns that can be filled are {}.", quoted_list(columns)))
            }
            FileError::NoLocation { places, .. } if !places.is_empty() => {
                Some(format!("The file has the locations {}.", quoted_list(places)))
            }
            FileError::FirstRow { line, .. } => Some(format!("The row is on line {line}.")),
            FileError::Damaged { reason, .. } => Some(format!("The reader says: {}.", shortened(reason))),
            FileError::SeveralFiles(files) => Some(format!("It has the files {}.", quoted_list(files))),
            FileError::UnknownSheet { sheets, .. } => {
                Some(format!("The workbook has the sheets {}.", quoted_list(sheets)))
            }
            _ => None,
        }
    }

    /// PostgreSQL's HINT: what to do.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            FileError::Delimiter(_) => "Use a comma, a semicolon, a tab or a vertical bar.".into(),
            FileError::Encoding(_) => {
                "Use utf-8, utf-16le, utf-16be, windows-1252, or the name that browsers know it by.".into()
            }
            FileError::NotCsv(format) => format.hint().into(),
            FileError::Damaged { format, .. } => format.hint_if_damaged().into(),
            FileError::Protected(_) => "Take off the password, and send that file.".into(),
            FileError::Bomb => "Unpack it, and send the file that is in it.".into(),
            FileError::TooLarge { .. } => {
                "Save the sheet as CSV, which may be of any size, or raise teamwork.workbook_memory.".into()
            }
            FileError::SeveralFiles(_) => "Send the files one by one.".into(),
            FileError::NestedArchives => "Unpack it, and send the file that is in it.".into(),
            FileError::NoSheets(_) => "Leave out the option sheet.".into(),
            FileError::UnknownSheet { .. } => "Give the name of a sheet, or its number from 1.".into(),
            FileError::MappingValue { .. } => {
                "Give the name of a table column, or null to leave it out.".into()
            }
            FileError::UnknownTableColumn { .. } => "Map to null to leave the column out.".into(),
            FileError::NoLocation { places, .. } if places.is_empty() => {
                "Locations are told by names of columns such as \"Quantity Main St\", or by a column \"Location\".".into()
            }
            FileError::NoLocation { .. } => "Give one of them, or * for the sum.".into(),
            FileError::NoSum => "Map the key, and a column of counts such as quantity.".into(),
            FileError::SumTooLarge => "Split the file by keys, or add the rows up before.".into(),
            FileError::NoNumber { .. } => "Only numbers can be added to and taken off.".into(),
            FileError::MappedTwice { column, is_number: true } => {
                format!(
                    "Several columns fill one of numbers with their signs: \"+{column}\" is added, \"-{column}\" is taken off."
                )
            }
            FileError::RequiredNotMapped { columns, advice, .. } => {
                let pair = |(column, likely): &(String, Option<String>)| {
                    format!("\"{}\": \"{column}\"", likely.as_deref().unwrap_or("column of the file"))
                };
                let pairs: Vec<String> = columns.iter().map(pair).collect();
                let mapping = format!("Pass a mapping such as {{{}}}.", pairs.join(", "));
                advice.iter().cloned().chain([mapping]).collect::<Vec<_>>().join(" ")
            }
            FileError::HeaderLine(_) => "Count the lines of the file from 1, blank ones too.".into(),
            FileError::GuessRuledOut { .. } => "Give the option decimal or date_order.".into(),
            FileError::HeaderOnly => "Add rows after the header row.".into(),
            FileError::FirstRow { cause, .. } => capitalised(cause.suggestion.as_deref()?),
            _ => return None,
        })
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::Empty => f.write_str("file is empty"),
            FileError::HeaderOnly => f.write_str("file has a header row but no data rows"),
            FileError::HeaderLine(line) => write!(f, "file has no header on line {line}: it ends before"),
            FileError::Io(error) => write!(f, "could not read the file: {error}"),
            FileError::Delimiter(byte) => write!(f, "delimiter cannot be \"{}\"", byte.escape_ascii()),
            FileError::Encoding(label) => write!(f, "encoding \"{}\" is not known", shortened(label)),
            FileError::NotCsv(format) => write!(f, "file is {}, not CSV", format.name()),
            FileError::Damaged { format, .. } => write!(f, "file is {}, but damaged", format.name()),
            FileError::Protected(format) => write!(f, "file is {}, protected with a password", format.name()),
            FileError::Bomb => f.write_str("file unpacks to far more than a table would"),
            FileError::TooLarge { memory } => {
                write!(f, "file takes more than {} MB of memory to read", memory >> 20)
            }
            FileError::SeveralFiles(files) => write!(f, "file is a ZIP archive with {} files", files.len()),
            FileError::NestedArchives => f.write_str("file is an archive in archives"),
            FileError::NoSheets(format) => write!(f, "file is {}, which has no sheets", format.name()),
            FileError::UnknownSheet { sheet, .. } => {
                write!(f, "workbook has no sheet \"{}\"", shortened(sheet))
            }
            FileError::FirstRow { cause, .. } => write!(f, "first row cannot be read: {}", cause.message),
            FileError::MappingValue { column } => {
                write!(f, "mapping of column \"{column}\" must be a column name or null")
            }
            FileError::UnknownFileColumn { column, .. } => {
                write!(f, "mapping names column \"{column}\", which the file does not have")
            }
            FileError::NoLocation { location: Location::At(name), places } if !places.is_empty() => {
                write!(f, "file has nothing of location \"{name}\"")
            }
            FileError::NoLocation { .. } => f.write_str("file tells no locations"),
            FileError::NoSum => f.write_str("there is nothing to add up over the locations of the file"),
            FileError::SumTooLarge => f.write_str("too many rows to be added up over locations"),
            FileError::NoNumber { column, target, kind } => {
                write!(f, "mapping of column \"{column}\" to \"{target}\" needs numbers, not type {kind}")
            }
            FileError::UnknownTableColumn { column, .. } => {
                write!(f, "mapping names unknown column \"{column}\"")
            }
            FileError::MappedTwice { column, .. } => {
                write!(f, "mapping names column \"{column}\" more than once")
            }
            FileError::GuessRuledOut { column } => {
                write!(f, "later values of column \"{column}\" rule out how the first ones were read")
            }
            FileError::RequiredNotMapped { columns, .. } => {
                let names: Vec<String> = columns.iter().map(|(column, _)| column.clone()).collect();
                let what = if names.len() == 1 { "column" } else { "columns" };
                write!(f, "no column of the file is mapped to required {what} {}", quoted_list(&names))
            }
        }
    }
}

impl std::error::Error for FileError {}

impl From<io::Error> for FileError {
    /// An error of ours comes back as it was.
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(FileError::Io)
    }
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        io::Error::other(error)
    }
}

fn quoted_list(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).chain(['.']).collect()
}
