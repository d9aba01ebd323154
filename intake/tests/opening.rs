//! Files opened: what they are, their first rows, and the reader by itself.

mod support;

use intake::*;
use support::*;

#[test]
fn a_header_told_wins_over_what_the_cells_look_like() {
    let header = |header: bool| {
        let options = ReadOptions { header: Some(header.into()), ..ReadOptions::default() };
        let sample = Sample::of(b"1,2\n3,4\n", &options).unwrap();
        (sample.header, sample.rows.len())
    };
    assert_eq!(header(true), (vec!["1".to_owned(), "2".to_owned()], 1));
    assert_eq!(header(false), (vec!["column_1".to_owned(), "column_2".to_owned()], 2));
}

#[test]
fn files_that_are_no_csv_are_named() {
    let files: [(&[u8], Format); 10] = [
        (b"PK\x03\x04\x14\0stock.csv", Format::Zip),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Format::OldExcelWorkbook),
        (b"\x1F\x8B\x08\0", Format::Gzip),
        (b"%PDF-1.7\n", Format::Pdf),
        (b"\n<!DOCTYPE html>\n<html>", Format::Html),
        (b"<?xml version=\"1.0\"?>", Format::Xml),
        (b"[{\"sku\": \"A1\"}, {\"sku\": \"A2\"}]", Format::Json),
        (b"{\"sku\": \"A1\"}\n{\"sku\": \"A2\"}\n", Format::JsonLines),
        (b"[{\"sku\": \"A1\"}, {\"sk", Format::Json),
        (b"\x01\x02\x03\x04,\0\0\0\x05\x06\x07", Format::Binary),
    ];
    for (bytes, format) in files {
        let error = CsvFile::open(bytes, &ReadOptions::default()).err().expect("no CSV");
        assert!(matches!(error, FileError::NotCsv(found) if found == format), "{format:?}: {error}");
        assert_eq!((error.sqlstate(), error.hint().is_some()), ("22P04", true));
    }
    assert_eq!(fail(b"%PDF-1.7\n", &spec()).to_string(), "file is a PDF document, not CSV");
    let brackets = Sample::of(b"[sku],[name]\n[1],[2]\n", &ReadOptions::default()).unwrap();
    assert_eq!(brackets.header, ["[sku]", "[name]"]);
}

#[test]
fn the_sample_is_the_header_and_the_rows_of_data() {
    let file = "\u{FEFF}sku;Größe\n\nA;\"4;5\"\n;\nB\n";
    let sample = Sample::of(file.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(
        (sample.header, sample.rows),
        (vec!["sku".into(), "Größe".into()], vec![vec!["A".into(), "4;5".into()], vec!["B".to_owned()]])
    );
    assert!(matches!(Sample::of(b"", &ReadOptions::default()), Err(FileError::Empty)));
}

#[test]
fn the_sample_is_the_first_thousand_rows_and_guesses_their_types() {
    let row = "A1,5,1.5,2024-03-01,2024-03-01 10:00,yes,007,\n";
    let text = format!("a,b,c,d,e,f,g,h\n{}", row.repeat(3000));
    let sample = Sample::of(text.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!((sample.rows.len(), sample.rows[999][0].as_str()), (1000, "A1"));
    let types: Vec<_> = sample.guesses().into_iter().map(Guess::type_name).collect();
    assert_eq!(types, ["text", "integer", "numeric", "date", "timestamp", "boolean", "text", "text"]);
}

#[test]
fn a_record_cut_off_by_the_end_of_the_sample_is_no_row_of_it() {
    let long = "a line of a description, with commas\n".repeat(50);
    let text = format!("sku,quantity,name\n{}", format!("A1,5,\"{long}\"\n").repeat(100));
    let sample = Sample::of(text.as_bytes(), &ReadOptions::default()).unwrap();
    assert!(sample.rows.len() > 20 && sample.rows.iter().all(|row| row[..2] == ["A1", "5"]));
    assert_eq!(sample.guesses()[..2], [Guess::Text, Guess::Integer]);
}

/// Lines and cells, as the reader by itself gives them.
fn fields(input: &str) -> Vec<(u64, Vec<String>)> {
    let fields = Fields::of(input.as_bytes().to_vec(), &ReadOptions::default()).unwrap();
    fields.map(Result::unwrap).collect()
}

fn line(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
    (line, cells.iter().map(|&cell| cell.to_owned()).collect())
}

#[test]
fn the_reader_by_itself_gives_cells_as_they_are() {
    let head = || line(1, &["a", "b", "c"]);
    assert_eq!(fields("a,b,c\n1,,3"), [head(), line(2, &["1", "", "3"])]);
    assert_eq!(
        fields("a,b,c\n1,\"\",\"\"\n2,3,4"),
        [head(), line(2, &["1", "", ""]), line(3, &["2", "3", "4"])]
    );
    assert_eq!(fields("a,b,c\n1, x y,3"), [head(), line(2, &["1", " x y", "3"])]);
    assert_eq!(fields("a,b,c\n1,x y ,3"), [head(), line(2, &["1", "x y ", "3"])]);
    assert_eq!(fields("a,b,c"), [head()]);
    assert_eq!(fields("a\n\n"), [line(1, &["a"]), line(2, &[""])]);
    assert_eq!(fields("\n\n"), [line(1, &[""]), line(2, &[""])]);
    assert_eq!(fields("a\n1\n"), [line(1, &["a"]), line(2, &["1"])]);
    assert_eq!(fields("a,b,c\r\n\"p\r\nq\",5,😎\r\n"), [head(), line(2, &["p\r\nq", "5", "😎"])]);
    assert_eq!(fields("a,b,c\n1,two"), [head(), line(2, &["1", "two"])]);
    assert_eq!(fields("a,b,c\n1,2,3,4"), [head(), line(2, &["1", "2", "3", "4"])]);
    assert_eq!(fields("a,b,c\n1,\"open,3"), [head(), line(2, &["1,\"open,3"])]);
    let json = "k,v\n1,\"{\"\"type\"\": \"\"P\"\", \"\"at\"\": [1.0, 0.5]}\"\n";
    assert_eq!(fields(json)[1], line(2, &["1", "{\"type\": \"P\", \"at\": [1.0, 0.5]}"]));
}
