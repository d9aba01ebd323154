//! Splits a stream of bytes into records, and says of each where it stands in the file.
//!
//! A quote is special at the start of a field only; inside quotes a doubled quote is a quote; text after a
//! closing quote is kept up to the delimiter. Lines end in LF, CRLF or CR, mixed at will.
//!
//! No record is lost to its neighbour: one longer than [`MAX_RECORD`] costs its own line, and a quote that
//! never closes costs the line on which the record started.
//!
//! Why not the `csv` crate, which reads what keeps to RFC 4180 likewise (a property test compares the two): a quote
//! that never closes takes the rest of a file there, and memory without a bound; it does not lend out a record as it
//! stands in the file, which a refused row needs; and it has neither quotes of several bytes nor spaces before quotes.
//! Fields are found here eight bytes at a time.

mod plain;
mod quoted;

use crate::buffer::{Found, LookaheadBuffer};
use crate::decode::Decoded;
use crate::dialect::Dialect;
use crate::limits::MAX_RECORD;
use crate::line_ends;
use crate::record::{Record, RecordKind, Span};
use memchr::memchr3;
use plain::Run;
use std::io::{self, Read};

/// Positions that a search may look at: the byte that ends the longest record included.
const LIMIT: usize = MAX_RECORD + 1;

/// How much of an over-long record is kept for the report.
const RAW_KEPT: usize = 8 * 1024;

/// How far behind a record to look for another one. Before a longer run of blank lines, no record counts as the last.
const TAIL: usize = 1024;

/// A lending reader of records over `R`.
///
/// ```
/// use intake::{Dialect, Records};
///
/// let mut records = Records::new(&b"a,\"two\nlines\"\nb,c\n"[..], Dialect::plain(b','));
/// let first = records.next_record()?.expect("a record");
/// assert_eq!(first.fields().map(|field| field.bytes).collect::<Vec<_>>(), [&b"a"[..], b"two\nlines"]);
/// let second = records.next_record()?.expect("another");
/// assert_eq!((second.line, second.raw), (3, &b"b,c"[..]));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Records<R> {
    buffer: LookaheadBuffer<R>,
    dialect: Dialect,
    line: u64,
    /// The extent of the current record, which is dropped from the buffer when the next is read.
    lent: Extent,
    /// Bytes that were read again because a quote in them did not close.
    rescanned: u64,
    fields: Vec<Span>,
    untidy: bool,
    /// Bytes that do not stand in the buffer as they are: fields without their quotes, or the start of an
    /// over-long record.
    copied: Vec<u8>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    bytes: usize,
    lines: u64,
}

/// What ends a field.
enum Stop {
    Delimiter(usize),
    RecordEnd(usize),
    TooLong,
    /// A quote opens at `open` and has not closed by `seen`.
    Unclosed {
        open: usize,
        seen: usize,
    },
}

impl<R: Read> Records<Decoded<R>> {
    /// Positions are those of the file as it was sent.
    pub(crate) fn of_file(input: Decoded<R>, dialect: Dialect) -> Self {
        Records::over(LookaheadBuffer::of_file(input), dialect)
    }
}

impl<R: Read> Records<R> {
    /// Reads from the first byte on with a dialect known beforehand.
    pub fn new(input: R, dialect: Dialect) -> Self {
        Records::over(LookaheadBuffer::new(input), dialect)
    }

    fn over(buffer: LookaheadBuffer<R>, dialect: Dialect) -> Self {
        Records {
            buffer,
            dialect,
            line: 1,
            lent: Extent::default(),
            rescanned: 0,
            fields: Vec::new(),
            untidy: false,
            copied: Vec::new(),
        }
    }

    /// The dialect that records are split by.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Bytes of the input up to the end of the last record, its line end included.
    pub fn bytes_read(&self) -> u64 {
        self.buffer.offset() + self.buffer.source_len(self.lent.bytes)
    }

    /// The next record, or None at the end of the input.
    pub fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        self.buffer.consume(self.lent.bytes);
        self.line += self.lent.lines;
        self.lent = Extent::default();
        self.fields.clear();
        self.copied.clear();
        self.untidy = false;
        if self.buffer.byte(0)?.is_none() {
            return Ok(None);
        }
        let (line, byte_offset) = (self.line, self.buffer.offset());
        let mut opened = None;
        let (kind, raw_len) = match self.split()? {
            Stop::Unclosed { open, seen } => {
                opened = Some(line + line_ends::count(&self.buffer.bytes()[..open]));
                (RecordKind::Unclosed, self.take_first_line(seen)?)
            }
            Stop::TooLong => (RecordKind::TooLong, self.skip_line()?),
            Stop::RecordEnd(0) => (RecordKind::Blank, self.take(0)?),
            Stop::RecordEnd(end) | Stop::Delimiter(end) => (RecordKind::Row, self.take(end)?),
        };
        let last = kind == RecordKind::Row && self.nothing_follows()?;
        let copied = self.copied.as_slice();
        let raw = if kind == RecordKind::TooLong { copied } else { &self.buffer.bytes()[..raw_len] };
        let untidy = self.untidy;
        Ok(Some(Record { line, byte_offset, kind, raw, opened, untidy, last, spans: &self.fields, copied }))
    }

    /// Whether the current record is the last one that is not blank.
    fn nothing_follows(&mut self) -> io::Result<bool> {
        let delimiter = self.dialect.delimiter;
        let filled = |byte: u8| byte != delimiter && !byte.is_ascii_whitespace();
        let from = self.lent.bytes;
        if self.buffer.byte(from)?.is_some_and(filled) {
            return Ok(false);
        }
        let search = |bytes: &[u8]| bytes.iter().position(|&byte| filled(byte));
        Ok(self.buffer.find(from, from + TAIL, search)? == Found::End)
    }

    /// Makes the next read return the current record again. Not for one that is too long, which is gone.
    pub(crate) fn unread(&mut self) {
        self.lent = Extent::default();
    }

    fn split(&mut self) -> io::Result<Stop> {
        let mut at = 0;
        loop {
            let start = if self.dialect.padded {
                self.skip_spaces(at)?
            } else {
                match self.plain_fields(at) {
                    Run::RecordEnd(end) => return Ok(Stop::RecordEnd(end)),
                    Run::Field(start) => start,
                }
            };
            let stop = if self.opens(start)? { self.quoted_field(start)? } else { self.plain_field(start)? };
            match stop {
                Stop::Delimiter(end) => at = end + 1,
                stop => return Ok(stop),
            }
        }
    }

    /// Splits off those that are in the buffer and have no quotes.
    fn plain_fields(&mut self, from: usize) -> Run {
        let bytes = self.buffer.bytes();
        let (delimiter, quote) = (self.dialect.delimiter, self.dialect.quote.open().as_bytes()[0]);
        plain::split(&bytes[..bytes.len().min(LIMIT)], from, delimiter, quote, &mut self.fields)
    }

    fn skip_spaces(&mut self, at: usize) -> io::Result<usize> {
        let search = |bytes: &[u8]| bytes.iter().position(|&byte| byte != b' ');
        Ok(match self.buffer.find(at, LIMIT, search)? {
            Found::At(start) => start,
            Found::End => self.buffer.bytes().len(),
            Found::Limit => at,
        })
    }

    /// Whether a quote stands at `at`.
    fn opens(&mut self, at: usize) -> io::Result<bool> {
        let open = self.dialect.quote.open().as_bytes();
        if self.buffer.byte(at)? != Some(open[0]) {
            return Ok(false);
        }
        self.stands(open, at)
    }

    fn stands(&mut self, text: &[u8], at: usize) -> io::Result<bool> {
        self.buffer.reach(at + text.len())?;
        Ok(self.buffer.bytes()[at..].starts_with(text))
    }

    fn plain_field(&mut self, start: usize) -> io::Result<Stop> {
        let stop = self.field_end(start)?;
        if let Stop::Delimiter(end) | Stop::RecordEnd(end) = stop {
            self.fields.push(Span::raw(start, end));
        }
        Ok(stop)
    }

    fn field_end(&mut self, from: usize) -> io::Result<Stop> {
        let delimiter = self.dialect.delimiter;
        Ok(match self.buffer.find(from, LIMIT, |bytes| memchr3(delimiter, b'\n', b'\r', bytes))? {
            Found::At(at) if self.buffer.bytes()[at] == delimiter => Stop::Delimiter(at),
            Found::At(at) => Stop::RecordEnd(at),
            Found::End => Stop::RecordEnd(self.buffer.bytes().len()),
            Found::Limit => Stop::TooLong,
        })
    }

    /// Makes the first `end` bytes the current record; the line end after them belongs to it.
    fn take(&mut self, end: usize) -> io::Result<usize> {
        // Only a quoted field can hold a line end, and then something was copied.
        let inner = if self.copied.is_empty() { 0 } else { line_ends::count(&self.buffer.bytes()[..end]) };
        self.lent = Extent { bytes: end + self.line_end_at(end)?, lines: inner + 1 };
        Ok(end)
    }

    /// Makes the first line the current record. What follows inside the open quote is read again.
    fn take_first_line(&mut self, seen: usize) -> io::Result<usize> {
        self.rescanned += seen as u64;
        self.fields.clear();
        self.copied.clear();
        let end = match self.buffer.find(0, LIMIT, line_ends::first_end)? {
            Found::At(at) => at,
            Found::End | Found::Limit => self.buffer.bytes().len(),
        };
        self.take(end)
    }

    /// Skips the rest of a line that is too long, and keeps the start of the record in `copied`.
    fn skip_line(&mut self) -> io::Result<usize> {
        self.fields.clear();
        self.copied.clear();
        self.copied.extend_from_slice(&self.buffer.bytes()[..RAW_KEPT]);
        // All line ends so far are inside closed quotes.
        let lines = line_ends::count(&self.buffer.bytes()[..LIMIT]) + 1;
        self.buffer.consume(LIMIT);
        loop {
            match self.buffer.find(0, LIMIT, line_ends::first_end)? {
                Found::Limit => self.buffer.consume(LIMIT),
                Found::End => self.buffer.consume(self.buffer.bytes().len()),
                Found::At(at) => {
                    self.buffer.consume(at);
                    break;
                }
            }
            if self.buffer.byte(0)?.is_none() {
                break;
            }
        }
        self.lent = Extent { bytes: self.line_end_at(0)?, lines };
        Ok(RAW_KEPT)
    }

    /// Length of the line end at `at`; 0 at the end of the input.
    fn line_end_at(&mut self, at: usize) -> io::Result<usize> {
        Ok(match self.buffer.byte(at)? {
            Some(b'\r') if self.buffer.byte(at + 1)? == Some(b'\n') => 2,
            Some(_) => 1,
            None => 0,
        })
    }
}
