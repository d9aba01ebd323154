//! Why the database refuses a row, and for which of its cells.

use super::sink::Sink;
use crate::pg::{self, Caught};
use intake::{Batch, CellError};
use pgrx::pg_sys;

/// What an error may name: a constraint or a unique index, with its columns.
pub struct Named {
    name: String,
    columns: Vec<String>,
}

impl Named {
    pub fn load(table: pg_sys::Oid) -> Vec<Self> {
        let named =
            pg::query("SELECT name, columns FROM teamwork.named_constraints($1)", &[table.into()], |row| {
                Some(Self { name: row.get(1).ok()??, columns: row.get(2).ok()?? })
            });
        named.into_iter().flatten().collect()
    }
}

impl Sink<'_> {
    /// What an error says of a row that was tried by itself.
    pub fn reason(&self, batch: &Batch, row: usize, error: Caught) -> CellError {
        let columns = self.blamed(&error);
        let check = self.target.checks.iter().find(|check| is_named(&error, "23514", &check.name));
        let suggestion = check.map(|check| check.suggestion()).or(error.hint).or(error.detail);
        self.cell_error(batch, row, &columns, &error.sqlstate, error.message, suggestion)
    }

    /// A refusal for what a row has in some columns; its value is told where it is one.
    pub fn cell_error(
        &self,
        batch: &Batch,
        row: usize,
        columns: &[&str],
        code: &str,
        message: String,
        suggestion: Option<String>,
    ) -> CellError {
        let value = match columns {
            [only] => self.value(batch, row, only).map(str::to_owned),
            _ => None,
        };
        let column = (!columns.is_empty()).then(|| columns.join(", "));
        CellError { column, value, code: code.to_owned().into(), message, suggestion }
    }

    /// The file's columns that an integrity violation is about.
    fn blamed(&self, error: &Caught) -> Vec<&str> {
        let is_blamed = |column: &str| match &*error.sqlstate {
            "23502" => is_named(error, "23502", column),
            code => self
                .named()
                .iter()
                .any(|it| is_named(error, code, &it.name) && it.columns.iter().any(|name| name == column)),
        };
        if !error.sqlstate.starts_with("23") {
            return Vec::new();
        }
        self.columns.iter().map(|column| column.name.as_str()).filter(|column| is_blamed(column)).collect()
    }
}

/// Whether an error of that kind quotes a name in its message, as PostgreSQL does with what was violated. The error's own fields
/// do not reach Rust.
fn is_named(error: &Caught, code: &str, name: &str) -> bool {
    error.sqlstate == code && error.message.contains(&format!("\"{name}\""))
}
