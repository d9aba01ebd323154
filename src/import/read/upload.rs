//! Uploads, chunk by chunk.

use crate::pg;
use pgrx::Uuid;
use std::io::{self, Cursor, Read};

/// The chunk of an upload that starts at the offset; `None` at the end.
pub fn upload_chunk(id: Uuid, byte_offset: usize) -> Option<Vec<u8>> {
    pg::query_value("SELECT teamwork.upload_chunk($1, $2)", &[id.into(), (byte_offset as i64).into()])
}

/// Reads an upload on the main thread.
pub struct UploadReader {
    id: Uuid,
    /// Bytes that were fetched.
    bytes: usize,
    chunk: Cursor<Vec<u8>>,
}

impl UploadReader {
    pub fn new(id: Uuid) -> Self {
        Self { id, bytes: 0, chunk: Cursor::default() }
    }

    /// The first bytes of an upload, by which its format is told.
    pub fn start(id: Uuid) -> Vec<u8> {
        let mut start = Vec::new();
        // A chunk is fetched or raises an error of its own.
        let _ = Self::new(id).take(intake::SAMPLE_BYTES as u64).read_to_end(&mut start);
        start
    }
}

impl Read for UploadReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.chunk.read(into)?;
        if read > 0 || into.is_empty() {
            return Ok(read);
        }
        pg::check_for_interrupts();
        let Some(chunk) = upload_chunk(self.id, self.bytes) else { return Ok(0) };
        self.bytes += chunk.len();
        self.chunk = Cursor::new(chunk);
        self.chunk.read(into)
    }
}
