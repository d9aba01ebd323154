//! What keeps a small file from becoming more than a server can take.

use crate::error::FileError;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// An archive that is this much larger than its file is no table. Tables become ten to a hundred times smaller.
const MAX_RATIO: u64 = 300;

/// Up to here, nothing is said.
const HARMLESS: u64 = 64 << 20;

/// How much of a file has been read, shared by those who read it and those who tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Position(Rc<Cell<u64>>);

impl Position {
    pub(crate) fn get(&self) -> u64 {
        self.0.get()
    }

    pub(crate) fn set(&self, bytes: u64) {
        self.0.set(bytes);
    }
}

/// Counts what is read of a file.
pub(super) struct Counted<R> {
    input: R,
    position: Position,
}

impl<R> Counted<R> {
    pub(super) fn new(input: R, position: Position) -> Self {
        Counted { input, position }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        self.position.set(self.position.get() + read as u64);
        Ok(read)
    }
}

/// What an archive is unpacked to; fails if that is out of all proportion to the file.
pub(super) struct Guarded<R> {
    unpacked: R,
    packed: Position,
    bytes: u64,
}

impl<R> Guarded<R> {
    pub(super) fn new(unpacked: R, packed: Position) -> Self {
        Guarded { unpacked, packed, bytes: 0 }
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacked.read(into)?;
        self.bytes += read as u64;
        if is_bomb(self.packed.get(), self.bytes) { Err(FileError::Bomb.into()) } else { Ok(read) }
    }
}

/// Whether so many bytes of an archive should not become so many.
pub(crate) fn is_bomb(packed: u64, unpacked: u64) -> bool {
    unpacked > HARMLESS && unpacked / MAX_RATIO > packed
}

/// Reads what has to be in memory as a whole, if that may be so much.
pub(crate) fn read_within(input: impl Read, memory: u64, bytes: &mut Vec<u8>) -> Result<(), FileError> {
    input.take((memory + 1).saturating_sub(bytes.len() as u64)).read_to_end(bytes)?;
    if bytes.len() as u64 > memory { Err(FileError::TooLarge { memory }) } else { Ok(()) }
}
