//! What the target table looks like to intake.

use crate::constraint::{Condition, Constraint};
use crate::kind::Kind;

/// A column that a file may fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As it stands in the table.
    pub name: String,
    /// How its cells are checked.
    pub kind: Kind,
    /// NOT NULL without a default: every row must have a value.
    pub required: bool,
    /// Whether rows are known by it, alone or together with others.
    pub is_key: bool,
    /// The default is the time of the import: for an empty cell it would make up a date, and NULL would be none. The cell is
    /// refused.
    pub refuses_blanks: bool,
    /// Whether its numbers are added to what a row has: changes, not counts.
    pub is_added: bool,
    /// Each of which its values must satisfy.
    pub constraints: Vec<Constraint>,
}

impl Column {
    /// A column that may be NULL, without constraints.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Column {
            name: name.into(),
            kind,
            required: false,
            is_key: false,
            refuses_blanks: false,
            is_added: false,
            constraints: Vec::new(),
        }
    }

    /// The same column, NOT NULL without a default.
    pub fn required(self) -> Self {
        Column { required: true, ..self }
    }

    /// The same column, by which rows are known.
    pub fn key(self) -> Self {
        Column { is_key: true, ..self }
    }

    /// The same column, of which empty cells are refused.
    pub fn without_blanks(self) -> Self {
        Column { refuses_blanks: true, ..self }
    }

    /// Whether blanks around a value are no part of it even in quotes: keys, labels and e-mail addresses.
    pub(crate) fn is_compared(&self) -> bool {
        let is_list = |it: &Constraint| matches!(it.condition, Condition::OneOf(_));
        self.is_key
            || matches!(self.kind, Kind::Enum { .. })
            || self.constraints.iter().any(is_list)
            || self.name.to_lowercase().replace(['-', '_'], "").contains("email")
    }
}

/// The columns that a file may fill; system-made ones are left out by the caller.
///
/// ```
/// use intake::{Column, Kind, Table};
///
/// let columns = vec![
///     Column::new("sku", Kind::Text { max_chars: Some(20) }).required(),
///     Column::new("price", Kind::Numeric { precision: Some((12, 2)) }),
///     Column::new("attributes", Kind::Json),
/// ];
/// let table = Table { columns, attributes: Some(2) };
/// assert!(table.columns[0].required);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// In any order: batches name them by their index.
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
