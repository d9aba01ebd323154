//! What the target table looks like to intake.

use crate::constraint::Constraint;
use crate::kind::Kind;

/// A column that a file may fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// NOT NULL without a default: every row must have a value.
    pub required: bool,
    /// Each of which its values must satisfy.
    pub constraints: Vec<Constraint>,
}

impl Column {
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Column { name: name.into(), kind, required: false, constraints: Vec::new() }
    }

    /// The same column, NOT NULL without a default.
    pub fn required(self) -> Self {
        Column { required: true, ..self }
    }
}

/// The columns that a file may fill; system-made ones are left out by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<Column>,
    /// Index in `columns` of the JSON column that takes the file's unmapped columns.
    pub attributes: Option<usize>,
}

impl Table {
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }
}
