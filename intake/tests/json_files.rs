//! JSON files: arrays, JSON Lines, and objects on several lines.

mod support;

use intake::*;
use support::*;

/// The first column of the rows, with their lines.
fn rows(file: impl AsRef<[u8]>) -> Vec<(u64, String)> {
    let reading = read(file);
    let skus = (0..reading.rows.len()).map(|row| reading.value(row, "sku").unwrap_or("∅").to_owned());
    reading.lines.iter().copied().zip(skus).collect()
}

fn expected(rows: &[(u64, &str)]) -> Vec<(u64, String)> {
    rows.iter().map(|(line, sku)| (*line, (*sku).to_owned())).collect()
}

#[test]
fn every_shape_is_read() {
    assert_eq!(rows("[{\"sku\": \"A\"}, {\"sku\": \"B\"}]"), expected(&[(1, "A"), (1, "B")]));
    assert_eq!(
        rows("[\n  {\"sku\": \"A\"},\n  {\n    \"sku\": \"B\"\n  }\n]\n"),
        expected(&[(2, "A"), (3, "B")])
    );
    assert_eq!(rows("{\"sku\": \"A\"}\n\n{\"sku\": \"B\"}\n"), expected(&[(1, "A"), (3, "B")]));
    assert_eq!(rows("{\n  \"sku\": \"A\"\n}\n{\n  \"sku\": \"B\"\n}\n"), expected(&[(1, "A"), (4, "B")]));
    assert_eq!(rows("\u{FEFF}[{\"sku\": \"]}\\\"\"}]"), expected(&[(1, "]}\"")]));
    let utf16: Vec<u8> = "{\"sku\": \"Ä\"}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(rows(utf16), expected(&[(1, "Ä")]));
}

#[test]
fn values_are_what_json_says() {
    let reading = read(
        "{\"sku\": \"A\", \"quantity\": 5, \"unit_price\": 1.50, \"colour\": {\"a\": [1]}, \"on\": true}\n",
    );
    assert_eq!(
        reading.row(0),
        [
            ("sku", "A"),
            ("quantity", "5"),
            ("unit_price", "1.50"),
            ("attributes", "{\"colour\":{\"a\": [1]},\"on\":true}")
        ]
    );
}

#[test]
fn a_broken_record_costs_itself_alone() {
    let reading = read("{\"sku\": \"A\"}\n{\"sku\": \"B\"\n[1]\n{\"sku\": \"C\"}\n");
    assert_eq!(reading.lines, [1, 4]);
    assert_eq!(reading.faults(), [(2, "22P02"), (3, "22023")]);
    assert_eq!(reading.refused[0].raw, "{\"sku\": \"B\"");
    assert_eq!(reading.refused[0].byte_offset, Some(13));
    let bytes = [b"{\"sku\": \"A\"}\n{\"sku\": \"".as_slice(), b"\xFF\"}\n{\"sku\": \"C\"}\n"].concat();
    assert_eq!(read(bytes).faults(), [(2, "22021")]);
}

#[test]
fn an_array_that_breaks_off_or_goes_on_says_so() {
    let reading = read("[{\"sku\": \"A\"},\n{\"sku\": \"B\"}");
    assert_eq!((reading.rows.len(), reading.faults()), (2, vec![(2, "22P04")]));
    assert_eq!(reading.refused[0].cells[0].message, "file ends within a JSON array");
    let reading = read("[{\"sku\": \"A\"},\n{\"sku\": \"B");
    assert_eq!((reading.rows.len(), reading.faults()), (1, vec![(2, "22P02"), (2, "22P04")]));
    let reading = read("[{\"sku\": \"A\"},\n{\"sku\": \"B\\");
    assert_eq!((reading.rows.len(), reading.faults()), (1, vec![(2, "22P02"), (2, "22P04")]));
    let reading = read("[{\"sku\": \"A\"}]\n[{\"sku\": \"B\"}]");
    assert_eq!((reading.rows.len(), reading.faults()), (1, vec![(2, "22P04")]));
    assert_eq!(reading.refused[0].raw, "[{\"sku\": \"B\"}]");
}

#[test]
fn keys_are_those_of_the_whole_file() {
    let late = format!("{}{{\"sku\": \"Z\", \"quantity\": 9}}\n", "{\"sku\": \"A\"}\n".repeat(10_000));
    let keys = json_keys(late.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(keys.as_deref(), Some(&["sku".to_owned(), "quantity".to_owned()][..]));
    let (reading, _) = try_read(late.as_bytes(), &Spec { keys, ..spec() });
    assert_eq!((reading.rows.len(), reading.value(10_000, "quantity")), (10_001, Some("9")));
    // Without them, the record is refused rather than cut.
    let reading = read(&late);
    assert_eq!(reading.faults(), [(10_001, "22023")]);
}

#[test]
fn a_value_without_an_end_does_not_fill_the_memory() {
    let file = format!("[{{\"sku\": \"{}", "x".repeat(2 * MAX_RECORD));
    let error = fail(file, &spec());
    assert_eq!((error.sqlstate(), error.to_string().as_str()), ("22P04", "file is JSON, but damaged"));
}
