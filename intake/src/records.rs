//! Splits a stream of bytes into records, and says of each where it stands in the file.
//!
//! A quote is special at the start of a field only; inside quotes a doubled quote is a quote; text after a
//! closing quote is kept up to the delimiter. Lines end in LF, CRLF or CR, mixed at will.
//!
//! No record is lost to its neighbour: one longer than [`MAX_RECORD`] costs its own line, and a quote that
//! never closes costs the line on which the record started.

use crate::dialect::{Dialect, SAMPLE_BYTES};
use crate::lines;
use crate::record::{Record, RecordKind, Span};
use crate::window::{Found, Window};
use memchr::{memchr, memchr3};
use std::io::{self, Read};

/// The longest record that is taken, in bytes without its line end. Also how far a quote may run before it
/// counts as never closed, so it bounds memory.
pub const MAX_RECORD: usize = 1024 * 1024;

/// Positions that a search may look at: the byte that ends the longest record included.
const LIMIT: usize = MAX_RECORD + 1;

/// How far a record may run over line ends once too much was read in vain.
const SHORT_RECORD: usize = 1024;

/// How much of an over-long record is kept for the report.
const RAW_KEPT: usize = 8 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A lending reader of records over `R`.
pub struct Records<R> {
    window: Window<R>,
    dialect: Dialect,
    line: u64,
    /// What the record lent out last takes up, still to be dropped from the window.
    lent: Extent,
    /// Bytes gone through for quotes that did not close, and gone through again.
    in_vain: u64,
    fields: Vec<Span>,
    /// Bytes that do not stand in the window as they are: fields without their quotes, or the start of an
    /// over-long record.
    copied: Vec<u8>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    bytes: usize,
    lines: u64,
}

/// What a field ran into.
enum Stop {
    Delimiter(usize),
    RecordEnd(usize),
    TooLong,
    /// After so many bytes of the record.
    Unclosed(usize),
}

impl<R: Read> Records<R> {
    /// Passes over a byte order mark and a `sep=` line, sniffs the dialect, and stands before the first record.
    /// A `delimiter` given wins over what the file suggests.
    pub fn open(input: R, delimiter: Option<u8>) -> io::Result<Self> {
        let mut window = Window::new(input);
        window.reach(BOM.len() + SAMPLE_BYTES)?;
        if window.bytes().starts_with(BOM) {
            window.consume(BOM.len());
        }
        let sample = window.bytes();
        let dialect = Dialect::sniff(&sample[..sample.len().min(SAMPLE_BYTES)], delimiter);
        let mut records = Records::over(window, dialect);
        if dialect.sep_line {
            records.next_record()?;
        }
        Ok(records)
    }

    /// Reads from the first byte on with a dialect known beforehand.
    pub fn new(input: R, dialect: Dialect) -> Self {
        Records::over(Window::new(input), dialect)
    }

    fn over(window: Window<R>, dialect: Dialect) -> Self {
        Records {
            window,
            dialect,
            line: 1,
            lent: Extent::default(),
            in_vain: 0,
            fields: Vec::new(),
            copied: Vec::new(),
        }
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Bytes of the input up to the end of the last record, its line end included.
    pub fn bytes_read(&self) -> u64 {
        self.window.offset() + self.lent.bytes as u64
    }

    /// The next record, or None at the end of the input.
    pub fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        self.window.consume(self.lent.bytes);
        self.line += self.lent.lines;
        self.lent = Extent::default();
        self.fields.clear();
        self.copied.clear();
        if self.window.byte(0)?.is_none() {
            return Ok(None);
        }
        let (line, byte_offset) = (self.line, self.window.offset());
        let (kind, raw_len) = match self.split()? {
            Stop::Unclosed(seen) => (RecordKind::Unclosed, self.take_first_line(seen)?),
            Stop::TooLong => (RecordKind::TooLong, self.skip_line()?),
            Stop::RecordEnd(0) => (RecordKind::Blank, self.take(0)?),
            Stop::RecordEnd(end) | Stop::Delimiter(end) => (RecordKind::Row, self.take(end)?),
        };
        let copied = self.copied.as_slice();
        let raw = if kind == RecordKind::TooLong { copied } else { &self.window.bytes()[..raw_len] };
        Ok(Some(Record { line, byte_offset, kind, raw, spans: &self.fields, copied }))
    }

    /// Has the record lent out last read again. Not for one that is too long, which is gone.
    pub(crate) fn unread(&mut self) {
        self.lent = Extent::default();
    }

    /// The rows to come, as far as they were read to sniff the dialect, at most so many. They are still to be read.
    pub(crate) fn ahead(&self, most: usize) -> Vec<Vec<String>> {
        let mut records = Records::new(&self.window.bytes()[self.lent.bytes..], self.dialect);
        let mut rows = Vec::new();
        while rows.len() < most
            && let Ok(Some(record)) = records.next_record()
        {
            if record.kind == RecordKind::Row && !record.is_blank() {
                rows.push(
                    record.fields().map(|field| String::from_utf8_lossy(field.bytes).into_owned()).collect(),
                );
            }
        }
        rows
    }

    fn split(&mut self) -> io::Result<Stop> {
        let mut at = 0;
        loop {
            let quoted = self.window.byte(at)? == Some(self.dialect.quote);
            let stop = if quoted { self.quoted_field(at)? } else { self.plain_field(at)? };
            match stop {
                Stop::Delimiter(end) => at = end + 1,
                stop => return Ok(stop),
            }
        }
    }

    fn plain_field(&mut self, start: usize) -> io::Result<Stop> {
        let stop = self.field_end(start)?;
        if let Stop::Delimiter(end) | Stop::RecordEnd(end) = stop {
            self.fields.push(Span::raw(start, end));
        }
        Ok(stop)
    }

    fn quoted_field(&mut self, open: usize) -> io::Result<Stop> {
        let quote = self.dialect.quote;
        let start = self.copied.len();
        let mut from = open + 1;
        let mut limit = self.quote_reach();
        loop {
            let at = match self.window.find(from, limit, |bytes| memchr(quote, bytes))? {
                Found::At(at) => at,
                Found::End => return Ok(Stop::Unclosed(self.window.bytes().len())),
                Found::Limit if lines::count(&self.window.bytes()[..limit]) > 0 => {
                    return Ok(Stop::Unclosed(limit));
                }
                Found::Limit if limit < LIMIT => {
                    limit = LIMIT;
                    continue;
                }
                Found::Limit => return Ok(Stop::TooLong),
            };
            self.copied.extend_from_slice(&self.window.bytes()[from..at]);
            if self.window.byte(at + 1)? != Some(quote) {
                return self.after_quote(start, at + 1);
            }
            self.copied.push(quote);
            from = at + 2;
        }
    }

    /// Where a record that holds a line end must have closed its quotes. A file full of quotes that never close
    /// would be gone through anew from each of its lines; past a fair share of that, such records must be short.
    fn quote_reach(&self) -> usize {
        let fair_share = 16 * (MAX_RECORD as u64 + self.window.offset());
        if self.in_vain <= fair_share { LIMIT } else { SHORT_RECORD }
    }

    /// Ends a quoted field whose text starts at `start` in `copied` and whose closing quote is before `from`.
    fn after_quote(&mut self, start: usize, from: usize) -> io::Result<Stop> {
        let goes_on = self
            .window
            .byte(from)?
            .is_some_and(|byte| ![self.dialect.delimiter, b'\n', b'\r'].contains(&byte));
        if goes_on && lines::count(&self.copied[start..]) > 0 {
            // More likely a quote that was never closed, and here the next one opens, than text behind a closing quote.
            return Ok(Stop::Unclosed(from));
        }
        let stop = self.field_end(from)?;
        if let Stop::Delimiter(end) | Stop::RecordEnd(end) = stop {
            self.copied.extend_from_slice(&self.window.bytes()[from..end]);
            self.fields.push(Span::copied(start, self.copied.len()));
        }
        Ok(stop)
    }

    fn field_end(&mut self, from: usize) -> io::Result<Stop> {
        let delimiter = self.dialect.delimiter;
        Ok(match self.window.find(from, LIMIT, |bytes| memchr3(delimiter, b'\n', b'\r', bytes))? {
            Found::At(at) if self.window.bytes()[at] == delimiter => Stop::Delimiter(at),
            Found::At(at) => Stop::RecordEnd(at),
            Found::End => Stop::RecordEnd(self.window.bytes().len()),
            Found::Limit => Stop::TooLong,
        })
    }

    /// Lends out the first `end` bytes; the line end after them goes with them.
    fn take(&mut self, end: usize) -> io::Result<usize> {
        // Only a quoted field can hold a line end, and then something was copied.
        let inner = if self.copied.is_empty() { 0 } else { lines::count(&self.window.bytes()[..end]) };
        self.lent = Extent { bytes: end + self.line_end_at(end)?, lines: inner + 1 };
        Ok(end)
    }

    /// Reading goes on behind the record's first line: what the open quote swallowed is read again.
    fn take_first_line(&mut self, seen: usize) -> io::Result<usize> {
        self.in_vain += seen as u64;
        self.fields.clear();
        self.copied.clear();
        let end = match self.window.find(0, LIMIT, lines::first_end)? {
            Found::At(at) => at,
            Found::End | Found::Limit => self.window.bytes().len(),
        };
        self.take(end)
    }

    /// Passes over the rest of a line too long to hold, keeping the start of the record in `copied`.
    fn skip_line(&mut self) -> io::Result<usize> {
        self.fields.clear();
        self.copied.clear();
        self.copied.extend_from_slice(&self.window.bytes()[..RAW_KEPT]);
        // Line ends so far were inside quoted fields that did close.
        let lines = lines::count(&self.window.bytes()[..LIMIT]) + 1;
        self.window.consume(LIMIT);
        loop {
            match self.window.find(0, LIMIT, lines::first_end)? {
                Found::Limit => self.window.consume(LIMIT),
                Found::End => self.window.consume(self.window.bytes().len()),
                Found::At(at) => {
                    self.window.consume(at);
                    break;
                }
            }
            if self.window.byte(0)?.is_none() {
                break;
            }
        }
        self.lent = Extent { bytes: self.line_end_at(0)?, lines };
        Ok(RAW_KEPT)
    }

    /// Length of the line end at `at`; 0 at the end of the input.
    fn line_end_at(&mut self, at: usize) -> io::Result<usize> {
        Ok(match self.window.byte(at)? {
            Some(b'\r') if self.window.byte(at + 1)? == Some(b'\n') => 2,
            Some(_) => 1,
            None => 0,
        })
    }
}
