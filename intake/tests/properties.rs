//! What holds for every file.

mod support;

use intake::{
    Column, DateOrder, DecimalMark, Dialect, Header, Kind, Locale, ReadOptions, RecordKind, Records,
    SAMPLE_BYTES, Spec, Table, check,
};
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

/// Whether records are split by the bytes of the file, and positions are those of the file.
fn has_same_bytes(encoding: &str) -> bool {
    encoding == "UTF-8"
        || encoding_rs::Encoding::for_label(encoding.as_bytes()).is_some_and(|it| it.is_single_byte())
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
        let dialect = reading.dialect().filter(|dialect| result.is_ok() && has_same_bytes(dialect.encoding));
        if let Some(dialect) = dialect {
            prop_assert_eq!(reading.accounted(), data_records(&bytes, dialect));
            prop_assert_eq!(reading.bytes_read, bytes.len() as u64);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in messy(), header: Option<bool>) {
        let _ = try_read(bytes.as_slice(), &Spec { reading: ReadOptions { header: header.map(Header::from), ..ReadOptions::default() }, ..spec() });
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

/// A number as it is spelled with these marks.
fn grouped(number: i64, fraction: u8, decimal: char, thousands: &str) -> String {
    let digits = number.unsigned_abs().to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}{decimal}{fraction:02}", groups.join(thousands))
}

fn one_column(kind: Kind, cells: impl Iterator<Item = String>) -> Vec<Option<String>> {
    let table = Table { columns: vec![Column::new("c", kind)], attributes: None };
    let file = format!("c\n{}", cells.map(|cell| format!("\"{cell}\"\n")).collect::<String>());
    let (reading, result) = try_read(file.as_bytes(), &Spec { reading: delimited(b','), ..Spec::new(table) });
    result.unwrap();
    assert_eq!(reading.refused, []);
    reading.rows.into_iter().flatten().collect()
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![
        Kind::Int2,
        Kind::Int4,
        Kind::Int8,
        Kind::Numeric { precision: Some((6, 2)) },
        Kind::Numeric { precision: None },
        Kind::Float4,
        Kind::Float8,
        Kind::Bool,
        Kind::Date,
        Kind::Timestamp,
        Kind::TimestampTz,
        Kind::Uuid,
        Kind::Json,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn numbers_read_back_from_every_locale(
        numbers in vec((-99_999_999i64..99_999_999, 0u8..100), 1..20),
        (decimal, thousands) in prop::sample::select(vec![
            ('.', ","), ('.', " "), ('.', "'"), ('.', ""), (',', "."), (',', "\u{A0}"), (',', "\u{202F}"), (',', ""),
        ]),
    ) {
        let written = numbers.iter().map(|(number, fraction)| grouped(*number, *fraction, decimal, thousands));
        let expected: Vec<_> = numbers.iter().map(|(number, fraction)| Some(grouped(*number, *fraction, '.', ""))).collect();
        prop_assert_eq!(one_column(Kind::Numeric { precision: None }, written), expected);
    }

    #[test]
    fn dates_read_back_from_every_order_that_one_of_them_tells(
        dates in vec((1970u16..2070, 1u8..13, 1u8..29), 1..20),
        (order, mark) in prop::sample::select(vec![("dmy", '/'), ("dmy", '.'), ("mdy", '/'), ("mdy", '-'), ("ymd", '/')]),
        year_digits in prop::sample::select(vec![2usize, 4]),
    ) {
        let written = |(year, month, day): (u16, u8, u8)| {
            let year = &year.to_string()[4 - if order == "ymd" { 4 } else { year_digits }..];
            match order {
                "dmy" => format!("{day}{mark}{month:02}{mark}{year}"),
                "mdy" => format!("{month}{mark}{day:02}{mark}{year}"),
                _ => format!("{year}{mark}{month}{mark}{day}"),
            }
        };
        // 31 December 1999: no other part can be the day, none but the last the year.
        let all = || dates.iter().copied().chain([(1999, 12, 31)]);
        let expected: Vec<_> = all().map(|(year, month, day)| Some(format!("{year}-{month:02}-{day:02}"))).collect();
        prop_assert_eq!(one_column(Kind::Date, all().map(written)), expected);
    }

    #[test]
    fn any_text_is_a_value_of_a_column_or_refused(
        text: String,
        kind in any_kind(),
        dates in prop::sample::select(DateOrder::ALL.to_vec()),
    ) {
        let _ = check(&Column::new("c", kind), Locale { dates, ..Locale::US }, &text);
    }

    #[test]
    fn what_is_read_is_plain_and_reads_the_same_again(
        text in "[-+$€%('=\"0-9.,/: eEaJanPM\u{A0}\u{FF11}\u{2212})]{0,14}",
        kind in any_kind(),
        decimal in prop::sample::select(vec![DecimalMark::Point, DecimalMark::Comma]),
        dates in prop::sample::select(DateOrder::ALL.to_vec()),
    ) {
        let column = Column::new("c", kind.clone());
        if let Ok(Some(read)) = check(&column, Locale { decimal, dates, grouping: true }, &text) {
            prop_assert_eq!(check(&column, Locale { grouping: false, ..Locale::US }, &read).unwrap(), Some(read.clone()));
            prop_assert!(read.is_ascii() || kind == Kind::Json);
        }
    }
}
