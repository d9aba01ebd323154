//! Columns of a file that fill one of the table together: debit and credit, or the sum of several.

mod support;

use intake::*;
use serde_json::{Value, json};
use support::*;

fn bank() -> Table {
    let text = |name| Column::new(name, Kind::Text { max_chars: None });
    let columns = vec![
        Column::new("occurred_on", Kind::Date),
        text("description"),
        Column::new("amount", Kind::Numeric { precision: Some((14, 2)) }).required(),
    ];
    Table { columns, attributes: None }
}

fn spec(mapping: &Value) -> Spec {
    Spec { mapping: mapping.as_object().cloned(), ..Spec::new(bank()) }
}

fn read_bank(input: &str, mapping: &Value) -> Reading {
    let (reading, result) = try_read(input.as_bytes(), &spec(mapping));
    result.expect("a readable file");
    reading
}

fn messages(reading: &Reading) -> Vec<(u64, &str)> {
    reading.refused.iter().map(|it| (it.line, it.cells[0].message.as_str())).collect()
}

fn amounts(input: &str, mapping: &Value) -> Vec<String> {
    let reading = read_bank(input, mapping);
    assert!(reading.refused.is_empty(), "{:?}", reading.refused);
    (0..reading.rows.len()).map(|row| reading.value(row, "amount").unwrap_or("∅").to_owned()).collect()
}

#[test]
fn debit_and_credit_are_one_amount() {
    for (minus, plus) in [
        ("Debit", "Credit"),
        ("DEBIT AMOUNT", "CREDIT AMOUNT"),
        ("Debit (USD)", "Credit (USD)"),
        ("Withdrawals", "Deposits"),
        ("Withdrawal Amt.", "Deposit Amt."),
        ("Money Out", "Money In"),
        ("Paid out", "Paid in"),
        ("Soll", "Haben"),
        ("Ausgaben", "Einnahmen"),
        ("Débit", "Crédit"),
        ("Af", "Bij"),
        ("Cargo", "Abono"),
        ("Dare", "Avere"),
    ] {
        let file = format!(
            "Date,Description,{minus},{plus}\n2024-03-04,Rent,850.00,\n2024-03-05,Invoice,,1200.50\n"
        );
        assert_eq!(amounts(&file, &Value::Null), ["-850.00", "1200.50"], "{minus}, {plus}");
        let file = format!(
            "Date,Description,{plus},{minus}\n2024-03-04,Rent,0.00,850.00\n2024-03-05,Invoice,1200.50,0.00\n2024-03-06,Nothing,0,\n"
        );
        assert_eq!(amounts(&file, &Value::Null), ["-850.00", "1200.50", "0"], "{plus}, {minus}");
    }
}

#[test]
fn they_are_read_as_one_column_is() {
    let file = "Date;Description;Soll;Haben\n04.03.2024;Miete;1.850,00 €;\n05.03.2024;Rechnung;;€ 12,5\n06.03.2024;Kauf;7,-;\n";
    assert_eq!(amounts(file, &Value::Null), ["-1850.00", "12.5", "-7"]);
}

#[test]
fn a_minus_sign_counts_once() {
    for minus in ["-850.00", "(850.00)", "−850.00", "-$850.00", "850.00-"] {
        let file =
            format!("Date,Description,Debit,Credit\n2024-03-04,Rent,{minus},\n2024-03-05,Invoice,,1200.50\n");
        assert_eq!(amounts(&file, &Value::Null), ["-850.00", "1200.50"], "{minus}");
        assert_eq!(amounts(&file, &json!({"Debit": "-amount", "Credit": "amount"})), ["-850.00", "1200.50"]);
    }
    let mixed = "Date,Description,Debit,Credit\n2024-03-04,Rent,850.00,\n2024-03-05,Refund,-20.00,\n2024-03-06,Fee,3.00,\n";
    let reading = read_bank(mixed, &Value::Null);
    assert_eq!(
        messages(&reading),
        [(3, "value in column \"Debit\" of the file has a minus sign, unlike others")]
    );
    let late = format!(
        "Date,Description,Debit,Credit\n{}2024-03-06,Fee,3.00,\n",
        "2024-03-04,Rent,-8.00,\n".repeat(1500)
    );
    let reading = read_bank(&late, &Value::Null);
    assert_eq!(
        messages(&reading),
        [(1502, "value in column \"Debit\" of the file has no minus sign, unlike others")]
    );
}

#[test]
fn a_row_with_both_is_refused() {
    let file = "Date,Description,Debit,Credit\n".to_owned()
        + &"2024-03-04,Rent,850.00,\n".repeat(12)
        + "2024-03-05,Both,3.00,1.00\n2024-03-06,None,,\n";
    let reading = read_bank(&file, &Value::Null);
    assert_eq!(
        messages(&reading),
        [
            (
                14,
                "columns \"Debit\" and \"Credit\" of the file both have a value, of which \"amount\" takes one"
            ),
            (15, "null value in column \"amount\" violates not-null constraint")
        ]
    );
    assert_eq!(reading.refused[0].cells[0].value.as_deref(), Some("3.00, 1.00"));
}

#[test]
fn a_better_column_comes_before_them() {
    let file = "Date,Description,Debit,Credit,Amount\n2024-03-04,Rent,850.00,,-850.00\n";
    assert_eq!(amounts(file, &Value::Null), ["-850.00"]);
    // Two columns that are filled side by side are no pair.
    let file = "Date,Description,Debit,Credit\n2024-03-04,Rent,850.00,1\n2024-03-04,Rent,850.00,2\n";
    let (_, result) = try_read(file.as_bytes(), &spec(&Value::Null));
    assert!(result.is_err());
}

#[test]
fn a_mapping_says_what_is_added_and_what_is_taken_off() {
    let file = "Date,Description,Us,Them\n2024-03-04,Rent,850.00,\n2024-03-05,Invoice,,1200.50\n";
    for mapping in [
        json!({"Us": "-amount", "Them": "amount"}),
        json!({"Us": "-amount", "Them": "+amount"}),
        json!({"Them": "amount", "Us": "-amount"}),
    ] {
        let reading = read_bank(file, &mapping);
        let amounts = (0..2).map(|row| reading.value(row, "amount")).collect::<Vec<_>>();
        assert_eq!(amounts, [Some("-850.00"), Some("1200.50")], "{mapping}");
        let Some(Event::Started { mapping: used, .. }) = &reading.started else { panic!("it has started") };
        let used = used.to_json(&bank());
        assert_eq!((&used["Us"], &used["Them"]), (&json!("-amount"), &json!("+amount")));
        let again = read_bank(file, &used);
        assert_eq!(again.value(0, "amount"), Some("-850.00"));
    }
    assert_eq!(
        amounts("Date,Description,Spent\n2024-03-04,Rent,850.00\n", &json!({"Spent": "-amount"})),
        ["-850.00"]
    );
    let sum = "Date,Description,Net,Tax,Tip\n2024-03-04,Meal,10.50,1,\n2024-03-05,Refund,-3,-0.3,0.05\n2024-03-06,Nothing,,,\n";
    let reading = read_bank(sum, &json!({"Net": "+amount", "Tax": "+amount", "Tip": "+amount"}));
    assert_eq!((reading.value(0, "amount"), reading.value(1, "amount")), (Some("11.50"), Some("-3.25")));
    assert_eq!(messages(&reading).len(), 1);
}

#[test]
fn names_that_are_opposites_need_no_sign() {
    let file = "Date,Description,Debit,Credit\n2024-03-04,Rent,850.00,\n2024-03-05,Invoice,,1200.50\n";
    assert_eq!(amounts(file, &json!({"Debit": "amount", "Credit": "amount"})), ["-850.00", "1200.50"]);
}

#[test]
fn what_cannot_be_shared_is_said() {
    let file = "Date,Description,Us,Them\n2024-03-04,Rent,850.00,\n";
    let error = fail(file, &spec(&json!({"Us": "amount", "Them": "amount"})));
    assert_eq!(error.to_string(), "mapping names column \"amount\" more than once");
    assert!(error.hint().is_some_and(|hint| hint.contains("\"-amount\"")));
    let error = fail(file, &spec(&json!({"Us": "amount", "Them": "+amount"})));
    assert_eq!(error.to_string(), "mapping names column \"amount\" more than once");
    let error = fail(file, &spec(&json!({"Us": "-description"})));
    assert_eq!(
        error.to_string(),
        "mapping of column \"Us\" to \"-description\" needs numbers, not type text"
    );
    let error = fail(file, &spec(&json!({"Us": "-amounts"})));
    assert_eq!(error.to_string(), "mapping names unknown column \"-amounts\"");
}

#[test]
fn a_suggestion_has_the_sign() {
    let header = ["Date", "Debit", "Credit"].map(str::to_owned);
    let rows = [["2024-03-04", "850.00", ""].map(str::to_owned).to_vec()];
    let found = suggest(&header, &rows, &bank(), None);
    let targets: Vec<_> = found.iter().map(|it| it.destination.name(&bank()).unwrap_or_default()).collect();
    assert_eq!(targets, ["occurred_on", "-amount", "+amount"]);
    assert_eq!(
        (found[1].confidence, found[1].reason.as_str()),
        (0.9, "fills amount together with \"Credit\"")
    );
}
