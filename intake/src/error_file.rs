//! The error file: the refused rows in the columns that they came with, and [`REASON_COLUMN`] behind them. Its rows are
//! corrected in place, and the file is imported again.
//!
//! A cell that a spreadsheet would run gets an apostrophe in front of it, and so does one that could be taken for such
//! a cell; a file that has the column loses one again when it is read. What is not touched in between comes back as it
//! was.

use crate::apostrophe::{escape_formula, unescape_formula};
use crate::dialect::Dialect;
use crate::record::{Field, RecordKind};
use crate::records::Records;
use crate::spelling::plain;
use crate::written_cell::{Written, fit_to_width};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;

/// Says why the row was refused. An import passes over it.
pub const REASON_COLUMN: &str = "import_error";

/// A refused row as one record, without its line end: the record as it stands in the file (`raw`) where that is whole,
/// else its cells as far as they can be told, with what is too much for the file's `header` in the last of them.
/// `dialect` is the file's; what is written has its delimiter and the usual quotes. `commas` are the columns whose texts
/// have decimal commas: numbers by their type get some, as a column is read in one way.
///
/// ```
/// use intake::{Dialect, error_file_header, error_file_record};
///
/// let header = ["sku", "price"].map(str::to_owned);
/// assert_eq!(error_file_header(&header, b','), "sku,price,import_error");
/// let record = error_file_record("=A1,many", Dialect::plain(b','), &header, &[], "price is no number");
/// assert_eq!(record, "'=A1,many,price is no number");
/// ```
pub fn error_file_record(
    raw: &str,
    dialect: Dialect,
    header: &[String],
    commas: &[String],
    reason: &str,
) -> String {
    let mark = char::from(dialect.delimiter);
    let whole = split(raw, dialect);
    let stays = |record: &Whole| {
        let is_harmless = |cell: &Written| matches!(escape_formula(&cell.text), Cow::Borrowed(_));
        dialect.is_rfc4180()
            && !dialect.typed
            && !record.untidy
            && record.cells.len() <= header.len()
            && record.cells.iter().all(is_harmless)
            && !is_error_file(header)
    };
    if let Some(record) = whole.as_ref().filter(|record| stays(record)) {
        let padding = mark.to_string().repeat(header.len() - record.cells.len());
        return format!("{raw}{padding}{mark}{}", Written::word(reason).as_csv(mark));
    }
    // Quotes say that a cell of a sheet is a text, and no more.
    let spelled = |(place, cell): (usize, Written)| match dialect.typed {
        true if !cell.quoted && header.get(place).is_some_and(|name| commas.contains(name)) => {
            Written::word(&cell.text.replace('.', ","))
        }
        true => Written::word(&cell.text),
        false => cell,
    };
    let cells = whole.map(|record| record.cells.into_iter().enumerate().map(spelled).collect());
    let cells: Vec<Written> = cells.unwrap_or_else(|| raw.split(mark).map(Written::word).collect());
    let is_escaped = dialect.is_export || is_error_file(header);
    write_row(header, fit_to_width(cells, header.len(), mark), reason, mark, is_escaped)
}

/// The same of a JSON record; the file's header is its keys.
///
/// ```
/// let header = ["sku", "price"].map(str::to_owned);
/// let record = intake::error_file_object(r#"{"price": 1.50, "sku": "A,1"}"#, b',', &header, &[], "too cheap");
/// assert_eq!(record, "\"A,1\",1.50,too cheap");
/// ```
pub fn error_file_object(
    raw: &str,
    delimiter: u8,
    header: &[String],
    commas: &[String],
    reason: &str,
) -> String {
    let mark = char::from(delimiter);
    let cells = match serde_json::from_str::<HashMap<Cow<'_, str>, &RawValue>>(raw) {
        Ok(members) => {
            let members: HashMap<&str, &RawValue> =
                members.iter().map(|(key, value)| (key.trim(), *value)).collect();
            // Another spelling of a column's key, unless it has a column of its own.
            let others = members.iter().filter(|(key, _)| !header.iter().any(|name| name == *key));
            let spelled: HashMap<String, &RawValue> =
                others.map(|(key, value)| (plain(key), *value)).collect();
            let value = |name: &str| members.get(name).or_else(|| spelled.get(&plain(name)));
            let cell = |name: &String| value(name).map(|value| of_json(value, commas.contains(name)));
            header.iter().map(|name| cell(name).unwrap_or_else(|| Written::word(""))).collect()
        }
        Err(_) => fit_to_width(vec![Written::word(raw)], header.len(), mark),
    };
    write_row(header, cells, reason, mark, is_error_file(header))
}

/// The header of an error file, without its line end.
pub fn error_file_header(header: &[String], delimiter: u8) -> String {
    let names = header.iter().map(|name| Written::word(name)).collect();
    write_row(header, names, REASON_COLUMN, char::from(delimiter), is_error_file(header))
}

/// Whether a file is an error file that comes back.
pub(crate) fn is_error_file<S: AsRef<str>>(header: &[S]) -> bool {
    reason_column(header).is_some()
}

/// Which column of a file has the reasons.
pub(crate) fn reason_column<S: AsRef<str>>(header: &[S]) -> Option<usize> {
    header.iter().position(|name| name.as_ref().trim() == REASON_COLUMN)
}

/// The names of a header's columns as they were before an error file was made of it, if one was.
pub(crate) fn original_names(header: &[String]) -> Vec<String> {
    let is_error_file = is_error_file(header);
    header.iter().map(|name| if is_error_file { unescape_formula(name) } else { name }.to_owned()).collect()
}

/// A record that is whole.
struct Whole {
    cells: Vec<Written>,
    /// Its quotes are not those of RFC 4180: other programs would split it otherwise.
    untidy: bool,
}

/// The cells of a text that is one whole record.
pub fn whole_cells(raw: &str, dialect: Dialect) -> Option<Vec<String>> {
    Some(split(raw, dialect)?.cells.into_iter().map(|cell| cell.text).collect())
}

fn split(raw: &str, dialect: Dialect) -> Option<Whole> {
    let mut records = Records::new(raw.as_bytes(), dialect);
    let record = records.next_record().ok()??;
    if record.kind != RecordKind::Row || record.raw.len() < raw.len() {
        return None;
    }
    let cell = |field: Field<'_>| {
        let text = String::from_utf8_lossy(field.bytes).into_owned();
        Written { text, quoted: field.quoted }
    };
    Some(Whole { cells: record.fields().map(cell).collect(), untidy: record.untidy })
}

/// The cells and the reason as a record. Of a file whose cells are escaped already, an apostrophe goes; of an error file
/// that has come back, the old reasons do.
fn write_row(
    header: &[String],
    cells: Vec<Written>,
    reason: &str,
    delimiter: char,
    is_escaped: bool,
) -> String {
    let kept = header.iter().zip(cells).filter(|(name, _)| *name != REASON_COLUMN);
    let cells = kept.map(|(_, cell)| if is_escaped { cell.unescaped() } else { cell });
    let cells = cells.chain([Written::word(reason)]).map(|cell| cell.as_csv(delimiter));
    cells.collect::<Vec<_>>().join(delimiter.encode_utf8(&mut [0; 4]))
}

/// A string is its text, null is nothing, and everything else is as it is written.
fn of_json(value: &RawValue, with_comma: bool) -> Written {
    match value.get() {
        "null" => Written::word(""),
        json => match serde_json::from_str(json) {
            Ok(text) => Written { text, quoted: true },
            Err(_) if with_comma => Written::word(&json.replace('.', ",")),
            Err(_) => Written::word(json),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{Escape, Quote};

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn error_row(raw: &str, width: usize) -> String {
        error_file_record(raw, Dialect::plain(b','), &header(&["a", "b", "c"][..width]), &[], "no")
    }

    #[test]
    fn a_whole_record_stays_as_it_stands_and_a_short_one_is_filled_up() {
        assert_eq!(error_row("a, \"b\"\"c\" ,d", 3), "a, \"b\"\"c\" ,d,no");
        assert_eq!(error_row("a,\"two\nlines\"", 2), "a,\"two\nlines\",no");
        assert_eq!(error_row("a", 3), "a,,,no");
        assert_eq!(error_row("a,b,,", 2), "a,b,no");
    }

    #[test]
    fn a_ragged_record_keeps_what_does_not_fit_in_its_last_cell() {
        assert_eq!(error_row("a,b,c,d", 2), "a,\"b,c,d\",no");
        assert_eq!(error_row("a,\"b\"\"\",c", 2), "a,\"b\"\",c\",no");
    }

    #[test]
    fn other_quotes_become_the_usual_ones() {
        let dialect = Dialect { quote: Quote::Single, ..Dialect::plain(b',') };
        let dialect = Dialect::of_json(&dialect.to_json());
        assert_eq!(error_file_record("'a,b',it", dialect, &header(&["a", "b"]), &[], "no"), "\"a,b\",it,no");
        let dialect = Dialect { escape: Escape::Backslash, ..Dialect::plain(b',') };
        let dialect = Dialect::of_json(&dialect.to_json());
        assert_eq!(
            error_file_record("\"a\\\"b\",c", dialect, &header(&["a", "b"]), &[], "no"),
            "\"a\"\"b\",c,no"
        );
    }

    #[test]
    fn quotes_behind_spaces_are_quotes_where_the_file_has_it_so() {
        let dialect = Dialect { padded: true, ..Dialect::plain(b',') };
        let dialect = Dialect::of_json(&dialect.to_json());
        assert_eq!(
            error_file_record("a, \"b, c\"", dialect, &header(&["a", "b"]), &[], "no"),
            "a,\"b, c\",no"
        );
    }

    #[test]
    fn numbers_of_a_sheet_are_spelled_as_their_column_is_read() {
        let dialect = Dialect::of_json(&Dialect { typed: true, ..Dialect::plain(b',') }.to_json());
        let record = |commas: &[String]| {
            error_file_record("1.25,\"1.25\",\"NULL\"", dialect, &header(&["a", "b", "c"]), commas, "no")
        };
        assert_eq!(record(&header(&["a", "b"])), "\"1,25\",1.25,NULL,no");
        assert_eq!(record(&[]), "1.25,1.25,NULL,no");
    }

    #[test]
    fn an_unclosed_quote_is_text() {
        assert_eq!(error_row("a,\"b,c", 3), "a,\"\"\"b\",c,no");
        assert_eq!(error_row("\"a,b,c", 2), "\"\"\"a\",\"b,c\",no");
    }

    #[test]
    fn formulas_are_harmless_and_come_back_as_they_were() {
        assert_eq!(error_row("=1+1,-5,@x", 3), "'=1+1,-5,'@x,no");
        for cell in ["=1", "'=1", "''=1", "'a", "-5", "'-5", "+1-800", "- a dash", "\t=1", "", "'", "+49 170"]
        {
            assert_eq!(unescape_formula(&escape_formula(cell)), cell);
        }
        assert!(matches!(escape_formula("-12,50 €"), Cow::Borrowed(_)));
        assert_eq!(
            error_file_record("a", Dialect::plain(b';'), &header(&["a"]), &[], "=reason; \"it\""),
            "a;\"'=reason; \"\"it\"\"\""
        );
    }

    #[test]
    fn a_json_record_becomes_a_row_of_all_keys() {
        let header = header(&["a", "b", "c"]);
        let error_row = |raw| error_file_object(raw, b',', &header, &[], "no");
        assert_eq!(
            error_row("{\"c\": 12345678901234567890.10, \" a \": \"x,y\"}"),
            "\"x,y\",,12345678901234567890.10,no"
        );
        assert_eq!(error_row("{\"a\": null, \"b\": {\"d\": [1]}}"), ",\"{\"\"d\"\": [1]}\",,no");
        assert_eq!(error_row("[1,2]"), "\"[1,2]\",,,no");
        assert_eq!(error_file_header(&header, b';'), "a;b;c;import_error");
    }

    #[test]
    fn a_file_that_came_back_loses_the_reasons_of_then() {
        let header = header(&["a", "import_error", "b"]);
        assert_eq!(error_file_header(&header, b','), "a,b,import_error");
        assert_eq!(
            error_file_record("'=1,old,''=2", Dialect::plain(b','), &header, &[], "new"),
            "'=1,''=2,new"
        );
        assert_eq!(
            error_file_object("{\"b\": 1, \"import_error\": \"old\"}", b',', &header, &[], "new"),
            ",1,new"
        );
    }
}
