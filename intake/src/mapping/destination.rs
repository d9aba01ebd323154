//! Where a column of a file may go.

use crate::table::Table;

/// Where a column of a file goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Destination {
    /// Index in the table's columns.
    Column(usize),
    /// The same of one that several columns of the file fill together, and what this one does to it. With a column that is taken
    /// off, one of them has a value in each row; else they are added up.
    Share(usize, Sign),
    /// Key in the table's attributes.
    Attribute(String),
    /// Nowhere.
    Ignored,
}

/// What a column of a file does to a number that several fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    /// It is added.
    Plus,
    /// It is taken off.
    Minus,
    /// It is taken off, and has the minus signs itself.
    OwnMinus,
}

impl Sign {
    fn as_str(self) -> &'static str {
        match self {
            Sign::Plus => "+",
            Sign::Minus | Sign::OwnMinus => "-",
        }
    }
}

impl Destination {
    /// Index of the table's column that it fills, alone or with others.
    pub fn column(&self) -> Option<usize> {
        match self {
            Destination::Column(index) | Destination::Share(index, _) => Some(*index),
            Destination::Attribute(_) | Destination::Ignored => None,
        }
    }

    /// What it takes of the table: a share takes its column, with others.
    pub(super) fn place(&self) -> Destination {
        self.column().map_or_else(|| self.clone(), Destination::Column)
    }

    /// The name of the table's column, with the sign of a share, or `attributes.key`; None when the column is left out.
    pub fn name(&self, table: &Table) -> Option<String> {
        match self {
            Destination::Column(index) => Some(table.columns[*index].name.clone()),
            Destination::Share(index, sign) => {
                Some(format!("{}{}", sign.as_str(), table.columns[*index].name))
            }
            Destination::Attribute(key) => Some(attribute_prefix(table).unwrap_or_default() + key),
            Destination::Ignored => None,
        }
    }
}

/// What stands before a key of the attributes where a mapping names one.
pub(super) fn attribute_prefix(table: &Table) -> Option<String> {
    table.attributes.map(|index| format!("{}.", table.columns[index].name))
}
