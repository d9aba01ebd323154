//! Why the database refuses a row, and for which of its cells.

use super::session::Session;
use crate::pg::{self, Caught};
use crate::table::{Check, Column, Constraint, kind_of_column};
use intake::{Batch, CellError, Kind};

/// What an error says of a row that was tried by itself. `constraints`: what it may name.
pub fn of_error(
    session: &Session,
    constraints: &[Constraint],
    batch: &Batch,
    row: usize,
    error: Caught,
) -> CellError {
    let mut columns = violated_columns(session, constraints, &error);
    let misread = if columns.is_empty() { misread_column(session, batch, row, &error) } else { None };
    columns.extend(misread.map(Column::name));
    let check = session.target.checks.iter().find(|check| is_named(&error, "23514", &check.name));
    let list = misread.filter(|column| column.type_name().ends_with("[]"));
    let list = list.map(|_| "write a list as {one,two}".to_owned());
    // A number may break it only when it is added to what the row has.
    let of_values = session.target.for_intake().columns.iter().find_map(|column| {
        let broken = column.constraints.iter().find(|it| is_named(&error, "23514", &it.name))?;
        Some(broken.condition.in_words(&column.name))
    });
    let suggestion = check.map(Check::suggestion).or(of_values).or(list).or(error.hint).or(error.detail);
    of_columns(session, batch, row, &columns, &error.sqlstate, error.message, suggestion)
}

/// A refusal for what a row has in some columns; its value is told where it is one.
pub fn of_columns(
    session: &Session,
    batch: &Batch,
    row: usize,
    columns: &[&str],
    code: &str,
    message: String,
    suggestion: Option<String>,
) -> CellError {
    let value = match columns {
        [only] => session.value(batch, row, only).map(str::to_owned),
        _ => None,
    };
    let column = (!columns.is_empty()).then(|| columns.join(", "));
    CellError { column, value, code: code.to_owned().into(), message, suggestion }
}

/// Why a new row of a file that does not fill what new rows require is refused.
pub fn of_new_row(session: &Session, batch: &Batch, row: usize) -> CellError {
    let missing = session.missing.join(", ");
    let keys = session.columns.iter().filter(|column| column.is_key).map(|column| column.name());
    let keys = keys.collect::<Vec<_>>().join(", ");
    let message = format!("null value in column \"{missing}\" violates not-null constraint");
    let suggestion =
        format!("the team has no row with this {keys}: add {missing} to the file, or leave the row out");
    let mut error = of_columns(session, batch, row, &session.missing, "23502", message, Some(suggestion));
    error.value = None;
    error
}

/// The file's columns that an integrity violation is about.
fn violated_columns<'s>(session: &Session<'s>, constraints: &[Constraint], error: &Caught) -> Vec<&'s str> {
    let is_violated = |column: &str| match &*error.sqlstate {
        "23502" => is_named(error, "23502", column),
        code => constraints
            .iter()
            .any(|it| is_named(error, code, &it.name) && it.columns.iter().any(|name| name == column)),
    };
    if !error.sqlstate.starts_with("23") {
        return Vec::new();
    }
    session.columns.iter().map(|column| column.name()).filter(|column| is_violated(column)).collect()
}

/// The column whose value the database cannot read, among those that only it can: its error does not name the column.
fn misread_column<'s>(
    session: &Session<'s>,
    batch: &Batch,
    row: usize,
    error: &Caught,
) -> Option<&'s Column> {
    let is_misread = |column: &&&Column| {
        let Some(value) = session.value(batch, row, column.name()) else { return false };
        let sql = format!("SELECT ($1::text)::{} IS NULL", column.type_name());
        let read =
            || session.creator.act(|| pg::query_column::<Option<bool>>(&sql, &[value.to_owned().into()]));
        let found = pg::subtransaction(read).err();
        found.is_some_and(|it| (&it.sqlstate, &it.message) == (&error.sqlstate, &error.message))
    };
    let unknown = |column: &&&Column| kind_of_column(column) == Kind::Other;
    session.columns.iter().filter(unknown).find(is_misread).copied()
}

/// Whether an error of that kind quotes a name in its message, as PostgreSQL does with what was violated. The error's own fields
/// do not reach Rust.
fn is_named(error: &Caught, code: &str, name: &str) -> bool {
    error.sqlstate == code && error.message.contains(&format!("\"{name}\""))
}
