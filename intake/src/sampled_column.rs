//! The cells of a sample, by the column of the table that they are to fill.

use crate::mapping::{Destination, Mapping};
use crate::table::{Column, Table};
use crate::values::{is_change, is_identifier};

/// A column of the table with some of the cells it is to be filled from.
pub(crate) struct SampledColumn<'a> {
    pub(crate) column: &'a Column,
    /// Which column of the file it is filled from.
    pub(crate) place: usize,
    pub(crate) cells: Vec<&'a str>,
}

impl<'a> SampledColumn<'a> {
    /// The columns that a mapping fills; `rows` have a cell for each column of the file, or fewer.
    pub(crate) fn all(table: &'a Table, mapping: &Mapping, rows: &'a [Vec<String>]) -> Vec<Self> {
        let sampled = |(cell, destination): (usize, &Destination)| {
            let Destination::Column(index) = destination else { return None };
            let cells = rows.iter().filter_map(|row| row.get(cell).map(String::as_str)).collect();
            Some(SampledColumn { column: &table.columns[*index], place: cell, cells })
        };
        mapping.destinations.iter().enumerate().filter_map(sampled).collect()
    }

    pub(crate) fn is_identifier(&self) -> bool {
        is_identifier(&self.column.name, self.cells.iter().copied())
    }

    pub(crate) fn is_change(&self) -> bool {
        is_change(self.column, &self.cells)
    }
}
