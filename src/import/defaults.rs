//! What a table's defaults would put into rows in silence: no column of the file was found for a column of the table, and one that
//! is left over may be it.

use crate::failure::Failure;
use crate::table::{Column, Target};
use intake::{Batch, Mapping, Notes, Warning, WarningKind};
use std::collections::HashSet;

/// Warns of such columns. Fails where every row would get the time of the import as its date.
pub fn check(target: &Target, mapping: &Mapping, columns: &[usize]) -> Result<Vec<Warning>, Failure> {
    let mut warnings = Vec::new();
    for (number, possible) in mapping.possible.iter().enumerate() {
        let column = target.file_column(number);
        let rivals = &mapping.rivals[number];
        // Without a default, whatever is left over is left to people, but for what could not be told apart.
        let default = column.own_default().or((!rivals.is_empty()).then_some("NULL"));
        let Some(default) = default.filter(|_| !columns.contains(&number)) else { continue };
        let names = |columns: &[usize]| -> Vec<&str> {
            columns.iter().map(|from| mapping.header[*from].as_str()).collect()
        };
        // Whatever is left over may be a date that nobody would take for one.
        let names = match (possible.is_empty(), column.defaults_to_now()) {
            (false, true) => return Err(no_date(column, &names(possible))),
            (true, true) => names(&mapping.left_over().collect::<Vec<_>>()),
            (_, false) if column.own_default().is_none() => names(rivals),
            (_, false) => names(possible),
        };
        if names.is_empty() {
            continue;
        }
        let message = format!(
            "no column of the file was found for \"{}\", which is {default} in new rows",
            column.name()
        );
        let hint = format!("Map {} to it, or to null, if it is to be left out.", one_of(&names));
        let count = names.len() as u64;
        let warning = Warning::new(WarningKind::DefaultForColumn, count, message).in_column(column.name());
        warnings.push(warning.hint(hint));
    }
    Ok(warnings)
}

/// Notes how many blank cells of a batch become the default of their column. Those of `known` rows keep what these have.
pub fn note_blanks(columns: &[&Column], batch: &Batch, known: &HashSet<usize>, notes: &mut Notes) {
    for (index, column) in columns.iter().enumerate() {
        if column.default_for_null().is_none() || column.is_attributes() {
            continue;
        }
        let is_blank = |row: &usize| batch.cell(*row, index).is_none() && !known.contains(row);
        let mut blanks = (0..batch.rows()).filter(is_blank);
        if let Some(first) = blanks.next() {
            notes.add_defaults_for_blanks(column.name(), 1 + blanks.count() as u64, batch.line(first));
        }
    }
}

fn no_date(column: &Column, names: &[&str]) -> Failure {
    let name = column.name();
    Failure::new(format!(
        "no column of the file was found for \"{name}\", which would be the day of the import in every row"
    ))
    .code("22023")
    .detail(format!("It may be {}.", one_of(names)))
    .hint(format!(
        "Pass a mapping such as {{\"{}\": \"{name}\"}}, or to null if that is no such date.",
        names[0]
    ))
}

/// `"a"`, or `one of "a", "b"`; names the first of many.
fn one_of(names: &[&str]) -> String {
    const NAMED: usize = 5;
    let mut quoted: Vec<String> = names.iter().take(NAMED).map(|name| format!("\"{name}\"")).collect();
    if names.len() > NAMED {
        quoted.push("…".to_owned());
    }
    if names.len() == 1 { quoted.concat() } else { format!("one of {}", quoted.join(", ")) }
}
