//! Cells of error files, on their way out.

use crate::apostrophe::{escape_formula, unescape_formula};
use crate::quoting::quoted;
use crate::trimming::trimmed;
use std::borrow::Cow;

/// A cell that is to be written.
pub(crate) struct Written {
    pub(crate) text: String,
    /// Blanks at its ends are a part of it, and `NULL` is a text.
    pub(crate) quoted: bool,
}

impl Written {
    pub(crate) fn word(text: &str) -> Self {
        Written { text: text.to_owned(), quoted: false }
    }

    /// Without the apostrophe of a file that it comes from.
    pub(crate) fn unescaped(self) -> Self {
        let text = unescape_formula(&self.text);
        if text.len() < self.text.len() { Written { text: text.to_owned(), quoted: true } } else { self }
    }

    /// As it stands in CSV: in quotes where it must be, or where it would be read otherwise without.
    pub(crate) fn as_csv(&self, delimiter: char) -> String {
        let text = if self.quoted { &self.text } else { trimmed(&self.text) };
        let escaped = escape_formula(text);
        // An apostrophe keeps a text as quotes do.
        if self.quoted && matches!(escaped, Cow::Borrowed(_)) {
            return if text.is_empty() { "\"\"".to_owned() } else { quoted(text, delimiter).into_owned() };
        }
        if escaped.contains([delimiter, '"', '\n', '\r']) {
            format!("\"{}\"", escaped.replace('"', "\"\""))
        } else {
            escaped.into_owned()
        }
    }
}

/// As many cells as the file has columns: the last one takes what is left over.
pub(crate) fn fit_to_width(mut cells: Vec<Written>, width: usize, mark: char) -> Vec<Written> {
    while cells.len() > width && cells.last().is_some_and(|cell| cell.text.is_empty()) {
        cells.pop();
    }
    if cells.len() > width && width > 0 {
        let last: Vec<String> = cells.split_off(width - 1).into_iter().map(|cell| cell.text).collect();
        cells.push(Written { text: last.join(mark.encode_utf8(&mut [0; 4])), quoted: true });
    }
    cells.resize_with(width, || Written::word(""));
    cells
}
