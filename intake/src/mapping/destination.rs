//! Where a column of a file may go.

use crate::table::Table;

/// Where a column of a file goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Destination {
    /// Index in the table's columns.
    Column(usize),
    /// Key in the table's attributes.
    Attribute(String),
    /// Nowhere.
    Ignored,
}

impl Destination {
    /// The name of the table's column, or `attributes.key`; None when the column is left out.
    pub fn name(&self, table: &Table) -> Option<String> {
        match self {
            Destination::Column(index) => Some(table.columns[*index].name.clone()),
            Destination::Attribute(key) => Some(attribute_prefix(table).unwrap_or_default() + key),
            Destination::Ignored => None,
        }
    }
}

/// What stands before a key of the attributes where a mapping names one.
pub(super) fn attribute_prefix(table: &Table) -> Option<String> {
    table.attributes.map(|index| format!("{}.", table.columns[index].name))
}
