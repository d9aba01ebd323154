//! Reads a CSV file from its first byte to its last.

use crate::batch::{Batches, Event, Origin, Spec};
use crate::columns::SAMPLE_ROWS;
use crate::dialect::is_delimiter;
use crate::error::{CellError, FileError, sqlstate};
use crate::header::{name_columns, numbered_column};
use crate::locales::Locales;
use crate::mending;
use crate::record::{Record, RecordKind};
use crate::records::{MAX_RECORD, Records};
use crate::row::{Cell, Layout, NewRow, Outcome};
use crate::sample::{self, Sampled};
use memchr::memchr;
use std::borrow::Cow;
use std::io::Read;
use std::ops::ControlFlow;

/// Reads CSV and emits [`Event::Started`], then batches, until the input ends or `emit` breaks off, which is
/// no error. A bad record costs itself alone; an error is the whole file's.
pub fn read_csv<R: Read>(
    input: R,
    spec: &Spec,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<(), FileError> {
    if let Some(byte) = spec.delimiter.filter(|&byte| !is_delimiter(byte)) {
        return Err(FileError::Delimiter(byte));
    }
    let (rows, input) = sample::take(input, spec.delimiter)?;
    let mut records = Records::open(input, spec.delimiter)?;
    let dialect = records.dialect();
    let header = read_header(&mut records, spec)?;
    let mapping = spec.map(&header, rows.get(1..).unwrap_or_default(), spec.mapping.as_ref())?;
    let sampled = Sampled::columns(&spec.table, &mapping, &rows);
    let locales = Locales::decide(&sampled, &spec.hints(Some(dialect.delimiter)));
    let layout = Layout::new(&spec.table, &mapping, &sampled, &locales);
    let columns = layout.columns().to_vec();
    if emit(Event::Started { dialect: Some(dialect), mapping, columns, locales }).is_break() {
        return Ok(());
    }
    let mut batches = Batches::new(spec, &layout, emit);
    while let Some(record) = records.next_record()? {
        let text = std::str::from_utf8(record.raw).ok();
        batches.add(origin(&record, text), |row| read_row(&record, text, &layout, dialect.delimiter, row));
        if batches.turn(records.bytes_read()).is_break() {
            return Ok(());
        }
    }
    batches.finish()
}

/// The names of a file's columns and its first rows, from the first bytes of it or from all.
pub fn read_head(input: &[u8], spec: &Spec) -> Result<(Vec<String>, Vec<Vec<String>>), FileError> {
    let mut records = Records::open(input, spec.delimiter)?;
    let header = read_header(&mut records, spec)?;
    Ok((header, records.ahead(SAMPLE_ROWS)))
}

/// The names of the file's columns. Blank records before them are no data.
fn read_header<R: Read>(records: &mut Records<R>, spec: &Spec) -> Result<Vec<String>, FileError> {
    while let Some(record) = records.next_record()? {
        if is_bare(&record) {
            continue;
        }
        let line = record.line;
        let refused = |cause| FileError::FirstRow { line, cause: Box::new(cause) };
        whole(&record).map_err(refused)?;
        if spec.header == Some(false) {
            let header = (0..record.fields().len()).map(numbered_column).collect();
            records.unread();
            return Ok(header);
        }
        let cells: Result<Vec<_>, _> = record.fields().map(|field| decode(field.bytes)).collect();
        let cells = cells.map_err(refused)?;
        let is_mended = mending::is_mended(&cells);
        let cells = cells.into_iter().map(|cell| if is_mended { mending::original(cell) } else { cell });
        return Ok(name_columns(cells.map(str::to_owned)));
    }
    Err(FileError::Empty)
}

/// Nothing but white space.
fn is_bare(record: &Record<'_>) -> bool {
    let is_row = matches!(record.kind, RecordKind::Row);
    record.is_blank() || (is_row && record.fields().all(|field| field.bytes.trim_ascii().is_empty()))
}

/// `text` is the record's `raw`, if that is text.
fn read_row(
    record: &Record<'_>,
    text: Option<&str>,
    layout: &Layout<'_>,
    delimiter: u8,
    row: &mut NewRow<'_>,
) -> Outcome {
    if record.is_blank() {
        return Outcome::Blank;
    }
    if let Err(error) = whole(record).and_then(|()| no_extra_fields(record, layout.width(), delimiter)) {
        return Outcome::Refused(vec![error]);
    }
    match text.and_then(|text| cells(record, text)) {
        Some(cells) => layout.write(cells.take(layout.width()), row),
        None => Outcome::Refused(undecodable(record, layout)),
    }
}

/// The fields of a record that is text, as which they need not be validated one by one: the bytes between them are ASCII. None if
/// a byte is none of PostgreSQL's text.
fn cells<'a>(record: &Record<'a>, raw: &'a str) -> Option<impl Iterator<Item = Cell<'a>> + Clone + use<'a>> {
    if memchr(0, raw.as_bytes()).is_some() {
        return None;
    }
    let copied = std::str::from_utf8(record.copied).ok()?;
    Some(record.spans.iter().map(move |span| {
        let home = if span.quoted { copied } else { raw };
        Cell { text: &home[span.start..span.end], json: None }
    }))
}

fn undecodable(record: &Record<'_>, layout: &Layout<'_>) -> Vec<CellError> {
    let named = |(index, error): (usize, CellError)| error.in_column(layout.column_name(index));
    let wrong = |(index, bytes)| Some((index, decode(bytes).err()?));
    let fields = record.fields().map(|field| field.bytes).enumerate();
    let errors: Vec<_> = fields.filter_map(wrong).map(named).collect();
    // A quote may stand within a character.
    if errors.is_empty() { decode(record.raw).err().into_iter().collect() } else { errors }
}

/// Whether the splitter found the record's end.
fn whole(record: &Record<'_>) -> Result<(), CellError> {
    match record.kind {
        RecordKind::Row | RecordKind::Blank => Ok(()),
        RecordKind::TooLong => {
            let message = format!("record is longer than {MAX_RECORD} bytes");
            Err(CellError::new(sqlstate::LIMIT_EXCEEDED, message).suggest("look for a missing line end"))
        }
        RecordKind::Unclosed => {
            let error = CellError::new(sqlstate::BAD_FILE_FORMAT, "unterminated quoted field");
            Err(error.suggest("add the closing quote"))
        }
    }
}

/// Cells beyond the header would be lost; empty ones are nothing to lose.
fn no_extra_fields(record: &Record<'_>, width: usize, delimiter: u8) -> Result<(), CellError> {
    let extra = || record.fields().skip(width);
    if extra().all(|field| field.bytes.is_empty()) {
        return Ok(());
    }
    let texts: Vec<_> = extra().map(|field| String::from_utf8_lossy(field.bytes)).collect();
    let error = CellError::new(sqlstate::BAD_FILE_FORMAT, "extra data after last expected column");
    let text = texts.join(char::from(delimiter).encode_utf8(&mut [0; 4]));
    Err(error.about(&text).suggest("put quotes around values that contain the delimiter"))
}

fn decode(bytes: &[u8]) -> Result<&str, CellError> {
    let wrong = match std::str::from_utf8(bytes) {
        Ok(text) if memchr(0, bytes).is_none() => return Ok(text),
        Ok(_) => &[0][..],
        Err(error) => {
            let wrong = &bytes[error.valid_up_to()..];
            &wrong[..error.error_len().unwrap_or(wrong.len())]
        }
    };
    let shown: Vec<_> = wrong.iter().map(|byte| format!("0x{byte:02x}")).collect();
    let message = format!("invalid byte sequence for encoding \"UTF8\": {}", shown.join(" "));
    let suggestion = if wrong == [0] { "remove the NUL byte" } else { "save the file as UTF-8" };
    let error = CellError::new(sqlstate::INVALID_BYTES, message);
    Err(error.about(&String::from_utf8_lossy(bytes)).suggest(suggestion))
}

fn origin<'a>(record: &Record<'a>, text: Option<&'a str>) -> Origin<'a> {
    let raw = text.map_or_else(|| String::from_utf8_lossy(record.raw), Cow::Borrowed);
    Origin { line: record.line, byte_offset: Some(record.byte_offset), raw }
}
