//! Quoted fields: their escapes, what stands behind them, and quotes that never close.

use super::splitter::{LIMIT, Splitter, Stop};
use crate::buffer::Found;
use crate::dialect::{Dialect, Escape};
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
    /// `from`. Spaces behind the quote are dropped. If other text follows, the quote is text as well, provided that
    /// another one closes the field on the same line; if none does, what follows belongs to the field.
    fn after_quote(&mut self, open: usize, start: usize, from: usize) -> io::Result<Stop> {
        let behind = self.behind_quote(from)?;
        let has_text = self.buffer.byte(behind)?.is_some_and(|byte| !self.ends_field(byte));
        if has_text && line_ends::count(&self.copied[start..]) > 0 {
            // More likely the first quote was never closed and here the next one opens.
            return Ok(Stop::Unclosed { open, seen: behind });
        }
        let closing = if has_text { self.closing_quote(from)? } else { None };
        let close = self.dialect.quote.close().len();
        let end_of_text = closing.map_or(from, |at| at + close);
        let stop = self.field_end(end_of_text)?;
        if let Stop::Delimiter(end) | Stop::RecordEnd(end) = stop {
            self.untidy |= has_text;
            match closing {
                Some(at) => self.copy_inner(from - close, at),
                None if has_text => self.copied.extend_from_slice(&self.buffer.bytes()[from..end]),
                None => {}
            }
            self.fields.push(Span::copied(start, self.copied.len()));
        }
        Ok(stop)
    }

    fn ends_field(&self, byte: u8) -> bool {
        [self.dialect.delimiter, b'\n', b'\r'].contains(&byte)
    }

    /// Where something else than a space stands behind a quote.
    fn behind_quote(&mut self, from: usize) -> io::Result<usize> {
        if self.dialect.delimiter == b' ' { Ok(from) } else { self.skip_spaces(from) }
    }

    /// The first quote from `from` on, on the same line, that the end of a field follows. None if another quoted field
    /// opens before it.
    fn closing_quote(&mut self, from: usize) -> io::Result<Option<usize>> {
        if from < self.unclosed_until {
            return Ok(None);
        }
        let end = self.line_end(from)?;
        let (open, close) = (self.dialect.quote.open().as_bytes(), self.dialect.quote.close().as_bytes());
        let Dialect { delimiter, escape, .. } = self.dialect;
        let line = &self.buffer.bytes()[..end];
        let is_space = |byte: &&u8| **byte == b' ' && delimiter != b' ';
        let without_spaces = |at: usize| &line[at + line[at..].iter().take_while(is_space).count()..];
        let mut at = from;
        while at < end {
            let rest = &line[at..];
            if escape == Escape::Backslash && rest[0] == b'\\' {
                at += 1;
            } else if rest[0] == delimiter && without_spaces(at + 1).starts_with(open) {
                break;
            } else if rest.starts_with(close) {
                let behind = without_spaces(at + close.len());
                if behind.first().is_none_or(|byte| *byte == delimiter) {
                    return Ok(Some(at));
                }
            }
            at += 1;
        }
        self.unclosed_until = at;
        Ok(None)
    }

    /// The end of the line that `from` is on, looked for once in a line.
    fn line_end(&mut self, from: usize) -> io::Result<usize> {
        if from >= self.line_end {
            self.line_end = match self.buffer.find(from, LIMIT, line_ends::first_end)? {
                Found::At(end) => end,
                Found::End | Found::Limit => self.buffer.bytes().len().min(LIMIT),
            };
        }
        Ok(self.line_end)
    }

    /// Copies what stands between a quote that is text and the closing one. Escapes hold there, too.
    fn copy_inner(&mut self, from: usize, to: usize) {
        let close = self.dialect.quote.close().as_bytes();
        let is_backslash = self.dialect.escape == Escape::Backslash;
        let mut inner = &self.buffer.bytes()[from..to];
        while let Some((&first, rest)) = inner.split_first() {
            let doubled = inner.strip_prefix(close).filter(|rest| rest.starts_with(close));
            inner = match doubled {
                Some(rest) => rest,
                None if is_backslash && first == b'\\' && rest.starts_with(&close[..1]) => rest,
                None => inner,
            };
            self.copied.push(inner[0]);
            inner = &inner[1..];
        }
    }
}
