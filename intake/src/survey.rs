//! A look through a whole file, for how its numbers and dates are to be read.

use crate::readings::Readings;
use crate::row::{Cell, Layout};
use crate::sampled_column::SampledColumn;

/// What the cells of a file say, row by row.
pub(crate) struct Survey {
    columns: Vec<Readings>,
    /// In the order of the file, the places of its columns and which of `columns` they fill.
    places: Vec<(usize, usize)>,
}

impl Survey {
    pub(crate) fn of(sampled: &[SampledColumn<'_>]) -> Survey {
        let (mut columns, mut places) = (Vec::new(), Vec::new());
        for sampled in sampled {
            let Some(readings) = Readings::none_of(sampled.column) else { continue };
            places.extend(sampled.places.iter().map(|place| (*place, columns.len())));
            columns.push(readings);
        }
        places.sort_unstable();
        Survey { columns, places }
    }

    /// Adds the cells of a record. JSON other than strings depends on nothing.
    pub(crate) fn add<'c>(&mut self, layout: &Layout<'_>, cells: impl Iterator<Item = Cell<'c>>) {
        let mut places = self.places.iter().peekable();
        for (place, cell) in cells.enumerate() {
            let Some((_, column)) = places.next_if(|(at, _)| *at == place) else { continue };
            if cell.json.is_none() {
                self.columns[*column].add(layout.original(cell).text);
            }
        }
    }

    pub(crate) fn readings(self) -> Vec<Readings> {
        self.columns
    }
}
