//! Builds a mapping in steps, the surest first: explicit, saved, candidates.

use super::candidates::{Candidate, Candidates};
use super::destination::{Destination, attribute_prefix};
use super::finder::Finder;
use super::samples::Samples;
use crate::error::FileError;
use crate::error_file::REASON_COLUMN;
use crate::table::Table;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A name that could as well mean another column is no surer than this, in percent.
const AMBIGUOUS: u8 = 60;

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
    pub(super) header: &'a [String],
    finder: Finder<'a>,
    pub(super) table: &'a Table,
    pub(super) choices: Vec<Option<Choice>>,
    /// Which columns of the file go to each destination that is taken; a column that several share is one.
    pub(super) holders: HashMap<Destination, Vec<usize>>,
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
            return Err(FileError::MappedTwice { column: self.header[index].clone(), is_number: false });
        }
        if !self.has_room(index, &destination) {
            let column = destination.place().name(self.table).unwrap_or_default();
            let is_number = destination.column().is_some_and(|it| self.table.columns[it].kind.is_number());
            return Err(FileError::MappedTwice { column, is_number });
        }
        self.choose(index, destination, MappingSource::Explicit, 100, "as the mapping says".to_owned());
        Ok(())
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

    pub(super) fn choose(
        &mut self,
        index: usize,
        destination: Destination,
        source: MappingSource,
        confidence: u8,
        reason: String,
    ) {
        self.holders.entry(destination.place()).or_default().push(index);
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

    /// The column of the file that goes there, or the first of them.
    fn holder(&self, destination: &Destination) -> Option<&'a str> {
        let first = self.holders.get(&destination.place())?.first();
        first.map(|&index| self.header[index].as_str())
    }

    pub(super) fn is_taken(&self, destination: &Destination) -> bool {
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
