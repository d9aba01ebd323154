//! Asking before inserting: which rows would violate a CHECK constraint or meet an existing key. A batch that is known to
//! be good needs no subtransactions to find out.

use super::fault::is_fault_of_a_row;
use super::sink::Sink;
use crate::failure::Failure;
use intake::{Batch, CellError};
use std::collections::BTreeMap;

/// The rows of a batch that would be refused, by their number, with every reason. None when the question itself fails on a
/// value that only the database can check: the insert finds that row.
pub fn faults(
    sink: &Sink,
    batch: &Batch,
    rows: &[usize],
) -> Result<BTreeMap<usize, Vec<CellError>>, Failure> {
    let mut faults: BTreeMap<usize, Vec<CellError>> = BTreeMap::new();
    let Some(sql) = sink.statements.probe.as_deref().filter(|_| !rows.is_empty()) else {
        return Ok(faults);
    };
    let found = sink.ask(sql, batch, rows, |row| Some((row.get::<i64>(1).ok()??, row.get::<i32>(2).ok()??)));
    let found = match found {
        Ok(found) => found,
        Err(error) if is_fault_of_a_row(&error) => return Ok(faults),
        Err(error) => return Err(error.into()),
    };
    for (row, constraint) in found.into_iter().flatten() {
        let row = rows[row as usize - 1];
        faults.entry(row).or_default().push(reason(sink, batch, row, constraint));
    }
    Ok(faults)
}

fn reason(sink: &Sink, batch: &Batch, row: usize, constraint: i32) -> CellError {
    let Some(check) = usize::try_from(constraint).ok().map(|number| sink.checks[number]) else {
        return existing_key(sink, batch, row);
    };
    let columns: Vec<&str> = check.columns.iter().map(String::as_str).collect();
    let message = check.violation(&sink.target.data_type);
    sink.cell_error(batch, row, &columns, "23514", message, Some(check.suggestion()))
}

fn existing_key(sink: &Sink, batch: &Batch, row: usize) -> CellError {
    let keys: Vec<&str> =
        sink.columns.iter().filter(|column| column.is_key).map(|column| column.name.as_str()).collect();
    let message = format!("duplicate key: the team has a row with this {} already", keys.join(", "));
    let suggestion = "use on_conflict update or skip".to_owned();
    sink.cell_error(batch, row, &keys, "23505", message, Some(suggestion))
}
