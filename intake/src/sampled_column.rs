//! The cells of a sample, by the column of the table that they are to fill.

use crate::mapping::Mapping;
use crate::table::{Column, Table};
use crate::values::{is_change, is_identifier};

/// A column of the table with some of the cells it is to be filled from.
pub(crate) struct SampledColumn<'a> {
    pub(crate) column: &'a Column,
    /// Which columns of the file it is filled from.
    pub(crate) places: Vec<usize>,
    pub(crate) cells: Vec<&'a str>,
}

impl<'a> SampledColumn<'a> {
    /// The columns that a mapping fills; `rows` have a cell for each column of the file, or fewer.
    pub(crate) fn all(table: &'a Table, mapping: &Mapping, rows: &'a [Vec<String>]) -> Vec<Self> {
        let mut all: Vec<SampledColumn<'a>> = Vec::new();
        for (place, destination) in mapping.destinations.iter().enumerate() {
            let Some(column) = destination.column().map(|index| &table.columns[index]) else { continue };
            let cells = rows.iter().filter_map(|row| row.get(place).map(String::as_str));
            match all.iter_mut().find(|known| known.column.name == column.name) {
                Some(known) => {
                    known.cells.extend(cells);
                    known.places.push(place);
                }
                None => all.push(SampledColumn { column, places: vec![place], cells: cells.collect() }),
            }
        }
        all
    }

    pub(crate) fn is_identifier(&self) -> bool {
        is_identifier(&self.column.name, self.cells.iter().copied())
    }

    pub(crate) fn is_change(&self) -> bool {
        is_change(self.column, &self.cells)
    }
}
