//! The names of a file's columns, told apart.

use std::collections::HashSet;

/// Trims header cells, calls a blank one `column_N` (N counted from 1) and gives a repeated one a suffix `_2`.
pub(crate) fn name_columns(cells: impl Iterator<Item = String>) -> Vec<String> {
    let given: Vec<String> = cells.enumerate().map(|(index, cell)| name_or_number(&cell, index)).collect();
    let originals: HashSet<String> = given.iter().cloned().collect();
    let mut taken = HashSet::new();
    given
        .into_iter()
        .map(|name| {
            if taken.insert(name.clone()) {
                return name;
            }
            let numbered = |n: usize| format!("{name}_{n}");
            // A name that the file itself gives to another column stays with that column.
            let free = |candidate: &String| !originals.contains(candidate) && taken.insert(candidate.clone());
            (2..).map(numbered).find(free).unwrap_or_default()
        })
        .collect()
}

fn name_or_number(cell: &str, index: usize) -> String {
    match cell.trim() {
        "" => numbered_column(index),
        name => name.to_owned(),
    }
}

/// The name of a column that has none.
pub(crate) fn numbered_column(index: usize) -> String {
    format!("column_{}", index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(cells: &[&str]) -> Vec<String> {
        name_columns(cells.iter().map(|cell| (*cell).to_owned()))
    }

    #[test]
    fn blank_and_repeated_headers_get_names_of_their_own() {
        assert_eq!(named(&["a", " a ", "", "a"]), ["a", "a_2", "column_3", "a_3"]);
    }

    #[test]
    fn a_suffix_does_not_take_a_name_that_the_file_uses() {
        assert_eq!(named(&["a", "a", "a_2"]), ["a", "a_3", "a_2"]);
    }
}
