//! Files that have something for each of several locations: a column each, or a row each. What of it an import takes, somebody has
//! to say.

use super::candidates::File;
use super::glossary::{Glossary, Term, locations, synonyms, vendor};
use super::name::{Role, key};
use super::samples::Fill;
use crate::location::Location;
use crate::table::Table;
use std::cmp::Reverse;

/// The column of the table that a column named after a location alone fills.
const QUANTITY: &str = "quantity";

/// Columns of the table that can be added up over locations.
const COUNTS: [&str; 2] = [QUANTITY, "quantityonorder"];

/// Whether a location is one that is asked for.
pub(crate) fn is_at(location: &Location, place: &str) -> bool {
    match location {
        Location::At(name) => key(name) == key(place),
        Location::Sum => true,
    }
}

/// A column of the file with what is at one location.
pub(super) struct LocatedColumn {
    /// Index in the file's columns.
    pub(super) from: usize,
    /// Index in the table's columns.
    pub(super) to: usize,
    pub(super) place: String,
    /// The place of the name among all.
    rank: usize,
    role: Role,
    fill: Fill,
}

/// The columns of a file that are each about one location.
pub(super) fn located_columns(file: &File<'_>, table: &Table, keys: &[String]) -> Vec<LocatedColumn> {
    let vendor = vendor(&file.names);
    let mut found = Vec::new();
    for (from, name) in file.names.iter().enumerate() {
        let of_vendor = vendor.map_or(&[][..], |vendor| &vendor.terms);
        // What stands in parentheses may be a location.
        let is_cut = name.role != Role::Plain || !file.header[from].trim_end().ends_with(')');
        let is_word = |glossary: &Glossary, key: &str| glossary.knows(key) && (is_cut || *key == name.key);
        let has_meaning = |glossary: &Glossary| name.keys().any(|key| is_word(glossary, key));
        let is_known = keys.contains(&name.key)
            || synonyms().iter().chain(vendor).any(has_meaning)
            || is_place(&name.key);
        let others = if is_known { &[][..] } else { &locations().terms };
        let terms = of_vendor.iter().chain(others).enumerate();
        let fits = |(rank, term): (usize, &Term)| {
            let to = keys.iter().position(|key| *key == term.target)?;
            let place = term.place_in(&file.header[from])?;
            let is_number = table.columns[to].kind.is_number();
            (is_number && file.samples.match_type_of(from, &table.columns[to])).then_some((rank, to, place))
        };
        if let Some((rank, to, place)) = terms.filter(|(_, term)| term.is_per_location()).find_map(fits) {
            let fill = file.samples.fill(from);
            found.push(LocatedColumn { from, to, place, rank, role: name.role, fill });
        }
    }
    found
}

/// Those that are to be taken: for each column of the table one, or several that are added up.
pub(super) fn chosen(all: &[LocatedColumn], location: &Location, keys: &[String]) -> Vec<Vec<usize>> {
    let is_wanted = |it: &&LocatedColumn| match location {
        Location::At(_) => is_at(location, &it.place),
        Location::Sum => COUNTS.contains(&keys[it.to].as_str()),
    };
    let wanted: Vec<&LocatedColumn> = all.iter().filter(is_wanted).collect();
    let of_column = |to: usize| {
        let mut of_column: Vec<&LocatedColumn> = wanted.iter().copied().filter(|it| it.to == to).collect();
        // What shall be comes before what is, if all rows have it. If some have, people must decide.
        let are_new = |it: &&LocatedColumn| it.role == Role::New;
        let new: Vec<Fill> = of_column.iter().copied().filter(are_new).map(|it| it.fill).collect();
        if new.iter().all(|fill| *fill == Fill::None) {
            of_column.retain(|it| it.role != Role::New);
        } else if new.iter().any(|fill| *fill != Fill::All) && of_column.len() > new.len() {
            return Vec::new();
        }
        of_column.sort_by_key(|it| (Reverse(it.role == Role::New), it.rank, it.from));
        let first = of_column.first().map(|it| it.rank);
        of_column.retain(|it| Some(it.rank) == first);
        of_column.iter().map(|it| it.from).collect::<Vec<_>>()
    };
    (0..keys.len()).map(of_column).filter(|columns| !columns.is_empty()).collect()
}

/// The column of the file that is named after the location alone, and what it fills.
pub(super) fn named_after(
    file: &File<'_>,
    table: &Table,
    keys: &[String],
    location: &Location,
) -> Option<(usize, usize)> {
    let Location::At(name) = location else { return None };
    let to = keys.iter().position(|key| key == QUANTITY)?;
    let from = file.names.iter().position(|it| it.key == key(name))?;
    file.samples.match_type_of(from, &table.columns[to]).then_some((from, to))
}

/// The column of the file that has a location in each row: best one with the location that is asked for.
pub(super) fn place_column(file: &File<'_>, location: &Location) -> Option<usize> {
    let is_place_of = |term: &&Term, from: usize| term.target == "place" && term.fits(&file.names[from].key);
    let columns = locations().terms.iter().enumerate().flat_map(|(rank, term)| {
        let of_term = (0..file.names.len()).filter(move |from| is_place_of(&term, *from));
        of_term.map(move |from| (rank, from))
    });
    let has_it = |from: usize| file.samples.values(from).any(|value| is_at(location, value));
    columns.min_by_key(|(rank, from)| (!has_it(*from), *rank)).map(|(_, from)| from)
}

/// Whether a column of the table holds counts, which can be added up over locations.
pub(crate) fn is_count(name: &str) -> bool {
    let key = key(name);
    let means = |glossary: &Glossary| {
        let terms = glossary.terms.iter().filter(|term| COUNTS.contains(&term.target.as_str()));
        glossary.confidence >= 80 && terms.filter_map(Term::key).any(|it| it == key)
    };
    COUNTS.contains(&key.as_str()) || synonyms().iter().any(means)
}

fn is_place(name: &str) -> bool {
    locations().terms.iter().any(|term| term.target == "place" && term.fits(name))
}
