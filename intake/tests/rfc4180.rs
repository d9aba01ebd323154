//! Files that keep to RFC 4180 are read as the `csv` crate reads them.

use intake::{Dialect, RecordKind, Records};
use proptest::collection::vec;
use proptest::prelude::*;

/// A cell, and whether it has quotes though it needs none.
type Cell = (String, bool);

/// The text of a file. Every record has another line end, or the last one none.
fn file(rows: &[(Vec<Cell>, &str)], ends: bool) -> String {
    let mut text = String::new();
    for (cells, newline) in rows {
        let cells: Vec<String> = cells.iter().map(written).collect();
        text += &cells.join(",");
        text += newline;
    }
    if ends { text } else { text.trim_end_matches(['\r', '\n']).to_owned() }
}

fn written((cell, has_quotes): &Cell) -> String {
    if *has_quotes || cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.clone()
    }
}

fn read_by_intake(text: &str) -> Vec<Vec<String>> {
    let mut records = Records::new(text.as_bytes(), Dialect::plain(b','));
    let mut rows = Vec::new();
    while let Some(record) = records.next_record().expect("memory can be read") {
        // `csv` skips blank lines.
        if record.kind != RecordKind::Blank {
            let cell = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the file is UTF-8");
            rows.push(record.fields().map(|field| cell(field.bytes)).collect());
        }
    }
    rows
}

fn read_by_csv(text: &str) -> Vec<Vec<String>> {
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let row = |record: csv::Result<csv::StringRecord>| {
        record.expect("the file is CSV").iter().map(str::to_owned).collect()
    };
    reader.into_records().map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn plain_files_are_read_as_csv_reads_them(
        rows in vec((vec(("[a-z,;\"'\\\\#\r\n é]{0,12}", any::<bool>()), 1..6),
                     prop::sample::select(vec!["\n", "\r\n", "\r"])), 0..30),
        ends in any::<bool>(),
    ) {
        let text = file(&rows, ends);
        prop_assert_eq!(read_by_intake(&text), read_by_csv(&text), "{:?}", text);
    }
}
