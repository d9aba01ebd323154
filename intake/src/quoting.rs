//! Cells of exports and of error files, as CSV.
//!
//! Not by the `csv` crate: quotes tell an empty text of an export from NULL, and a text from the word for NULL, which none
//! of its quote styles does.

use crate::trimming::trimmed;
use crate::values::is_null_of_programs;
use std::borrow::Cow;

/// A cell as it stands in CSV: in quotes where it must be, and where a reader would take blanks off its ends or the
/// text for NULL.
///
/// ```
/// assert_eq!(intake::quoted("a;b", ';'), "\"a;b\"");
/// assert_eq!(intake::quoted("a,b", ';'), "a,b");
/// assert_eq!(intake::quoted(" a", ';'), "\" a\"");
/// assert_eq!(intake::quoted("NULL", ';'), "\"NULL\"");
/// ```
pub fn quoted(cell: &str, delimiter: char) -> Cow<'_, str> {
    let is_taken_otherwise = || trimmed(cell).len() < cell.len() || is_null_of_programs(cell);
    if cell.contains([delimiter, '"', '\n', '\r']) || is_taken_otherwise() {
        Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_are_quoted_as_the_csv_crate_does(cell in "[a;,\"\n\r\u{e9}]{1,8}") {
            let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
            writer.write_record([cell.as_str()]).expect("memory takes everything");
            let written = writer.into_inner().expect("memory takes everything");
            prop_assert_eq!(String::from_utf8_lossy(&written), format!("{}\n", quoted(&cell, ';')));
        }
    }
}
