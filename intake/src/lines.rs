//! The records behind the header, with what is no data told apart.

use crate::cells::{decode, whole};
use crate::dialect::Dialect;
use crate::error::{CellError, FileError};
use crate::error_file;
use crate::header::{in_groups, name_columns, notes_on, numbered_column};
use crate::notes::Notes;
use crate::record::{Record, RecordKind};
use crate::records::Records;
use crate::shape::Shape;
use crate::skipped::SkipReason;
use crate::totals::Sums;
use std::io::{self, Read};

/// A record, or why it is no data.
#[derive(Debug)]
pub enum Line<'a> {
    Data(Record<'a>),
    /// On that line.
    Skipped(u64, SkipReason),
}

pub(crate) struct Lines<R> {
    records: Records<R>,
    dialect: Dialect,
    columns: Vec<String>,
    notes: Notes,
    judge: Judge,
}

/// What tells data from what is none.
#[derive(Debug)]
struct Judge {
    /// The line of the header, and its cells as they stand in the file.
    header: Option<(u64, Vec<String>)>,
    width: usize,
    /// Lines under the header that are no data.
    under: Vec<(u64, SkipReason)>,
    /// There are comments among the rows.
    comments: bool,
    sums: Sums,
}

impl<R: Read> Lines<R> {
    /// Goes to the first row of data. Fails if there is no row that says what columns there are, or if it is broken.
    pub(crate) fn begin(mut records: Records<R>, shape: &Shape) -> Result<Self, FileError> {
        let mut dialect = records.dialect();
        dialect.header = shape.header;
        let cells = first_row(&mut records, shape.first, dialect)?;
        let (line, cells) = cells.ok_or(FileError::Empty)?;
        dialect.skip = line - 1;
        let mut judge = Judge::of(shape, cells.len());
        let mut notes = Notes::default();
        let columns = if dialect.header {
            let columns =
                name_columns(in_groups(&shape.groups, &error_file::original_names(&cells)).into_iter());
            notes_on(&cells, &columns, line, &mut notes);
            judge.header = Some((line, cells));
            columns
        } else {
            records.unread();
            (0..cells.len()).map(numbered_column).collect()
        };
        Ok(Lines { records, dialect, columns, notes, judge })
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

    pub(crate) fn header(&self) -> Option<(u64, &[String])> {
        self.judge.header.as_ref().map(|(line, cells)| (*line, cells.as_slice()))
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.records.bytes_read()
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let Some(record) = self.records.next_record()? else { return Ok(None) };
        Ok(Some(match self.judge.why_not(&record) {
            Some(why) => Line::Skipped(record.line, why),
            None => Line::Data(record),
        }))
    }
}

/// The line and the cells of the first record from line `first` on that is not blank. What a file without a header
/// has in its first cells is not looked at.
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

impl Judge {
    /// Of a file with that many columns, and without a header as yet.
    fn of(shape: &Shape, width: usize) -> Self {
        let sums = Sums::of(shape.numbers.iter().copied());
        Judge { header: None, width, under: shape.under.clone(), comments: shape.comments, sums }
    }

    fn why_not(&mut self, record: &Record<'_>) -> Option<SkipReason> {
        if record.is_bare() {
            return Some(SkipReason::Blank);
        }
        if record.kind != RecordKind::Row {
            return None;
        }
        let under = self.under.iter().find(|(line, _)| *line == record.line).map(|(_, why)| *why);
        if under.is_some() {
            return under;
        }
        if self.is_header(record) {
            Some(SkipReason::RepeatedHeader)
        } else if self.is_comment(record) {
            Some(SkipReason::Comment)
        } else if record.last && self.sums.are_in(record) {
            Some(SkipReason::Total)
        } else {
            self.sums.add(record);
            None
        }
    }

    fn is_header(&self, record: &Record<'_>) -> bool {
        let Some((_, cells)) = &self.header else { return false };
        let mut pairs = cells.iter().zip(record.fields());
        record.fields().len() == cells.len() && pairs.all(|(cell, field)| cell.as_bytes() == field.bytes)
    }

    /// Begins with `#`, and nothing stands beside that; or, in a file that has comments, too few cells or too many do.
    fn is_comment(&self, record: &Record<'_>) -> bool {
        record.raw.starts_with(b"#")
            && self.width > 1
            && (record.fields().skip(1).all(|field| field.bytes.is_empty())
                || (self.comments && record.fields().len() != self.width)
                || record.raw.starts_with(b"#INFO"))
    }
}
