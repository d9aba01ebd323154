//! What the main thread reads from the database and hands on to intake's.

use super::pipe::Pipe;
use super::upload::upload_chunk;
use crate::pg;
use pgrx::Uuid;

/// Records a fetch.
const RECORDS: usize = 1_000;

pub enum Feed {
    Upload { id: Uuid, bytes: usize, pipe: Pipe<Vec<u8>> },
    Records { job: Uuid, records: pg::Cursor, fetched: usize, pipe: Pipe<String> },
}

impl Feed {
    pub fn of_upload(id: Uuid, pipe: Pipe<Vec<u8>>) -> Self {
        Self::Upload { id, bytes: 0, pipe }
    }

    pub fn of_records(job: Uuid, pipe: Pipe<String>) -> Self {
        Self::Records { job, records: open_records(job, 0), fetched: 0, pipe }
    }

    /// Hands on as much as fits without waiting; true when there is no more.
    pub fn is_at_end(&mut self) -> bool {
        match self {
            Self::Upload { id, bytes, pipe } => pipe.fill(|| {
                let chunk = upload_chunk(*id, *bytes);
                *bytes += chunk.as_ref().map_or(0, Vec::len);
                chunk.into_iter().collect()
            }),
            Self::Records { records, fetched, pipe, .. } => pipe.fill(|| {
                let some = records.fetch_column(RECORDS);
                *fetched += some.len();
                some
            }),
        }
    }

    /// After a commit, which has closed the cursor.
    pub fn after_commit(&mut self) {
        if let Self::Records { job, records, fetched, .. } = self {
            *records = open_records(*job, *fetched);
        }
    }
}

/// The records of a job from a number on, counted from 0.
fn open_records(job: Uuid, first: usize) -> pg::Cursor {
    let sql = "SELECT r FROM teamwork.job_records($1) r OFFSET $2";
    pg::Cursor::open(sql, &[job.into(), (first as i64).into()])
}
