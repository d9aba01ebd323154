//! What the splitter makes of every kind of line.

mod support;

use intake::{CsvFile, Dialect, Line, MAX_RECORD, ReadOptions, RecordKind, Records};
use std::io::Read;
use support::Pieces;

/// Line, kind and fields of each record.
fn split(input: impl AsRef<[u8]>) -> Vec<(u64, RecordKind, Vec<String>)> {
    split_stream(input.as_ref())
}

fn split_stream(input: impl Read) -> Vec<(u64, RecordKind, Vec<String>)> {
    let mut records = Records::new(input, Dialect::plain(b','));
    let mut seen = Vec::new();
    while let Some(record) = records.next_record().unwrap() {
        let fields = record.fields().map(|field| String::from_utf8_lossy(field.bytes).into_owned());
        seen.push((record.line, record.kind, fields.collect()));
    }
    seen
}

fn rows(input: impl AsRef<[u8]>) -> Vec<(u64, Vec<String>)> {
    split(input)
        .into_iter()
        .filter(|it| it.1 == RecordKind::Row)
        .map(|(line, _, fields)| (line, fields))
        .collect()
}

fn row(line: u64, fields: &[&str]) -> (u64, Vec<String>) {
    (line, fields.iter().map(|&field| field.to_owned()).collect())
}

#[test]
fn line_ends_of_all_kinds_mix() {
    let expected = vec![row(1, &["a", "b"]), row(2, &["c"]), row(3, &["d"]), row(4, &["e"])];
    assert_eq!(rows("a,b\r\nc\rd\ne"), expected);
}

#[test]
fn a_trailing_newline_makes_no_record() {
    assert_eq!(split("a\n").len(), 1);
    assert_eq!(split("a").len(), 1);
    assert_eq!(split("").len(), 0);
}

#[test]
fn blank_lines_are_records_and_count_as_lines() {
    let kinds: Vec<_> = split("a\n\n\r\nb\n").into_iter().map(|(line, kind, _)| (line, kind)).collect();
    use RecordKind::{Blank, Row};
    assert_eq!(kinds, [(1, Row), (2, Blank), (3, Blank), (4, Row)]);
}

#[test]
fn quotes_hold_delimiters_newlines_and_doubled_quotes() {
    let expected = vec![row(1, &["a,b", "c\r\nd\ne\rf", "say \"hi\"", ""]), row(5, &["g"])];
    assert_eq!(rows("\"a,b\",\"c\r\nd\ne\rf\",\"say \"\"hi\"\"\",\"\"\r\ng"), expected);
}

#[test]
fn a_quote_inside_a_field_is_literal() {
    assert_eq!(rows("5\" pipe,a\"b\"\n"), [row(1, &["5\" pipe", "a\"b\""])]);
}

#[test]
fn text_after_a_closing_quote_is_kept() {
    assert_eq!(rows("\"a\"b c,d\n"), [row(1, &["ab c", "d"])]);
    assert_eq!(rows("\"a\"b,\"c\",\"d\"\n"), [row(1, &["ab", "c", "d"])]);
    assert_eq!(rows("\"a\"b, \"c\"\n\"d\",e\n"), [row(1, &["ab", " \"c\""]), row(2, &["d", "e"])]);
}

#[test]
fn a_quote_inside_quotes_is_text_unless_the_field_ends_there() {
    for (line, cells) in [
        (r#"A,"Lamp "big" red",5"#, ["A", r#"Lamp "big" red"#, "5"]),
        (r#"B,"1 " wood anchor",7"#, ["B", r#"1 " wood anchor"#, "7"]),
        (r#"C,"Shade, "small"",9"#, ["C", r#"Shade, "small""#, "9"]),
        (r#"D,""big" lamp","x""#, ["D", r#""big" lamp"#, "x"]),
        (r#"E,"a "b, c" d" ,"#, ["E", r#"a "b, c" d"#, ""]),
        (r#""5" pipe","x "y" z","""""#, [r#"5" pipe"#, r#"x "y" z"#, r#"""#]),
        (r##"F,"a "b"" c","""d"""  "##, ["F", r#"a "b" c"#, r#""d""#]),
    ] {
        assert_eq!(rows(line), [row(1, &cells)], "{line}");
        assert_eq!(
            rows(format!("{line}\r\nG,\"h\",i\r\n")),
            [row(1, &cells), row(2, &["G", "h", "i"])],
            "{line}"
        );
    }
}

#[test]
fn tabs_end_fields_that_have_quotes_inside() {
    let file = "sku\tname\tnote\nA\t\"a \"b\"\t\"c \"d\" e\"\n";
    let mut records = Records::new(file.as_bytes(), Dialect::plain(b'\t'));
    records.next_record().unwrap();
    let record = records.next_record().unwrap().unwrap();
    let fields: Vec<_> = record.fields().map(|field| field.bytes).collect();
    assert_eq!(fields, [&b"A"[..], b"a \"b", b"c \"d\" e"]);
}

#[test]
fn a_line_full_of_stray_quotes_is_read_once() {
    let line = "\"a\"b,".repeat(MAX_RECORD / 8);
    assert_eq!(split(line.as_str())[0].2.len(), MAX_RECORD / 8 + 1);
    let inside = format!("\"{}\",x\n", "a\"b".repeat(MAX_RECORD / 8));
    assert_eq!(rows(inside.as_str())[0].1.len(), 2);
}

#[test]
fn an_empty_last_field_is_a_field() {
    assert_eq!(rows("a,\n,"), [row(1, &["a", ""]), row(2, &["", ""])]);
}

#[test]
fn a_field_knows_whether_it_was_quoted() {
    let mut records = Records::new(&b"\"a\",a"[..], Dialect::plain(b','));
    let record = records.next_record().unwrap().unwrap();
    assert_eq!(record.fields().map(|field| field.quoted).collect::<Vec<_>>(), [true, false]);
    assert_eq!(record.raw, b"\"a\",a");
}

#[test]
fn an_unclosed_quote_costs_one_line() {
    let seen = split("a,b\n1,\"open\n2,x\n\n3,y\n");
    assert_eq!((seen[1].0, seen[1].1), (2, RecordKind::Unclosed));
    assert_eq!(rows("a,b\n1,\"open\n2,x\n\n3,y\n")[1..], [row(3, &["2", "x"]), row(5, &["3", "y"])]);
    assert_eq!(seen.len(), 5);
}

#[test]
fn an_unclosed_quote_far_from_the_end_costs_one_line() {
    let tail = "2,x\n".repeat(MAX_RECORD / 2);
    let seen = split(format!("1,\"open\n{tail}"));
    assert_eq!(seen.len(), 1 + MAX_RECORD / 2);
    assert_eq!(seen[0].1, RecordKind::Unclosed);
    assert_eq!((seen[1].0, seen.last().unwrap().0), (2, 1 + MAX_RECORD as u64 / 2));
}

#[test]
fn a_file_full_of_unclosed_quotes_is_not_gone_through_from_every_line() {
    // Each line, seen from inside the quotes of the one before, closes one and opens another.
    let seen = split("x\"y,\"z\n".repeat(10_000) + "a,b\n");
    let unclosed = seen.iter().filter(|it| it.1 == RecordKind::Unclosed).count();
    assert_eq!((seen.len(), unclosed), (10_001, 10_000));
}

#[test]
fn a_long_line_in_quotes_stays_whole_after_many_unclosed_quotes() {
    let unclosed = format!("x\"y,\"{}\n", "z".repeat(53)).repeat(MAX_RECORD / 56);
    let plain = "a,b\n".repeat(500);
    let seen = split(format!("{unclosed}{plain}a,\"{}\"\n", "x".repeat(5000)));
    assert_eq!(seen.len(), MAX_RECORD / 56 + 500 + 1);
    assert_eq!(seen.last().unwrap().2[1].len(), 5000);
}

#[test]
fn an_unclosed_quote_keeps_its_line_as_raw() {
    let mut records = Records::new(&b"1,\"open\r\n2,x"[..], Dialect::plain(b','));
    let record = records.next_record().unwrap().unwrap();
    assert_eq!((record.raw, record.fields().len()), (&b"1,\"open"[..], 0));
    assert_eq!(records.next_record().unwrap().unwrap().byte_offset, 9);
}

#[test]
fn the_longest_record_passes_and_one_byte_more_does_not() {
    let longest = "x".repeat(MAX_RECORD);
    assert_eq!(rows(format!("{longest}\r\nb"))[0].1[0].len(), MAX_RECORD);
    let seen = split(format!("{longest}x\r\nb\n"));
    assert_eq!((seen[0].1, seen[0].2.len()), (RecordKind::TooLong, 0));
    assert_eq!(seen[1], (2, RecordKind::Row, vec!["b".to_owned()]));
}

#[test]
fn an_overlong_record_costs_its_line_and_keeps_8_kib() {
    let long = "x".repeat(5 * MAX_RECORD);
    for input in [format!("{long}\nb"), format!("\"{long}\nb"), format!("a,\"{long}\",c\r\nb")] {
        let mut records = Records::new(input.as_bytes(), Dialect::plain(b','));
        let record = records.next_record().unwrap().unwrap();
        assert_eq!((record.kind, record.raw.len()), (RecordKind::TooLong, 8192));
        let next = records.next_record().unwrap().unwrap();
        assert_eq!((next.line, next.raw, next.byte_offset), (2, &b"b"[..], input.len() as u64 - 1));
    }
}

#[test]
fn an_overlong_record_behind_a_closed_multiline_field_keeps_the_count_of_lines() {
    let seen = split(format!("\"a\nb\",{}\nc\n", "x".repeat(2 * MAX_RECORD)));
    assert_eq!((seen[0].1, seen[1].0), (RecordKind::TooLong, 3));
}

#[test]
fn the_limit_is_the_same_however_the_bytes_arrive() {
    let long = |len: usize| "x".repeat(MAX_RECORD + len - 4);
    for len in 0..8 {
        let input = format!("a\n{0}\r\n\"{0}\"\r\"{0}\n\"\nb\n", long(len));
        let pieces = Pieces::new(input.as_bytes(), vec![4093, 1, 70_001]);
        assert_eq!(split(&input), split_stream(pieces), "{len}");
    }
}

#[test]
fn the_byte_order_mark_and_the_sep_line_count() {
    let input = &b"\xEF\xBB\xBFsep=;\r\na;b\nc;d\n"[..];
    let mut file = CsvFile::open(input, &ReadOptions::default()).unwrap();
    let Some(Line::Data(record)) = file.next_line().unwrap() else { panic!("a row") };
    assert_eq!((record.line, record.byte_offset, record.fields().len()), (3, 14, 2));
}

#[test]
fn a_quote_that_never_closes_is_not_closed_by_the_next_field_that_opens_one() {
    let seen = split("5,\"abc,1\n6,\"def\",2\n7,ok,3\n");
    let kinds: Vec<_> = seen.iter().map(|(line, kind, _)| (*line, *kind)).collect();
    assert_eq!(kinds, [(1, RecordKind::Unclosed), (2, RecordKind::Row), (3, RecordKind::Row)]);
    assert_eq!(seen[1].2, ["6", "def", "2"]);
}
