//! Decodes the input to UTF-8, a buffer at a time.
//!
//! The encoding is told by a byte order mark, else by the NULs that UTF-16 puts beside ASCII, else by whether the bytes
//! are UTF-8. Any other file is read as Windows-1252, which Excel saves in Western countries. `chardetng` was tried: it
//! knows many more encodings by statistics of web pages. For the few accented letters of a stock list it guesses wrong,
//! and shows no doubt. One fixed guess and the option `encoding` are easier to explain.
//!
//! UTF-8 passes as it is. Bytes that cannot be decoded become [`MALFORMED`], which is not valid UTF-8. So the record
//! that has them is refused, and nothing is replaced silently.

use crate::digits::is_digits;
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::io::{self, Chain, Cursor, Read};

/// Stands for bytes that could not be decoded.
const MALFORMED: u8 = 0xFF;

/// Stands for the last byte of UTF-16 that lacks its other half.
const HALF: u8 = 0xFE;

/// Undecoded bytes held at a time.
const CHUNK: usize = 16 * 1024;

/// The encoding of that name: a label of the WHATWG's list, such as `utf-8`, `utf-16le`, `windows-1252` or `shift_jis`,
/// or PostgreSQL's `WIN…`. `iso-8859-1` is read as its superset Windows-1252.
pub(crate) fn named(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().to_ascii_lowercase();
    let windows = label.strip_prefix("win").filter(|page| is_digits(page));
    let encoding = match windows {
        Some(page) => Encoding::for_label(format!("windows-{page}").as_bytes()),
        None => Encoding::for_label_no_replacement(label.as_bytes()),
    };
    encoding.filter(|encoding| encoding.is_ascii_compatible() || [UTF_16LE, UTF_16BE].contains(encoding))
}

/// The encoding of a file that starts with `sample`, and the length of its byte order mark.
pub(crate) fn detect(sample: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, mark)) = Encoding::for_bom(sample) {
        return (encoding, mark);
    }
    (utf16_by_nuls(sample).unwrap_or_else(|| utf8_or_1252(sample)), 0)
}

/// UTF-16 has a NUL beside every ASCII character, and commas and line ends are such.
fn utf16_by_nuls(sample: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = sample.as_chunks::<2>();
    let high_first = pairs.iter().filter(|pair| pair[0] == 0 && pair[1] != 0).count();
    let low_first = pairs.iter().filter(|pair| pair[1] == 0 && pair[0] != 0).count();
    let plainly = |most: usize, least: usize| most * 5 > pairs.len() && least * 50 < most;
    if plainly(low_first, high_first) {
        Some(UTF_16LE)
    } else if plainly(high_first, low_first) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// A few bad bytes in a file of UTF-8 are damage, and their rows are refused. Read as Windows-1252, all other rows
/// would be garbled silently.
fn utf8_or_1252(sample: &[u8]) -> &'static Encoding {
    let (mut good, mut bad) = (0, 0);
    for chunk in sample.utf8_chunks() {
        good += chunk.valid().chars().filter(|char| !char.is_ascii()).count();
        // The sample may end within a character.
        let cut_off = chunk.invalid().as_ptr_range().end == sample.as_ptr_range().end
            && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
        bad += usize::from(!chunk.invalid().is_empty() && !cut_off);
    }
    if bad > good { WINDOWS_1252 } else { UTF_8 }
}

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
    /// `start` is what has been read of the file already, to detect the encoding from unless it is `given`.
    pub(crate) fn new(mut start: Vec<u8>, rest: R, given: Option<&'static Encoding>) -> Self {
        let (detected, mark) = detect(&start);
        let encoding = given.unwrap_or(detected);
        // In the given encoding, the mark of another one is text.
        let mark = if encoding == detected { mark } else { 0 };
        start.drain(..mark);
        let transcoder = (encoding != UTF_8).then(|| Transcoder::new(encoding));
        Decoded { input: Cursor::new(start).chain(rest), encoding, mark, transcoder }
    }

    /// As the WHATWG names it: `UTF-8`, `UTF-16LE`, `windows-1252`.
    pub(crate) fn encoding(&self) -> &'static str {
        self.encoding.name()
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
