//! What an update makes of the rows that the table has, column by column.

use crate::table::Column;

/// What is asked for, of all columns.
#[derive(Clone, Copy, Default)]
pub struct Known<'a> {
    /// Whether a blank cell keeps what a row has.
    pub keeps_blanks: bool,
    /// The columns whose numbers are added to what a row has.
    pub added: &'a [&'a str],
}

/// What becomes of one column.
#[derive(Clone, Copy, PartialEq)]
pub enum Update {
    Set,
    Keep,
    Add,
}

impl Known<'_> {
    pub fn update(self, column: &Column) -> Update {
        match () {
            // They are merged with those that a row has.
            () if column.is_attributes() => Update::Set,
            () if self.added.contains(&column.name()) => Update::Add,
            () if self.keeps_blanks => Update::Keep,
            () => Update::Set,
        }
    }

    /// Whether a row depends on what the table has: then known rows are updated first, and only the rest is inserted.
    pub fn depends_on_rows(self) -> bool {
        self.keeps_blanks || !self.added.is_empty()
    }
}
