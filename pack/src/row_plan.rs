//! The plan of a row: how its values are stored, and where they come from.

use crate::value::Storage;
use intake::Batch;

/// A column of the table, in the order of `pg_attribute`.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// None for a dropped column, and for a type that only the database can store.
    pub storage: Option<Storage>,
    /// Where its values come from.
    pub fill: Fill,
}

impl Attribute {
    /// The text of the attribute in a row; None is NULL. What the backend fills is not known yet.
    pub(crate) fn text<'a>(&'a self, batch: &'a Batch, row: usize) -> Option<&'a str> {
        match &self.fill {
            Fill::Cell { column, default } => batch.cell(row, *column).or(default.as_deref()),
            Fill::Constant(text) => text.as_deref(),
            Fill::Deferred | Fill::Random => Some(""),
        }
    }
}

/// Where the values of a column come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fill {
    /// A column of the batch; a NULL there becomes the default, given as text, if there is one.
    Cell {
        /// Index of the column in the batch.
        column: usize,
        /// What takes the place of NULL.
        default: Option<String>,
    },
    /// The same text in every row; None is NULL.
    Constant(Option<String>),
    /// A number that the backend writes into its place: a sequence's, the time of the transaction.
    Deferred,
    /// A UUID, another in every row, that the backend writes into its place.
    Random,
}

impl Fill {
    /// Whether the backend writes the values, which are not known when a row is packed.
    pub fn is_deferred(&self) -> bool {
        matches!(self, Fill::Deferred | Fill::Random)
    }

    /// Whether every row has the same value.
    pub(crate) fn is_constant(&self) -> bool {
        matches!(self, Fill::Constant(Some(_)))
    }
}

/// How the rows of a file become tuples.
#[derive(Debug, Clone)]
pub struct RowPlan {
    /// Every column of the table, in the order of `pg_attribute`; dropped ones, too.
    pub attributes: Vec<Attribute>,
    /// The columns of each index, as positions in `attributes`.
    pub indexes: Vec<Vec<usize>>,
}

impl RowPlan {
    /// The attributes whose place in a tuple the backend has to know: those of indexes, and those that it fills itself.
    pub(crate) fn located(&self) -> Vec<bool> {
        let is_key = |position: usize| self.indexes.iter().any(|index| index.contains(&position));
        let attributes = self.attributes.iter().enumerate();
        attributes.map(|(position, it)| is_key(position) || it.fill.is_deferred()).collect()
    }
}

/// A column of a table, before it is known which columns a file has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPlan {
    /// As [`Attribute`] has it.
    pub storage: Option<Storage>,
    /// The column's index in what intake knows of the table; None if no file fills it.
    pub column: Option<usize>,
    /// Its default takes the place of NULL.
    pub defaults: bool,
    /// What fills the column when the file does not; None if only the database can tell.
    pub otherwise: Option<Fill>,
}

impl ColumnPlan {
    /// The attribute for a file with these columns; None if only the database can fill it.
    pub fn attribute(&self, columns: &[usize]) -> Option<Attribute> {
        let carried = columns.iter().position(|column| Some(*column) == self.column);
        let Some(column) = carried else {
            return Some(Attribute { storage: self.storage.clone(), fill: self.otherwise.clone()? });
        };
        let default = match &self.otherwise {
            _ if !self.defaults => None,
            Some(Fill::Constant(default)) => default.clone(),
            // A NULL would want what only the database knows.
            _ => return None,
        };
        Some(Attribute { storage: Some(self.storage.clone()?), fill: Fill::Cell { column, default } })
    }
}
