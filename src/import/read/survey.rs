//! How numbers and dates are to be read: by the first rows of a source or, where later ones have ruled that out, by all.

use super::reading::{Read, Reading};
use super::source::Source;
use crate::failure::Failure;
use intake::{Event, Locales, LocalesBy, Spec};

/// What is looked at before the first row is written.
#[derive(Clone, Copy, PartialEq)]
pub enum Survey {
    FirstRows,
    /// The whole source, which is read a second time then.
    AllRows,
}

/// A source, and what is looked at of it first.
pub struct Input {
    pub source: Source,
    pub survey: Survey,
}

impl Survey {
    /// What decides how numbers and dates are read. What is committed in between cannot be taken back: if the first rows
    /// leave anything open then, all rows decide.
    pub fn locales(self, source: &Source, spec: &Spec, commits: bool) -> Result<LocalesBy, Failure> {
        match self {
            Self::FirstRows if !commits => Ok(LocalesBy::FirstRows),
            Self::FirstRows if !decided(source, spec, LocalesBy::FirstRowsForGood)?.are_open() => {
                Ok(LocalesBy::FirstRowsForGood)
            }
            _ => decided(source, spec, LocalesBy::AllRows).map(LocalesBy::Known),
        }
    }
}

/// Runs an attempt whose error takes back all that it has done; once more, if later rows have ruled out how the first ones
/// were read.
pub fn again_if_ruled_out<R>(mut attempt: impl FnMut(Survey) -> Result<R, Failure>) -> Result<R, Failure> {
    match attempt(Survey::FirstRows) {
        Err(failure) if failure.rules_out_a_guess() => attempt(Survey::AllRows),
        outcome => outcome,
    }
}

fn decided(source: &Source, spec: &Spec, locales: LocalesBy) -> Result<Locales, Failure> {
    let mut reading: Reading = source.clone().read(Spec { locales, ..spec.clone() }, None)?;
    match reading.next()? {
        Some(Read { event: Event::Started { locales, .. }, .. }) => Ok(locales),
        _ => Err(Failure::new("a batch came before the columns")),
    }
}
