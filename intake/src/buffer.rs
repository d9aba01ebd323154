//! A buffer that starts at the current record and grows as far as its reader looks ahead.

use crate::decode::{Decoded, Measure};
use std::io::{self, ErrorKind, Read};

/// The least room that a read gets.
const CHUNK: usize = 64 * 1024;

pub(crate) struct LookaheadBuffer<R> {
    input: R,
    storage: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes of the file before the buffer.
    offset: u64,
    measure: Measure,
}

/// The outcome of [`LookaheadBuffer::find`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    At(usize),
    /// Not among the bytes before the limit, and all of those exist.
    Limit,
    /// Not before the end of the input, which comes before the limit.
    End,
}

impl<R: Read> LookaheadBuffer<R> {
    pub(crate) fn new(input: R) -> Self {
        LookaheadBuffer { input, storage: Vec::new(), start: 0, end: 0, offset: 0, measure: Measure::Bytes }
    }

    /// Position in the file of the buffer's first byte.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The bytes read so far and not yet dropped.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.storage[self.start..self.end]
    }

    /// Reads on until the buffer holds `len` bytes; false if the input ends before.
    pub(crate) fn reach(&mut self, len: usize) -> io::Result<bool> {
        while self.end - self.start < len {
            if self.read_on()? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The byte at `at`, or None past the end of the input.
    pub(crate) fn byte(&mut self, at: usize) -> io::Result<Option<u8>> {
        self.reach(at + 1)?;
        Ok(self.bytes().get(at).copied())
    }

    /// Where `search` first finds its byte in `from..limit`. The answer depends on the input alone, never on
    /// how it arrives.
    pub(crate) fn find(
        &mut self,
        mut from: usize,
        limit: usize,
        search: impl Fn(&[u8]) -> Option<usize>,
    ) -> io::Result<Found> {
        loop {
            let end = self.bytes().len().min(limit);
            if from < end {
                if let Some(at) = search(&self.bytes()[from..end]) {
                    return Ok(Found::At(from + at));
                }
                from = end;
            }
            if end == limit {
                return Ok(Found::Limit);
            }
            if !self.reach(end + 1)? {
                return Ok(Found::End);
            }
        }
    }

    /// Drops the first `len` bytes, which must be in the buffer.
    pub(crate) fn consume(&mut self, len: usize) {
        debug_assert!(len <= self.end - self.start);
        self.offset += self.source_len(len);
        self.start += len;
    }

    /// How many bytes of the file the first `len` bytes of the buffer are.
    pub(crate) fn source_len(&self, len: usize) -> u64 {
        self.measure.source_len(&self.bytes()[..len])
    }

    fn read_on(&mut self) -> io::Result<usize> {
        self.make_room();
        loop {
            match self.input.read(&mut self.storage[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn make_room(&mut self) {
        if self.storage.len() - self.end >= CHUNK {
            return;
        }
        let kept = self.start..self.end;
        self.end -= self.start;
        self.start = 0;
        if self.storage.len() - self.end >= CHUNK {
            self.storage.copy_within(kept, 0);
            return;
        }
        // Doubling keeps the copies of a long record linear in its length. Fresh memory is zero already.
        let mut grown = vec![0; (self.end + CHUNK).max(2 * self.storage.len())];
        grown[..self.end].copy_from_slice(&self.storage[kept]);
        self.storage = grown;
    }
}

impl<R: Read> LookaheadBuffer<Decoded<R>> {
    /// Positions are those of the file as it was sent, its byte order mark included.
    pub(crate) fn of_file(input: Decoded<R>) -> Self {
        let (offset, measure) = (input.mark() as u64, input.measure());
        LookaheadBuffer { offset, measure, ..LookaheadBuffer::new(input) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn find_tells_the_limit_from_the_end() {
        let search = |bytes: &[u8]| memchr::memchr(b'x', bytes);
        assert_eq!(LookaheadBuffer::new(&b"abx"[..]).find(0, 10, search).unwrap(), Found::At(2));
        assert_eq!(LookaheadBuffer::new(&b"abx"[..]).find(0, 2, search).unwrap(), Found::Limit);
        assert_eq!(LookaheadBuffer::new(&b"ab"[..]).find(0, 2, search).unwrap(), Found::Limit);
        assert_eq!(LookaheadBuffer::new(&b"ab"[..]).find(0, 3, search).unwrap(), Found::End);
    }

    #[test]
    fn consuming_moves_the_offset() {
        let mut buffer = LookaheadBuffer::new(&b"abc"[..]);
        assert!(buffer.reach(3).unwrap());
        buffer.consume(2);
        assert_eq!((buffer.offset(), buffer.bytes()), (2, &b"c"[..]));
        assert_eq!(buffer.byte(1).unwrap(), None);
    }
}
