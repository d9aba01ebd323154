//! Streams of bytes, and what an archive is unpacked to.

use crate::error::FileError;
use crate::format::Format;
use crate::limits::SAMPLE_BYTES;
use std::io::{self, Read};

/// A stream of bytes that is read by whoever needs them.
pub(crate) type Stream<'a> = Box<dyn Read + 'a>;

/// The first 64 KiB, and whether that is all.
pub(crate) fn read_start(input: &mut impl Read) -> io::Result<(Vec<u8>, bool)> {
    let mut start = Vec::new();
    input.by_ref().take(SAMPLE_BYTES as u64).read_to_end(&mut start)?;
    let is_all = start.len() < SAMPLE_BYTES;
    Ok((start, is_all))
}

pub(super) enum Unpacked<'a> {
    Stream(Stream<'a>),
    /// The archive is itself a workbook.
    Workbook(Format, Vec<u8>),
}

/// Says of which format an archive is that breaks off.
pub(super) struct Archive<R> {
    format: Format,
    input: R,
}

impl<R> Archive<R> {
    pub(super) fn of(format: Format, input: R) -> Self {
        Archive { format, input }
    }
}

impl<R: Read> Read for Archive<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.input.read(into).map_err(|error| {
            let is_ours = error.get_ref().is_some_and(|inner| inner.is::<FileError>());
            if is_ours { error } else { FileError::damaged(self.format, error).into() }
        })
    }
}
