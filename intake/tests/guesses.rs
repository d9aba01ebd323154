//! Guesses from the first 64 KiB that later values rule out.

mod support;

use intake::*;
use serde_json::{Value, json};
use std::ops::ControlFlow;
use support::*;

fn receipts() -> Table {
    let columns = vec![
        Column::new("number", Kind::Text { max_chars: None }).required(),
        Column::new("sold_on", Kind::Date),
        Column::new("amount", Kind::Numeric { precision: Some((12, 2)) }),
    ];
    Table { columns, attributes: None }
}

fn file(rows: impl IntoIterator<Item = (String, String)>) -> String {
    let rows = rows.into_iter().enumerate();
    let lines = rows.map(|(number, (day, amount))| format!("R{number},{day},\"{amount}\"\n"));
    "number,sold_on,amount\n".to_owned() + &lines.collect::<String>()
}

fn repeated(count: usize, day: &str, amount: &str) -> Vec<(String, String)> {
    vec![(day.to_owned(), amount.to_owned()); count]
}

/// What all rows of a file decide, and the reading by that.
fn read_through(csv: &str) -> (Value, Reading) {
    let mut known = None;
    let all = Spec { locales: LocalesBy::AllRows, ..Spec::new(receipts()) };
    read_file(csv.as_bytes(), &all, &mut |event| match event {
        Event::Started { locales, .. } => {
            known = Some(locales);
            ControlFlow::Continue(Batch::default())
        }
        Event::Batch(_) => panic!("the rows were to be looked at only"),
    })
    .unwrap();
    let locales = known.expect("an event");
    let spec = Spec { locales: LocalesBy::Known(locales.clone()), ..Spec::new(receipts()) };
    (locales.to_json(), read_as(csv, &spec))
}

fn read_as(csv: &str, spec: &Spec) -> Reading {
    let (reading, result) = try_read(csv.as_bytes(), spec);
    result.expect("a readable file");
    reading
}

fn ruled_out(csv: &str) -> Option<String> {
    let (_, result) = try_read(csv.as_bytes(), &Spec::new(receipts()));
    match result {
        Err(FileError::GuessRuledOut { column }) => Some(column),
        Err(error) => panic!("{error}"),
        Ok(()) => None,
    }
}

#[test]
fn receipts_in_the_order_of_dates_are_read_again_with_the_day_first() {
    let days = (1..=18).flat_map(|day| repeated(300, &format!("{day:02}/02/2024"), "1.50"));
    let csv = file(days);
    assert_eq!(ruled_out(&csv).as_deref(), Some("sold_on"));
    let (locale, reading) = read_through(&csv);
    assert_eq!(locale["sold_on"], json!({"date_order": "dmy", "basis": "values"}));
    assert_eq!((reading.rows.len(), reading.refused.len()), (5400, 0));
    assert_eq!(reading.value(0, "sold_on"), Some("2024-02-01"));
    assert_eq!(reading.notes.warnings().count(), 0);
}

#[test]
fn a_later_decimal_comma_rules_out_the_point() {
    let csv = file([repeated(5000, "2024-02-01", "1,250"), repeated(1, "2024-02-01", "12,5")].concat());
    assert_eq!(ruled_out(&csv).as_deref(), Some("amount"));
    let (locale, reading) = read_through(&csv);
    assert_eq!(locale["amount"], json!({"decimal": ",", "basis": "values"}));
    assert_eq!(reading.value(0, "amount"), Some("1.250"));
}

#[test]
fn a_later_decimal_point_rules_out_what_semicolons_said() {
    let csv = file([repeated(5000, "2024-02-01", "1.250"), repeated(1, "2024-02-01", "12.5")].concat());
    let csv = csv.replace(',', ";");
    assert_eq!(ruled_out(&csv).as_deref(), Some("amount"));
    assert_eq!(read_through(&csv).1.value(0, "amount"), Some("1.250"));
}

#[test]
fn points_between_the_parts_rule_out_that_the_month_is_first() {
    let csv = file([repeated(5000, "03/04/2024", "1"), repeated(1, "03.04.2024", "1")].concat());
    assert_eq!(ruled_out(&csv).as_deref(), Some("sold_on"));
    let (locale, reading) = read_through(&csv);
    assert_eq!(locale["sold_on"]["date_order"], "dmy");
    assert_eq!(reading.value(0, "sold_on"), Some("2024-04-03"));
}

#[test]
fn the_majority_of_the_whole_file_decides_and_the_rest_is_refused() {
    let [open, dmy, mdy] = ["03/04/2024", "25/04/2024", "04/25/2024"];
    let parts = [repeated(5000, open, "1"), repeated(3, mdy, "1"), repeated(2, dmy, "1")];
    let csv = file(parts.concat());
    assert_eq!(ruled_out(&csv).as_deref(), Some("sold_on"));
    let (locale, reading) = read_through(&csv);
    assert_eq!(locale["sold_on"]["date_order"], "mdy");
    assert_eq!((reading.rows.len(), reading.faults()), (5003, vec![(5005, "22008"), (5006, "22008")]));
}

#[test]
fn what_the_first_rows_say_is_overturned_by_more_rows_only() {
    let [open, dmy, mdy] = ["03/04/2024", "25/04/2024", "04/25/2024"];
    let begins = |later| file([repeated(4, mdy, "1"), repeated(5000, open, "1"), later].concat());
    assert_eq!(ruled_out(&begins(repeated(4, dmy, "1"))), None);
    assert_eq!(ruled_out(&begins(repeated(5, dmy, "1"))).as_deref(), Some("sold_on"));
}

#[test]
fn a_cell_that_nothing_explains_rules_out_nothing() {
    let csv = file([repeated(5000, "03/04/2024", "1,250"), repeated(9, "soon", "a lot")].concat());
    assert_eq!(ruled_out(&csv), None);
    let (locale, _) = read_through(&csv);
    assert_eq!(locale["sold_on"], json!({"date_order": "mdy", "basis": "default"}));
}

#[test]
fn what_is_told_is_never_ruled_out() {
    let days = [repeated(5000, "03/04/2024", "1"), repeated(9, "25/04/2024", "1")].concat();
    let spec = Spec { date_order: Some(DateOrder::Mdy), ..Spec::new(receipts()) };
    assert_eq!(read_as(&file(days.clone()), &spec).refused.len(), 9);
    let spec = Spec { locales: LocalesBy::FirstRowsForGood, ..Spec::new(receipts()) };
    assert_eq!(read_as(&file(days), &spec).refused.len(), 9);
}

#[test]
fn records_are_read_again_like_files() {
    let keys = ["number", "sold_on"].map(str::to_owned);
    let record = |day: &str| json!({"number": "A", "sold_on": day}).to_string();
    let records = || {
        let days = std::iter::repeat_n("03/04/2024", 5000).chain(["25/04/2024"]);
        days.map(record).collect::<Vec<_>>().into_iter()
    };
    let read = |locales: LocalesBy| {
        let mut first = None;
        let spec = Spec { locales, ..Spec::new(receipts()) };
        let result = read_objects(&keys, records(), &spec, &mut |event| {
            if let Event::Started { locales, .. } = event {
                first = Some(locales);
            }
            ControlFlow::Continue(Batch::default())
        });
        (result, first.expect("an event"))
    };
    assert!(matches!(read(LocalesBy::FirstRows).0, Err(FileError::GuessRuledOut { .. })));
    let (_, locales) = read(LocalesBy::AllRows);
    assert_eq!(locales.to_json()["sold_on"]["date_order"], "dmy");
    assert!(read(LocalesBy::Known(locales)).0.is_ok());
}
