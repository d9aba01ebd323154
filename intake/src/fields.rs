//! The rows of a file as text, not checked against a table.

use crate::error::FileError;
use crate::file::CsvFile;
use crate::line_ends;
use crate::lines::Line;
use crate::options::ReadOptions;
use crate::record::{Record, RecordKind};
use crate::refusal::storable;
use crate::skipped::SkipReason;
use std::io::{self, Cursor};
use std::ops::Range;

/// The number of the line and the cells of each row, the header first if there is one.
///
/// Bytes that cannot be decoded are U+FFFD, and a record that cannot be split is one cell. Lines that are no data are
/// skipped. In a file with a single column, a blank line is an empty cell.
///
/// ```
/// use intake::{Fields, ReadOptions};
///
/// let file = Fields::of(b"sku\tname\nA1\tbolt\n".to_vec(), &ReadOptions::default())?;
/// let rows: Vec<(u64, Vec<String>)> = file.collect::<Result<_, _>>()?;
/// assert_eq!(rows[1], (2, vec!["A1".to_owned(), "bolt".to_owned()]));
/// # Ok::<(), intake::FileError>(())
/// ```
pub struct Fields {
    /// None for a file of line ends alone.
    file: Option<CsvFile<'static>>,
    header: Option<(u64, Vec<String>)>,
    /// Blank lines of a file that has nothing else.
    blank: Range<u64>,
}

impl Fields {
    /// Opens a whole file. Fails where an import would fail.
    pub fn of(bytes: Vec<u8>, options: &ReadOptions) -> Result<Self, FileError> {
        options.check()?;
        if !bytes.is_empty() && bytes.iter().all(|byte| matches!(byte, b'\n' | b'\r')) {
            return Ok(Fields { file: None, header: None, blank: 1..line_ends::count(&bytes) + 1 });
        }
        let file = CsvFile::open(Cursor::new(bytes), options)?;
        let header = file.header().map(|(line, cells)| (line, cells.to_vec()));
        Ok(Fields { file: Some(file), header, blank: 0..0 })
    }

    fn next_row(&mut self) -> io::Result<Option<(u64, Vec<String>)>> {
        if let Some(header) = self.header.take() {
            return Ok(Some(header));
        }
        let Some(file) = &mut self.file else {
            return Ok(self.blank.next().map(|line| (line, vec![String::new()])));
        };
        let narrow = file.columns().len() == 1;
        loop {
            match file.next_line()? {
                None => return Ok(None),
                Some(Line::Data(record)) => return Ok(Some((record.line, texts(&record)))),
                Some(Line::Skipped(line, SkipReason::Blank)) if narrow => {
                    return Ok(Some((line, vec![String::new()])));
                }
                Some(Line::Skipped(..)) => {}
            }
        }
    }
}

impl Iterator for Fields {
    type Item = io::Result<(u64, Vec<String>)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_row().transpose()
    }
}

fn texts(record: &Record<'_>) -> Vec<String> {
    let text = |bytes| storable(&String::from_utf8_lossy(bytes));
    match record.kind {
        RecordKind::Row | RecordKind::Blank => record.fields().map(|field| text(field.bytes)).collect(),
        RecordKind::TooLong | RecordKind::Unclosed => vec![text(record.raw)],
    }
}
