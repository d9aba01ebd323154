//! What a file is, for people who look before they import.

use crate::content::{Content, Opened};
use crate::dialect::Dialect;
use crate::error::FileError;
use crate::file::CsvFile;
use crate::file_description::FileDescription;
use crate::guess::guess_column;
use crate::json_file::{keys_of_start, texts_of_start};
use crate::mapping::Vocabulary;
use crate::options::ReadOptions;
use crate::workbook::Workbook;

/// What a file is by its beginning, and how its table is spelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sniffed {
    /// Its format, which need not be one that is read.
    pub file: FileDescription,
    /// None of JSON, and of what is not read.
    pub dialect: Option<Dialect>,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// What they seem to hold, as PostgreSQL names the types.
    pub types: Vec<&'static str>,
    /// The names of all sheets of a workbook.
    pub sheets: Vec<String>,
}

/// Finds out what a file is. Fails of what should be read, but cannot be.
///
/// ```
/// use intake::{ReadOptions, sniff_file};
///
/// let sniffed = sniff_file(b"sku;price\nA1;1,50\n", &ReadOptions::default())?;
/// assert_eq!((sniffed.file.format.code(), sniffed.types), ("csv", vec!["text", "numeric"]));
/// # Ok::<(), intake::FileError>(())
/// ```
pub fn sniff_file(bytes: &[u8], options: &ReadOptions) -> Result<Sniffed, FileError> {
    let vocabulary = Vocabulary::default();
    let Opened { archives, content, position } = match Opened::of(Box::new(bytes), options) {
        Ok(opened) => opened,
        Err(FileError::NotCsv(format)) => return Ok(Sniffed::unread(format.into())),
        Err(error) => return Err(error),
    };
    match content {
        Content::Text(text) => match text.json() {
            Some(format) => {
                let file = FileDescription { format, archives, sheet: None };
                Ok(Sniffed { file, ..of_json(&text.decoded) })
            }
            None => match CsvFile::of_text(text, archives, position, options, &vocabulary) {
                Ok(file) => Ok(Sniffed::of(&file)),
                Err(FileError::NotCsv(format)) => Ok(Sniffed::unread(format.into())),
                Err(error) => Err(error),
            },
        },
        Content::Workbook(format, bytes) => {
            let mut workbook = match Workbook::open(format, bytes, options.memory, position.clone()) {
                Err(FileError::NotCsv(format)) => return Ok(Sniffed::unread(format.into())),
                opened => opened?,
            };
            let sheets = workbook.sheet_names();
            let sheet = workbook.open_sheet(options.sheet.as_deref(), &vocabulary)?;
            let file = FileDescription { format, archives, sheet: Some(sheet.name.clone()) };
            let file = CsvFile::of_sheet(sheet, file, position, options, &vocabulary)?;
            Ok(Sniffed { sheets, ..Sniffed::of(&file) })
        }
    }
}

impl Sniffed {
    fn of(file: &CsvFile<'_>) -> Self {
        Sniffed {
            file: file.description().clone(),
            dialect: Some(file.dialect()),
            columns: file.columns().to_vec(),
            types: file.sample().guesses().into_iter().map(|guess| guess.type_name()).collect(),
            sheets: Vec::new(),
        }
    }

    fn unread(file: FileDescription) -> Self {
        Sniffed { file, dialect: None, columns: Vec::new(), types: Vec::new(), sheets: Vec::new() }
    }
}

/// The keys of the first records, and what stands there.
fn of_json(start: &[u8]) -> Sniffed {
    let columns = keys_of_start(start);
    let rows = texts_of_start(start, &columns);
    let cells = |column: usize| rows.iter().map(move |row| row[column].as_str());
    let types = (0..columns.len()).map(|column| guess_column(cells(column)).type_name()).collect();
    Sniffed { columns, types, ..Sniffed::unread(crate::format::Format::Json.into()) }
}
