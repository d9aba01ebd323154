//! Files with a row for each location: the rows of one of them are taken, those of others passed over.

use crate::error::FileError;
use crate::location::Location;
use crate::mapping::{Mapping, is_at};
use crate::refusal::shortened;

/// Locations that are named in an error.
const NAMED: usize = 20;

/// The locations of a file so far.
pub(crate) struct Places {
    /// The column of the file that says where a row is.
    column: usize,
    location: Location,
    is_found: bool,
    /// Others.
    seen: Vec<String>,
}

impl Places {
    /// None where no row is to be passed over.
    pub(crate) fn of(mapping: &Mapping, location: Option<&Location>) -> Option<Self> {
        let location = location.filter(|it| matches!(it, Location::At(_)))?.clone();
        mapping.place.map(|column| Places { column, location, is_found: false, seen: Vec::new() })
    }

    /// Whether a row is of another location than the one that is asked for.
    pub(crate) fn is_elsewhere<'c>(&mut self, mut cells: impl Iterator<Item = &'c str>) -> bool {
        let place = cells.nth(self.column).unwrap_or_default().trim();
        let is_here = is_at(&self.location, place);
        self.is_found |= is_here;
        if !is_here && self.seen.len() < NAMED && !self.seen.iter().any(|known| known == place) {
            self.seen.push(shortened(place));
        }
        !is_here
    }

    /// At the end of the file: fails if there was no row of the location.
    pub(crate) fn finish(self) -> Result<(), FileError> {
        let Places { location, is_found, mut seen, .. } = self;
        seen.retain(|place| !place.is_empty());
        if is_found || seen.is_empty() {
            return Ok(());
        }
        Err(FileError::NoLocation { location, places: seen })
    }
}
