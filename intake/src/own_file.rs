//! Files that this crate has written itself and that come back: exports, and error files. They are known by their header,
//! whatever was asked of the file that they were made of: a delimiter, an encoding, a line for the header.

use crate::dialect::{DELIMITERS, Dialect, is_delimiter};
use crate::error_file::{REASON_COLUMN, is_error_file};
use crate::export_header::is_export_header;
use crate::records::Records;
use crate::sniffer::{announced_delimiter, first_newline};
use memchr::memmem;
use std::borrow::Cow;

/// What a file was written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnFile {
    ErrorFile,
    Export,
}

/// What a text is and how it is written, or None if it is another file. `told` is a delimiter that may be tried first.
pub(crate) fn recognize(text: &[u8], told: Option<u8>) -> Option<(OwnFile, Dialect)> {
    let announced = announced_delimiter(text);
    let plain =
        Dialect { newline: first_newline(text), sep_line: announced.is_some(), ..Dialect::plain(b',') };
    let usual = told.into_iter().chain(announced).chain(DELIMITERS);
    let mut dialects = usual.chain(beside_the_name(text)).map(|delimiter| Dialect { delimiter, ..plain });
    dialects.find_map(|dialect| {
        let own = by_header(text, dialect)?;
        Some((own, Dialect { is_export: own == OwnFile::Export, ..dialect }))
    })
}

/// Whether the bytes are an error file, which is written in UTF-8. A spreadsheet may have taken its mark off.
pub(crate) fn is_error_file_in_utf8(start: &[u8]) -> bool {
    let is_cut_off = |error: std::str::Utf8Error| error.error_len().is_none();
    let is_text = std::str::from_utf8(start).err().is_none_or(is_cut_off);
    is_text && recognize(start, None).is_some_and(|(own, _)| own == OwnFile::ErrorFile)
}

/// What the first record says that the file is.
fn by_header(text: &[u8], dialect: Dialect) -> Option<OwnFile> {
    let mut records = Records::new(text, dialect);
    if dialect.sep_line {
        let _ = records.next_record();
    }
    let record = records.next_record().ok()??;
    let cell = |bytes| String::from_utf8_lossy(bytes);
    let cells: Vec<(Cow<'_, str>, bool)> =
        record.fields().map(|field| (cell(field.bytes), field.quoted)).collect();
    let names: Vec<&Cow<'_, str>> = cells.iter().map(|(name, _)| name).collect();
    if is_error_file(&names) {
        Some(OwnFile::ErrorFile)
    } else if is_export_header(&cells, char::from(dialect.delimiter)) {
        Some(OwnFile::Export)
    } else {
        None
    }
}

/// What stands before the name of the reasons or behind it, quotes aside, where that may be a delimiter. Words are parted
/// by spaces: these do not count.
fn beside_the_name(text: &[u8]) -> impl Iterator<Item = u8> {
    let beside = memmem::find(text, REASON_COLUMN.as_bytes()).map(|at| {
        let is_quote = |byte: &&u8| **byte == b'"';
        let behind = text.get(at + REASON_COLUMN.len()..).unwrap_or_default();
        [text[..at].iter().rev().find(|byte| !is_quote(byte)), behind.iter().find(|byte| !is_quote(byte))]
    });
    let beside = beside.into_iter().flatten().flatten().copied();
    beside.filter(|&byte| is_delimiter(byte) && byte != b' ')
}
