//! Panics of a reader that was given a damaged file.

use crate::error::FileError;
use crate::format::Format;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a reader of that format answers; damage if it panics. It is not asked again afterwards.
pub(super) fn caught<T>(format: Format, read: impl FnOnce() -> Result<T, FileError>) -> Result<T, FileError> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(FileError::damaged(format, "it cannot make sense of the file")))
}
