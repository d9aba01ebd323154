//! Blanks and characters without width around cells, texts for NULL, and keys that look alike.

mod support;

use intake::*;
use support::*;

fn table() -> Table {
    let text = |name| Column::new(name, Kind::Text { max_chars: None });
    let list =
        Constraint { condition: Condition::OneOf(vec!["A".into(), "B".into()]), name: "grade_check".into() };
    let mood = Kind::Enum { name: "mood".into(), labels: vec!["glad".into(), "sad".into()] };
    let columns = vec![
        text("sku").required().key(),
        text("name"),
        Column { constraints: vec![list], ..text("grade") },
        text("email"),
        Column::new("mood", mood),
    ];
    Table { columns, attributes: None }
}

fn read_table(input: &str) -> Reading {
    let (reading, result) = try_read(input.as_bytes(), &Spec::new(table()));
    result.expect("a readable file");
    assert!(reading.refused.is_empty(), "{:?}", reading.refused);
    reading
}

fn values(input: &str, column: &str) -> Vec<String> {
    let reading = read_table(input);
    (0..reading.rows.len()).map(|row| reading.value(row, column).unwrap_or("∅").to_owned()).collect()
}

#[test]
fn unquoted_texts_have_no_blanks_around_them() {
    for (cell, value) in [
        (" Lamp ", "Lamp"),
        ("\tLamp", "Lamp"),
        ("\u{A0}Lamp\u{A0}", "Lamp"),
        ("Lamp\u{200B}", "Lamp"),
        ("\u{FEFF}Big lamp\u{AD}", "Big lamp"),
        ("\u{200E}Lamp\u{202C}", "Lamp"),
        ("   ", "∅"),
        ("\" Lamp \"", " Lamp "),
        ("\"Lamp\u{200B}\"", "Lamp\u{200B}"),
    ] {
        assert_eq!(values(&format!("sku,name\nA1,{cell}\n"), "name"), [value], "{cell:?}");
    }
}

#[test]
fn keys_labels_and_addresses_have_none_in_quotes_either() {
    for cell in ["AB-1", "AB-1 ", "\"AB-1 \"", "  AB-1", "\"\u{200B}AB-1\"", "\"\u{FEFF}AB-1\u{A0}\""] {
        assert_eq!(values(&format!("sku,name\n{cell},x\n"), "sku"), ["AB-1"], "{cell:?}");
    }
    let input = "sku,grade,email,mood\n1,\" A\",\" ada@example.org \",\" glad\"\n2,B\u{200B},bo@example.org\u{A0},sad \n";
    assert_eq!(values(input, "grade"), ["A", "B"]);
    assert_eq!(values(input, "email"), ["ada@example.org", "bo@example.org"]);
    assert_eq!(values(input, "mood"), ["glad", "sad"]);
}

#[test]
fn attributes_have_none_either() {
    let reading = read("sku,name,Finish\nA1,a, matt \nA2,b,\" matt\"\n");
    assert_eq!(reading.value(0, "attributes"), Some(r#"{"Finish":"matt"}"#));
    assert_eq!(reading.value(1, "attributes"), Some(r#"{"Finish":" matt"}"#));
}

#[test]
fn blanks_on_both_sides_of_a_bar_are_its_own() {
    let file = " sku  |  name   | grade \n A-1  | Lamp    | A\n B-22 | Bulb, x | B\n";
    assert_eq!(values(file, "sku"), ["A-1", "B-22"]);
    assert_eq!(values(file, "name"), ["Lamp", "Bulb, x"]);
    let rows = Fields::of(b"a | b\n1 | \"x \" \n2 | y\n".to_vec(), &ReadOptions::default()).unwrap();
    let rows: Vec<_> = rows.map(|row| row.unwrap().1).collect();
    assert_eq!(rows, [["a", "b"], ["1", "x "], ["2", "y"]]);
}

#[test]
fn rules_of_tables_as_people_print_them_are_no_data() {
    for file in [
        " sku  | name | grade \n------+------+-------\n A-1  | Lamp | A\n B-22 | Bulb | B\n",
        "| sku | name | grade |\n|---|---|---:|\n| A-1 | Lamp | A |\n| B-22 | Bulb | B |\n",
        "sku|name|grade\n===|====|=====\nA-1|Lamp|A\nB-22|Bulb|B\n",
        "sku\tname\tgrade\n---\t---\t---\nA-1\tLamp\tA\nB-22\tBulb\tB\n",
        "| sku  | name | grade |\n|:-----|:----:|------:|\n| A-1  | Lamp | A     |\n| B-22 | Bulb | B     |\n",
    ] {
        assert_eq!(values(file, "sku"), ["A-1", "B-22"], "{file}");
        assert_eq!(read_table(file).skip_reasons(), ["1 line of dashes"], "{file}");
    }
}

#[test]
fn keys_that_look_alike_are_remarked() {
    for other in ["ab-1", "AB -1", "ＡＢ-1", "AB\u{AD}-1", "A\u{200B}B-1"] {
        let warnings = read_table(&format!("sku,name\nAB-1,a\nC,c\n{other},b\n")).warnings();
        let expected = format!(
            "1 value in column \"sku\" differ from other keys only by case, Unicode form, dashes, blanks, .0 or an apostrophe in front (4: {other})"
        );
        assert_eq!(warnings, [expected]);
    }
    let warnings = read_table("sku,name\n1001,a\n1001.0,b\n1002.0,c\n").warnings();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("end in .0") && warnings[1].contains("(3: 1001.0)"));
    for other in ["AB-2", "AB-1.0", "É", "x"] {
        assert!(read_table(&format!("sku,name\nAB-1,a\n{other},b\nE,c\n")).warnings().is_empty(), "{other}");
    }
}

#[test]
fn keys_on_several_lines_are_counted_once_each() {
    for same in ["AB-1", " AB-1", "\"AB-1 \""] {
        let warnings = read_table(&format!("sku,name\nAB-1,a\nE,c\n{same},b\nAB-1,d\n")).warnings();
        assert_eq!(warnings, ["1 key is in column \"sku\" on several lines (4: AB-1)"], "{same}");
    }
    let warnings = read_table("sku,name\nA,a\nB,b\nB,c\nA,d\nB,e\n").warnings();
    assert_eq!(warnings, ["2 keys are in column \"sku\" on several lines (4: B)"]);
    let warnings = read_table("sku,name\nab,a\nAB,b\nAB,c\n").warnings();
    assert!(warnings[1] == "1 key is in column \"sku\" on several lines (4: AB)", "{warnings:?}");
}

#[test]
fn null_in_quotes_is_a_text() {
    for (cell, value) in [
        ("NULL", "∅"),
        ("#N/A", "∅"),
        (" NULL ", "∅"),
        ("\"NULL\"", "NULL"),
        ("\"#N/A\"", "#N/A"),
        ("\"\"", "∅"),
        ("Null", "Null"),
        ("-", "-"),
    ] {
        assert_eq!(values(&format!("sku,name\nA,{cell}\n"), "name"), [value], "{cell}");
    }
    // A number has no such texts.
    assert_eq!(read("sku,name,quantity\nA,a,\"NULL\"\n").value(0, "quantity"), None);
    assert_eq!(
        read_json(&["sku", "name"], &[r#"{"sku": "A", "name": "NULL"}"#]).value(0, "name"),
        Some("NULL")
    );
    let (reading, _) = try_read("sku,name\nNULL,a\n".as_bytes(), &Spec::new(table()));
    assert_eq!(reading.refused[0].cells[0].value.as_deref(), Some("NULL"));
}
