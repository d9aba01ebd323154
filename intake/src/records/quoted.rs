//! Quoted fields: their escapes, what stands behind them, and quotes that never close.

use super::splitter::{LIMIT, Splitter, Stop};
use crate::buffer::Found;
use crate::dialect::Escape;
use crate::limits::MAX_RECORD;
use crate::line_ends;
use crate::record::Span;
use memchr::{memchr, memchr2};
use std::io::{self, Read};

/// How far a quote may run over line ends once too many bytes were read again.
const SHORT_RECORD: usize = 1024;

impl<R: Read> Splitter<R> {
    pub(super) fn quoted_field(&mut self, open: usize) -> io::Result<Stop> {
        let close = self.dialect.quote.close().as_bytes();
        let start = self.copied.len();
        let mut from = open + self.dialect.quote.open().len();
        let mut limit = self.quote_limit();
        loop {
            let at = match self.find_quote(from, limit)? {
                Found::At(at) => at,
                Found::End => return Ok(Stop::Unclosed { open, seen: self.buffer.bytes().len() }),
                Found::Limit if line_ends::count(&self.buffer.bytes()[..limit]) > 0 => {
                    return Ok(Stop::Unclosed { open, seen: limit });
                }
                Found::Limit if limit < LIMIT => {
                    limit = LIMIT;
                    continue;
                }
                Found::Limit => return Ok(Stop::TooLong),
            };
            // The last byte of the quote was found.
            let text = &self.buffer.bytes()[from..=at];
            let Some(text) = text.strip_suffix(close) else {
                from = self.escaped(from, at)?;
                continue;
            };
            self.copied.extend_from_slice(text);
            if !self.stands(close, at + 1)? {
                return self.after_quote(open, start, at + 1);
            }
            self.copied.extend_from_slice(close);
            from = at + 1 + close.len();
        }
    }

    /// The end of the next closing quote, or the next backslash if that is an escape.
    fn find_quote(&mut self, from: usize, limit: usize) -> io::Result<Found> {
        let close = self.dialect.quote.close().as_bytes();
        let last = close[close.len() - 1];
        match self.dialect.escape {
            Escape::Doubled => self.buffer.find(from, limit, |bytes| memchr(last, bytes)),
            Escape::Backslash => self.buffer.find(from, limit, |bytes| memchr2(last, b'\\', bytes)),
        }
    }

    /// Copies `from..=at`, at the end of which there is no closing quote but a backslash, or part of some other
    /// character; returns where to go on. A backslash before anything but a quote or a backslash is text.
    fn escaped(&mut self, from: usize, at: usize) -> io::Result<usize> {
        let close = self.dialect.quote.close().as_bytes()[0];
        let is_escape = self.dialect.escape == Escape::Backslash && self.buffer.bytes()[at] == b'\\';
        let next = self.buffer.byte(at + 1)?.filter(|&byte| is_escape && (byte == close || byte == b'\\'));
        let end = if next.is_some() { at } else { at + 1 };
        self.copied.extend_from_slice(&self.buffer.bytes()[from..end]);
        self.copied.extend(next);
        Ok(if next.is_some() { at + 2 } else { at + 1 })
    }

    /// How far a quote that spans line ends may run. A file full of quotes that never close would be read again from
    /// each of its lines. Once that is out of proportion, such records must be short.
    fn quote_limit(&self) -> usize {
        let fair_share = 16 * (MAX_RECORD as u64 + self.buffer.offset());
        if self.rescanned <= fair_share { LIMIT } else { SHORT_RECORD }
    }

    /// Ends a quoted field that opened at `open`. Its text starts at `start` in `copied`, and its closing quote ends at
    /// `from`. Spaces behind the quote are dropped, and other text belongs to the field.
    fn after_quote(&mut self, open: usize, start: usize, from: usize) -> io::Result<Stop> {
        let delimiter = self.dialect.delimiter;
        let ends = |byte: u8| [delimiter, b'\n', b'\r'].contains(&byte);
        let behind = if delimiter == b' ' { from } else { self.skip_spaces(from)? };
        let has_text = self.buffer.byte(behind)?.is_some_and(|byte| !ends(byte));
        if has_text && line_ends::count(&self.copied[start..]) > 0 {
            // More likely the first quote was never closed and here the next one opens.
            return Ok(Stop::Unclosed { open, seen: behind });
        }
        let stop = self.field_end(from)?;
        if let Stop::Delimiter(end) | Stop::RecordEnd(end) = stop {
            if has_text {
                self.untidy = true;
                self.copied.extend_from_slice(&self.buffer.bytes()[from..end]);
            }
            self.fields.push(Span::copied(start, self.copied.len()));
        }
        Ok(stop)
    }
}
