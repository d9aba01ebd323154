//! The names that columns are known by, to tell a row of names from rows of anything else.

use super::glossary::{Glossary, Term, synonyms, vendors};
use super::name::{Name, key};
use crate::table::Table;
use serde_json::{Map, Value};

/// The names of columns that mean something: to a table, or to any if there is none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    /// Keys of the table's columns.
    targets: Option<Vec<String>>,
    /// Keys of names that a mapping has.
    mapped: Vec<String>,
}

impl Vocabulary {
    /// What a file for that table and with that mapping may call its columns.
    pub(crate) fn of(table: &Table, mapping: Option<&Map<String, Value>>) -> Self {
        let mapped = mapping.into_iter().flatten().map(|(name, _)| key(name)).collect();
        Vocabulary { targets: Some(table.names().map(key).collect()), mapped }
    }

    pub(crate) fn knows(&self, cell: &str) -> bool {
        let name = Name::of(cell);
        if name.key.is_empty() {
            return false;
        }
        let is_target =
            |target: &String| self.targets.as_ref().is_none_or(|targets| targets.contains(target));
        let means = |glossary: &Glossary| {
            let (terms, _) = glossary.look_up(&name);
            terms.iter().any(|term: &&Term| is_target(&term.target))
        };
        let own =
            |key: &str| self.mapped.iter().chain(self.targets.iter().flatten()).any(|known| known == key);
        name.keys().any(own) || synonyms().iter().chain(vendors()).any(means)
    }
}
