//! The columns of the file that a location means which is asked for.

use super::builder::{MappingBuilder, MappingSource};
use super::candidates::Candidates;
use super::destination::{Destination, Sign};
use super::locations;
use crate::error::FileError;
use crate::location::Location;

impl MappingBuilder<'_> {
    /// Takes what the file has of one location, or of all. The column that says of each row where it is, if that is what tells.
    pub(super) fn apply_location(
        &mut self,
        location: &Location,
        candidates: &Candidates<'_>,
    ) -> Result<Option<usize>, FileError> {
        let (file, keys) = (candidates.file, &candidates.keys);
        let located = locations::located_columns(file, self.table, keys);
        let to = |from: usize| located.iter().find(|it| it.from == from).map(|it| it.to);
        let mut chosen = locations::chosen(&located, location, keys);
        let mut named = Vec::new();
        if chosen.is_empty()
            && let Some((from, to)) = locations::named_after(file, self.table, keys, location)
        {
            named.push((from, to));
            chosen.push(vec![from]);
        }
        let to = |from: usize| to(from).or_else(|| named.iter().find(|it| it.0 == from).map(|it| it.1));
        for columns in &chosen {
            for from in columns {
                let Some(to) = to(*from) else { continue };
                let destination = match columns.len() {
                    1 => Destination::Column(to),
                    _ => Destination::Share(to, Sign::Plus),
                };
                if self.choices[*from].is_none() && self.has_room(*from, &destination) {
                    self.choose(
                        *from,
                        destination,
                        MappingSource::Found,
                        100,
                        "as the location says".to_owned(),
                    );
                }
            }
        }
        if !chosen.is_empty() {
            return Ok(None);
        }
        let place = locations::place_column(file, location);
        if place.is_none() {
            let mut places: Vec<String> = located.iter().map(|it| it.place.clone()).collect();
            places.dedup();
            return Err(FileError::NoLocation { location: location.clone(), places });
        }
        // The lines of a key are of several locations then, and their sum is of none.
        if let Some(from) = place.filter(|from| *location == Location::Sum && self.choices[*from].is_none()) {
            let reason = "left out, as all locations are added up".to_owned();
            self.choose(from, Destination::Ignored, MappingSource::Found, 100, reason);
        }
        Ok(place)
    }
}
