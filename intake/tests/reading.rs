//! Whole files: what is accepted, what is refused and why.

mod support;

use intake::*;
use serde_json::json;
use std::ops::ControlFlow;
use support::*;

#[test]
fn a_tidy_file_comes_back_row_by_row() {
    let reading = read("sku,name,quantity,unit_price\nA1,Bolt,5,1.50\nA2,\"Nut, big\",,\n");
    assert_eq!(reading.row(0), [("sku", "A1"), ("name", "Bolt"), ("quantity", "5"), ("unit_price", "1.50")]);
    assert_eq!(reading.row(1), [("sku", "A2"), ("name", "Nut, big"), ("quantity", "∅"), ("unit_price", "∅")]);
    assert_eq!((reading.lines, reading.raws[1].as_str()), (vec![2, 3], "A2,\"Nut, big\",,"));
}

#[test]
fn unmapped_columns_become_attributes() {
    let reading = read("SKU,Colour,Unit Price,\nA1,\"dark \"\"red\"\"\",2,x\nA2,,2,\n");
    let attributes =
        |row| serde_json::from_str::<serde_json::Value>(reading.value(row, "attributes").unwrap()).unwrap();
    assert_eq!(attributes(0), json!({"Colour": "dark \"red\"", "column_4": "x"}));
    assert_eq!(attributes(1), json!({}));
    assert_eq!(reading.value(0, "unit_price"), Some("2"));
}

#[test]
fn an_attributes_column_in_the_file_is_joined_by_unmapped_ones() {
    let reading = read("sku,attributes,size\nA1,\"{\"\"a\"\": 1}\",XL\nA2,,L\nA3,{},\nA4,[1],\n");
    assert_eq!(reading.value(0, "attributes"), Some("{\"a\": 1,\"size\":\"XL\"}"));
    assert_eq!(reading.value(1, "attributes"), Some("{\"size\":\"L\"}"));
    assert_eq!(reading.value(2, "attributes"), Some("{}"));
    assert_eq!(reading.faults(), [(5, "22023")]);
}

#[test]
fn every_fault_of_a_row_is_told() {
    let reading = read("sku,name,quantity,unit_price\n,Bolt,many,5 or so\n");
    let cells = &reading.refused[0].cells;
    let told: Vec<_> = cells.iter().map(|cell| (cell.column.as_deref().unwrap(), &*cell.code)).collect();
    assert_eq!(told, [("sku", "23502"), ("quantity", "22P02"), ("unit_price", "22P02")]);
    assert_eq!(cells[0].suggestion.as_deref(), Some("fill in sku"));
    assert_eq!(cells[1].message, "invalid input syntax for type integer: \"many\"");
    assert_eq!(reading.refused[0].raw, ",Bolt,many,5 or so");
}

#[test]
fn an_unclosed_quote_loses_nothing_after_it() {
    let reading = read("sku,name\nA1,ok\nA2,\"open\nA3,ok\n\nA4,ok\n");
    assert_eq!(reading.faults(), [(3, "22P04")]);
    assert_eq!((reading.lines, reading.skipped.count()), (vec![2, 4, 6], 1));
    assert_eq!(reading.refused[0].cells[0].message, "unterminated quoted field");
}

#[test]
fn an_overlong_record_is_refused_alone() {
    let reading = read(format!("sku,name\nA1,{}\nA2,ok\n", "x".repeat(MAX_RECORD)));
    assert_eq!((reading.faults(), &reading.lines), (vec![(2, "54000")], &vec![3]));
    assert_eq!(reading.refused[0].raw.len(), 8192);
}

#[test]
fn bytes_that_are_not_utf8_refuse_their_row() {
    let reading = read(b"sku,name\nA1,caf\xE9\nA2,a\0b\nA3,caf\xC3\xA9\n");
    assert_eq!(reading.faults(), [(2, "22021"), (3, "22021")]);
    let cell = &reading.refused[0].cells[0];
    assert_eq!(cell.message, "invalid byte sequence for encoding \"UTF8\": 0xe9");
    assert_eq!((cell.column.as_deref(), cell.value.as_deref()), (Some("name"), Some("caf\u{FFFD}")));
    assert!(!reading.refused[1].raw.contains('\0'));
    assert_eq!(reading.value(0, "name"), Some("café"));
}

#[test]
fn a_character_with_a_quote_inside_has_a_reason_too() {
    let reading = read(b"sku,name\nA1,\"\xC3\"\xA9\nA2,\xC3\xA9t\xC3\xA9\n");
    assert_eq!((reading.faults(), &reading.lines), (vec![(2, "22021")], &vec![3]));
}

#[test]
fn long_rows_are_refused_unless_the_rest_is_empty_and_short_ones_are_padded() {
    let reading = read("sku,name\nA1,a,,\nA2,b,c,d\nA3\n");
    assert_eq!((reading.faults(), reading.lines.as_slice()), (vec![(3, "22P04")], &[2, 4][..]));
    let cell = &reading.refused[0].cells[0];
    assert_eq!(cell.message, "extra data after last expected column");
    assert_eq!(cell.value.as_deref(), Some("c,d"));
    assert_eq!(reading.value(1, "name"), None);
}

#[test]
fn blank_records_after_the_header_are_counted() {
    let reading = read("\nsku,name\n,\n\nA1,a\n  \n\n");
    assert_eq!((reading.skipped.count(), reading.lines), (4, vec![5]));
}

#[test]
fn a_file_without_data_says_so() {
    for empty in ["", "\n\n", "  \n \t\n", "\u{FEFF}", "sep=;\n"] {
        assert!(matches!(fail(empty, &spec()), FileError::Empty), "{empty:?}");
    }
    for header_only in ["sku", "sku,name\n\n,\n"] {
        assert!(matches!(fail(header_only, &spec()), FileError::HeaderOnly), "{header_only:?}");
    }
}

#[test]
fn without_a_header_columns_are_numbered_and_the_first_row_is_data() {
    let mapping = json!({"column_1": "sku", "column_2": "quantity"}).as_object().cloned();
    let spec = Spec {
        reading: ReadOptions { header: Some(Header::Absent), ..ReadOptions::default() },
        mapping,
        ..spec()
    };
    let (reading, result) = try_read(&b"A1;5;x\nA2;6;y\n"[..], &spec);
    result.unwrap();
    assert_eq!(reading.lines, [1, 2]);
    assert_eq!(reading.row(0), [("sku", "A1"), ("quantity", "5"), ("attributes", "{\"column_3\":\"x\"}")]);
}

#[test]
fn a_first_row_that_cannot_be_read_is_the_files_fault() {
    let error = fail(b"sku,caf\xE9\nA1,\xC3\xA9\n", &spec());
    assert_eq!((error.sqlstate(), error.detail().as_deref()), ("22021", Some("The row is on line 1.")));
    assert_eq!(error.hint().as_deref(), Some("Save the file as UTF-8."));
    assert_eq!(fail("sku,\"name\nA1,1\n", &spec()).sqlstate(), "22P04");
}

#[test]
fn a_delimiter_that_cannot_be_one_is_refused() {
    for delimiter in [b'"', b'\n', b'a', 0xE9] {
        let error = fail("sku\nA1\n", &Spec { reading: delimited(delimiter), ..spec() });
        assert_eq!(error.sqlstate(), "22023");
    }
}

#[test]
fn batches_end_by_rows_by_bytes_and_by_faults() {
    let batches = |input: &str, spec: Spec| try_read(input.as_bytes(), &spec).0.batches;
    let good = format!("sku,quantity\n{}", "A1,1\n".repeat(10));
    assert_eq!(batches(&good, Spec { batch_rows: 4, ..spec() }), 3);
    assert_eq!(batches(&good, Spec { batch_bytes: 20, ..spec() }), 3);
    let bad = format!("sku,quantity\n{}", ",x\n".repeat(10));
    assert_eq!(batches(&bad, Spec { batch_rows: 4, ..spec() }), 5);
}

#[test]
fn breaking_off_ends_the_reading_without_an_error() {
    let input = format!("sku\n{}", "A1\n".repeat(10));
    let mut events = 0;
    let spec = Spec { batch_rows: 2, ..spec() };
    let result = read_file(input.as_bytes(), &spec, &mut |_| {
        events += 1;
        if events == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(Batch::default()) }
    });
    assert!(result.is_ok());
    assert_eq!(events, 3);
}

#[test]
fn the_last_batch_has_read_every_byte() {
    let input = "sku\r\nA1\r\n\r\n";
    assert_eq!(read(input).bytes_read, input.len() as u64);
}

#[test]
fn json_records_keep_numbers_as_written() {
    let reading = read_json(
        &["sku", "unit_price", "dims", "note", "n"],
        &[
            r#"{"sku": "A1", "unit_price": 1.10, "dims": {"w": 1}, "note": "x", "n": 12345678901234567890123}"#,
            r#"{"sku": "00123", "unit_price": null}"#,
            r#"{}"#,
            r#"[1]"#,
            r#"{"sku": "A\u0000"}"#,
            r#"{"sku": "A1", "unit_price": "ten"}"#,
        ],
    );
    assert_eq!(reading.value(0, "unit_price"), Some("1.10"));
    let attributes = r#"{"dims":{"w": 1},"note":"x","n":12345678901234567890123}"#;
    assert_eq!(reading.value(0, "attributes"), Some(attributes));
    assert_eq!((reading.value(1, "sku"), reading.value(1, "unit_price")), (Some("00123"), None));
    assert_eq!(reading.faults(), [(4, "22023"), (5, "22P05"), (6, "22P02")]);
    assert_eq!((reading.skipped.count(), reading.lines), (1, vec![1, 2]));
}

#[test]
fn a_file_that_is_blank_as_far_as_the_sample_goes_has_a_header_all_the_same() {
    let reading = read("\n".repeat(SAMPLE_BYTES) + "sku,name\nA1,a\n");
    assert_eq!((reading.value(0, "name"), reading.skipped.count()), (Some("a"), 0));
}
