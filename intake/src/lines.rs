//! The lines behind the header: records, and lines that are skipped.

use crate::cells::{decode, whole};
use crate::dialect::Dialect;
use crate::error::FileError;
use crate::error_file;
use crate::header::{in_groups, name_columns, notes_on, numbered_column};
use crate::header_detection::DetectedHeader;
use crate::line_classifier::LineClassifier;
use crate::notes::Notes;
use crate::record::Record;
use crate::records::Records;
use crate::refusal::CellError;
use crate::skipped::SkipReason;
use std::io::{self, Read};

/// A line of a file.
#[derive(Debug)]
pub enum Line<'a> {
    /// A record of data, or one that is refused.
    Data(Record<'a>),
    /// No data: the number of the line, and why.
    Skipped(u64, SkipReason),
}

pub(crate) struct Lines<R> {
    records: Records<R>,
    dialect: Dialect,
    columns: Vec<String>,
    notes: Notes,
    classifier: LineClassifier,
}

impl<R: Read> Lines<R> {
    /// Goes to the first row of data. Fails if the row that names or counts the columns is missing or broken.
    pub(crate) fn begin(mut records: Records<R>, detected: &DetectedHeader) -> Result<Self, FileError> {
        let mut dialect = records.dialect();
        dialect.header = detected.header;
        let cells = first_row(&mut records, detected.first, dialect)?;
        let (line, cells) = cells.ok_or(match detected.told {
            Some(line) => FileError::HeaderLine(line),
            None => FileError::Empty,
        })?;
        dialect.skip = line - 1;
        let mut classifier = LineClassifier::of(detected, cells.len());
        let mut notes = Notes::default();
        let columns = if dialect.header {
            let columns =
                name_columns(in_groups(&detected.groups, &error_file::original_names(&cells)).into_iter());
            notes_on(&cells, &columns, line, &mut notes);
            classifier.header = Some((line, cells));
            columns
        } else {
            records.unread();
            (0..cells.len()).map(numbered_column).collect()
        };
        Ok(Lines { records, dialect, columns, notes, classifier })
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    pub(crate) fn notes(&self) -> &Notes {
        &self.notes
    }

    pub(crate) fn note(&mut self, notes: &Notes) {
        self.notes.append(notes);
    }

    pub(crate) fn header(&self) -> Option<(u64, &[String])> {
        self.classifier.header.as_ref().map(|(line, cells)| (*line, cells.as_slice()))
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.records.bytes_read()
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let Some(record) = self.records.next_record()? else { return Ok(None) };
        Ok(Some(match self.classifier.skip_reason(&record) {
            Some(why) => Line::Skipped(record.line, why),
            None => Line::Data(record),
        }))
    }
}

/// The line and the cells of the first record from line `first` on that is not blank. Without a header the cells are
/// not decoded.
fn first_row<R: Read>(
    records: &mut Records<R>,
    first: u64,
    dialect: Dialect,
) -> Result<Option<(u64, Vec<String>)>, FileError> {
    while let Some(record) = records.next_record()? {
        let line = record.line;
        if line < first || record.is_bare() || (dialect.sep_line && line == 1) {
            continue;
        }
        let refused = |cause: CellError| FileError::FirstRow { line, cause: Box::new(cause) };
        whole(&record).map_err(refused)?;
        if !dialect.header {
            return Ok(Some((line, vec![String::new(); record.fields().len()])));
        }
        let text = |bytes| decode(bytes, dialect.encoding).map(str::to_owned);
        let cells: Result<Vec<String>, CellError> = record.fields().map(|field| text(field.bytes)).collect();
        return Ok(Some((line, cells.map_err(refused)?)));
    }
    Ok(None)
}
