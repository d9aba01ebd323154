//! Asking before inserting: which rows would violate a CHECK constraint or have an existing key. A batch that is known to be good
//! needs no subtransactions to find out.

use super::cell_errors;
use super::fault::is_fault_of_a_row;
use super::session::Session;
use crate::failure::Failure;
use crate::pg;
use intake::{Batch, CellError};
use std::collections::BTreeMap;

pg::from_row! {
    struct Violation {
        /// From 1.
        row: i64,
        /// Of the violated constraint in [`Session::checks`], from 0; -1 for an existing key.
        number: i32,
    }
}

/// The rows of a batch that would be refused, by their number, with every reason. None when the question itself fails on a
/// value that only the database can check: the insert finds that row.
pub fn find(
    session: &Session,
    batch: &Batch,
    rows: &[usize],
) -> Result<BTreeMap<usize, Vec<CellError>>, Failure> {
    let mut violations: BTreeMap<usize, Vec<CellError>> = BTreeMap::new();
    let Some(sql) = session.statements.violations.as_deref().filter(|_| !rows.is_empty()) else {
        return Ok(violations);
    };
    let found: Vec<Violation> = match session.ask(sql, batch, rows) {
        Ok(found) => found,
        Err(error) if is_fault_of_a_row(&error) => return Ok(violations),
        Err(error) => return Err(error.into()),
    };
    for Violation { row, number } in found {
        let row = rows[row as usize - 1];
        violations.entry(row).or_default().push(cell_error(session, batch, row, number));
    }
    Ok(violations)
}

fn cell_error(session: &Session, batch: &Batch, row: usize, number: i32) -> CellError {
    let Some(check) = usize::try_from(number).ok().map(|number| session.checks[number]) else {
        return existing_key(session, batch, row);
    };
    let columns: Vec<&str> = check.columns.iter().map(String::as_str).collect();
    let message = check.violation(&session.target.data_type);
    cell_errors::of_columns(session, batch, row, &columns, "23514", message, Some(check.suggestion()))
}

fn existing_key(session: &Session, batch: &Batch, row: usize) -> CellError {
    let keys: Vec<&str> =
        session.columns.iter().filter(|column| column.is_key).map(|column| column.name()).collect();
    let message = format!("duplicate key: the team has a row with this {} already", keys.join(", "));
    let suggestion = "use on_conflict update or skip".to_owned();
    cell_errors::of_columns(session, batch, row, &keys, "23505", message, Some(suggestion))
}
