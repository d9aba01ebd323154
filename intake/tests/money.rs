//! Amounts of money, and what is told of numbers.

#[path = "support/cells.rs"]
mod cells;
mod support;

use cells::*;
use intake::{Column, Comparison, Condition, Constraint, Kind, Locale, Spec, Table};

const MONEY: Kind = Kind::Numeric { precision: Some((12, 2)) };

#[test]
fn a_dash_in_place_of_the_cents_is_no_sign() {
    for locale in [Locale::US, COMMA] {
        reads(
            MONEY,
            locale,
            &[
                ("12.-", "12"),
                ("5.–", "5"),
                ("5,-", "5"),
                ("5,—", "5"),
                ("5.--", "5"),
                ("-12.-", "-12"),
                ("Fr. 12.-", "12"),
                ("CHF 1'200.-", "1200"),
                ("5,- €", "5"),
                ("€ 5,-", "5"),
                ("Rs. 5/-", "5"),
                ("25:- kr", "25"),
                ("12-", "-12"),
            ],
        );
    }
    passes(MONEY, &[("33.87-", "-33.87"), ("1,200.-", "1200")]);
    reads(MONEY, COMMA, &[("1.200,-", "1200"), ("33,87-", "-33.87")]);
    codes(MONEY, "22P02", &["5.00.-", ".-", "5.---", "5.- -", "5--", "5.-5", "5.-.-"]);
    passes(Kind::Int4, &[("12.-", "12")]);
}

#[test]
fn cents_are_hundredths_or_refused() {
    passes(
        MONEY,
        &[("99¢", "0.99"), ("5¢", "0.05"), ("-250 ¢", "-2.50"), ("¢99", "0.99"), ("1,250¢", "12.50")],
    );
    reads(MONEY, COMMA, &[("99,5¢", "0.995")]);
    for unsure in ["99c", "99 ct", "99p"] {
        assert_eq!(suggestion(MONEY, unsure).as_deref(), Some("write 0.99, if these are cents"));
    }
    codes(MONEY, "22P02", &["$99¢", "1e2¢", "¢", "c", "99cc"]);
}

#[test]
fn currencies_of_the_world_stand_on_either_side() {
    reads(
        MONEY,
        COMMA,
        &[
            ("1 234,50 kr", "1234.50"),
            ("kr 1 234,50", "1234.50"),
            ("1.234,50 kr.", "1234.50"),
            ("Kr. 1.234,50", "1234.50"),
            ("12,50 zł", "12.50"),
            ("12,50 Kč", "12.50"),
            ("R$ 1.234,50", "1234.50"),
            ("1 234,50 ₽", "1234.50"),
            ("12,50 лв.", "12.50"),
            ("Ft 12 500", "12500"),
            ("12 500 Ft", "12500"),
            ("12,50 DKK", "12.50"),
            ("12,50 руб.", "12.50"),
            ("12,50 TL", "12.50"),
            ("Rp 12.500", "12500"),
            ("12,50 lei", "12.50"),
            ("12,50 Euro", "12.50"),
            ("EUR 12,50", "12.50"),
            ("12,50 eur", "12.50"),
            ("12,50 грн", "12.50"),
            ("12,50 ден.", "12.50"),
        ],
    );
}

#[test]
fn signs_and_codes_may_stand_together_unless_they_contradict() {
    passes(
        MONEY,
        &[
            ("HK$12.50", "12.50"),
            ("RM12.50", "12.50"),
            ("Rs. 1,250.50", "1250.50"),
            ("1,250円", "1250"),
            ("￥1,250", "1250"),
            ("$5.00 USD", "5.00"),
            ("USD $5.00", "5.00"),
            ("€ 5.00 EUR", "5.00"),
            ("$5.00 CAD", "5.00"),
            ("-US$ 5", "-5"),
            ("US$ -5", "-5"),
            ("CHF-5", "-5"),
            ("(R$ 5.00)", "-5.00"),
            ("5 CHF-", "-5"),
            ("R 5.00", "5.00"),
            ("NT$5", "5"),
            ("S/ 12.50", "12.50"),
            ("S/. 12.50", "12.50"),
            ("1\u{B4}250.50", "1250.50"),
            ("₦5", "5"),
            ("5 SFr.", "5"),
            ("A$12", "12"),
        ],
    );
    let refused = [
        "€5 USD",
        "5 ft",
        "5 all",
        "5 cup",
        "5 kg",
        "5 m",
        "5 L",
        "1k",
        "1.2M",
        "5€50",
        "EURO",
        "5.00 EUR/kg",
        "2 for $5",
        "5 R",
    ];
    codes(MONEY, "22P02", &refused);
}

#[test]
fn lakhs_and_crores_are_grouped_by_two() {
    passes(
        MONEY,
        &[
            ("1,23,456.78", "123456.78"),
            ("-1,23,456.78", "-123456.78"),
            ("12,34,567.00", "1234567.00"),
            ("₹ 1,00,000", "100000"),
            ("1,00,00,000", "10000000"),
            ("Rs. 12,34,567/-", "1234567"),
        ],
    );
    passes(Kind::Int8, &[("12,34,567", "1234567")]);
    codes(MONEY, "22P02", &["123,45,678", "1,23,45", "1,23,4567", "1,234,56,789", "1,2,345", "0,12,345"]);
    assert_eq!(refused_in(MONEY, COMMA, "1,23,456").code, "22P02");
}

#[test]
fn an_accounts_zero_is_a_dash_behind_the_currency() {
    passes(
        MONEY,
        &[
            (" $-   ", "0"),
            (" $ -   ", "0"),
            ("-   €", "0"),
            ("€ –", "0"),
            ("CHF -", "0"),
            (" $(12.00)", "-12.00"),
        ],
    );
    nulls(MONEY, &[" -   ", "--"]);
    codes(MONEY, "22P02", &["$", "($)", "$+", "-%", "€ $ -"]);
}

fn read(column: Column, cells: &[&str]) -> support::Reading {
    let table = Table { columns: vec![column], attributes: None };
    let lines: String = cells.iter().map(|cell| format!("\"{cell}\"\n")).collect();
    let (reading, result) = support::try_read(format!("c\n{lines}").as_bytes(), &Spec::new(table));
    result.expect("a readable file");
    reading
}

fn warnings(kind: Kind, cells: &[&str]) -> Vec<String> {
    let reading = read(Column::new("c", kind), cells);
    reading.warnings().iter().map(|it| it.to_string()).collect()
}

#[test]
fn digits_that_are_rounded_away_are_told() {
    let told = |count, first| {
        [format!(
            "{count} in column \"c\" had more digits behind the point than the column keeps, and were rounded ({first})"
        )]
    };
    assert_eq!(warnings(MONEY, &["5.00", "$0.0037", "1.999"]), told("2 values", "3: $0.0037"));
    assert_eq!(warnings(MONEY, &["5.00", "1.255"]), told("1 value", "3: 1.255"));
    assert_eq!(warnings(MONEY, &["12.5", "1.5e-3"]), told("1 value", "3: 1.5e-3"));
    assert_eq!(
        warnings(Kind::Numeric { precision: Some((5, -2)) }, &["1200", "1250"]),
        told("1 value", "3: 1250")
    );
    assert_eq!(warnings(MONEY, &["5.00", "5.1000", "12", "1.50000", "0.000"]), [""; 0]);
    assert_eq!(warnings(ANY_NUMERIC, &["0.0037", "5.00"]), [""; 0]);
}

#[test]
fn several_currencies_in_one_column_are_told() {
    let told = "4 values in column \"c\" had different currencies, which were left out: USD 2, EUR 1, JPY 1 (2: $5.00)";
    assert_eq!(warnings(MONEY, &["$5.00", "€5.00", "¥500", "7 USD", "8"]), [told]);
    let told =
        "2 values in column \"c\" had different currencies, which were left out: kr 1, CHF 1 (3: 5 kr.)";
    assert_eq!(warnings(MONEY, &["4", "5 kr.", "CHF 6"]), [told]);
    for one in [
        &["$5.00", "USD 6", "$7.00 USD", "8"][..],
        &["5 kr", "6 kr.", "Kr 7"],
        &["€5", "6 Euro", "7 EUR"],
        &["5¢", "$6"],
    ] {
        assert_eq!(warnings(MONEY, one), [""; 0], "{one:?}");
    }
}

#[test]
fn a_count_in_which_all_have_a_sign_is_told() {
    let told = |count, first| {
        [format!(
            "{count} in column \"c\" had a plus sign, which was dropped, and all have a sign, as changes have ({first})"
        )]
    };
    assert_eq!(warnings(Kind::Int4, &["+5", "-3", "+12"]), told("2 values", "2: +5"));
    assert_eq!(warnings(Kind::Int4, &["-5", "0", "", "+3"]), told("1 value", "5: +3"));
    for cells in [&["+5", "3"][..], &["-5", "-3"], &["5", "-3"], &["0", ""]] {
        assert_eq!(warnings(Kind::Int4, cells), [""; 0], "{cells:?}");
    }
    // Amounts have signs; what may not be negative is a count.
    assert_eq!(warnings(MONEY, &["+5", "-3"]), [""; 0]);
    let condition = Condition::Number(Comparison::AtLeast, 0);
    let constraint = Constraint { condition, name: "not_negative".into() };
    let weight = Column { constraints: vec![constraint], ..Column::new("c", MONEY) };
    let reading = read(weight, &["+5", "-3"]);
    assert_eq!((reading.warnings(), reading.faults().len()), (told("1 value", "2: +5").to_vec(), 1));
}
