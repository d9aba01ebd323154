//! A look through a whole file, for how its numbers and dates are to be read.

use crate::cell::Cell;
use crate::readings::Readings;
use crate::row::Layout;
use crate::sampled_column::SampledColumn;

/// What the cells of a file say, row by row.
pub(crate) struct Survey {
    readings: Vec<Readings>,
    /// Which columns of the file they are of, in the order of the file.
    places: Vec<(usize, usize)>,
}

impl Survey {
    pub(crate) fn of(sampled: &[SampledColumn<'_>]) -> Survey {
        let mut survey = Survey { readings: Vec::new(), places: Vec::new() };
        for it in sampled {
            let Some(readings) = Readings::none_of(it.column) else { continue };
            survey.places.extend(it.places.iter().map(|place| (*place, survey.readings.len())));
            survey.readings.push(readings);
        }
        survey.places.sort_unstable();
        survey
    }

    /// Adds the cells of a record. JSON other than strings depends on nothing.
    pub(crate) fn add<'c>(&mut self, layout: &Layout<'_>, cells: impl Iterator<Item = Cell<'c>>) {
        let mut places = self.places.iter().peekable();
        for (place, cell) in cells.enumerate() {
            let Some((_, column)) = places.next_if(|(at, _)| *at == place) else { continue };
            if !cell.is_json() {
                self.readings[*column].add(layout.original(cell).text);
            }
        }
    }

    pub(crate) fn readings(self) -> Vec<Readings> {
        self.readings
    }
}
