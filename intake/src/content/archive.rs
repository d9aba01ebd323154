//! Opens archives: gzip and zstd as streams, ZIP as a whole.

use super::guard::read_within;
use super::stream::{Archive, Stream, Unpacked};
use super::zip_archive;
use super::zstd::Zstd;
use crate::error::FileError;
use crate::format::Format;
use flate2::read::MultiGzDecoder;

/// What is in an archive of that format.
pub(super) fn unpack(format: Format, packed: Stream<'_>, memory: u64) -> Result<Unpacked<'_>, FileError> {
    match format {
        Format::Gzip => Ok(Unpacked::Stream(Box::new(Archive::of(format, MultiGzDecoder::new(packed))))),
        Format::Zstd => Ok(Unpacked::Stream(Box::new(Archive::of(format, Zstd::new(packed))))),
        _ => {
            let mut bytes = Vec::new();
            read_within(packed, memory, &mut bytes)?;
            zip_archive::open(bytes)
        }
    }
}
