//! Splits a record into its fields, one after the other.

use super::plain::{self, Run};
use crate::buffer::{Found, LookaheadBuffer};
use crate::dialect::Dialect;
use crate::limits::MAX_RECORD;
use crate::record::Span;
use memchr::memchr3;
use std::io::{self, Read};

/// Positions that a search may look at: the byte that ends the longest record included.
pub(super) const LIMIT: usize = MAX_RECORD + 1;

/// What ends a field.
pub(super) enum Stop {
    Delimiter(usize),
    RecordEnd(usize),
    TooLong,
    /// A quote opens at `open` and has not closed by `seen`.
    Unclosed {
        open: usize,
        seen: usize,
    },
}

/// The input from the current record on, and the fields found in it so far.
pub(super) struct Splitter<R> {
    pub(super) buffer: LookaheadBuffer<R>,
    pub(super) dialect: Dialect,
    /// Bytes that were read again because a quote in them did not close.
    pub(super) rescanned: u64,
    pub(super) fields: Vec<Span>,
    pub(super) untidy: bool,
    /// In the current record, no quote closes a field from where that was looked for up to here.
    pub(super) unclosed_until: usize,
    /// Of a line of the current record, if that was looked for.
    pub(super) line_end: usize,
    /// Bytes that do not stand in the buffer as they are: fields without their quotes, or the start of an over-long
    /// record.
    pub(super) copied: Vec<u8>,
}

impl<R: Read> Splitter<R> {
    pub(super) fn new(buffer: LookaheadBuffer<R>, dialect: Dialect) -> Self {
        Splitter {
            buffer,
            dialect,
            rescanned: 0,
            fields: Vec::new(),
            untidy: false,
            unclosed_until: 0,
            line_end: 0,
            copied: Vec::new(),
        }
    }

    /// Forgets the fields.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.fields.clear();
        self.copied.clear();
        self.unclosed_until = 0;
        self.line_end = 0;
    }

    /// Splits off those that are in the buffer and have no quotes.
    #[inline]
    pub(super) fn plain_fields(&mut self, from: usize) -> Run {
        let bytes = self.buffer.bytes();
        let (delimiter, quote) = (self.dialect.delimiter, self.dialect.quote.open().as_bytes()[0]);
        plain::split(&bytes[..bytes.len().min(LIMIT)], from, delimiter, quote, &mut self.fields)
    }

    pub(super) fn skip_spaces(&mut self, at: usize) -> io::Result<usize> {
        let search = |bytes: &[u8]| bytes.iter().position(|&byte| byte != b' ');
        Ok(match self.buffer.find(at, LIMIT, search)? {
            Found::At(start) => start,
            Found::End => self.buffer.bytes().len(),
            Found::Limit => at,
        })
    }

    /// Whether a quote stands at `at`.
    #[inline]
    pub(super) fn opens(&mut self, at: usize) -> io::Result<bool> {
        let open = self.dialect.quote.open().as_bytes();
        if self.buffer.byte(at)? != Some(open[0]) {
            return Ok(false);
        }
        self.stands(open, at)
    }

    #[inline]
    pub(super) fn stands(&mut self, text: &[u8], at: usize) -> io::Result<bool> {
        self.buffer.reach(at + text.len())?;
        Ok(self.buffer.bytes()[at..].starts_with(text))
    }

    #[inline]
    pub(super) fn plain_field(&mut self, start: usize) -> io::Result<Stop> {
        let stop = self.field_end(start)?;
        if let Stop::Delimiter(end) | Stop::RecordEnd(end) = stop {
            // In `A | B`, the spaces on both sides are the delimiter's.
            let spaces = |byte: &&u8| self.dialect.padded && **byte == b' ';
            let behind = self.buffer.bytes()[start..end].iter().rev().take_while(spaces).count();
            self.fields.push(Span::raw(start, end - behind));
        }
        Ok(stop)
    }

    #[inline]
    pub(super) fn field_end(&mut self, from: usize) -> io::Result<Stop> {
        let delimiter = self.dialect.delimiter;
        Ok(match self.buffer.find(from, LIMIT, |bytes| memchr3(delimiter, b'\n', b'\r', bytes))? {
            Found::At(at) if self.buffer.bytes()[at] == delimiter => Stop::Delimiter(at),
            Found::At(at) => Stop::RecordEnd(at),
            Found::End => Stop::RecordEnd(self.buffer.bytes().len()),
            Found::Limit => Stop::TooLong,
        })
    }
}
