//! Where the data of an import comes from, and how its reading begins.

use super::feed::Feed;
use super::file_hash::FileHash;
use super::packing::Packing;
use super::pipe::{Chunks, Pipe};
use super::reading::{Read, Reading};
use super::spec::BATCH_BYTES;
use super::upload::{UploadReader, upload_chunk};
use crate::failure::Failure;
use crate::job::Claim;
use crate::pg;
use intake::{Batch, JsonRecords, Spec};
use pack::Packed;
use pgrx::Uuid;
use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{channel, sync_channel};

/// Batches that wait to be written, beside the one that is and the one that is being read. More make nothing faster.
const BATCHES: usize = 1;

/// Chunks of an upload that wait to be read. The main thread hands on none while it writes a batch, so they are what the
/// longest batch goes through: with fewer, the reader would wait for the main thread, and that for the reader afterwards.
const CHUNKS: usize = BATCH_BYTES as usize / CHUNK;

/// Bytes of a chunk at most, by append_upload().
const CHUNK: usize = 256 * 1024;

/// A source of at most so many bytes is read at once, on the main thread: a thread would take longer to start.
const INLINE_BYTES: u64 = 64 * 1024;

/// Can be opened again, for a second reading.
#[derive(Clone)]
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
    Text(Arc<[u8]>),
}

pg::from_row! {
    /// The records of a job: themselves, as a JSON text, if they are few, else their keys and size.
    struct Records {
        keys: Option<Vec<String>>,
        bytes: Option<i64>,
        records: Option<String>,
    }
}

impl Source {
    pub fn open(claim: &Claim) -> Result<Self, Failure> {
        match claim.upload {
            Some(id) => {
                let bytes: Option<i64> = pg::query_value("SELECT teamwork.upload_bytes($1)", &[id.into()]);
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
        let Records { keys, bytes, records } =
            pg::query_first(sql, &[job.into(), (INLINE_BYTES as i32).into()]).unwrap_or(Records {
                keys: None,
                bytes: None,
                records: None,
            });
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
        Some(few).filter(Self::is_read_inline)
    }

    /// In bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Upload { bytes, .. } | Self::Records { bytes, .. } => *bytes,
            Self::Text(bytes) => bytes.len() as u64,
        }
    }

    /// Whether it is text in UTF-8, whatever its file was.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Whether it is read at once, without a thread.
    pub fn is_read_inline(&self) -> bool {
        self.size() <= INLINE_BYTES
    }

    /// Starts reading; a source that is read inline is read when this returns.
    pub fn read(self, spec: Spec, packing: Option<Packing>) -> Result<Reading, Failure> {
        let spec = Spec { keys: self.json_keys(&spec)?, ..spec };
        if self.is_read_inline() { self.read_inline(&spec) } else { self.read_on_a_thread(spec, packing) }
    }

    /// The keys of a JSON file, which takes a reading of its own; `None` of anything else.
    fn json_keys(&self, spec: &Spec) -> Result<Option<Vec<String>>, Failure> {
        let options = &spec.reading;
        Ok(match self {
            Self::Upload { id, .. } if intake::may_be_json(&UploadReader::start(*id), options) => {
                intake::json_keys(UploadReader::new(*id), options)?
            }
            Self::Text(bytes) if intake::may_be_json(bytes, options) => intake::json_keys(&**bytes, options)?,
            _ => None,
        })
    }

    fn read_inline(self, spec: &Spec) -> Result<Reading, Failure> {
        let mut ready = VecDeque::new();
        let mut emit = |event| {
            ready.push_back(Read { event, packed: None });
            ControlFlow::Continue(Batch::default())
        };
        let mut hash = FileHash::default();
        match self {
            Self::Upload { id, .. } => {
                let mut bytes = Vec::new();
                while let Some(chunk) = upload_chunk(id, bytes.len()) {
                    bytes.extend(chunk);
                }
                hash = FileHash::of(&bytes);
                intake::read_file(bytes.as_slice(), spec, &mut emit)?;
            }
            Self::Records { keys, records, .. } => {
                intake::read_objects(&keys, records.unwrap_or_default().into_iter(), spec, &mut emit)?;
            }
            Self::Text(bytes) => {
                hash = FileHash::of(&bytes);
                intake::read_file(&*bytes, spec, &mut emit)?;
            }
        }
        Ok(Reading::done(ready, hash))
    }

    fn read_on_a_thread(self, spec: Spec, mut packing: Option<Packing>) -> Result<Reading, Failure> {
        let (to_main, events) = sync_channel(BATCHES);
        let (spent, to_reader) = channel::<(Batch, Packed)>();
        let mut emit = move |event| {
            let packed = packing.as_mut().and_then(|packing| packing.pack(&event));
            if to_main.send(Read { event, packed }).is_err() {
                // The main thread has given up.
                return ControlFlow::Break(());
            }
            let (batch, packed) = to_reader.try_recv().unwrap_or_default();
            if let Some(packing) = &mut packing {
                packing.reuse(packed);
            }
            ControlFlow::Continue(batch)
        };
        let mut hash = FileHash::default();
        let (feed, thread) = match self {
            Self::Upload { id, .. } => {
                let (chunks, input) = sync_channel(CHUNKS);
                let input = Chunks::of(input, hash.hasher());
                let thread =
                    pg::spawn_without_signals("intake", move || intake::read_file(input, &spec, &mut emit));
                (Some(Feed::of_upload(id, Pipe::new(chunks))), thread)
            }
            Self::Records { job, keys, .. } => {
                // As with chunks: the records of a batch.
                let (objects, input) = sync_channel(spec.batch_rows);
                let thread = pg::spawn_without_signals("intake", move || {
                    intake::read_objects(&keys, input.into_iter(), &spec, &mut emit)
                });
                (Some(Feed::of_records(job, Pipe::new(objects))), thread)
            }
            Self::Text(bytes) => {
                hash = FileHash::of(&bytes);
                let input = io::Cursor::new(bytes);
                (
                    None,
                    pg::spawn_without_signals("intake", move || intake::read_file(input, &spec, &mut emit)),
                )
            }
        };
        let thread = thread.map_err(|error| Failure::new(format!("could not start a thread: {error}")))?;
        Ok(Reading::on_a_thread(thread, feed, events, spent, hash))
    }
}
