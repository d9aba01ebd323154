//! What is said of files that do not fit, and of records whose keys are spelled in several ways.

mod support;

use intake::*;
use support::*;

fn strict() -> Spec {
    let text = |name| Column::new(name, Kind::Text { max_chars: None });
    let columns = vec![text("sku").required(), text("name").required(), Column::new("quantity", Kind::Int4)];
    Spec::new(Table { columns, attributes: None })
}

#[test]
fn all_missing_columns_are_named_at_once() {
    for (file, message, hint) in [
        (
            "Ref,Qty\nA,5\n",
            "no column of the file is mapped to required columns \"sku\", \"name\"",
            "Pass a mapping such as {\"Ref\": \"sku\", \"column of the file\": \"name\"}.",
        ),
        (
            "sku,Qty\nA,5\n",
            "no column of the file is mapped to required column \"name\"",
            "Pass a mapping such as {\"column of the file\": \"name\"}.",
        ),
        (
            "sku,Label\nA,a\n",
            "no column of the file is mapped to required column \"name\"",
            "Pass a mapping such as {\"Label\": \"name\"}.",
        ),
        (
            "x,y\nA,a\n",
            "no column of the file is mapped to required columns \"sku\", \"name\"",
            "Pass a mapping such as {\"column of the file\": \"sku\", \"column of the file\": \"name\"}.",
        ),
        (
            "Code,Naem\nA,a\n",
            "no column of the file is mapped to required columns \"sku\", \"name\"",
            "Pass a mapping such as {\"Code\": \"sku\", \"column of the file\": \"name\"}.",
        ),
    ] {
        let error = fail(file, &strict());
        assert_eq!((error.to_string().as_str(), error.hint().as_deref()), (message, Some(hint)), "{file}");
    }
}

#[test]
fn a_file_read_as_one_column_says_why() {
    let hint = |file: &str| fail(file, &strict()).hint().unwrap();
    for file in ["sku~name\nA~a~b\n", "sku^colour\nA^a\n", "sku  name\nA  a\n", "sku¬name\nA¬a\n"] {
        assert!(hint(file).starts_with("No delimiter was found"), "{file}");
        assert!(hint(file).contains("the option delimiter"), "{file}");
    }
    for file in [
        "\"sku,name,quantity\"\n\"A,\"\"Lamp, red\"\",5\"\n\"B,Bulb,7\"\n",
        "\"sku;name\"\n\"A;a\"\n",
        "\"sku\tname\"\n\"A\ta\"\n",
        "\"sku,name\"\r\n\"A,a\"\r\n",
        "\"sku|name\"\n\"A|a\"\n",
    ] {
        assert!(hint(file).starts_with("Each line of the file is one quoted cell"), "{file}: {}", hint(file));
    }
}

#[test]
fn one_column_that_goes_nowhere_is_remarked() {
    let table =
        Table { columns: vec![Column::new("note", Kind::Text { max_chars: None })], attributes: None };
    let warnings = |file: &str| try_read(file.as_bytes(), &Spec::new(table.clone())).0.warnings();
    let said = "no delimiter was found, so that each line is one cell (1: a~b)";
    assert_eq!(warnings("a~b\nx~y\n"), [said]);
    assert!(warnings("note\nx\n").is_empty());
    assert!(warnings("a,b\nx,y\n").is_empty());
}

#[test]
fn a_guessed_encoding_is_named_where_columns_are_missing() {
    let file = encoding_rs::WINDOWS_1251.encode("Артикул;Наименование;Количество\nA1;Лампа;5\n").0;
    let error = fail(file, &strict());
    assert!(error.hint().unwrap().contains("The encoding windows-1251 was guessed"), "{:?}", error.hint());
    assert!(error.detail().unwrap().contains("\"Артикул\""));
    assert!(!fail("a,b\n1,é\n", &strict()).hint().unwrap().contains("encoding"));
}

fn records(array: &str) -> Reading {
    let JsonRecords { keys, records, .. } = JsonRecords::of(array).unwrap();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    read_json(&keys, &records)
}

#[test]
fn another_spelling_of_a_key_is_the_same_column() {
    for array in [
        r#"[{"SKU": "A", "Name": "a"}, {"SKU": "B", "Name": "b"}, {"sku": "C", "name": "c"}]"#,
        r#"[{"sku": "A", "name": "a"}, {"SKU": "B", "NAME": "b"}, {"Sku": "C", "Name": "c"}]"#,
        r#"[{"s-k-u": "A", "name": "a"}, {"SKU": "B", "name": "b"}, {"sku": "C", "name": "c"}]"#,
        r#"[{"SKU": "A", "name": "a"}, {"sku": "B", "name ": "b"}, {"SKU": "C", "Name": "c"}]"#,
        r#"[{"name": "a", "SKU": "A"}, {"name": "b", "SKU": "B"}, {"sku": "C", "name": "c"}]"#,
    ] {
        let reading = records(array);
        let values: Vec<_> =
            (0..3).map(|row| (reading.value(row, "sku"), reading.value(row, "name"))).collect();
        assert_eq!(
            values,
            [(Some("A"), Some("a")), (Some("B"), Some("b")), (Some("C"), Some("c"))],
            "{array}"
        );
    }
}

#[test]
fn keys_of_one_record_are_columns_each() {
    let reading = records(r#"[{"SKU": "A", "sku": "x", "name": "a"}, {"sku": "B", "name": "b"}]"#);
    assert_eq!((reading.value(0, "sku"), reading.value(1, "sku")), (Some("x"), Some("B")));
    let header = ["SKU", "name"].map(str::to_owned);
    assert_eq!(error_file_object(r#"{"sku": "C", "name": "c"}"#, b',', &header, &[], "why"), "C,c,why");
    let header = ["SKU", "sku"].map(str::to_owned);
    assert_eq!(error_file_object(r#"{"sku": "C"}"#, b',', &header, &[], "why"), ",C,why");
}
