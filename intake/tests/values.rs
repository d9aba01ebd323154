//! Cells against the types of columns.

use intake::{CellError, Column, DateOrder, Decimal, Kind, Locale, check};

fn numeric(precision: u16, scale: i16) -> Kind {
    Kind::Numeric { precision: Some((precision, scale)) }
}

const ANY_NUMERIC: Kind = Kind::Numeric { precision: None };

const COMMA: Locale = Locale { decimal: Decimal::Comma, ..Locale::US };
const DMY: Locale = Locale { dates: DateOrder::Dmy, ..Locale::US };

#[track_caller]
fn reads(kind: Kind, locale: Locale, cells: &[(&str, &str)]) {
    let column = Column::new("c", kind);
    for (text, canonical) in cells {
        assert_eq!(check(&column, locale, text).unwrap().as_deref(), Some(*canonical), "{text:?}");
    }
}

#[track_caller]
fn passes(kind: Kind, cells: &[(&str, &str)]) {
    reads(kind, Locale::US, cells);
}

#[track_caller]
fn nulls(kind: Kind, cells: &[&str]) {
    let column = Column::new("c", kind);
    for text in cells {
        assert_eq!(check(&column, Locale::US, text).unwrap(), None, "{text:?}");
    }
}

#[track_caller]
fn same(kind: Kind, cells: &[&str]) {
    passes(kind, &cells.iter().map(|&cell| (cell, cell)).collect::<Vec<_>>());
}

#[track_caller]
fn refused(kind: Kind, text: &str) -> CellError {
    refused_in(kind, Locale::US, text)
}

#[track_caller]
fn refused_in(kind: Kind, locale: Locale, text: &str) -> CellError {
    check(&Column::new("c", kind), locale, text).expect_err(text)
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
    assert_eq!(check(&quantity, Locale::US, " \u{A0}").unwrap(), None);
    for empty in ["", "N/A"] {
        let error = check(&quantity.clone().required(), Locale::US, empty).unwrap_err();
        assert_eq!((&*error.code, error.column.as_deref()), ("23502", Some("quantity")));
        assert_eq!(error.suggestion.as_deref(), Some("fill in quantity"));
    }
    // Spaces are text.
    same(Kind::Text { max_chars: None }, &[" "]);
}

#[test]
fn words_for_nothing_are_null_but_text_keeps_all_except_what_programs_write() {
    for kind in [Kind::Int4, ANY_NUMERIC, Kind::Float8, Kind::Bool, Kind::Date, Kind::TimestampTz, Kind::Uuid]
    {
        nulls(kind, &["N/A", "n/a", "-", "\u{2014}", "null", "NULL", "#N/A", "none", " None "]);
    }
    let text = Kind::Text { max_chars: None };
    nulls(text.clone(), &["NULL", "#N/A"]);
    same(text, &["N/A", "n/a", "-", "null", "none", " NULL"]);
    nulls(Kind::Json, &["N/A"]);
}

#[test]
fn integers_take_signs_thousands_and_zeros_after_the_point() {
    passes(
        Kind::Int4,
        &[
            (" 5 ", "5"),
            ("+5", "5"),
            ("-5", "-5"),
            ("5.0", "5"),
            ("5.", "5"),
            ("005", "005"),
            ("\u{A0}7", "7"),
            ("1,234", "1234"),
            ("1 234", "1234"),
            ("1\u{202F}234\u{A0}567", "1234567"),
            ("1'234", "1234"),
            ("$5", "5"),
            ("5%", "5"),
            ("(12)", "-12"),
            ("12-", "-12"),
            ("\u{2212}12", "-12"),
            ("\u{FF11}\u{FF12}", "12"),
            ("\u{200B}12\u{FEFF}", "12"),
            ("'0012", "0012"),
            ("=\"0012\"", "0012"),
            ("1,234.00", "1234"),
        ],
    );
    same(Kind::Int8, &["9223372036854775807", "-9223372036854775808"]);
    codes(Kind::Int4, "22P02", &["abc", "5.5", "1e3", "--5", "1 2", "1,2", "5 pcs", "٣"]);
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
fn every_spelling_of_a_number_is_read_in_its_locale() {
    let everywhere = [
        ("1 234", "1234"),
        ("1'234", "1234"),
        ("$5", "5"),
        ("5 €", "5"),
        ("5%", "5"),
        ("(12)", "-12"),
        ("-12", "-12"),
    ];
    for locale in [Locale::US, COMMA] {
        reads(ANY_NUMERIC, locale, &everywhere);
    }
    let point = [("1,234", "1234"), ("1.234", "1.234"), ("1'234.50", "1234.50"), ("CHF 1'234.50", "1234.50")];
    passes(ANY_NUMERIC, &point);
    let comma = [
        ("1.234,56", "1234.56"),
        ("1.234", "1234"),
        ("1,234", "1.234"),
        ("1 234,5", "1234.5"),
        ("-0,5 %", "-0.5"),
    ];
    reads(ANY_NUMERIC, COMMA, &comma);
    reads(Kind::Float8, COMMA, &[("1,5", "1.5"), ("1,5e3", "1.5e3")]);
}

#[test]
fn a_number_of_another_locale_is_refused_with_the_one_to_write() {
    let error = refused_in(ANY_NUMERIC, COMMA, "12.50");
    assert_eq!(error.message, "invalid input syntax for type numeric: \"12.50\"");
    assert_eq!(error.suggestion.as_deref(), Some("write 12,50, as the column has decimal commas"));
    let error = refused(ANY_NUMERIC, "1.234,56");
    assert_eq!(error.suggestion.as_deref(), Some("write 1234.56, as the column has decimal points"));
    // What would fail again is not suggested.
    assert_eq!(suggestion(Kind::Int4, "12,50"), None);
    let spaced = Locale { grouping: false, ..COMMA };
    assert_eq!(refused_in(ANY_NUMERIC, spaced, "1.234").code, "22P02");
}

#[test]
fn numerics_stay_exact() {
    same(ANY_NUMERIC, &["0.10", "1e3", "123456789012345678901234567890.123456789"]);
    passes(ANY_NUMERIC, &[("-.5", "-0.5"), ("5.", "5"), ("1.5E-3", "1.5e-3")]);
    codes(ANY_NUMERIC, "22P02", &["NaN", "Infinity", ".", "1e", "e5", "1.2.3", "0x10"]);
    codes(ANY_NUMERIC, "22003", &["1e131073", "1e-16384", "1e99999999999999999999"]);
}

#[test]
fn a_numerics_precision_holds_after_rounding() {
    same(numeric(5, 2), &["999.99", "999.994", "-999.99", "0", "0000999.9", "9.999"]);
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
    let yes = ["TRUE", "t", "Yes", "y", "1", "on", "X", "Active", "ja", "oui", "si", "s\u{ED}"]
        .map(|word| (word, "true"));
    let no = ["false", "F", "no", "N", "0", "Off", "inactive", "nein", "non"].map(|word| (word, "false"));
    passes(Kind::Bool, &yes);
    passes(Kind::Bool, &no);
    codes(Kind::Bool, "22P02", &["2", "maybe", "tru"]);
}

#[test]
fn dates_become_iso_and_exist() {
    let anywhere = [
        ("2024-02-29", "2024-02-29"),
        ("2024-1-5", "2024-01-05"),
        ("2024/1/5", "2024-01-05"),
        ("20240105", "2024-01-05"),
        ("5 Jan 2024", "2024-01-05"),
        ("January 5, 2024", "2024-01-05"),
        ("05-JAN-24", "2024-01-05"),
        ("45291", "2023-12-31"),
        ("45291.0", "2023-12-31"),
        ("2024-01-05 00:00:00", "2024-01-05"),
        ("=\"2024-01-05\"", "2024-01-05"),
    ];
    for locale in [Locale::US, DMY] {
        reads(Kind::Date, locale, &anywhere);
    }
    passes(
        Kind::Date,
        &[("03/04/2024", "2024-03-04"), ("1/31/24", "2024-01-31"), ("1/31/2024 0:00", "2024-01-31")],
    );
    reads(
        Kind::Date,
        DMY,
        &[("03/04/2024", "2024-04-03"), ("31.1.99", "1999-01-31"), ("31 01 2024", "2024-01-31")],
    );
    codes(Kind::Date, "22007", &["24-01", "2024-01", "2024-01-31 10:00", "2024", "45291.5", "tomorrow"]);
    codes(Kind::Date, "22008", &["2023-02-29", "2024-13-01", "0000-01-01", "13/13/2024"]);
    assert_eq!(suggestion(Kind::Date, "tomorrow").as_deref(), Some("write dates as YYYY-MM-DD"));
}

#[test]
fn a_date_in_another_order_is_refused_with_the_one_to_write() {
    let error = refused(Kind::Date, "13/02/2024");
    assert_eq!(
        (&*error.code, error.message.as_str()),
        ("22008", "date/time field value out of range: \"13/02/2024\"")
    );
    let suggestion = error.suggestion.unwrap();
    assert_eq!(suggestion, "write 2024-02-13, as the column has its dates in the order mdy");
    assert_eq!(refused_in(Kind::Date, DMY, "02/13/2024").code, "22008");
}

#[test]
fn timestamps_may_have_a_zone_and_halves_of_the_day() {
    let cells = [
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31 10:00", "2024-01-31 10:00:00"),
        ("2024-01-31T10:00:00.123Z", "2024-01-31 10:00:00.123Z"),
        ("2024-01-31 10:00:00+02", "2024-01-31 10:00:00+02"),
        ("2024-01-31 10:00:00 -0500", "2024-01-31 10:00:00-0500"),
        ("2024-01-31T10:00:00+05:30", "2024-01-31 10:00:00+05:30"),
        ("2024-01-31 10:00:00 UTC", "2024-01-31 10:00:00UTC"),
        ("1/31/2024 3:45 PM", "2024-01-31 15:45:00"),
        ("1/31/2024 12:05:09 am", "2024-01-31 00:05:09"),
        ("Jan 31, 2024, 10:00", "2024-01-31 10:00:00"),
        ("45291.5", "2023-12-31 12:00:00"),
    ];
    passes(Kind::Timestamp, &cells);
    passes(Kind::TimestampTz, &cells);
    reads(Kind::Timestamp, DMY, &[("31.01.2024 10:00", "2024-01-31 10:00:00")]);
    codes(
        Kind::TimestampTz,
        "22007",
        &["10:00", "2024-01-31 10", "2024-01-31 10:00:00.", "2024-01-31 10:00 xm"],
    );
    codes(
        Kind::Timestamp,
        "22008",
        &["2024-01-31 25:00", "2024-02-30 10:00", "2024-01-31 10:00+16", "2024-01-31 13:00 pm"],
    );
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
    passes(three.clone(), &[("=\"012\"", "012")]);
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
