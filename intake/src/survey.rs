//! A look through a whole file, for how its numbers and dates are to be read.

use crate::readings::Readings;
use crate::row::{Cell, Layout};
use crate::sampled_column::SampledColumn;

/// What the cells of a file say, row by row.
pub(crate) struct Survey {
    /// By their places in the file, in that order.
    columns: Vec<(usize, Readings)>,
}

impl Survey {
    pub(crate) fn of(sampled: &[SampledColumn<'_>]) -> Survey {
        let readings = |it: &SampledColumn<'_>| Some((it.place, Readings::none_of(it.column)?));
        Survey { columns: sampled.iter().filter_map(readings).collect() }
    }

    /// Adds the cells of a record. JSON other than strings depends on nothing.
    pub(crate) fn add<'c>(&mut self, layout: &Layout<'_>, cells: impl Iterator<Item = Cell<'c>>) {
        let mut columns = self.columns.iter_mut().peekable();
        for (place, cell) in cells.enumerate() {
            let Some((_, readings)) = columns.next_if(|(at, _)| *at == place) else { continue };
            if cell.json.is_none() {
                readings.add(layout.original(cell).text);
            }
        }
    }

    pub(crate) fn readings(self) -> Vec<Readings> {
        self.columns.into_iter().map(|(_, readings)| readings).collect()
    }
}
