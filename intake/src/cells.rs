//! The text of the cells of a record, or why the record is refused.

use crate::dialect::Dialect;
use crate::limits::MAX_RECORD;
use crate::record::{Record, RecordKind};
use crate::refusal::CellError;
use crate::sqlstate;
use memchr::memchr;

/// Fails if the splitter did not find the end of the record.
pub(crate) fn whole(record: &Record<'_>) -> Result<(), CellError> {
    match record.kind {
        RecordKind::Row | RecordKind::Blank => Ok(()),
        RecordKind::TooLong => {
            let message = format!("record is longer than {MAX_RECORD} bytes");
            Err(CellError::new(sqlstate::LIMIT_EXCEEDED, message).suggest("look for a missing line end"))
        }
        RecordKind::Unclosed => {
            let error = CellError::new(sqlstate::BAD_FILE_FORMAT, "unterminated quoted field");
            let line = record.opened.unwrap_or(record.line);
            Err(error.suggest(format!("add the closing quote to the field that starts on line {line}")))
        }
    }
}

/// Fails if the record has more cells than the header has, unless they are empty: they would be lost.
pub(crate) fn no_extra_fields(record: &Record<'_>, width: usize, dialect: Dialect) -> Result<(), CellError> {
    let extra = || record.fields().skip(width);
    if extra().all(|field| field.bytes.is_empty()) {
        return Ok(());
    }
    if dialect.fixed {
        let line = String::from_utf8_lossy(extra().next().map_or(b"", |field| field.bytes)).into_owned();
        let error = CellError::new(sqlstate::BAD_FILE_FORMAT, "text runs over the border of its column");
        return Err(error.about(&line).suggest("send the file as CSV"));
    }
    let texts: Vec<_> = extra().map(|field| String::from_utf8_lossy(field.bytes)).collect();
    let error = CellError::new(sqlstate::BAD_FILE_FORMAT, "extra data after last expected column");
    let text = texts.join(char::from(dialect.delimiter).encode_utf8(&mut [0; 4]));
    Err(error.about(&text).suggest("put quotes around values that contain the delimiter"))
}

/// The text of a cell of a file in `encoding`.
pub(crate) fn decode<'b>(bytes: &'b [u8], encoding: &str) -> Result<&'b str, CellError> {
    match std::str::from_utf8(bytes) {
        Ok(text) if memchr(0, bytes).is_none() => Ok(text),
        Ok(_) => Err(invalid(bytes, "UTF8", ": 0x00", "remove the NUL byte")),
        Err(error) if encoding == "UTF-8" => {
            let wrong = &bytes[error.valid_up_to()..];
            let wrong = &wrong[..error.error_len().unwrap_or(wrong.len())];
            let shown: Vec<_> = wrong.iter().map(|byte| format!("0x{byte:02x}")).collect();
            Err(invalid(bytes, "UTF8", &format!(": {}", shown.join(" ")), "save the file as UTF-8"))
        }
        // The decoder has not kept the bytes.
        Err(_) => Err(invalid(bytes, encoding, "", "save the file as UTF-8")),
    }
}

fn invalid(bytes: &[u8], encoding: &str, which: &str, suggestion: &str) -> CellError {
    let message = format!("invalid byte sequence for encoding \"{encoding}\"{which}");
    let error = CellError::new(sqlstate::INVALID_BYTES, message);
    error.about(&String::from_utf8_lossy(bytes)).suggest(suggestion)
}
