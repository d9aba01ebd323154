//! ZIP archives: a workbook, or one file among what operating systems add.

use super::stream::{Archive, Unpacked};
use crate::error::FileError;
use crate::format::Format;
use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use std::io::{self, Cursor, Read};
use zip::{CompressionMethod, ZipArchive};

/// Opens an archive that is in memory.
pub(super) fn open<'a>(bytes: Vec<u8>) -> Result<Unpacked<'a>, FileError> {
    let damaged = |error| FileError::damaged(Format::Zip, error);
    let mut archive = ZipArchive::new(Cursor::new(bytes.as_slice())).map_err(damaged)?;
    if let Some(format) = workbook(&archive) {
        return Ok(Unpacked::Workbook(format, bytes));
    }
    let files: Vec<String> = names(&archive).filter(|name| is_data(name)).collect();
    let [file] = files.as_slice() else {
        return Err(if files.is_empty() { FileError::Empty } else { FileError::SeveralFiles(files) });
    };
    let index = archive.index_for_name(file).unwrap_or_default();
    let entry = archive.by_index_raw(index).map_err(damaged)?;
    if entry.encrypted() {
        return Err(FileError::Protected(Format::Zip));
    }
    let (start, length) = (entry.data_start(), entry.compressed_size());
    let (method, crc) = (entry.compression(), entry.crc32());
    drop(entry);
    let Some(start) = start else { return Err(FileError::damaged(Format::Zip, "it has no data")) };
    let end = start.saturating_add(length).min(bytes.len() as u64);
    let mut packed = Cursor::new(bytes);
    packed.set_position(start);
    let packed = packed.take(end.saturating_sub(start));
    Ok(Unpacked::Stream(match method {
        CompressionMethod::Stored => Box::new(Archive::of(Format::Zip, Checked::of(packed, crc))),
        CompressionMethod::Deflated => {
            Box::new(Archive::of(Format::Zip, Checked::of(DeflateDecoder::new(packed), crc)))
        }
        other => return Err(FileError::damaged(Format::Zip, format!("{other} is not read"))),
    }))
}

/// Which workbook an archive is, by the parts that every one has.
fn workbook<R: Read + io::Seek>(archive: &ZipArchive<R>) -> Option<Format> {
    let has = |name: &str| archive.index_for_name(name).is_some();
    if has("content.xml") && has("mimetype") {
        Some(Format::OpenDocument)
    } else if has("[Content_Types].xml") {
        let is_binary = names(archive).any(|name| name.ends_with("workbook.bin"));
        Some(if is_binary { Format::BinaryExcelWorkbook } else { Format::ExcelWorkbook })
    } else {
        None
    }
}

fn names<R: Read + io::Seek>(archive: &ZipArchive<R>) -> impl Iterator<Item = String> {
    archive.file_names().filter_map(Result::ok).map(|name| name.into_owned())
}

/// Whether a file in an archive is more than a folder or what an operating system keeps for itself.
fn is_data(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    let is_hidden = file.starts_with("._") || matches!(file, "" | ".DS_Store" | "Thumbs.db" | "desktop.ini");
    !is_hidden && !name.starts_with("__MACOSX/")
}

/// Compares the checksum of what was read with the archive's.
struct Checked<R> {
    input: CrcReader<R>,
    crc: u32,
}

impl<R: Read> Checked<R> {
    fn of(input: R, crc: u32) -> Self {
        Checked { input: CrcReader::new(input), crc }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        if read == 0 && !into.is_empty() && self.input.crc().sum() != self.crc {
            return Err(io::Error::other("its checksum is wrong"));
        }
        Ok(read)
    }
}
