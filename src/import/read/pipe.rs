//! Channels from the main thread to intake's.

use super::file_hash::Hasher;
use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};

/// A bounded channel that the main thread fills without ever blocking on it.
pub struct Pipe<T> {
    channel: SyncSender<T>,
    waiting: VecDeque<T>,
}

impl<T> Pipe<T> {
    pub fn new(channel: SyncSender<T>) -> Self {
        Self { channel, waiting: Default::default() }
    }

    /// Sends until the channel is full, fetching when nothing waits; true when there is nothing left to fetch, or nobody to
    /// send it to.
    pub fn fill(&mut self, mut fetch: impl FnMut() -> Vec<T>) -> bool {
        loop {
            if self.waiting.is_empty() {
                self.waiting.extend(fetch());
            }
            let Some(next) = self.waiting.pop_front() else { return true };
            match self.channel.try_send(next) {
                Ok(()) => {}
                Err(TrySendError::Full(next)) => {
                    self.waiting.push_front(next);
                    return false;
                }
                Err(TrySendError::Disconnected(_)) => return true,
            }
        }
    }
}

/// The reader's end of a pipe of chunks.
pub struct Chunks {
    input: Receiver<Vec<u8>>,
    current: io::Cursor<Vec<u8>>,
    hasher: Hasher,
}

impl Chunks {
    pub fn of(input: Receiver<Vec<u8>>, hasher: Hasher) -> Self {
        Self { input, current: io::Cursor::default(), hasher }
    }
}

impl io::Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = io::Read::read(&mut self.current, buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            match self.input.recv() {
                Ok(chunk) => {
                    self.hasher.update(&chunk);
                    self.current = io::Cursor::new(chunk);
                }
                Err(_) => {
                    self.hasher.finish();
                    return Ok(0);
                }
            }
        }
    }
}
