//! The bytes of a workbook.

use crate::content::Position;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

/// The bytes of a file, which say where they are read.
pub(super) struct Bytes {
    bytes: Cursor<Arc<[u8]>>,
    position: Position,
}

impl Bytes {
    pub(super) fn of(bytes: Arc<[u8]>, position: Position) -> Self {
        Bytes { bytes: Cursor::new(bytes), position }
    }
}

impl Read for Bytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.position.set(self.bytes.position());
        Ok(read)
    }
}

impl Seek for Bytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}
