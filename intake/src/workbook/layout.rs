//! What a sheet has besides its cells.

use std::ops::RangeInclusive;

/// Rows and cells that people see otherwise than the file has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SheetLayout {
    /// Cells that are merged over several rows.
    pub(super) merged: Vec<Merged>,
    /// Numbers of hidden rows, from 1.
    pub(crate) hidden: Vec<u64>,
    /// Numbers of the rows, from 1, that have a formula without its value; and the first such cell.
    pub(crate) without_value: Vec<u64>,
}

/// A cell that is merged over several rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Merged {
    /// From 0.
    pub(super) rows: RangeInclusive<u32>,
    /// The first, from 0.
    pub(super) column: u32,
}

impl SheetLayout {
    /// The first rows, from 1, of cells that are merged over several.
    pub(crate) fn merged_rows(&self) -> impl Iterator<Item = u64> {
        self.merged.iter().map(|merged| u64::from(*merged.rows.start()) + 1)
    }
}
