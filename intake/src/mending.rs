//! The file that a refused row goes back in: the columns that it came with and [`REASON_COLUMN`] behind them.
//!
//! A cell that a spreadsheet would run gets an apostrophe in front of it, and so does one that could be taken for such a
//! cell; a file that has the column loses one again when it is read. What is not touched in between comes back as it was.

use crate::dialect::Dialect;
use crate::formula::is_formula;
use crate::record::RecordKind;
use crate::records::Records;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

/// Says why the row was refused. An import passes over it.
pub const REASON_COLUMN: &str = "import_error";

/// A refused row as one record, without its line end: the record as it stands in the file (`raw`) where that is whole,
/// else its cells as far as they can be told, with what does not fit the `width` of the file in the last of them.
/// `delimiter` is ASCII.
pub fn mended_record(raw: &str, delimiter: u8, width: usize, reason: &str) -> String {
    let whole = whole_cells(raw, delimiter);
    let is_verbatim = whole.as_ref().is_some_and(|cells| {
        cells.len() <= width && cells.iter().all(|cell| matches!(harmless(cell), Cow::Borrowed(_)))
    });
    let mark = char::from(delimiter);
    if let (true, Some(cells)) = (is_verbatim, &whole) {
        let padding = mark.to_string().repeat(width - cells.len());
        return format!("{raw}{padding}{mark}{}", quoted(&harmless(reason), mark));
    }
    let cells = whole.unwrap_or_else(|| raw.split(mark).map(str::to_owned).collect());
    written(fitted(cells, width, mark).iter().map(String::as_str).chain([reason]), mark)
}

/// The same of a JSON record; the file's header is its keys.
pub fn mended_object(raw: &str, delimiter: u8, header: &[String], reason: &str) -> String {
    let mark = char::from(delimiter);
    let Ok(members) = serde_json::from_str::<HashMap<Cow<'_, str>, &RawValue>>(raw) else {
        let cells = fitted(vec![raw.to_owned()], header.len(), mark);
        return written(cells.iter().map(String::as_str).chain([reason]), mark);
    };
    let members: HashMap<&str, Cow<'_, str>> =
        members.iter().map(|(key, value)| (key.trim(), text_of(value))).collect();
    let cells = header.iter().map(|name| members.get(name.as_str()).map_or("", |text| text));
    written(cells.chain([reason]), mark)
}

/// The header of such a file, without its line end.
pub fn mending_header(header: &[String], delimiter: u8) -> String {
    written(header.iter().map(String::as_str).chain([REASON_COLUMN]), char::from(delimiter))
}

/// A cell as it stands in CSV: in quotes where it must be.
pub fn quoted(cell: &str, delimiter: char) -> Cow<'_, str> {
    if cell.contains([delimiter, '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Whether a file is one that comes back.
pub(crate) fn is_mended<'a>(mut header: impl Iterator<Item = &'a str>) -> bool {
    header.any(|name| name.trim() == REASON_COLUMN)
}

/// What [`harmless`] was given.
pub(crate) fn original(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_suspect(rest)).unwrap_or(cell)
}

/// The cell, with an apostrophe if it is a formula. Numbers are none, whatever their sign.
fn harmless(cell: &str) -> Cow<'_, str> {
    if is_suspect(cell) && !is_number(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Whether a cell is a formula but for the apostrophes before it.
fn is_suspect(cell: &str) -> bool {
    is_formula(cell.trim_start_matches('\''))
}

fn is_number(cell: &str) -> bool {
    let unsigned = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '%' | '$' | '€' | '£' | '¥');
    unsigned.contains(|c: char| c.is_ascii_digit()) && unsigned.chars().all(is_part)
}

/// The cells of a text that is one whole record.
fn whole_cells(raw: &str, delimiter: u8) -> Option<Vec<String>> {
    let mut records = Records::new(raw.as_bytes(), Dialect::sniff(b"", Some(delimiter)));
    let record = records.next_record().ok()??;
    if record.kind != RecordKind::Row || record.raw.len() < raw.len() {
        return None;
    }
    Some(record.fields().map(|field| String::from_utf8_lossy(field.bytes).into_owned()).collect())
}

/// As many cells as the file has columns: the last one takes what is left over.
fn fitted(mut cells: Vec<String>, width: usize, mark: char) -> Vec<String> {
    while cells.len() > width && cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    if cells.len() > width && width > 0 {
        let last = cells.split_off(width - 1).join(mark.encode_utf8(&mut [0; 4]));
        cells.push(last);
    }
    cells.resize(width, String::new());
    cells
}

fn written<'a>(cells: impl Iterator<Item = &'a str>, mark: char) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&harmless(cell), mark).into_owned()).collect();
    cells.join(mark.encode_utf8(&mut [0; 4]))
}

/// A string is its text, null is nothing, and everything else is as it is written.
fn text_of(value: &RawValue) -> Cow<'_, str> {
    match value.get() {
        "null" => Cow::Borrowed(""),
        json => serde_json::from_str::<String>(json).map_or(Cow::Borrowed(json), Cow::Owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(raw: &str, width: usize) -> String {
        mended_record(raw, b',', width, "no")
    }

    #[test]
    fn a_whole_record_stays_as_it_stands_and_a_short_one_is_filled_up() {
        assert_eq!(mended("a, \"b\"\"c\" ,d", 3), "a, \"b\"\"c\" ,d,no");
        assert_eq!(mended("a,\"two\nlines\"", 2), "a,\"two\nlines\",no");
        assert_eq!(mended("a", 3), "a,,,no");
        assert_eq!(mended("a,b,,", 2), "a,b,no");
    }

    #[test]
    fn a_ragged_record_keeps_what_does_not_fit_in_its_last_cell() {
        assert_eq!(mended("a,b,c,d", 2), "a,\"b,c,d\",no");
        assert_eq!(mended("a,\"b\"\"\",c", 2), "a,\"b\"\",c\",no");
    }

    #[test]
    fn an_unclosed_quote_is_text() {
        assert_eq!(mended("a,\"b,c", 3), "a,\"\"\"b\",c,no");
        assert_eq!(mended("\"a,b,c", 2), "\"\"\"a\",\"b,c\",no");
    }

    #[test]
    fn formulas_are_harmless_and_come_back_as_they_were() {
        assert_eq!(mended("=1+1,-5,@x", 3), "'=1+1,-5,'@x,no");
        for cell in ["=1", "'=1", "''=1", "'a", "-5", "'-5", "+1-800", "- a dash", "\t=1", "", "'", "+49 170"] {
            assert_eq!(original(&harmless(cell)), cell);
        }
        assert!(matches!(harmless("-12,50 €"), Cow::Borrowed(_)));
        assert_eq!(mended_record("a", b';', 1, "=reason; \"it\""), "a;\"'=reason; \"\"it\"\"\"");
    }

    #[test]
    fn a_json_record_becomes_a_row_of_all_keys() {
        let header = ["a", "b", "c"].map(str::to_owned);
        let mended = |raw| mended_object(raw, b',', &header, "no");
        assert_eq!(mended("{\"c\": 12345678901234567890.10, \" a \": \"x,y\"}"), "\"x,y\",,12345678901234567890.10,no");
        assert_eq!(mended("{\"a\": null, \"b\": {\"d\": [1]}}"), ",\"{\"\"d\"\": [1]}\",,no");
        assert_eq!(mended("[1,2]"), "\"[1,2]\",,,no");
        assert_eq!(mending_header(&header, b';'), "a;b;c;import_error");
    }
}
