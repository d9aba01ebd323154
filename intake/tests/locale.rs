//! How a file's numbers and dates are spelled is found out, and kept to.

mod support;

use intake::*;
use serde_json::{Value, json};
use support::*;

fn table() -> Table {
    let columns = vec![
        Column::new("sku", Kind::Text { max_chars: None }),
        Column::new("price", Kind::Numeric { precision: Some((12, 3)) }),
        Column::new("cost", Kind::Numeric { precision: None }),
        Column::new("quantity", Kind::Int4),
        Column::new("made", Kind::Date),
        Column::new("sold", Kind::Timestamp),
    ];
    Table { columns, attributes: None }
}

fn spec() -> Spec {
    Spec::new(table())
}

fn read_with(spec: &Spec, input: &str) -> Reading {
    let (reading, result) = try_read(input.as_bytes(), spec);
    result.expect("a readable file");
    reading
}

/// A file of one column.
fn column(name: &str, cells: &[&str]) -> String {
    let quoted = cells.iter().map(|cell| format!("\"{cell}\"\n"));
    format!("{name}\n{}", quoted.collect::<String>())
}

fn locales(reading: &Reading) -> &Locales {
    match reading.started.as_ref().expect("a start") {
        Event::Started { locales, .. } => locales,
        Event::Batch(_) => panic!("a batch came first"),
    }
}

fn decided(reading: &Reading, column: &str) -> Value {
    locales(reading).to_json()[column].clone()
}

/// The values of a file's only column.
fn values(reading: &Reading) -> Vec<&str> {
    reading.rows.iter().map(|row| row[0].as_deref().unwrap_or("∅")).collect()
}

#[test]
fn one_value_that_can_only_be_read_in_one_way_decides_its_column() {
    for (decisive, mark, thousand) in [
        ("1.234,56", ",", "1.234"),
        ("12,5", ",", "1.234"),
        ("1.234.567", ",", "1.234"),
        ("1,234.56", ".", "1234"),
        ("12.5", ".", "1234"),
        ("0.125", ".", "1234"),
        ("1,234,567", ".", "1234"),
    ] {
        let reading = read_with(&spec(), &column("price", &["1,234", decisive]));
        assert_eq!(decided(&reading, "price"), json!({"decimal": mark, "basis": "values"}), "{decisive}");
        assert_eq!(values(&reading)[0], thousand, "{decisive}");
        assert_eq!(reading.warnings(), [""; 0]);
    }
}

#[test]
fn a_whole_number_tells_that_its_mark_parts_thousands() {
    let reading = read_with(&spec(), &column("quantity", &["1.234"]));
    assert_eq!(
        (values(&reading), decided(&reading, "quantity")["decimal"].as_str()),
        (vec!["1234"], Some(","))
    );
}

#[test]
fn other_columns_decide_what_the_values_leave_open() {
    let reading = read_with(&spec(), "price\tcost\tsold\n1.234\t12,50\t03/04/2024\n");
    assert_eq!(reading.row(0), [("price", "1234"), ("cost", "12.50"), ("sold", "2024-04-03")]);
    assert_eq!(decided(&reading, "price"), json!({"decimal": ",", "basis": "other columns"}));
    assert_eq!(decided(&reading, "sold"), json!({"date_order": "dmy", "basis": "other columns"}));
    assert_eq!(reading.warnings(), [""; 0]);
    let reading = read_with(&spec(), "made,sold\n3/4/2024,12/31/2024\n");
    assert_eq!(reading.value(0, "made"), Some("2024-03-04"));
}

#[test]
fn semicolons_suggest_a_country_with_decimal_commas_and_that_is_said() {
    let reading = read_with(&spec(), "price;made\n1.234;03/04/2024\n");
    assert_eq!(reading.row(0), [("price", "1234"), ("made", "2024-04-03")]);
    assert_eq!(
        reading.warnings(),
        [
            "1 value in column \"price\" can be read with a decimal point or a decimal comma; \",\" was taken, as \
             nothing in the file decides (2: 1.234)",
            "1 value in column \"made\" can be read in several orders of day, month and year; dmy was taken, as \
             nothing in the file decides (2: 03/04/2024)",
        ]
    );
}

#[test]
fn without_any_evidence_the_default_is_taken_with_a_warning() {
    let input = "price\tmade\n1,234\t03/04/2024\n";
    let reading = read_with(&spec(), input);
    assert_eq!(reading.row(0), [("price", "1234"), ("made", "2024-03-04")]);
    assert_eq!(decided(&reading, "made"), json!({"date_order": "mdy", "basis": "default"}));
    assert_eq!(reading.warnings().len(), 2);
    let reading = read_with(&Spec { usual_date_order: DateOrder::Dmy, ..spec() }, input);
    assert_eq!(reading.value(0, "made"), Some("2024-04-03"));
}

#[test]
fn plain_values_need_no_decision_and_no_warning() {
    let reading = read_with(&spec(), "price,quantity,made,sold\n12,5,2024-01-31,45291\n,,1/1/2024,\n");
    assert_eq!(reading.row(0)[..3], [("price", "12"), ("quantity", "5"), ("made", "2024-01-31")]);
    let days =
        "1 value in column \"sold\" was read as a number of days, as spreadsheets count them (2: 45291)";
    assert_eq!(reading.warnings(), [days]);
}

#[test]
fn columns_that_disagree_decide_nothing_for_others() {
    let reading = read_with(&spec(), "price\tcost\tquantity\n1.234,5\t1,234.5\t1.000\n");
    assert_eq!(reading.row(0), [("price", "1234.5"), ("cost", "1234.5"), ("quantity", "1")]);
    assert_eq!(
        (decided(&reading, "quantity")["basis"].as_str(), reading.warnings().len()),
        (Some("default"), 1)
    );
}

#[test]
fn options_overrule_the_evidence() {
    let comma = Spec { decimal: Some(DecimalMark::Comma), date_order: Some(DateOrder::Dmy), ..spec() };
    let reading = read_with(&comma, "price\tmade\n1.234\t03/04/2024\n12.5\t12/31/2024\n");
    assert_eq!(reading.row(0), [("price", "1234"), ("made", "2024-04-03")]);
    assert_eq!(reading.faults(), [(3, "22P02"), (3, "22008")]);
    assert_eq!(decided(&reading, "price"), json!({"decimal": ",", "basis": "option"}));
    assert_eq!(reading.warnings(), [""; 0]);
}

#[test]
fn a_value_that_contradicts_its_column_is_refused() {
    let reading = read_with(&spec(), &column("price", &["1,50", "2,75", "3.99", "1.000,00"]));
    assert_eq!((values(&reading), reading.faults()), (vec!["1.50", "2.75", "1000.00"], vec![(4, "22P02")]));
    let cell = &reading.refused[0].cells[0];
    assert_eq!(cell.suggestion.as_deref(), Some("write 3,99, as the column has decimal commas"));
    let reading = read_with(&spec(), &column("made", &["01/31/2024", "02/28/2024", "13/02/2024"]));
    assert_eq!((values(&reading), reading.faults()), (vec!["2024-01-31", "2024-02-28"], vec![(4, "22008")]));
}

#[test]
fn a_contradiction_after_the_sample_is_refused_too() {
    let tidy = "01/31/2024\n".repeat(2_000);
    let reading = read_with(&spec(), &format!("made\n{tidy}13/02/2024\n"));
    assert_eq!(reading.faults(), [(2_002, "22008")]);
}

#[test]
fn a_guess_after_the_sample_is_told() {
    let tidy = "5\t2024-01-31\n".repeat(2_000);
    let reading = read_with(&spec(), &format!("price\tmade\n{tidy}1.234\t03/04/2024\n1.50\t03/03/2024\n"));
    assert_eq!(reading.value(2_000, "price"), Some("1.234"));
    let told = reading.warnings();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|warning| warning.starts_with("1 value ") && warning.contains("(2002: ")));
}

#[test]
fn both_marks_in_one_number_are_read_among_spaces() {
    let reading = read_with(&spec(), &column("price", &["1 234,50", "1 000,5", "1.234,50", "1.234.567"]));
    assert_eq!(
        (values(&reading), reading.faults()),
        (vec!["1234.50", "1000.5", "1234.50"], vec![(5, "22P02")])
    );
}

#[test]
fn thousands_parted_by_spaces_are_not_parted_by_points_too() {
    let reading = read_with(&spec(), &column("price", &["1 234,50", "12,5", "1.234"]));
    assert_eq!((values(&reading), reading.faults()), (vec!["1234.50", "12.5"], vec![(4, "22P02")]));
}

#[test]
fn dates_with_points_have_the_day_first() {
    let reading = read_with(&spec(), &column("made", &["03.04.2024"]));
    assert_eq!(values(&reading), ["2024-04-03"]);
}

#[test]
fn two_digit_years_are_told_from_days_where_they_can_be() {
    // No day has such a number, or no such month so many days.
    for (decisive, iso) in
        [("99-01-31", "1999-01-31"), ("00-02-28", "2000-02-28"), ("30-02-15", "2030-02-15")]
    {
        let reading = read_with(&spec(), &column("made", &["24-01-31", decisive]));
        assert_eq!(values(&reading), ["2024-01-31", iso]);
        assert_eq!(decided(&reading, "made"), json!({"date_order": "ymd", "basis": "values"}));
        assert!(!reading.warnings().iter().any(|told| told.contains("several orders")));
    }
    // A 31 may be a year.
    let reading = read_with(&spec(), &column("made", &["24-01-31", "24-02-15"]));
    assert_eq!(values(&reading), ["2031-01-24", "2015-02-24"]);
    assert_eq!(decided(&reading, "made"), json!({"date_order": "dmy", "basis": "default"}));
    assert!(
        reading
            .warnings()
            .iter()
            .any(|told| told.starts_with("2 values in column \"made\" can be read in several orders"))
    );
}

#[test]
fn percents_and_days_of_spreadsheets_are_noted() {
    let reading = read_with(&spec(), "price,made\n5%,45291\n6,45292\n7.5 %,2024-01-31\n");
    assert_eq!(
        reading.warnings(),
        [
            "2 values in column \"price\" had a percent sign, which was dropped (2: 5%)",
            "2 values in column \"made\" were read as numbers of days, as spreadsheets count them (2: 45291)",
        ]
    );
}

#[test]
fn destroyed_identifiers_are_kept_and_told() {
    let reading = read_with(&spec(), "sku,cost\nA1,1\n4.00638E+12,2\n\"=\"\"0123\"\"\",3\n");
    assert_eq!(reading.rows[1][0].as_deref(), Some("4.00638E+12"));
    assert_eq!(reading.rows[2][0].as_deref(), Some("0123"));
    let expected = "a spreadsheet has destroyed the digits of 1 value in column \"sku\" (3: 4.00638E+12)";
    assert_eq!(reading.warnings(), [expected]);
}

#[test]
fn formula_text_is_unwrapped_in_attributes_too() {
    let reading = read("sku,EAN\nA1,\"=\"\"0123\"\"\"\n");
    assert_eq!(reading.value(0, "attributes"), Some("{\"EAN\":\"0123\"}"));
}

#[test]
fn strings_of_json_have_a_locale_and_numbers_of_json_have_none() {
    let keys = ["sku", "unit_price", "quantity"];
    let reading = read_json(
        &keys,
        &[
            r#"{"sku": "A", "unit_price": "1,50", "quantity": 7}"#,
            r#"{"sku": "B", "unit_price": 1.234, "quantity": "1.234"}"#,
            r#"{"sku": "C", "unit_price": "1.234", "quantity": -1e-1}"#,
        ],
    );
    assert_eq!(
        (reading.value(0, "unit_price"), reading.value(1, "unit_price")),
        (Some("1.50"), Some("1.234"))
    );
    assert_eq!((reading.value(1, "quantity"), reading.faults()), (Some("1234"), vec![(3, "22P02")]));
}
