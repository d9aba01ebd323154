//! What bounds the memory that a file may take.

/// How much of a file is looked at before its first record is read.
pub const SAMPLE_BYTES: usize = 64 * 1024;

/// Rows of a sample at most.
pub(crate) const SAMPLE_ROWS: usize = 1000;

/// The longest record that is taken, in bytes without its line end. Also how far a quote may run before it
/// counts as never closed, so it bounds memory.
pub const MAX_RECORD: usize = 1024 * 1024;

/// Memory that a workbook or a ZIP archive may take, where nothing else is said.
pub const DEFAULT_MEMORY: u64 = 512 << 20;
