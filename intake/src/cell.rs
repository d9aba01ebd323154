//! One cell of a record, before it is read.

use crate::kind::Kind;
use crate::table::Column;
use crate::trimming::trimmed;

/// One cell of a record. It is passed about by value for each cell of a file, and so is as small as can be.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cell<'a> {
    pub(crate) text: &'a str,
    pub(crate) form: Form,
}

/// How a cell is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Form {
    #[default]
    Bare,
    /// Blanks at its ends are a part of it, and `NULL` is a text. So are JSON strings.
    Quoted,
    /// JSON other than a string.
    Json,
}

impl Cell<'_> {
    pub(crate) fn is_json(&self) -> bool {
        self.form == Form::Json
    }

    pub(crate) fn is_quoted(&self) -> bool {
        self.form == Form::Quoted
    }
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
            Trim::Unquoted if cell.is_quoted() => cell.text,
            Trim::Unquoted | Trim::Always => trimmed(cell.text),
        }
    }
}
