//! The headers of real files, with a row as they have it, and the mapping that a job without one uses.

mod back_offices;
mod marketplaces;
mod shops;
mod tills;

use super::*;

/// A row with a value in the columns that a mapping looks at; the others are empty.
fn filled(header: &str, values: &[(&str, &str)]) -> String {
    let names: Vec<_> = header.split('|').map(str::trim).collect();
    assert!(values.iter().all(|(name, _)| names.contains(name)), "a value of a column that the file lacks");
    let value = |name: &&str| values.iter().find(|(column, _)| column == name).map_or("", |(_, value)| value);
    format!("{header}\n{}", names.iter().map(value).collect::<Vec<_>>().join("|"))
}
