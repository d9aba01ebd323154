//! Decodes the input to UTF-8, a buffer at a time.
//!
//! UTF-8 passes as it is. Bytes that cannot be decoded become [`MALFORMED`], which is not valid UTF-8. So the record
//! that has them is refused, and nothing is replaced silently.

use crate::encoding::Detected;
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{self, Chain, Cursor, Read};

/// Stands for bytes that could not be decoded.
const MALFORMED: u8 = 0xFF;

/// Stands for the last byte of UTF-16 that lacks its other half.
const HALF: u8 = 0xFE;

/// Undecoded bytes held at a time.
const CHUNK: usize = 16 * 1024;

/// How the length of UTF-8 text relates to the bytes it was decoded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// The same; of encodings with several bytes to a character, nearly.
    Bytes,
    /// A byte for each character.
    Characters,
    /// Two bytes for each unit of UTF-16.
    Units,
}

impl Measure {
    fn of(encoding: &'static Encoding) -> Self {
        if [UTF_16LE, UTF_16BE].contains(&encoding) {
            Measure::Units
        } else if encoding.is_single_byte() {
            Measure::Characters
        } else {
            Measure::Bytes
        }
    }

    /// Bytes of the source that `decoded` was made from.
    pub(crate) fn source_len(self, decoded: &[u8]) -> u64 {
        let starts = || decoded.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        // A character of four bytes is two units.
        let pairs = || decoded.iter().filter(|&&byte| byte & 0xF8 == 0xF0).count();
        let halves = || decoded.iter().filter(|&&byte| byte == HALF).count();
        match self {
            Measure::Bytes => decoded.len() as u64,
            Measure::Characters => starts() as u64,
            Measure::Units => (2 * (starts() + pairs()) - halves()) as u64,
        }
    }
}

/// The input as UTF-8, without its byte order mark.
pub(crate) struct Decoded<R> {
    input: Chain<Cursor<Vec<u8>>, R>,
    encoding: &'static Encoding,
    mark: usize,
    /// None for UTF-8.
    transcoder: Option<Transcoder>,
}

impl<R: Read> Decoded<R> {
    /// `start` is what has been read of the file already, in the encoding that was detected.
    pub(crate) fn new(mut start: Vec<u8>, rest: R, Detected { encoding, mark, .. }: Detected) -> Self {
        start.drain(..mark);
        let transcoder = (encoding != UTF_8).then(|| Transcoder::new(encoding));
        Decoded { input: Cursor::new(start).chain(rest), encoding, mark, transcoder }
    }

    /// Text that is UTF-8 already.
    pub(crate) fn of_utf8(start: Vec<u8>, rest: R) -> Self {
        Decoded { input: Cursor::new(start).chain(rest), encoding: UTF_8, mark: 0, transcoder: None }
    }

    /// Appends all of it to `text`.
    pub(crate) fn read_all(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        // A read must have room for a character.
        let mut piece = [0; CHUNK];
        loop {
            match self.read(&mut piece)? {
                0 => return Ok(()),
                read => text.extend_from_slice(&piece[..read]),
            }
        }
    }

    /// Length of the byte order mark.
    pub(crate) fn mark(&self) -> usize {
        self.mark
    }

    pub(crate) fn measure(&self) -> Measure {
        Measure::of(self.encoding)
    }
}

impl<R: Read> Read for Decoded<R> {
    /// `into` must have room for a character and more, as a [buffer](crate::buffer::LookaheadBuffer) has.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.transcoder {
            None => self.input.read(into),
            Some(transcoder) => transcoder.read(&mut self.input, into),
        }
    }
}

struct Transcoder {
    decoder: encoding_rs::Decoder,
    buffer: Box<[u8; CHUNK]>,
    /// Of the buffer, what is still to be decoded.
    start: usize,
    end: usize,
    /// The input has ended, and the decoder may have something left to say.
    at_end: bool,
    finished: bool,
}

impl Transcoder {
    fn new(encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Transcoder { decoder, buffer: Box::new([0; CHUNK]), start: 0, end: 0, at_end: false, finished: false }
    }

    fn read(&mut self, input: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.start == self.end && !self.at_end {
                self.end = 0;
                self.start = 0;
                self.end = input.read(&mut self.buffer[..])?;
                self.at_end = self.end == 0;
            }
            let written = if self.finished { 0 } else { self.decode(into) };
            if written > 0 || self.finished {
                return Ok(written);
            }
        }
    }

    fn decode(&mut self, into: &mut [u8]) -> usize {
        let Some(most) = into.len().checked_sub(2) else { return 0 };
        let source = &self.buffer[self.start..self.end];
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(source, &mut into[..most], self.at_end);
        self.start += read;
        match result {
            DecoderResult::Malformed(bytes, _) => return written + self.mark(bytes, &mut into[written..]),
            DecoderResult::InputEmpty => self.finished = self.at_end,
            DecoderResult::OutputFull => {}
        }
        written
    }

    /// Writes the bytes that stand for so many malformed ones, and returns their number.
    fn mark(&self, bytes: u8, into: &mut [u8]) -> usize {
        // A lone surrogate, the last byte of the file, or one behind the other.
        let marks: &[u8] = match (Measure::of(self.decoder.encoding()), bytes) {
            (Measure::Units, 1) => &[HALF],
            (Measure::Units, 3) => &[MALFORMED, HALF],
            _ => &[MALFORMED],
        };
        into[..marks.len()].copy_from_slice(marks);
        marks.len()
    }
}
