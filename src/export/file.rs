//! The file that an export writes, in the table that members download it from.

use super::csv::Writer;
use crate::pg;
use pgrx::Uuid;

/// Large enough that a chunk costs next to nothing beside its rows, small enough for any client.
pub const CHUNK_BYTES: usize = 256 * 1024;

pub struct File {
    job: Uuid,
    pub chunks: i32,
    pub bytes: u64,
}

impl File {
    /// An empty file, in place of one that the job may have from an earlier run.
    pub fn create(job: Uuid) -> Self {
        pg::execute("SELECT teamwork.forget_export($1)", &[job.into()]);
        Self { job, chunks: 0, bytes: 0 }
    }

    /// Takes what fills whole chunks.
    pub fn append(&mut self, writer: &mut Writer) {
        writer.take(CHUNK_BYTES, false, |text| self.keep(text));
    }

    /// Takes the rest. An empty file has one chunk, an empty one: it is there.
    pub fn finish(&mut self, writer: &mut Writer) {
        writer.take(CHUNK_BYTES, true, |text| self.keep(text));
        if self.chunks == 0 {
            self.keep("");
        }
    }

    fn keep(&mut self, text: &str) {
        self.chunks += 1;
        self.bytes += text.len() as u64;
        pg::with_scratch_memory(|| {
            let arguments = [self.job.into(), self.chunks.into(), text.into()];
            pg::execute("SELECT teamwork.add_export_chunk($1, $2, $3)", &arguments);
        });
    }
}
