//! Cells against the types of columns.

use intake::{CellError, Column, Kind, check};

fn numeric(precision: u16, scale: i16) -> Kind {
    Kind::Numeric { precision: Some((precision, scale)) }
}

const ANY_NUMERIC: Kind = Kind::Numeric { precision: None };

#[track_caller]
fn passes(kind: Kind, cells: &[(&str, &str)]) {
    let column = Column::new("c", kind);
    for (text, canonical) in cells {
        assert_eq!(check(&column, text).unwrap().as_deref(), Some(*canonical), "{text:?}");
    }
}

#[track_caller]
fn same(kind: Kind, cells: &[&str]) {
    passes(kind, &cells.iter().map(|&cell| (cell, cell)).collect::<Vec<_>>());
}

#[track_caller]
fn refused(kind: Kind, text: &str) -> CellError {
    check(&Column::new("c", kind), text).expect_err(text)
}

#[track_caller]
fn codes(kind: Kind, code: &str, cells: &[&str]) {
    for text in cells {
        assert_eq!(refused(kind.clone(), text).code, code, "{text:?}");
    }
}

fn suggestion(kind: Kind, text: &str) -> Option<String> {
    refused(kind, text).suggestion
}

#[test]
fn an_empty_cell_is_null_unless_required() {
    let quantity = Column::new("quantity", Kind::Int4);
    assert_eq!(check(&quantity, " \u{A0}").unwrap(), None);
    let error = check(&quantity.required(), "").unwrap_err();
    assert_eq!((&*error.code, error.column.as_deref()), ("23502", Some("quantity")));
    assert_eq!(error.suggestion.as_deref(), Some("fill in quantity"));
    // Spaces are text.
    same(Kind::Text { max_chars: None }, &[" "]);
}

#[test]
fn integers_take_a_sign_and_zeros_after_the_point() {
    passes(
        Kind::Int4,
        &[(" 5 ", "5"), ("+5", "+5"), ("-5", "-5"), ("5.0", "5"), ("005", "005"), ("\u{A0}7", "7")],
    );
    same(Kind::Int8, &["9223372036854775807", "-9223372036854775808"]);
    codes(Kind::Int4, "22P02", &["abc", "5.5", "5.", ".0", "1e3", "--5", "1 2", "5%", "٣"]);
    assert_eq!(suggestion(Kind::Int4, "5.5").as_deref(), Some("write a whole number"));
    assert_eq!(suggestion(Kind::Int4, "abc"), None);
}

#[test]
fn integers_out_of_range_are_told_in_postgresqls_words() {
    let error = refused(Kind::Int4, "99999999999");
    assert_eq!(
        (&*error.code, error.message.as_str()),
        ("22003", "value \"99999999999\" is out of range for type integer")
    );
    codes(Kind::Int2, "22003", &["32768", "-32769"]);
    codes(Kind::Int8, "22003", &["9223372036854775808", "99999999999999999999999"]);
}

#[test]
fn numbers_as_people_write_them_get_a_suggestion() {
    for (text, plain) in [("1,234", "write 1234"), ("$5", "write 5"), ("(12)", "write -12")] {
        assert_eq!(suggestion(Kind::Int4, text).as_deref(), Some(plain));
        assert_eq!(suggestion(ANY_NUMERIC, text).as_deref(), Some(plain));
    }
    assert_eq!(suggestion(ANY_NUMERIC, "12,50").as_deref(), Some("write 12.50"));
    // What would fail again is not suggested.
    assert_eq!(suggestion(Kind::Int4, "12,50"), None);
    assert_eq!(suggestion(Kind::Int2, "99,999"), None);
}

#[test]
fn numerics_stay_exact() {
    same(ANY_NUMERIC, &["0.10", "-.5", "5.", "1e3", "1.5E-3", "123456789012345678901234567890.123456789"]);
    codes(ANY_NUMERIC, "22P02", &["NaN", "Infinity", ".", "1e", "e5", "1.2.3", "0x10"]);
    codes(ANY_NUMERIC, "22003", &["1e131073", "1e-16384", "1e99999999999999999999"]);
}

#[test]
fn a_numerics_precision_holds_after_rounding() {
    same(
        numeric(5, 2),
        &["999.99", "999.994", "-999.99", "0", "0000999.9", "9.99999e2".get(..5).unwrap_or("")],
    );
    codes(numeric(5, 2), "22003", &["1000", "999.995", "9.99999e2", "-1e3"]);
    same(numeric(5, -2), &["9999949", "4"]);
    codes(numeric(5, -2), "22003", &["9999950", "10000000"]);
    same(numeric(2, 4), &["0.0099", "0.00001"]);
    codes(numeric(2, 4), "22003", &["0.01", "0.00995"]);
    let error = refused(numeric(5, 2), "1000");
    assert_eq!(error.message, "numeric field overflow");
    assert_eq!(error.suggestion.as_deref(), Some("write a number below 10^3"));
}

#[test]
fn floats_have_a_range() {
    same(Kind::Float8, &["1.5", "-1e300", "NaN", "-Infinity", "0e-999", "4.9e-324"]);
    codes(Kind::Float8, "22003", &["1e400", "1e-400"]);
    assert_eq!(refused(Kind::Float4, "1e39").message, "\"1e39\" is out of range for type real");
    assert_eq!(refused(Kind::Float8, "x").message, "invalid input syntax for type double precision: \"x\"");
}

#[test]
fn booleans_come_in_many_words() {
    let yes = ["TRUE", "t", "Yes", "y", "1", "on", "X"].map(|word| (word, "true"));
    let no = ["false", "F", "no", "N", "0", "Off"].map(|word| (word, "false"));
    passes(Kind::Bool, &yes);
    passes(Kind::Bool, &no);
    codes(Kind::Bool, "22P02", &["2", "maybe", "tru"]);
}

#[test]
fn dates_are_iso_and_exist() {
    same(Kind::Date, &["2024-02-29", "2024-1-5"]);
    codes(
        Kind::Date,
        "22007",
        &["03/04/2024", "31.01.2024", "24-01-31", "2024-01", "2024-01-31 10:00", "45291"],
    );
    codes(Kind::Date, "22008", &["2023-02-29", "2024-13-01", "0000-01-01"]);
    assert_eq!(suggestion(Kind::Date, "03/04/2024").as_deref(), Some("write dates as YYYY-MM-DD"));
}

#[test]
fn timestamps_may_have_a_zone() {
    let cells = [
        "2024-01-31",
        "2024-01-31 10:00",
        "2024-01-31T10:00:00.123Z",
        "2024-01-31 10:00:00+02",
        "2024-01-31 10:00:00 -0500",
        "2024-01-31T10:00:00+05:30",
        "2024-01-31 10:00:00 UTC",
    ];
    same(Kind::Timestamp, &cells);
    same(Kind::TimestampTz, &cells);
    codes(
        Kind::TimestampTz,
        "22007",
        &["10:00", "2024-01-31 10", "2024-01-31 10:00 am", "2024-01-31 10:00:00."],
    );
    codes(Kind::Timestamp, "22008", &["2024-01-31 25:00", "2024-02-30 10:00", "2024-01-31 10:00+16"]);
    let message = refused(Kind::TimestampTz, "noon").message;
    assert_eq!(message, "invalid input syntax for type timestamp with time zone: \"noon\"");
}

#[test]
fn uuids_become_plain() {
    let plain = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    let braced = format!("{{{plain}}}");
    passes(Kind::Uuid, &[(plain, plain), (&braced, plain), (&plain.replace('-', ""), plain)]);
    codes(Kind::Uuid, "22P02", &["abc", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1z"]);
}

#[test]
fn json_is_kept_as_written() {
    same(Kind::Json, &["{\"a\":  1.10}", "[1e999]", "null", "\"x\""]);
    codes(Kind::Json, "22P02", &["{", "{a: 1}", "1 2"]);
    codes(Kind::Json, "22P05", &[r#"{"a": "\u0000"}"#]);
}

#[test]
fn text_has_a_length_in_characters() {
    let three = Kind::Text { max_chars: Some(3) };
    same(three.clone(), &["äöü", "ab ", "abc   "]);
    let error = refused(three, "abcd");
    assert_eq!(
        (&*error.code, error.message.as_str()),
        ("22001", "value too long for type character varying(3)")
    );
}

#[test]
fn a_long_value_is_shown_in_part() {
    let error = refused(Kind::Int4, &"x".repeat(5000));
    assert_eq!(error.value.map(|value| value.len()), Some(1000));
    assert!(error.message.len() < 1100);
}
