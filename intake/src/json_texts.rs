//! Splits a JSON file into the texts of its records: the elements of an array, or values one after the other.

use crate::buffer::{Found, LookaheadBuffer};
use crate::error::FileError;
use crate::format::Format;
use crate::limits::MAX_RECORD;
use crate::line_ends;
use crate::refusal::CellError;
use crate::sqlstate;
use memchr::{memchr, memchr2};
use std::io::Read;

/// A record of a JSON file.
#[derive(Debug)]
pub(crate) struct JsonText {
    /// On which it begins, from 1.
    pub(crate) line: u64,
    /// Position of its first byte in the text; None for a record of a job.
    pub(crate) byte_offset: Option<u64>,
    /// Bytes up to its end.
    pub(crate) end: u64,
    pub(crate) text: Result<String, (String, CellError)>,
}

/// How records follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `[{…}, {…}]`
    Array,
    /// One on each line, so that a broken one costs no other.
    Lines,
    /// One after the other, on as many lines as they need.
    Values,
}

pub(crate) struct JsonTexts<R> {
    buffer: LookaheadBuffer<R>,
    shape: Shape,
    line: u64,
    /// The array has begun.
    is_open: bool,
    is_at_end: bool,
}

impl<R: Read> JsonTexts<R> {
    /// `start` is the beginning of the text.
    pub(crate) fn new(input: R, start: &[u8]) -> Self {
        let text = start.trim_ascii_start();
        let shape = if text.starts_with(b"[") {
            Shape::Array
        } else if is_whole(text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default()) {
            Shape::Lines
        } else {
            Shape::Values
        };
        JsonTexts { buffer: LookaheadBuffer::new(input), shape, line: 1, is_open: false, is_at_end: false }
    }

    /// Goes behind white space and, in an array, what stands between its elements.
    fn skip_between(&mut self) -> Result<Option<u8>, FileError> {
        let is_array = self.shape == Shape::Array;
        let is_between = |byte: u8| byte.is_ascii_whitespace() || (is_array && byte == b',');
        while let Some(byte) = self.buffer.byte(0)? {
            let run = self.buffer.bytes().iter().take_while(|byte| is_between(**byte)).count();
            if run == 0 {
                return Ok(Some(byte));
            }
            self.line += line_ends::count(&self.buffer.bytes()[..run]);
            self.buffer.consume(run);
        }
        Ok(None)
    }

    fn next_text(&mut self) -> Result<Option<JsonText>, FileError> {
        if self.is_at_end {
            return Ok(None);
        }
        let mut first = self.skip_between()?;
        if self.shape == Shape::Array && !self.is_open {
            self.is_open = true;
            self.buffer.consume(1);
            first = self.skip_between()?;
        }
        let Some(first) = first else {
            self.is_at_end = true;
            let is_cut_off = self.shape == Shape::Array;
            return Ok(is_cut_off.then(|| self.refused(String::new(), cut_off())));
        };
        if self.shape == Shape::Array && first == b']' {
            self.is_at_end = true;
            self.buffer.consume(1);
            // Whatever follows is nothing of the array.
            let Some(_) = self.skip_between()? else { return Ok(None) };
            let rest = String::from_utf8_lossy(self.buffer.bytes()).into_owned();
            return Ok(Some(self.refused(rest, behind_array())));
        }
        let length = match self.shape {
            Shape::Lines => self.line_length()?,
            Shape::Array | Shape::Values => self.value_length()?,
        };
        let (line, byte_offset) = (self.line, self.buffer.offset());
        let bytes = &self.buffer.bytes()[..length];
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err((String::from_utf8_lossy(bytes).into_owned(), undecodable())),
        };
        self.line += line_ends::count(bytes);
        self.buffer.consume(length);
        let end = self.buffer.offset();
        Ok(Some(JsonText { line, byte_offset: Some(byte_offset), end, text }))
    }

    /// Bytes of the line, which is a record.
    fn line_length(&mut self) -> Result<usize, FileError> {
        match self.buffer.find(0, MAX_RECORD + 1, line_ends::first_end)? {
            Found::At(at) => Ok(at),
            Found::End => Ok(self.buffer.bytes().len()),
            Found::Limit => Err(self.too_long()),
        }
    }

    /// Bytes of the value that begins here: up to the bracket that closes its own, or up to what parts it from the next.
    fn value_length(&mut self) -> Result<usize, FileError> {
        let (mut at, mut depth, mut in_string) = (0, 0usize, false);
        loop {
            if at > MAX_RECORD {
                return Err(self.too_long());
            }
            let Some(byte) = self.buffer.byte(at)? else { return Ok(self.buffer.bytes().len()) };
            at += 1;
            if in_string {
                match byte {
                    b'\\' => at += 1,
                    b'"' => in_string = false,
                    _ => at += within_string(self.buffer.bytes().get(at..).unwrap_or_default()),
                }
                continue;
            }
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 1 => return Ok(at),
                // A bracket that closes nothing is a broken record, as is what goes on to it.
                b'}' | b']' if depth == 0 => return Ok((at - 1).max(1)),
                b'}' | b']' => depth -= 1,
                b',' | b'\n' | b'\r' if depth == 0 => return Ok((at - 1).max(1)),
                _ => {}
            }
        }
    }

    fn too_long(&self) -> FileError {
        let reason = format!("the value on line {} does not end within {MAX_RECORD} bytes", self.line);
        FileError::damaged(Format::Json, reason)
    }

    fn refused(&self, raw: String, error: CellError) -> JsonText {
        let offset = self.buffer.offset();
        JsonText { line: self.line, byte_offset: Some(offset), end: offset, text: Err((raw, error)) }
    }
}

/// Bytes of a string before what may end it.
fn within_string(bytes: &[u8]) -> usize {
    memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len())
}

impl<R: Read> Iterator for JsonTexts<R> {
    type Item = Result<JsonText, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_text().transpose()
    }
}

/// Whether a line is a whole JSON value.
fn is_whole(line: &[u8]) -> bool {
    memchr(b'{', line).is_some() && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

fn undecodable() -> CellError {
    CellError::new(sqlstate::INVALID_BYTES, "invalid byte sequence in JSON").suggest("save the file as UTF-8")
}

fn cut_off() -> CellError {
    CellError::new(sqlstate::BAD_FILE_FORMAT, "file ends within a JSON array").suggest("send the whole file")
}

fn behind_array() -> CellError {
    CellError::new(sqlstate::BAD_FILE_FORMAT, "text follows the end of the JSON array")
        .suggest("send the arrays as files of their own")
}
