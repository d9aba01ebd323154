//! One cell of a record, before it is read.

use crate::kind::Kind;
use crate::table::Column;
use crate::trimming::trimmed;

/// One cell of a record: its text, and its JSON if it came as JSON other than a string.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cell<'a> {
    pub(crate) text: &'a str,
    pub(crate) json: Option<&'a str>,
    /// Blanks at its ends are a part of it, and `NULL` is a text.
    pub(crate) quoted: bool,
}

/// Whether blanks around a cell are taken off before it is read.
#[derive(Clone, Copy)]
pub(crate) enum Trim {
    /// The reader takes them off.
    Never,
    Unquoted,
    Always,
}

impl Trim {
    pub(crate) fn of(column: &Column) -> Self {
        match column.kind {
            Kind::Enum { .. } => Trim::Never,
            _ if column.is_compared() => Trim::Always,
            Kind::Text { .. } | Kind::Other => Trim::Unquoted,
            _ => Trim::Never,
        }
    }

    #[inline]
    pub(crate) fn of_cell<'c>(self, cell: &Cell<'c>) -> &'c str {
        match self {
            Trim::Never => cell.text,
            Trim::Unquoted if cell.quoted => cell.text,
            Trim::Unquoted | Trim::Always => trimmed(cell.text),
        }
    }
}
