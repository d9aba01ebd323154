//! The option `quantity_mode`: numbers of the file that are added to what known rows have.

use crate::failure::Failure;
use crate::options::ImportOptions;
use crate::table::Target;
use intake::Table;

/// The table as intake is to see it: what a number must be, is said of the sum, which only the database knows.
pub fn table(target: &Target, options: &ImportOptions) -> Result<Table, Failure> {
    let mut table = target.for_intake().clone();
    for name in options.quantity_mode.added() {
        let Some(column) = table.columns.iter_mut().find(|column| column.name == name) else {
            let names: Vec<&str> = target.file_columns().map(|column| column.name()).collect();
            let known = format!("The columns that can be filled are {}.", names.join(", "));
            return Err(fault(name, "it is not there").code("42703").detail(known));
        };
        if !column.kind.is_number() {
            let message = format!("it is of type {}", column.kind);
            return Err(fault(name, &message).hint("Numbers can be added to numbers."));
        }
        if column.is_key {
            return Err(fault(name, "rows are known by it"));
        }
        column.is_added = true;
        column.constraints.clear();
    }
    Ok(table)
}

/// Fails where there is no telling which rows the numbers are to be added to. `columns`: those that the file fills.
pub fn check(target: &Target, options: &ImportOptions, columns: &[usize]) -> Result<(), Failure> {
    let Some(name) = options.quantity_mode.added().next() else { return Ok(()) };
    let keys: Vec<&str> =
        target.file_columns().filter(|column| column.is_key).map(|column| column.name()).collect();
    let filled: Vec<&str> = columns.iter().map(|number| target.file_column(*number).name()).collect();
    if keys.is_empty() {
        return Err(fault(name, "the table has no key to know rows by"));
    }
    match keys.iter().find(|key| !filled.contains(key)) {
        Some(key) => {
            Err(fault(name, &format!("no column of the file is mapped to {key}, which rows are known by")))
        }
        None => Ok(()),
    }
}

fn fault(column: &str, why: &str) -> Failure {
    Failure::new(format!("cannot add to column \"{column}\": {why}")).code("22023")
}
