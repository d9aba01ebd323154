//! Builds a mapping in steps, the surest first: explicit, saved, candidates.

use super::candidates::{Candidate, Candidates};
use super::destination::{Destination, Sign, attribute_prefix};
use super::finder::Finder;
use super::locations;
use super::opposites::{self, Pair};
use super::samples::Samples;
use crate::error::FileError;
use crate::error_file::REASON_COLUMN;
use crate::location::Location;
use crate::table::Table;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A name that could as well mean another column is no surer than this, in percent.
const AMBIGUOUS: u8 = 60;

/// Of two columns that fill one together, as their names say.
const OPPOSITES: u8 = 90;

/// Who or what decided where a column goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingSource {
    /// The mapping that came with the file.
    Explicit,
    /// The mapping saved for such files.
    Saved,
    /// The column's name and values.
    Found,
    /// Nothing: the column is left over.
    None,
}

/// Where a column of the file goes, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) destination: Destination,
    pub(super) source: MappingSource,
    /// In percent; 0 for what is left over.
    pub(super) confidence: u8,
    pub(super) reason: String,
}

pub(super) struct MappingBuilder<'a> {
    header: &'a [String],
    finder: Finder<'a>,
    table: &'a Table,
    choices: Vec<Option<Choice>>,
    /// Which columns of the file go to each destination that is taken; a column that several share is one.
    holders: HashMap<Destination, Vec<usize>>,
    /// Why a column has no destination.
    notes: Vec<Option<String>>,
}

impl<'a> MappingBuilder<'a> {
    pub(super) fn new(header: &'a [String], table: &'a Table) -> Self {
        MappingBuilder {
            header,
            finder: Finder::new(header),
            table,
            choices: vec![None; header.len()],
            holders: HashMap::new(),
            notes: vec![None; header.len()],
        }
    }

    /// Applies what the mapping that came with the file says of a column, or says why that cannot be.
    pub(super) fn apply_explicit(&mut self, name: &str, target: &Value) -> Result<(), FileError> {
        let index = self.finder.find(name).ok_or_else(|| FileError::UnknownFileColumn {
            column: name.to_owned(),
            header: self.header.to_vec(),
        })?;
        let destination = self.destination(name, target)?;
        if self.choices[index].is_some() {
            return Err(FileError::MappedTwice { column: self.header[index].clone() });
        }
        if !self.has_room(index, &destination) {
            let column = place(&destination).name(self.table).unwrap_or_default();
            return Err(FileError::MappedTwice { column });
        }
        self.choose(index, destination, MappingSource::Explicit, 100, "as the mapping says".to_owned());
        Ok(())
    }

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

    /// Applies a saved mapping, as far as the file and the table still have the columns.
    pub(super) fn apply_saved(&mut self, saved: &Map<String, Value>) {
        for (name, target) in saved {
            let Some(index) = self.finder.find(name).filter(|&index| self.choices[index].is_none()) else {
                continue;
            };
            let Ok(destination) = self.destination(name, target) else { continue };
            if self.has_room(index, &destination) {
                let reason = "the team's saved mapping".to_owned();
                self.choose(index, destination, MappingSource::Saved, 100, reason);
            }
        }
    }

    /// Gives a column that is not yet filled to two columns of the file that fill it together, unless another surely means it.
    pub(super) fn apply_opposites(&mut self, candidates: &Candidates<'_>) {
        for Pair { to, minus, plus } in opposites::pairs(&candidates.file.names, &candidates.keys) {
            let is_free = |from: usize| self.choices[from].is_none();
            let column = &self.table.columns[to];
            let are_open = is_free(minus) && is_free(plus) && !self.is_taken(&Destination::Column(to));
            let are_numbers = |from: usize| candidates.file.samples.match_type_of(from, column);
            if !are_open
                || !column.kind.is_number()
                || candidates.has_sure(to, is_free)
                || !are_numbers(minus)
                || !are_numbers(plus)
                || !candidates.file.samples.take_turns(minus, plus)
            {
                continue;
            }
            for (from, sign, other) in [(minus, Sign::Minus, plus), (plus, Sign::Plus, minus)] {
                let reason = format!("fills {} together with \"{}\"", column.name, self.header[other]);
                self.choose(from, Destination::Share(to, sign), MappingSource::Found, OPPOSITES, reason);
            }
        }
    }

    /// Gives columns not yet filled to columns of the file not yet used, the best candidates first.
    pub(super) fn apply_candidates(&mut self, candidates: Candidates<'_>) {
        let Candidates { ranked, rejections, .. } = candidates;
        for candidate in &ranked {
            let (from, to) = (candidate.from, Destination::Column(candidate.to));
            // Only a column of that very name takes it.
            let is_reason = self.header[from] == REASON_COLUMN
                && self.table.position(REASON_COLUMN) != Some(candidate.to);
            if self.choices[from].is_some() || is_reason {
                continue;
            }
            if let Some(rival) = self.holder(&to) {
                self.notes[from].get_or_insert(format!("{}, which \"{rival}\" fills", candidate.reason));
                continue;
            }
            let (confidence, reason) = match self.other_meaning(candidate, &ranked) {
                Some(other) => {
                    (candidate.confidence.min(AMBIGUOUS), format!("{}, or {other}", candidate.reason))
                }
                None => (candidate.confidence, candidate.reason.clone()),
            };
            self.choose(from, to, MappingSource::Found, confidence, reason);
        }
        for (note, rejection) in self.notes.iter_mut().zip(rejections) {
            *note = note.take().or(rejection);
        }
    }

    /// A choice for each column of the file. What is less sure than `least`, in percent, is left over, as is what has
    /// no place.
    pub(super) fn finish(mut self, least: u8, samples: &Samples<'_>) -> Vec<Choice> {
        self.settle_shares(samples);
        let MappingBuilder { header, table, choices, notes, .. } = self;
        let left_over = |name: &String, reason| Choice {
            destination: match table.attributes {
                Some(_) if name != REASON_COLUMN => Destination::Attribute(name.clone()),
                _ => Destination::Ignored,
            },
            source: MappingSource::None,
            confidence: 0,
            reason,
        };
        let settled = choices.into_iter().zip(notes).zip(header).map(|((choice, note), name)| match choice {
            Some(choice) if choice.confidence >= least => choice,
            Some(unsure) => left_over(name, format!("not sure enough: {}", unsure.reason)),
            None => left_over(name, note.unwrap_or_else(|| "the table has no such column".to_owned())),
        });
        settled.collect()
    }

    /// Whether a column of the file may go there: alone, or together with those that do already.
    fn has_room(&self, index: usize, destination: &Destination) -> bool {
        let Some(holders) = self.holders.get(&place(destination)) else { return true };
        if *destination == Destination::Ignored {
            return true;
        }
        let goes = |holder: &usize| self.choices[*holder].as_ref().map(|choice| &choice.destination);
        holders.iter().all(|holder| match (goes(holder), destination) {
            (Some(Destination::Share(..)), Destination::Share(..)) => true,
            (Some(Destination::Share(_, Sign::Minus)), Destination::Column(_))
            | (Some(Destination::Column(_)), Destination::Share(_, Sign::Minus)) => true,
            (Some(Destination::Column(to)), Destination::Column(_)) => {
                self.table.columns[*to].kind.is_number()
                    && opposites::signs(&self.header[*holder], &self.header[index]).is_some()
            }
            _ => false,
        })
    }

    /// Makes shares of what several columns of the file fill, and tells those that have minus signs themselves.
    fn settle_shares(&mut self, samples: &Samples<'_>) {
        let several = self.holders.values().filter(|holders| holders.len() > 1);
        let several: Vec<Vec<usize>> = several.cloned().collect();
        let mut shares = Vec::new();
        for holders in several {
            for holder in &holders {
                let Some(choice) = &self.choices[*holder] else { continue };
                let Destination::Column(to) = choice.destination else { continue };
                // Two names without a sign are there only if they are opposites.
                let others = holders.iter().filter(|other| *other != holder && !self.is_share(**other));
                let mut by_name =
                    others.filter_map(|other| opposites::signs(&self.header[*holder], &self.header[*other]));
                let sign = by_name.next().map_or(Sign::Plus, |(sign, _)| sign);
                shares.push((*holder, Destination::Share(to, sign)));
            }
            shares.drain(..).for_each(|(holder, share)| self.change(holder, share, ""));
        }
        for index in 0..self.choices.len() {
            let destination = self.choices[index].as_ref().map(|choice| choice.destination.clone());
            if let Some(Destination::Share(to, Sign::Minus)) = destination
                && samples.are_negative(index)
            {
                let more = ", with the minus signs that it has";
                self.change(index, Destination::Share(to, Sign::OwnMinus), more);
            }
        }
    }

    fn is_share(&self, index: usize) -> bool {
        let destination = self.choices[index].as_ref().map(|choice| &choice.destination);
        matches!(destination, Some(Destination::Share(..)))
    }

    /// Changes where a column goes, and adds to the reason.
    fn change(&mut self, index: usize, destination: Destination, more: &str) {
        if let Some(choice) = &mut self.choices[index] {
            choice.destination = destination;
            choice.reason += more;
        }
    }

    fn choose(
        &mut self,
        index: usize,
        destination: Destination,
        source: MappingSource,
        confidence: u8,
        reason: String,
    ) {
        self.holders.entry(place(&destination)).or_default().push(index);
        self.choices[index] = Some(Choice { destination, source, confidence, reason });
    }

    fn destination(&self, name: &str, target: &Value) -> Result<Destination, FileError> {
        let target = match target {
            Value::Null => return Ok(Destination::Ignored),
            Value::String(target) => target,
            _ => {
                return Err(FileError::MappingValue { column: name.to_owned() });
            }
        };
        if let Some(index) = self.table.position(target) {
            return Ok(Destination::Column(index));
        }
        if let Some(share) = self.share(name, target)? {
            return Ok(share);
        }
        let key = attribute_prefix(self.table).and_then(|prefix| target.strip_prefix(prefix.as_str()));
        key.map(|key| Destination::Attribute(key.to_owned())).ok_or_else(|| FileError::UnknownTableColumn {
            column: target.clone(),
            columns: self.table.names().map(str::to_owned).collect(),
        })
    }

    /// What `+column` and `-column` mean.
    fn share(&self, name: &str, target: &str) -> Result<Option<Destination>, FileError> {
        let signed = [("+", Sign::Plus), ("-", Sign::Minus)];
        let signed = signed.iter().find_map(|(mark, sign)| Some((target.strip_prefix(mark)?, *sign)));
        let Some((index, sign)) = signed.and_then(|(to, sign)| Some((self.table.position(to)?, sign))) else {
            return Ok(None);
        };
        let column = &self.table.columns[index];
        if column.kind.is_number() {
            return Ok(Some(Destination::Share(index, sign)));
        }
        Err(FileError::NoNumber {
            column: name.to_owned(),
            target: target.to_owned(),
            kind: column.kind.clone(),
        })
    }

    /// The column of the file that goes there, or the first of them.
    fn holder(&self, destination: &Destination) -> Option<&'a str> {
        let first = self.holders.get(&place(destination))?.first();
        first.map(|&index| self.header[index].as_str())
    }

    fn is_taken(&self, destination: &Destination) -> bool {
        self.holder(destination).is_some()
    }

    /// Another open column that the same name means as likely.
    fn other_meaning(&self, candidate: &Candidate, candidates: &[Candidate]) -> Option<&'a str> {
        let is_other = |it: &&Candidate| {
            (it.from, it.confidence) == (candidate.from, candidate.confidence) && it.to != candidate.to
        };
        let mut others = candidates.iter().filter(is_other);
        let other = others.find(|it| !self.is_taken(&Destination::Column(it.to)))?;
        Some(self.table.columns[other.to].name.as_str())
    }
}

/// What a destination takes: a share takes its column.
fn place(destination: &Destination) -> Destination {
    destination.column().map_or_else(|| destination.clone(), Destination::Column)
}
