//! Files that this crate has written itself: error files that come back. They are known by their header, whatever was
//! asked of the file that they were made of: a delimiter, an encoding, a line for the header.

use crate::dialect::{DELIMITERS, Dialect, is_delimiter};
use crate::error_file::REASON_COLUMN;
use crate::error_file::is_error_file;
use crate::records::Records;
use crate::sniffer::{announced_delimiter, first_newline};
use memchr::memmem;

/// How an error file is written, or None if a text is another file. `told` is a delimiter that may be tried first.
pub(crate) fn dialect_of_error_file(text: &[u8], told: Option<u8>) -> Option<Dialect> {
    memmem::find(text, REASON_COLUMN.as_bytes())?;
    let announced = announced_delimiter(text);
    let plain =
        Dialect { newline: first_newline(text), sep_line: announced.is_some(), ..Dialect::plain(b',') };
    let candidates = told.into_iter().chain(announced).chain(DELIMITERS).chain(beside_the_name(text));
    let mut dialects = candidates.map(|delimiter| Dialect { delimiter, ..plain });
    dialects.find(|dialect| has_the_name(text, *dialect))
}

/// Whether the bytes are an error file, which is written in UTF-8. A spreadsheet may have taken its mark off.
pub(crate) fn is_error_file_in_utf8(start: &[u8]) -> bool {
    let is_cut_off = |error: std::str::Utf8Error| error.error_len().is_none();
    std::str::from_utf8(start).err().is_none_or(is_cut_off) && dialect_of_error_file(start, None).is_some()
}

/// Whether the first record is the header of an error file.
fn has_the_name(text: &[u8], dialect: Dialect) -> bool {
    let mut records = Records::new(text, dialect);
    if dialect.sep_line {
        let _ = records.next_record();
    }
    let Ok(Some(record)) = records.next_record() else { return false };
    let names: Vec<_> = record.fields().map(|field| String::from_utf8_lossy(field.bytes)).collect();
    is_error_file(&names)
}

/// What stands before the name or behind it, quotes aside, where that may be a delimiter. Words are parted by spaces:
/// these do not count.
fn beside_the_name(text: &[u8]) -> impl Iterator<Item = u8> {
    let at = memmem::find(text, REASON_COLUMN.as_bytes()).unwrap_or_default();
    let is_quote = |byte: &&u8| **byte == b'"';
    let before = text[..at].iter().rev().find(|byte| !is_quote(byte));
    let behind = text.get(at + REASON_COLUMN.len()..).unwrap_or_default().iter().find(|byte| !is_quote(byte));
    let beside = [before, behind].into_iter().flatten().copied();
    beside.filter(|&byte| is_delimiter(byte) && byte != b' ').collect::<Vec<_>>().into_iter()
}
