//! The cells of a sheet, one after the other.

use crate::error::FileError;
use calamine::DataRef;

/// No sheet has more rows.
pub(super) const MAX_ROWS: u32 = 1_048_576;

/// No sheet has more columns.
pub(super) const MAX_COLUMNS: u32 = 16_384;

/// A cell with something in it.
pub(super) struct SheetCell<'w> {
    /// From 0.
    pub(super) row: u32,
    /// From 0.
    pub(super) column: u32,
    pub(super) value: DataRef<'w>,
    pub(super) format: NumberFormat,
}

/// Row by row, and in each from left to right.
pub(super) trait Cells {
    /// No cell stands to the left of it; from 0.
    fn first_column(&self) -> u32;

    fn next(&mut self) -> Result<Option<SheetCell<'_>>, FileError>;
}

/// What the format of a number's cell says besides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberFormat {
    Plain,
    /// 0.05 is shown as 5%.
    Percent,
    /// Filled up with zeros to so many digits, as identifiers are.
    Digits(usize),
}

impl NumberFormat {
    /// Of a format as spreadsheets write it, such as `0.00%` or `00000`.
    pub(super) fn of(code: &str) -> Self {
        let first = code.split(';').next().unwrap_or_default();
        if first.ends_with('%') && !first.contains('"') {
            NumberFormat::Percent
        } else if first.len() > 1 && first.bytes().all(|byte| byte == b'0') {
            NumberFormat::Digits(first.len())
        } else {
            NumberFormat::Plain
        }
    }
}
