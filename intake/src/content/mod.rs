//! What is in a file: text, or a workbook, once the archives around it are opened.

mod archive;
mod guard;
mod stream;
mod zip_archive;
mod zstd;

pub(crate) use guard::{Position, is_bomb};
pub(crate) use stream::{Stream, read_start};

use crate::decode::Decoded;
use crate::encoding::{Detected, EncodingBasis, Given, detect};
use crate::error::FileError;
use crate::format::Format;
use crate::options::ReadOptions;
use crate::own_file::is_error_file_in_utf8;
use encoding_rs::UTF_8;
use guard::{Counted, Guarded};
use std::io::{self, Cursor, Read};
use stream::Unpacked;

/// Archives in archives in archives are no way to send a table.
const MAX_ARCHIVES: usize = 2;

/// A file, opened as far as its first 64 KiB tell what it is.
pub(crate) struct Opened<'a> {
    /// Those around the content, the outermost first.
    pub(crate) archives: Vec<Format>,
    pub(crate) content: Content<'a>,
    /// How much of the file as it was sent has been read.
    pub(crate) position: Position,
}

pub(crate) enum Content<'a> {
    Text(Text<'a>),
    /// The bytes of a workbook.
    Workbook(Format, Vec<u8>),
}

/// Text with its beginning.
pub(crate) struct Text<'a> {
    /// The first bytes, as they were sent.
    pub(crate) start: Vec<u8>,
    /// The same, decoded.
    pub(crate) decoded: Vec<u8>,
    pub(crate) detected: Detected,
    /// Nothing follows.
    pub(crate) is_all: bool,
    rest: Stream<'a>,
}

impl<'a> Opened<'a> {
    /// Opens a file, and the archives that it is in.
    pub(crate) fn of(input: Stream<'a>, options: &ReadOptions) -> Result<Self, FileError> {
        let encoding = options.given()?;
        let position = Position::default();
        let mut input: Stream<'a> = Box::new(Counted::new(input, position.clone()));
        let mut archives = Vec::new();
        loop {
            let (start, is_all) = read_start(&mut input)?;
            let format = Format::of_bytes(&start);
            let Some(format) = format.filter(|format| format.is_archive()) else {
                let content = Content::of((start, is_all), input, format, encoding, options.memory)?;
                return Ok(Opened { archives, content, position });
            };
            if archives.len() == MAX_ARCHIVES {
                return Err(FileError::NestedArchives);
            }
            archives.push(format);
            let packed = Box::new(Cursor::new(start).chain(input));
            let unpacked = archive::unpack(format, packed, options.memory)?;
            match unpacked {
                Unpacked::Stream(stream) => {
                    input = Box::new(Guarded::new(stream, position.clone()));
                }
                Unpacked::Workbook(format, bytes) => {
                    archives.pop();
                    let content = Content::Workbook(format, bytes);
                    return Ok(Opened { archives, content, position });
                }
            }
        }
    }
}

impl<'a> Content<'a> {
    fn of(
        (start, is_all): (Vec<u8>, bool),
        rest: Stream<'a>,
        format: Option<Format>,
        encoding: Given,
        memory: u64,
    ) -> Result<Self, FileError> {
        match format {
            None => Text::of(start, is_all, rest, encoding).map(Content::Text),
            Some(Format::OldExcelWorkbook) => {
                let mut bytes = start;
                guard::read_within(rest, memory, &mut bytes)?;
                Ok(Content::Workbook(Format::OldExcelWorkbook, bytes))
            }
            Some(other) => Err(FileError::NotCsv(other)),
        }
    }
}

impl<'a> Text<'a> {
    fn of(start: Vec<u8>, is_all: bool, rest: Stream<'a>, given: Given) -> Result<Self, FileError> {
        // The option may be meant for the file that it was made of.
        let given = if is_error_file_in_utf8(&start) { given.or_content() } else { given };
        let detected = detect(&start, given);
        let mut decoded = Vec::new();
        Decoded::new(start.clone(), io::empty(), detected).read_all(&mut decoded)?;
        Ok(Text { start, decoded, detected, is_all, rest })
    }

    /// Which JSON it is, if it is.
    pub(crate) fn json(&self) -> Option<Format> {
        let format = Format::of_text(&self.decoded);
        format.filter(|format| matches!(format, Format::Json | Format::JsonLines))
    }

    /// The same as JSON, which is UTF-8 unless a mark or somebody says otherwise (RFC 8259, section 8.1).
    pub(crate) fn into_json(mut self) -> Self {
        if self.detected.basis == EncodingBasis::Guess {
            self.detected = Detected { encoding: UTF_8, basis: EncodingBasis::Content, mark: 0 };
            self.decoded.clone_from(&self.start);
        }
        self
    }

    /// The whole text, in UTF-8.
    pub(crate) fn decode(self) -> Decoded<Stream<'a>> {
        Decoded::new(self.start, self.rest, self.detected)
    }
}
