//! What holds for every file.

mod support;

use intake::{Dialect, RecordKind, Records, SAMPLE_BYTES, Spec};
use proptest::collection::vec;
use proptest::prelude::*;
use std::io::Read;
use support::*;

/// CSV as careful writers make it: every cell quoted, quotes doubled.
fn written(rows: &[Vec<String>], newline: &str) -> String {
    let cell = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(",") + newline).collect()
}

/// Physical lines by the definition: CRLF, LF and CR end one each.
fn lines_in(text: &str) -> u64 {
    text.replace("\r\n", "\n").matches(['\n', '\r']).count() as u64
}

/// Records behind the header, or from the first row on without one.
fn data_records(bytes: &[u8], dialect: Dialect) -> u64 {
    let first = dialect.skip + 1 + u64::from(dialect.header);
    let records = records(Records::new(bytes, dialect));
    records.iter().filter(|(line, ..)| *line >= first).count() as u64
}

/// Bytes with what matters to CSV in plenty.
fn messy() -> impl Strategy<Value = Vec<u8>> {
    let special = prop::sample::select(b",;\t|\"\"\"\n\n\r\0 \xE9\xC3\xA9az01".to_vec());
    vec(prop_oneof![9 => special, 1 => any::<u8>()], 0..400)
}

fn headed(body: &[u8]) -> Vec<u8> {
    [b"sku,name,quantity,other\n", body].concat()
}

type Seen = (u64, u64, RecordKind, Vec<u8>, Vec<Vec<u8>>);

fn records(mut records: Records<impl Read>) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(record) = records.next_record().unwrap() {
        let fields = record.fields().map(|field| field.bytes.to_vec()).collect();
        seen.push((record.line, record.byte_offset, record.kind, record.raw.to_vec(), fields));
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]


    #[test]
    fn quoted_rows_come_back_with_their_lines(
        rows in vec(vec("[a-z,;\"\r\n é]{0,8}", 1..5), 1..20),
        newline in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let text = written(&rows, newline);
        let mut records = Records::new(text.as_bytes(), Dialect::plain(b','));
        let mut before = 0;
        for row in rows {
            let record = records.next_record().unwrap().unwrap();
            let fields: Vec<_> = record.fields().map(|field| String::from_utf8(field.bytes.to_vec()).unwrap()).collect();
            prop_assert_eq!(fields, row);
            prop_assert_eq!(record.byte_offset, before as u64);
            prop_assert_eq!(record.line, 1 + lines_in(&text[..before]));
            before = records.bytes_read() as usize;
        }
        prop_assert!(records.next_record().unwrap().is_none());
    }

    #[test]
    fn every_record_is_accounted_for(body in messy()) {
        let bytes = headed(&body);
        let (reading, result) = try_read(bytes.as_slice(), &spec());
        let dialect = reading.dialect().filter(|dialect| result.is_ok() && !dialect.encoding.starts_with("UTF-16"));
        if let Some(dialect) = dialect {
            prop_assert_eq!(reading.accounted(), data_records(&bytes, dialect));
            prop_assert_eq!(reading.bytes_read, bytes.len() as u64);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in messy(), header: Option<bool>) {
        let _ = try_read(bytes.as_slice(), &Spec { header, ..spec() });
    }

    #[test]
    fn how_the_bytes_arrive_makes_no_difference_to_records(bytes in messy(), sizes in vec(1usize..50, 1..5)) {
        let dialect = Dialect::plain(b',');
        let whole = records(Records::new(bytes.as_slice(), dialect));
        prop_assert_eq!(whole, records(Records::new(Pieces::new(&bytes, sizes), dialect)));
    }

    #[test]
    fn raw_and_line_ends_make_up_the_file(bytes in messy()) {
        let mut records = Records::new(bytes.as_slice(), Dialect::plain(b','));
        let mut at = 0;
        while let Some(record) = records.next_record().unwrap() {
            prop_assert_eq!(record.byte_offset, at as u64);
            prop_assert_eq!(&bytes[at..at + record.raw.len()], record.raw);
            let end = at + record.raw.len();
            at = records.bytes_read() as usize;
            prop_assert!(matches!(&bytes[end..at], b"\n" | b"\r\n" | b"\r" | b""));
        }
        prop_assert_eq!(at, bytes.len());
    }
}

proptest! {
    // Each case is a file longer than the sniffer's sample.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn how_the_bytes_arrive_makes_no_difference_to_events(body in messy(), sizes in vec(1usize..50, 1..5)) {
        // What the sniffer looks at is read at once; the mess comes after it.
        let tidy = b"A1,a,1,x\n".repeat(SAMPLE_BYTES / 9);
        let bytes = headed(&[tidy, body].concat());
        let spec = Spec { batch_rows: 3, batch_bytes: 100, ..spec() };
        let (whole, whole_result) = try_read(bytes.as_slice(), &spec);
        let (pieces, pieces_result) = try_read(Pieces::new(&bytes, sizes), &spec);
        prop_assert_eq!(whole, pieces);
        prop_assert_eq!(format!("{whole_result:?}"), format!("{pieces_result:?}"));
    }
}
