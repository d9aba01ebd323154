//! The first row of an export, and how it is known again.
//!
//! Of the names that need no quotes, the last one has some nevertheless. No program writes files like that, every program
//! reads them, and a spreadsheet that saves the file, in its own way of numbers and dates, drops the quotes. So a file
//! that has them is read as it was written: decimal points, days of ISO, and cells to the letter.

use crate::quoting::quoted;
use std::borrow::Cow;

/// The names of the columns as a record, without its line end. A lone column is not marked.
///
/// ```
/// assert_eq!(intake::export_header(&["sku", "unit price"], ';'), "sku;\"unit price\"");
/// assert_eq!(intake::export_header(&["sku", "a;b"], ';'), "\"sku\";\"a;b\"");
/// assert_eq!(intake::export_header(&["sku"], ';'), "sku");
/// ```
pub fn export_header(names: &[&str], delimiter: char) -> String {
    let marked = marked_name(names, delimiter);
    let cell = |(place, name): (usize, &&str)| match marked == Some(place) {
        true => format!("\"{name}\""),
        false => quoted(name, delimiter).into_owned(),
    };
    let cells: Vec<String> = names.iter().enumerate().map(cell).collect();
    cells.join(delimiter.encode_utf8(&mut [0; 4]))
}

/// Whether an export with these columns is known again.
pub fn is_export_marked(names: &[&str], delimiter: char) -> bool {
    marked_name(names, delimiter).is_some()
}

/// Whether the cells of a record, and whether they are quoted, are the first row of an export.
pub(crate) fn is_export_header(cells: &[(Cow<'_, str>, bool)], delimiter: char) -> bool {
    let names: Vec<&str> = cells.iter().map(|(name, _)| &**name).collect();
    let marked = marked_name(&names, delimiter);
    let mut places = cells.iter().enumerate();
    marked.is_some()
        && places.all(|(place, (name, is_quoted))| {
            *is_quoted == (needs_quotes(name, delimiter) || marked == Some(place)) && !name.is_empty()
        })
}

fn marked_name(names: &[&str], delimiter: char) -> Option<usize> {
    names.iter().rposition(|name| !needs_quotes(name, delimiter)).filter(|_| names.len() > 1)
}

fn needs_quotes(name: &str, delimiter: char) -> bool {
    matches!(quoted(name, delimiter), Cow::Owned(_))
}
