//! How a file is to be read, where that is not left to the file.

use crate::dialect::is_delimiter;
use crate::encoding::{Given, named};
use crate::error::FileError;
use crate::limits::DEFAULT_MEMORY;
use encoding_rs::Encoding;

/// What is None is found out from the file.
///
/// ```
/// use intake::ReadOptions;
///
/// let options = ReadOptions { delimiter: Some(b'|'), ..ReadOptions::default() };
/// assert!(options.check().is_ok());
/// assert!(ReadOptions { delimiter: Some(b'a'), ..options }.check().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// A label such as `utf-8`, `utf-16le`, `windows-1252`, `iso-8859-1`: any that the WHATWG knows.
    pub encoding: Option<String>,
    /// ASCII.
    pub delimiter: Option<u8>,
    /// Whether there is a row that names the columns, or where.
    pub header: Option<Header>,
    /// The sheet of a workbook: its name, or its number from 1.
    pub sheet: Option<String>,
    /// Bytes of memory that a workbook or a ZIP archive may take. Everything else is read in little, whatever its size.
    pub memory: u64,
    /// The input is text in UTF-8, whatever encoding the file has that it comes from.
    pub is_text: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            encoding: None,
            delimiter: None,
            header: None,
            sheet: None,
            memory: DEFAULT_MEMORY,
            is_text: false,
        }
    }
}

/// The row that names the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// There is one.
    Present,
    /// There is none. The columns are `column_1`, `column_2`, …
    Absent,
    /// It is on this line of the file, from 1. What stands above is passed over.
    Line(u64),
}

impl From<bool> for Header {
    fn from(is_there: bool) -> Self {
        if is_there { Header::Present } else { Header::Absent }
    }
}

impl ReadOptions {
    /// What is known of the encoding. Fails as [`ReadOptions::check`] does.
    pub(crate) fn given(&self) -> Result<Given, FileError> {
        let encoding = self.check()?;
        Ok(if self.is_text { Given::Text } else { encoding.map_or(Given::Nothing, Given::Encoding) })
    }

    /// The encoding asked for. Fails if an option has a value that it cannot have.
    pub fn check(&self) -> Result<Option<&'static Encoding>, FileError> {
        if let Some(byte) = self.delimiter.filter(|&byte| !is_delimiter(byte)) {
            return Err(FileError::Delimiter(byte));
        }
        let unknown = |label: &String| FileError::Encoding(label.clone());
        self.encoding.as_ref().map(|label| named(label).ok_or_else(|| unknown(label))).transpose()
    }
}
