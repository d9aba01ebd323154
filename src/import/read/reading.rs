//! A source being read: batches as they come from intake's thread, and their memory on its way back.

use super::feed::Feed;
use super::file_hash::FileHash;
use crate::failure::Failure;
use crate::pg;
use intake::{Batch, Event, FileError};
use pack::Packed;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long to wait for a batch before looking after interrupts and hungry channels.
const POLL: Duration = Duration::from_millis(5);

/// What was read, and its rows as tuples where they are wanted.
pub struct Read {
    pub event: Event,
    pub packed: Option<Packed>,
}

/// Dropping it ends the thread, and waits for that, whatever unwinds.
pub struct Reading {
    /// What was read at once.
    ready: VecDeque<Read>,
    feed: Option<Feed>,
    events: Option<Receiver<Read>>,
    /// Batches that are done with, on their way back.
    spent: Option<Sender<(Batch, Packed)>>,
    thread: Option<JoinHandle<Result<(), FileError>>>,
    pub hash: FileHash,
}

impl Reading {
    /// Of what was read at once.
    pub fn done(ready: VecDeque<Read>, hash: FileHash) -> Self {
        Self { ready, feed: None, events: None, spent: None, thread: None, hash }
    }

    pub fn on_a_thread(
        thread: JoinHandle<Result<(), FileError>>,
        feed: Option<Feed>,
        events: Receiver<Read>,
        spent: Sender<(Batch, Packed)>,
        hash: FileHash,
    ) -> Self {
        Self {
            ready: VecDeque::new(),
            feed,
            events: Some(events),
            spent: Some(spent),
            thread: Some(thread),
            hash,
        }
    }

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
            match events.recv_timeout(POLL) {
                Ok(event) => return Ok(Some(event)),
                Err(RecvTimeoutError::Timeout) => pg::check_for_interrupts(),
                Err(RecvTimeoutError::Disconnected) => return self.finish().map(|()| None),
            }
        }
    }

    /// Hands the memory of a batch that is done with back to the reader: to take it from the kernel anew costs both threads.
    pub fn reuse(&self, batch: Batch, packed: Packed) {
        if let Some(spent) = &self.spent {
            // Nobody wants it when all is read.
            let _ = spent.send((batch, packed));
        }
    }

    /// After a commit, which has closed the feed's cursor.
    pub fn after_commit(&mut self) {
        self.feed.iter_mut().for_each(Feed::after_commit);
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
