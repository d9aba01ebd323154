//! Splits a stream of bytes into records, and says of each where it stands in the file.
//!
//! A quote is special at the start of a field only; inside quotes a doubled quote is a quote, and so is one that no
//! delimiter follows if another one closes the field on its line. If none does, text after it is kept up to the delimiter. Lines end in LF, CRLF or CR, mixed at will.
//!
//! No record is lost to its neighbour: one longer than [`MAX_RECORD`](crate::MAX_RECORD) costs its own line, and a quote that
//! never closes costs the line on which the record started.
//!
//! Why not the `csv` crate, which reads what keeps to RFC 4180 likewise (a property test compares the two): a quote
//! that never closes takes the rest of a file there, and memory without a bound; it does not lend out a record as it
//! stands in the file, which a refused row needs; and it has neither quotes of several bytes nor spaces before quotes.
//! Fields are found here eight bytes at a time.

mod plain;
mod quoted;
mod splitter;

use crate::buffer::{Found, LookaheadBuffer};
use crate::decode::Decoded;
use crate::dialect::Dialect;
use crate::line_ends;
use crate::record::{Record, RecordKind};
use plain::Run;
use splitter::{LIMIT, Splitter, Stop};
use std::io::{self, Read};

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
    splitter: Splitter<R>,
    line: u64,
    /// The extent of the current record, which is dropped from the buffer when the next is read.
    lent: Extent,
}

#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    bytes: usize,
    lines: u64,
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
        Records { splitter: Splitter::new(buffer, dialect), line: 1, lent: Extent::default() }
    }

    /// The dialect that records are split by.
    pub fn dialect(&self) -> Dialect {
        self.splitter.dialect
    }

    /// Bytes of the input up to the end of the last record, its line end included.
    pub fn bytes_read(&self) -> u64 {
        self.splitter.buffer.offset() + self.splitter.buffer.source_len(self.lent.bytes)
    }

    /// The next record, or None at the end of the input.
    pub fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        self.splitter.buffer.consume(self.lent.bytes);
        self.line += self.lent.lines;
        self.lent = Extent::default();
        self.splitter.clear();
        self.splitter.untidy = false;
        if self.splitter.buffer.byte(0)?.is_none() {
            return Ok(None);
        }
        let (line, byte_offset) = (self.line, self.splitter.buffer.offset());
        let mut opened = None;
        let (kind, raw_len) = match self.split()? {
            Stop::Unclosed { open, seen } => {
                opened = Some(line + line_ends::count(&self.splitter.buffer.bytes()[..open]));
                (RecordKind::Unclosed, self.take_first_line(seen)?)
            }
            Stop::TooLong => (RecordKind::TooLong, self.skip_line()?),
            Stop::RecordEnd(0) => (RecordKind::Blank, self.take(0)?),
            Stop::RecordEnd(end) | Stop::Delimiter(end) => (RecordKind::Row, self.take(end)?),
        };
        let last = kind == RecordKind::Row && self.nothing_follows()?;
        let copied = self.splitter.copied.as_slice();
        let raw = if kind == RecordKind::TooLong { copied } else { &self.splitter.buffer.bytes()[..raw_len] };
        let untidy = self.splitter.untidy;
        Ok(Some(Record {
            line,
            byte_offset,
            kind,
            raw,
            opened,
            untidy,
            last,
            spans: &self.splitter.fields,
            copied,
        }))
    }

    /// Whether the current record is the last one that is not blank.
    fn nothing_follows(&mut self) -> io::Result<bool> {
        let delimiter = self.splitter.dialect.delimiter;
        let filled = |byte: u8| byte != delimiter && !byte.is_ascii_whitespace();
        let from = self.lent.bytes;
        if self.splitter.buffer.byte(from)?.is_some_and(filled) {
            return Ok(false);
        }
        let search = |bytes: &[u8]| bytes.iter().position(|&byte| filled(byte));
        Ok(self.splitter.buffer.find(from, from + TAIL, search)? == Found::End)
    }

    /// Makes the next read return the current record again. Not for one that is too long, which is gone.
    pub(crate) fn unread(&mut self) {
        self.lent = Extent::default();
    }

    fn split(&mut self) -> io::Result<Stop> {
        let mut at = 0;
        loop {
            let start = if self.splitter.dialect.padded {
                self.splitter.skip_spaces(at)?
            } else {
                match self.splitter.plain_fields(at) {
                    Run::RecordEnd(end) => return Ok(Stop::RecordEnd(end)),
                    Run::Field(start) => start,
                }
            };
            let quoted = self.splitter.opens(start)?;
            let stop =
                if quoted { self.splitter.quoted_field(start)? } else { self.splitter.plain_field(start)? };
            match stop {
                Stop::Delimiter(end) => at = end + 1,
                stop => return Ok(stop),
            }
        }
    }

    /// Makes the first `end` bytes the current record; the line end after them belongs to it.
    fn take(&mut self, end: usize) -> io::Result<usize> {
        // Only a quoted field can hold a line end, and then something was copied. A row of a sheet is one line.
        let inner = if self.splitter.copied.is_empty() || self.splitter.dialect.typed {
            0
        } else {
            line_ends::count(&self.splitter.buffer.bytes()[..end])
        };
        self.lent = Extent { bytes: end + self.line_end_at(end)?, lines: inner + 1 };
        Ok(end)
    }

    /// Makes the first line the current record. What follows inside the open quote is read again.
    fn take_first_line(&mut self, seen: usize) -> io::Result<usize> {
        self.splitter.rescanned += seen as u64;
        self.splitter.clear();
        let end = match self.splitter.buffer.find(0, LIMIT, line_ends::first_end)? {
            Found::At(at) => at,
            Found::End | Found::Limit => self.splitter.buffer.bytes().len(),
        };
        self.take(end)
    }

    /// Skips the rest of a line that is too long, and keeps the start of the record in `copied`.
    fn skip_line(&mut self) -> io::Result<usize> {
        self.splitter.clear();
        self.splitter.copied.extend_from_slice(&self.splitter.buffer.bytes()[..RAW_KEPT]);
        // All line ends so far are inside closed quotes.
        let lines = line_ends::count(&self.splitter.buffer.bytes()[..LIMIT]) + 1;
        self.splitter.buffer.consume(LIMIT);
        loop {
            match self.splitter.buffer.find(0, LIMIT, line_ends::first_end)? {
                Found::Limit => self.splitter.buffer.consume(LIMIT),
                Found::End => self.splitter.buffer.consume(self.splitter.buffer.bytes().len()),
                Found::At(at) => {
                    self.splitter.buffer.consume(at);
                    break;
                }
            }
            if self.splitter.buffer.byte(0)?.is_none() {
                break;
            }
        }
        self.lent = Extent { bytes: self.line_end_at(0)?, lines };
        Ok(RAW_KEPT)
    }

    /// Length of the line end at `at`; 0 at the end of the input.
    fn line_end_at(&mut self, at: usize) -> io::Result<usize> {
        Ok(match self.splitter.buffer.byte(at)? {
            Some(b'\r') if self.splitter.buffer.byte(at + 1)? == Some(b'\n') => 2,
            Some(_) => 1,
            None => 0,
        })
    }
}
