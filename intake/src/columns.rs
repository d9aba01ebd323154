//! Where each column of the file goes.

use crate::error::FileError;
use crate::header::normalise;
use crate::mending::REASON_COLUMN;
use crate::table::Table;
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Index in the table's columns.
    Column(usize),
    /// Key in the table's attributes.
    Attribute(String),
    Ignored,
}

/// The file's column names and, for each, its destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    pub header: Vec<String>,
    pub destinations: Vec<Destination>,
}

impl Mapping {
    /// Maps by what `explicit` says (`{"CSV column": "table_column" | null}`, null to leave it out), then by
    /// exact name, then by name without regard to case, spaces, dashes and underscores. What is left goes to
    /// the attributes, or nowhere if the table has none; [`REASON_COLUMN`] goes nowhere.
    ///
    /// Fails if `explicit` names what the file or the table lacks, or one column twice, and if a required
    /// column of the table gets nothing.
    pub fn resolve(
        header: &[String],
        table: &Table,
        explicit: Option<&Map<String, Value>>,
    ) -> Result<Mapping, FileError> {
        let mut plan = Plan { header, table, chosen: vec![None; header.len()] };
        for (name, target) in explicit.into_iter().flatten() {
            plan.obey(name, target)?;
        }
        plan.match_names(|header, column| header == column);
        plan.match_names(|header, column| normalise(header) == normalise(column));
        let mapping = plan.settle();
        mapping.require(table)?;
        Ok(mapping)
    }

    /// `{"CSV column": "table_column" | "attributes.key" | null}`: what `resolve` takes as `explicit` again.
    pub fn to_json(&self, table: &Table) -> Value {
        let target = |destination: &Destination| match destination {
            Destination::Column(index) => Value::from(table.columns[*index].name.as_str()),
            Destination::Attribute(key) => Value::from(attribute_prefix(table).unwrap_or_default() + key),
            Destination::Ignored => Value::Null,
        };
        let targets = self.destinations.iter().map(target);
        Value::Object(self.header.iter().cloned().zip(targets).collect())
    }

    pub(crate) fn uses_attributes(&self) -> bool {
        self.destinations.iter().any(|destination| matches!(destination, Destination::Attribute(_)))
    }

    fn require(&self, table: &Table) -> Result<(), FileError> {
        let missing = |&(index, column): &(usize, &crate::Column)| {
            // Attributes are made from whatever there is, even from nothing.
            column.required
                && table.attributes != Some(index)
                && !self.destinations.contains(&Destination::Column(index))
        };
        match table.columns.iter().enumerate().find(missing) {
            Some((_, column)) => {
                Err(FileError::RequiredNotMapped { column: column.name.clone(), header: self.header.clone() })
            }
            None => Ok(()),
        }
    }
}

struct Plan<'a> {
    header: &'a [String],
    table: &'a Table,
    chosen: Vec<Option<Destination>>,
}

impl Plan<'_> {
    fn obey(&mut self, name: &str, target: &Value) -> Result<(), FileError> {
        let index = file_column(self.header, name).ok_or_else(|| FileError::UnknownFileColumn {
            column: name.to_owned(),
            header: self.header.to_vec(),
        })?;
        let destination = self.destination(name, target)?;
        if self.chosen[index].is_some() {
            return Err(FileError::MappedTwice { column: self.header[index].clone() });
        }
        if destination != Destination::Ignored && self.is_taken(&destination) {
            return Err(FileError::MappedTwice { column: target.as_str().unwrap_or_default().to_owned() });
        }
        self.chosen[index] = Some(destination);
        Ok(())
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
        let key = attribute_prefix(self.table).and_then(|prefix| target.strip_prefix(prefix.as_str()));
        key.map(|key| Destination::Attribute(key.to_owned())).ok_or_else(|| FileError::UnknownTableColumn {
            column: target.clone(),
            columns: self.table.names().map(str::to_owned).collect(),
        })
    }

    /// Gives columns not yet filled to headers not yet used; of two headers for one column the first gets it.
    fn match_names(&mut self, alike: impl Fn(&str, &str) -> bool) {
        for index in 0..self.header.len() {
            if self.chosen[index].is_some() {
                continue;
            }
            let header = &self.header[index];
            let columns = self.table.names().enumerate().filter(|(_, column)| alike(header, column));
            let mut open =
                columns.map(|(column, _)| Destination::Column(column)).filter(|it| !self.is_taken(it));
            self.chosen[index] = open.next();
        }
    }

    fn is_taken(&self, destination: &Destination) -> bool {
        self.chosen.iter().flatten().any(|chosen| chosen == destination)
    }

    fn settle(self) -> Mapping {
        let rest = |header: &String| match self.table.attributes {
            Some(_) if header != REASON_COLUMN => Destination::Attribute(header.clone()),
            _ => Destination::Ignored,
        };
        let chosen = self.chosen.into_iter().zip(self.header);
        let destinations = chosen.map(|(choice, header)| choice.unwrap_or_else(|| rest(header))).collect();
        Mapping { header: self.header.to_vec(), destinations }
    }
}

fn attribute_prefix(table: &Table) -> Option<String> {
    table.attributes.map(|index| format!("{}.", table.columns[index].name))
}

/// The file's column of that name: spelled so, or in another case.
pub(crate) fn file_column(header: &[String], name: &str) -> Option<usize> {
    let trimmed = name.trim();
    let exact = header.iter().position(|header| header == trimmed);
    exact.or_else(|| {
        let folded = trimmed.to_lowercase();
        header.iter().position(|header| header.to_lowercase() == folded)
    })
}
