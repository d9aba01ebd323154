//! The bytes of a job, on their way to intake's thread and back as events.

use super::bulk::Packing;
use super::pipe::{Chunks, Pipe};
use super::target::BATCH_BYTES;
use crate::failure::Failure;
use crate::job::Claim;
use crate::pg;
use intake::{Batch, Event, FileError, JsonRecords, Spec};
use pack::Packed;
use pgrx::Uuid;
use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Batches that wait to be written, beside the one that is and the one that is being read. More make nothing faster.
const BATCHES: usize = 1;

/// Chunks of an upload that wait to be read. The main thread hands on none while it writes a batch, so they are what the
/// longest batch goes through: with fewer, the reader would wait for the main thread, and that for the reader afterwards.
const CHUNKS: usize = BATCH_BYTES as usize / CHUNK;

/// Bytes of a chunk at most, by append_upload().
const CHUNK: usize = 256 * 1024;

/// A source of at most so many bytes is read at once, on the main thread: a thread would take longer to start.
const SMALL: u64 = 64 * 1024;

/// How long to wait for a batch before looking after interrupts and hungry channels.
const PATIENCE: Duration = Duration::from_millis(5);

/// Where the data of an import comes from.
pub enum Source {
    Upload {
        id: Uuid,
        bytes: u64,
    },
    Records {
        job: Uuid,
        keys: Vec<String>,
        bytes: u64,
        /// The records themselves, when they are few.
        records: Option<Vec<String>>,
    },
    /// The bytes themselves.
    Text(Vec<u8>),
}

impl Source {
    pub fn open(claim: &Claim) -> Result<Self, Failure> {
        match claim.upload {
            Some(id) => {
                let bytes: Option<i64> = pg::query_one("SELECT teamwork.upload_bytes($1)", &[id.into()]);
                let bytes =
                    bytes.ok_or_else(|| Failure::new(format!("upload {id} does not exist any more")))?;
                Ok(Self::Upload { id, bytes: bytes as u64 })
            }
            None => {
                let few = claim.records.as_deref().and_then(|records| Self::of_few(claim.job, records));
                Ok(few.unwrap_or_else(|| Self::of_records(claim.job)))
            }
        }
    }

    fn of_records(job: Uuid) -> Self {
        let sql = "SELECT keys, bytes, records FROM teamwork.outline_records($1, $2)";
        let outline = pg::query(sql, &[job.into(), (SMALL as i32).into()], |row| {
            let records: Option<String> = row.get(3).ok()?;
            Some((row.get::<Vec<String>>(1).ok()?, row.get::<i64>(2).ok()?, records))
        });
        let (keys, bytes, records) = outline.into_iter().flatten().next().unwrap_or_default();
        let few = records.and_then(|records| Self::of_few(job, &records));
        few.unwrap_or_else(|| Self::Records {
            job,
            keys: keys.unwrap_or_default(),
            bytes: bytes.unwrap_or_default() as u64,
            records: None,
        })
    }

    /// `None` when the records, a JSON array, are more than a few.
    fn of_few(job: Uuid, records: &str) -> Option<Self> {
        let JsonRecords { keys, records, bytes } = JsonRecords::of(records)?;
        let few = Self::Records { job, keys, bytes: bytes as u64, records: Some(records) };
        Some(few).filter(Self::is_small)
    }

    /// In bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Upload { bytes, .. } | Self::Records { bytes, .. } => *bytes,
            Self::Text(bytes) => bytes.len() as u64,
        }
    }

    pub fn is_small(&self) -> bool {
        self.size() <= SMALL
    }

    /// Starts reading; a small source is read when this returns.
    pub fn read(self, spec: Spec, packing: Option<Packing>) -> Result<Reading, Failure> {
        if self.is_small() { self.read_at_once(&spec) } else { self.read_on_a_thread(spec, packing) }
    }

    fn read_at_once(self, spec: &Spec) -> Result<Reading, Failure> {
        let mut ready = VecDeque::new();
        let mut emit = |event| {
            ready.push_back(Read { event, packed: None });
            ControlFlow::Continue(Batch::default())
        };
        match self {
            Self::Upload { id, .. } => {
                let mut bytes = Vec::new();
                while let Some(chunk) = upload_chunk(id, bytes.len()) {
                    bytes.extend(chunk);
                }
                intake::read_csv(bytes.as_slice(), spec, &mut emit)?;
            }
            Self::Records { keys, records, .. } => {
                intake::read_objects(&keys, records.unwrap_or_default().into_iter(), spec, &mut emit)?;
            }
            Self::Text(bytes) => intake::read_csv(bytes.as_slice(), spec, &mut emit)?,
        }
        Ok(Reading { ready, feed: None, events: None, spent: None, thread: None })
    }

    fn read_on_a_thread(self, spec: Spec, mut packing: Option<Packing>) -> Result<Reading, Failure> {
        let (to_main, events) = sync_channel(BATCHES);
        let (spent, to_reader) = channel::<(Batch, Packed)>();
        let mut emit = move |event| {
            let packed = packing.as_mut().and_then(|packing| packing.take(&event));
            if to_main.send(Read { event, packed }).is_err() {
                // The main thread has given up.
                return ControlFlow::Break(());
            }
            let (batch, packed) = to_reader.try_recv().unwrap_or_default();
            if let Some(packing) = &mut packing {
                packing.take_back(packed);
            }
            ControlFlow::Continue(batch)
        };
        let (feed, thread) = match self {
            Self::Upload { id, .. } => {
                let (chunks, input) = sync_channel(CHUNKS);
                let input = Chunks::of(input);
                let thread =
                    pg::spawn_without_signals("intake", move || intake::read_csv(input, &spec, &mut emit));
                (Some(Feed::Upload { id, bytes: 0, pipe: Pipe::new(chunks) }), thread)
            }
            Self::Records { job, keys, .. } => {
                // As with chunks: the records of a batch.
                let (objects, input) = sync_channel(spec.batch_rows);
                let thread = pg::spawn_without_signals("intake", move || {
                    intake::read_objects(&keys, input.into_iter(), &spec, &mut emit)
                });
                let records = open_records(job, 0);
                (Some(Feed::Records { job, records, fetched: 0, pipe: Pipe::new(objects) }), thread)
            }
            Self::Text(bytes) => {
                let input = io::Cursor::new(bytes);
                (None, pg::spawn_without_signals("intake", move || intake::read_csv(input, &spec, &mut emit)))
            }
        };
        let thread = thread.map_err(|error| Failure::new(format!("could not start a thread: {error}")))?;
        Ok(Reading {
            ready: VecDeque::new(),
            feed,
            events: Some(events),
            spent: Some(spent),
            thread: Some(thread),
        })
    }
}

/// What was read, and its rows as tuples where they are wanted.
pub struct Read {
    pub event: Event,
    pub packed: Option<Packed>,
}

/// A source being read. Dropping it ends the thread, and waits for that, whatever unwinds.
pub struct Reading {
    /// What was read at once.
    ready: VecDeque<Read>,
    feed: Option<Feed>,
    events: Option<Receiver<Read>>,
    /// Batches that are done with, on their way back.
    spent: Option<Sender<(Batch, Packed)>>,
    thread: Option<JoinHandle<Result<(), FileError>>>,
}

impl Reading {
    /// The next event; `None` at the end of the source.
    pub fn next(&mut self) -> Result<Option<Read>, Failure> {
        if let Some(event) = self.ready.pop_front() {
            return Ok(Some(event));
        }
        loop {
            if self.feed.as_mut().is_some_and(Feed::is_at_end) {
                // Hanging up is the end of the file.
                self.feed = None;
            }
            let Some(events) = &self.events else { return Ok(None) };
            match events.recv_timeout(PATIENCE) {
                Ok(event) => return Ok(Some(event)),
                Err(RecvTimeoutError::Timeout) => pg::check_for_interrupts(),
                Err(RecvTimeoutError::Disconnected) => return self.finish().map(|()| None),
            }
        }
    }

    /// Hands the memory of a batch that is done with back to the reader: to take it from the kernel anew costs both threads.
    pub fn take_back(&self, batch: Batch, packed: Packed) {
        if let Some(spent) = &self.spent {
            // Nobody wants it when all is read.
            let _ = spent.send((batch, packed));
        }
    }

    /// After a commit, which has closed the cursor.
    pub fn go_on(&mut self) {
        if let Some(Feed::Records { job, records, fetched, .. }) = &mut self.feed {
            *records = open_records(*job, *fetched);
        }
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.feed = None;
        self.events = None;
        match self.thread.take().map(JoinHandle::join) {
            None | Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(error))) => Err(error.into()),
            Some(Err(_)) => {
                Err(Failure::new("the file reader failed")
                    .hint("Please report this as a bug, with the file."))
            }
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // Nobody listens to the outcome any more.
        let _ = self.finish();
    }
}

/// What the main thread reads from the database and hands on.
enum Feed {
    Upload { id: Uuid, bytes: usize, pipe: Pipe<Vec<u8>> },
    Records { job: Uuid, records: pg::Cursor, fetched: usize, pipe: Pipe<String> },
}

impl Feed {
    /// Hands on as much as fits without waiting; true when there is no more.
    fn is_at_end(&mut self) -> bool {
        match self {
            Self::Upload { id, bytes, pipe } => pipe.fill(|| {
                let chunk = upload_chunk(*id, *bytes);
                *bytes += chunk.as_ref().map_or(0, Vec::len);
                chunk.into_iter().collect()
            }),
            Self::Records { records, fetched, pipe, .. } => pipe.fill(|| {
                let some = records.fetch();
                *fetched += some.len();
                some
            }),
        }
    }
}

/// The records of a job from a number on, counted from 0.
fn open_records(job: Uuid, first: usize) -> pg::Cursor {
    let sql = "SELECT r FROM teamwork.job_records($1) r OFFSET $2";
    pg::Cursor::open(sql, &[job.into(), (first as i64).into()])
}

/// The chunk of an upload that starts at the offset; `None` at the end.
fn upload_chunk(id: Uuid, byte_offset: usize) -> Option<Vec<u8>> {
    pg::query_one("SELECT teamwork.upload_chunk($1, $2)", &[id.into(), (byte_offset as i64).into()])
}
