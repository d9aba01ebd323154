//! Rows as CSV: RFC 4180 with LF, and PostgreSQL's distinction of NULL (nothing) from an empty text (`""`).

use super::table::ExportedColumn;
use crate::options::{ExportOptions, Formulas};
use crate::pg;
use intake::{export_header, is_export_marked, is_formula, looks_escaped};

/// Text of a file that grows row by row.
pub struct Writer<'a> {
    columns: &'a [ExportedColumn],
    delimiter: char,
    escapes_formulas: bool,
    /// The file will be known again.
    is_marked: bool,
    /// What nobody has taken yet.
    text: String,
    pub rows: u64,
    /// Cells that were made harmless.
    pub escaped: u64,
}

impl<'a> Writer<'a> {
    /// Begins with what comes before the first row.
    pub fn new(columns: &'a [ExportedColumn], options: &ExportOptions) -> Self {
        let (delimiter, escapes_formulas) =
            (options.delimiter.as_char(), options.formulas == Formulas::Escape);
        let mut text = if options.bom { String::from('\u{FEFF}') } else { String::new() };
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let is_marked = options.header && is_export_marked(&names, delimiter);
        if options.header {
            text.push_str(&export_header(&names, delimiter));
            text.push('\n');
        }
        Self { columns, delimiter, escapes_formulas, is_marked, text, rows: 0, escaped: 0 }
    }

    /// Adds a row whose values are texts, one for each column.
    pub fn write(&mut self, row: &pg::Row) {
        for (index, column) in self.columns.iter().enumerate() {
            self.separate(index);
            if let Some(cell) = row.text(index + 1) {
                self.cell(column, cell);
            }
        }
        self.text.push('\n');
        self.rows += 1;
    }

    fn cell(&mut self, column: &ExportedColumn, cell: &str) {
        let is_escaped = self.escapes_formulas && column.is_text && is_formula(cell);
        self.escaped += u64::from(is_escaped);
        // An import of the file takes off one apostrophe.
        if is_escaped || (self.is_marked && column.is_text && looks_escaped(cell)) {
            self.push(&format!("'{cell}"));
        } else {
            self.push(cell);
        }
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.text.push(self.delimiter);
        }
    }

    /// In quotes where needed: an empty text too, which is not NULL.
    fn push(&mut self, cell: &str) {
        let cell = if cell.is_empty() { "\"\"".into() } else { intake::quoted(cell, self.delimiter) };
        self.text.push_str(&cell);
    }

    /// Bytes that nobody has taken yet.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Hands out the text, up to `most` bytes a piece, while there is a full piece or `to_the_end`.
    pub fn take(&mut self, most: usize, to_the_end: bool, mut receive: impl FnMut(&str)) {
        let mut start = 0;
        while self.text.len() - start >= most {
            let end = self.text.floor_char_boundary(start + most);
            receive(&self.text[start..end]);
            start = end;
        }
        if to_the_end && start < self.text.len() {
            receive(&self.text[start..]);
            start = self.text.len();
        }
        self.text.drain(..start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(delimiter: char, cells: &[Option<&str>]) -> String {
        let column =
            |name: &str, is_text| ExportedColumn { name: name.to_owned(), is_text, is_importable: true };
        let columns = [column("a", true), column("b", false)];
        let options = ExportOptions { header: false, ..ExportOptions::default() };
        let mut writer = Writer { delimiter, ..Writer::new(&columns, &options) };
        for (index, cell) in cells.iter().enumerate() {
            writer.separate(index);
            if let Some(cell) = cell {
                writer.cell(&columns[index], cell);
            }
        }
        writer.text
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(write(',', &[Some("a;b"), Some("c,d")]), "a;b,\"c,d\"");
        assert_eq!(write(';', &[Some("a;b"), Some("c,d")]), "\"a;b\";c,d");
        assert_eq!(write(',', &[Some("say \"a\""), Some("two\nlines")]), "\"say \"\"a\"\"\",\"two\nlines\"");
        assert_eq!(write(',', &[None, Some("")]), ",\"\"");
    }

    #[test]
    fn formulas_in_text_get_an_apostrophe_and_numbers_do_not() {
        assert_eq!(write(',', &[Some("=1"), Some("-1")]), "'=1,-1");
        assert_eq!(write(',', &[Some("=A1,\"x\""), None]), "\"'=A1,\"\"x\"\"\",");
    }

    #[test]
    fn pieces_end_between_characters() {
        let options = ExportOptions { header: false, ..ExportOptions::default() };
        let mut writer = Writer::new(&[], &options);
        writer.text = "aéé".to_owned();
        let mut pieces = Vec::new();
        writer.take(2, false, |piece| pieces.push(piece.to_owned()));
        assert_eq!(
            (pieces.as_slice(), writer.len()),
            (&["a".to_owned(), "é".to_owned(), "é".to_owned()][..], 0)
        );
    }
}
