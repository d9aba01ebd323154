//! Cells against the types of columns.

#[path = "support/cells.rs"]
mod cells;

use cells::*;
use intake::{Column, Kind, Locale, check};

#[test]
fn an_empty_cell_is_null_unless_required() {
    let quantity = Column::new("quantity", Kind::Int4);
    assert_eq!(check(&quantity, Locale::US, " \u{A0}").unwrap(), None);
    for empty in ["", "N/A"] {
        let error = check(&quantity.clone().required(), Locale::US, empty).unwrap_err();
        assert_eq!((&*error.code, error.column.as_deref()), ("23502", Some("quantity")));
        assert_eq!(error.suggestion.as_deref(), Some("fill in quantity"));
        assert_eq!(error.value.as_deref(), Some(empty).filter(|word| !word.is_empty()));
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
fn booleans_come_in_many_words() {
    let yes = ["TRUE", "t", "Yes", "y", "1", "on", "X", "Active", "ja", "oui", "si", "s\u{ED}"]
        .map(|word| (word, "true"));
    let no = ["false", "F", "no", "N", "0", "Off", "inactive", "nein", "non"].map(|word| (word, "false"));
    passes(Kind::Bool, &yes);
    passes(Kind::Bool, &no);
    codes(Kind::Bool, "22P02", &["2", "maybe", "tru"]);
}

#[test]
fn truth_is_told_in_many_languages() {
    for word in [
        "WAHR",
        "Vrai",
        "VERDADERO",
        "vero",
        "TAK",
        "Ja",
        "SÍ",
        "Si\u{301}",
        "sim",
        "KYLLÄ",
        "ДА",
        "да",
        "Evet",
        "ano",
        "✓",
        "j",
    ] {
        passes(Kind::Bool, &[(word, "true")]);
    }
    for word in [
        "FALSCH", "FAUX", "Falso", "NIE", "Nej", "NEIN", "NÃO", "nao", "НЕТ", "Ei", "HAYIR", "hayır",
        "Fałsz", "όχι",
    ] {
        passes(Kind::Bool, &[(word, "false")]);
    }
    codes(Kind::Bool, "22P02", &["da nein", "vielleicht", "o", "2", "tru", "wahrscheinlich"]);
}

#[test]
fn marks_without_width_around_values_do_not_count() {
    let marked = |text: &str| {
        ["\u{200E}_\u{200E}", "\u{202A}_\u{202C}", "\u{2066}_\u{2069}", "\u{61C}_", "_\u{2060}", " \u{FEFF}_"]
            .map(|marks| marks.replace('_', text))
    };
    for (kind, text) in
        [(Kind::Int4, "-5"), (ANY_NUMERIC, "7.50"), (Kind::Date, "2024-03-04"), (Kind::Bool, "true")]
    {
        for cell in marked(text) {
            passes(kind.clone(), &[(&cell, text)]);
        }
    }
    let mood = Kind::Enum { name: "mood".into(), labels: vec!["sad".into()] };
    for cell in marked("sad") {
        passes(mood.clone(), &[(&cell, "sad")]);
    }
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
