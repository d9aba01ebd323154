//! Numbers, in every spelling.

#[path = "support/cells.rs"]
mod cells;

use cells::*;
use intake::{Kind, Locale};

fn numeric(precision: u16, scale: i16) -> Kind {
    Kind::Numeric { precision: Some((precision, scale)) }
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
    // The value is shown as the file has it.
    assert_eq!(refused(ANY_NUMERIC, " \u{FF11}\u{FF12},5 ").value.as_deref(), Some("\u{FF11}\u{FF12},5"));
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
