//! Dates with the names of months and days of the week, and years of two digits.

#[path = "support/cells.rs"]
mod cells;
mod support;

use cells::*;
use intake::{Column, DateOrder, Kind, Locale, Spec, Table};

/// Each of them is 2024-03-05, a Tuesday, whatever the order of the column.
#[track_caller]
fn all_are_the_fifth_of_march(cells: &[&str]) {
    let expected: Vec<_> = cells.iter().map(|&cell| (cell, "2024-03-05")).collect();
    for dates in DateOrder::ALL {
        reads(Kind::Date, Locale { dates, ..Locale::US }, &expected);
    }
}

#[test]
fn months_have_names_in_every_position_and_ordinals_behind_the_day() {
    all_are_the_fifth_of_march(&[
        "5 March 2024",
        "5th March 2024",
        "5th of March, 2024",
        "the 5th of March 2024",
        "March 5th, 2024",
        "Mar. 5, 2024",
        "MAR 5 2024",
        "05Mar2024",
        "5mar2024",
        "5-MAR-2024",
        "2024 Mar 5",
        "2024Mar05",
        "2024, March 5th",
        "5. Mar 2024",
        "2024 5 March",
        "'5 Mar 2024",
    ]);
}

#[test]
fn days_of_the_week_stand_before_or_behind() {
    all_are_the_fifth_of_march(&[
        "Tuesday, 5 March 2024",
        "Tue 5 Mar 2024",
        "Tue. 5 Mar. 2024",
        "TUESDAY March 5, 2024",
        "5 March 2024, Tuesday",
        "2024-03-05 Tue",
        "Tue, 2024-03-05",
        "Dienstag, 2024-03-05",
    ]);
}

#[test]
fn months_and_days_have_names_in_many_languages() {
    all_are_the_fifth_of_march(&[
        "5. März 2024",
        "Di., 5. Mrz. 2024",
        "Dienstag, den 5. Maerz 2024",
        "5 mars 2024",
        "mardi 5 mars 2024",
        "mar. 5 mars 2024",
        "5 de marzo de 2024",
        "martes, 5 de marzo de 2024",
        "mar 5 mar 2024",
        "martedì 5 marzo 2024",
        "terça-feira, 5 de março de 2024",
        "5 de mar. de 2024",
        "dinsdag 5 maart 2024",
        "di 5 mrt. 2024",
        "wtorek, 5 marca 2024",
        "5 marzec 2024",
        "wt., 5 mar 2024",
        "tirsdag den 5. marts 2024",
        "tirs. 5. mars 2024",
        "tisdag 5 mars 2024",
        "tis 5 mars 2024",
        "tiistai 5. maaliskuuta 2024",
        "ti 5. maalis 2024",
        "5 MARCO 2024",
        "5 ma\u{308}rz 2024",
    ]);
    passes(
        Kind::Date,
        &[
            ("1er août 2024", "2024-08-01"),
            ("1º de dezembro de 2024", "2024-12-01"),
            ("31. Jänner 2024", "2024-01-31"),
            ("3 fevr. 2024", "2024-02-03"),
            ("12 października 2024", "2024-10-12"),
            ("12 PAZ 2024", "2024-10-12"),
            ("24 kesäkuuta 2024", "2024-06-24"),
            ("7 gen 2024", "2024-01-07"),
            ("7 ott. 2024", "2024-10-07"),
            ("17 mei 2024", "2024-05-17"),
            ("17. desember 2024", "2024-12-17"),
            ("14 juil. 2024", "2024-07-14"),
            ("sábado 6 de enero de 2024", "2024-01-06"),
            ("LØRDAG 6. januar 2024", "2024-01-06"),
        ],
    );
}

#[test]
fn little_words_and_units_of_dates_mean_nothing() {
    for dates in DateOrder::ALL {
        let cells = [
            ("2024年3月5日", "2024-03-05"),
            ("2024 年 3 月 5 日", "2024-03-05"),
            ("2024년 3월 5일", "2024-03-05"),
            ("March 5, 2024 at 10:00 AM", "2024-03-05"),
            ("5. März 2024 um 10:00 Uhr", "2024-03-05"),
            ("5 mars 2024 à 10:00", "2024-03-05"),
            ("Mar 5, 2024 10:00:00 AM PST", "2024-03-05"),
            ("2024-03-05 10:00 CET", "2024-03-05"),
        ];
        reads(Kind::Date, Locale { dates, ..Locale::US }, &cells);
    }
    reads(Kind::Date, DMY, &[("le 5/3/2024", "2024-03-05"), ("den 5.3.2024 kl. 10:00", "2024-03-05")]);
    passes(Kind::Timestamp, &[("5 de marzo de 2024 a las 10:00", "2024-03-05 10:00:00")]);
    // Where a time is stored, its zone must be sure.
    codes(Kind::TimestampTz, "22007", &["2024-03-05 10:00 CET", "Mar 5, 2024 10:00 PST"]);
}

#[test]
fn what_is_not_understood_is_refused() {
    codes(
        Kind::Date,
        "22007",
        &[
            "5 jui 2024",
            "5 M 2024",
            "Tuesday",
            "March 2024",
            "2024",
            "5 March",
            "5 March 2024 or later",
            "Tue Wed 5 March 2024",
            "5 March April 2024",
            "5 März 2024?",
            "5 March 2024 6",
            "week 5 2024",
            "5 March 20245",
            "next Tuesday",
            "5日3月2024年",
            "2024年3月",
            "令和6年3月5日",
        ],
    );
    codes(Kind::Date, "22008", &["31 February 2024", "0 March 2024", "32. März 2024"]);
}

fn read(cells: &[&str]) -> support::Reading {
    let table = Table { columns: vec![Column::new("made", Kind::Date)], attributes: None };
    let lines: String = cells.iter().map(|cell| format!("\"{cell}\"\n")).collect();
    let (reading, result) = support::try_read(format!("made\n{lines}").as_bytes(), &Spec::new(table));
    result.expect("a readable file");
    reading
}

fn values(reading: &support::Reading) -> Vec<&str> {
    reading.rows.iter().map(|row| row[0].as_deref().unwrap_or("∅")).collect()
}

#[test]
fn the_day_of_the_week_tells_the_order_of_numbers() {
    let reading = read(&["Tue 05/03/2024", "Mon 04/03/2024"]);
    assert_eq!((values(&reading), reading.warnings()), (vec!["2024-03-05", "2024-03-04"], vec![]));
    let reading = read(&["Fri 05/03/2024", "Wed 04/03/2024"]);
    assert_eq!((values(&reading), reading.warnings()), (vec!["2024-05-03", "2024-04-03"], vec![]));
}

#[test]
fn another_day_of_the_week_is_told() {
    let reading = read(&["Tuesday, 5 March 2024", "Monday, 6 March 2024"]);
    assert_eq!(values(&reading), ["2024-03-05", "2024-03-06"]);
    let told = "1 value in column \"made\" had another day of the week than the date has; the date was taken (3: Monday, 6 March 2024)";
    assert_eq!(reading.warnings(), [told]);
}

#[test]
fn years_of_two_digits_in_the_future_are_told() {
    let reading = read(&["12/05/68", "25/11/71", "01/02/03", "13/02/69"]);
    assert_eq!(values(&reading), ["2068-05-12", "1971-11-25", "2003-02-01", "2069-02-13"]);
    let told =
        "2 values in column \"made\" had a year of two digits and became a day in the future (2: 12/05/68)";
    assert_eq!(reading.warnings(), [told]);
    assert_eq!(read(&["12 May 68"]).warnings().len(), 1);
    for tidy in ["12/25/2068", "25 Nov 71", "2069-01-31", "12/25/99"] {
        assert_eq!(read(&[tidy]).warnings(), [""; 0], "{tidy}");
    }
}

#[test]
fn points_after_abbreviations_are_no_sign_of_the_day_first() {
    let reading = read(&["Mar. 5, 2024", "03/04/2024"]);
    assert_eq!(values(&reading), ["2024-03-05", "2024-03-04"]);
}
