//! Columns of the file that fill one of the table together: by the signs of a mapping, or by names that are opposites.

use super::builder::{MappingBuilder, MappingSource};
use super::candidates::Candidates;
use super::destination::{Destination, Sign};
use super::opposites::{self, Pair};
use super::samples::Samples;
use crate::error::FileError;

/// Of two columns that fill one together, as their names say: how sure that is, in percent.
const OPPOSITES: u8 = 90;

impl MappingBuilder<'_> {
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

    /// Whether a column of the file may go there: alone, or together with those that do already.
    pub(super) fn has_room(&self, index: usize, destination: &Destination) -> bool {
        let Some(holders) = self.holders.get(&destination.place()) else { return true };
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
    pub(super) fn settle_shares(&mut self, samples: &Samples<'_>) {
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

    /// What `+column` and `-column` mean.
    pub(super) fn share(&self, name: &str, target: &str) -> Result<Option<Destination>, FileError> {
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
}
