//! Cells that contradict how their column is read. What the first rows said of it holds until later cells outweigh them.

use crate::locales::Locales;
use crate::readings::Readings;

/// What the first rows said of each column, and the cells that speak against it. Only refused cells are looked at, so
/// that a file without any costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Doubts {
    columns: Vec<Doubt>,
    /// The first column whose reading is overturned.
    overturned: Option<String>,
}

#[derive(Debug)]
struct Doubt {
    /// Of the first rows.
    readings: Readings,
    /// How the column is read: the place of a way.
    taken: usize,
    /// For each way the cells, of all rows so far, that it explains and the one taken does not.
    against: Vec<u64>,
}

impl Doubts {
    /// About the columns of which only the first rows have been looked at.
    pub(crate) fn about(readings: Vec<Readings>, locales: &Locales) -> Doubts {
        let doubt = |readings: Readings| {
            let taken = readings.number_of(locales.to_be_doubted(readings.name())?);
            let against = vec![0; readings.explains("").len()];
            Some(Doubt { readings, taken, against })
        };
        Doubts { columns: readings.into_iter().filter_map(doubt).collect(), overturned: None }
    }

    /// Weighs a cell that cannot be read as its column is, or hardly.
    #[cold]
    pub(crate) fn weigh(&mut self, column: &str, cell: &str) {
        let Some(doubt) = self.columns.iter_mut().find(|doubt| doubt.readings.name() == column) else {
            return;
        };
        if doubt.is_overturned_by(cell) {
            self.overturned.get_or_insert_with(|| column.to_owned());
        }
    }

    /// The column whose cells are to be read in another way than they were.
    #[inline]
    pub(crate) fn overturned(&self) -> Option<&str> {
        self.overturned.as_deref()
    }
}

impl Doubt {
    /// The first rows count for both sides: those that spoke against the way were weighed like later ones.
    fn is_overturned_by(&mut self, cell: &str) -> bool {
        let explains = self.readings.explains(cell);
        if explains[self.taken] {
            return false;
        }
        let mut overturns = false;
        for (other, _) in explains.iter().enumerate().filter(|(_, explains)| **explains) {
            self.against[other] += 1;
            overturns |= self.against[other] > self.readings.over(self.taken, other);
        }
        overturns
    }
}
