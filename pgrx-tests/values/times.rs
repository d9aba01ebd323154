//! Dates, times of day and zones.

use super::texts::spoiled;
use proptest::prelude::*;
use proptest::sample::select;

/// Days that there are and some that there are not, in many forms.
pub fn dates() -> BoxedStrategy<String> {
    let year = prop_oneof![
        8 => 1900..2100,
        1 => 0..10_001,
        1 => select(&[0, 1, 4, 99, 100, 999, 1582, 1600, 1900, 1999, 2000, 2001, 4713, 5874897, 9999, 10_000][..]),
    ];
    let day = prop_oneof![4 => 1..32, 2 => 28..30, 1 => 0..34];
    let month = prop_oneof![4 => 1..13, 1 => Just(2), 1 => 0..15];
    let date = (year, month, day, 0..60u8).prop_map(|(year, month, day, form)| match form {
        0 => format!("{day}.{month}.{year}"),
        1 => format!("{month}/{day}/{year:04}"),
        2 => format!("{year}-{month}-{day}"),
        3 => format!("{:02}-{month:02}-{day:02}", year % 100),
        4 => format!("{year:04}{month:02}{day:02}"),
        5 => format!("{day} Feb {year}"),
        6 => format!("{year:05}-{month:02}-{day:02}"),
        7 => format!("+{year:04}-{month:02}-{day:02}"),
        8 => format!("{year:04}-{month:02}-{day:02} BC"),
        9 => format!("{year:04}-{month:03}-{day:02}"),
        10 => format!("{year:04}/{month:02}/{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}"),
    });
    let odd = select(
        &[
            "infinity",
            "-infinity",
            "epoch",
            "today",
            "45291",
            "45291.75",
            "J2451187",
            "2024.060",
            "1-2-3",
            "024-1-31",
        ][..],
    );
    prop_oneof![20 => spoiled(date), 1 => odd.prop_map(str::to_owned)].boxed()
}

/// Times of day that there are and some that there are not.
fn clocks() -> BoxedStrategy<String> {
    let (hour, minute, second) = (0..24u8, 0..60u8, 0..60u8);
    let edge = select(
        &[
            (23, 59, 59),
            (23, 59, 60),
            (24, 0, 0),
            (24, 0, 1),
            (12, 60, 0),
            (12, 0, 60),
            (12, 0, 61),
            (0, 0, 0),
        ][..],
    );
    let clock = prop_oneof![6 => (hour, minute, second), 1 => edge];
    let fraction =
        prop_oneof![3 => Just(String::new()), 2 => "\\.[0-9]{1,6}", 1 => "\\.[0-9]{0,9}", 1 => "\\.9{5,8}"];
    (clock, fraction, 0..36u8)
        .prop_map(|((hour, minute, second), fraction, form)| match form {
            0 => format!("{hour}:{minute:02}:{second:02}{fraction}"),
            1 => format!("{hour:02}{minute:02}{second:02}{fraction}"),
            2 => format!("{hour:02}{minute:02}"),
            3 => format!("{hour:02}"),
            4 => format!("{hour:02}:{minute}:{second}{fraction}"),
            5 => format!("{hour:02}:{minute:02} PM"),
            6 => format!("{hour:02}:{minute:02}{fraction}"),
            7 => format!("{hour:02}:{minute:02}:{second:02},5"),
            8 => format!("{hour:03}:{minute:02}:{second:02}"),
            9..15 => format!("{hour:02}:{minute:02}"),
            _ => format!("{hour:02}:{minute:02}:{second:02}{fraction}"),
        })
        .boxed()
}

pub fn moments() -> BoxedStrategy<String> {
    let between = select(&[" ", " ", "T", "t", "  ", ""][..]);
    let moment =
        (dates(), between, clocks()).prop_map(|(date, between, clock)| format!("{date}{between}{clock}"));
    spoiled(prop_oneof![6 => moment, 1 => dates(), 1 => zoned()])
}

pub fn zoned() -> BoxedStrategy<String> {
    let offset = (select(&["+", "-"][..]), 0..17u8, select(&[0u8, 1, 30, 45, 59, 60][..]), 0..8u8).prop_map(
        |(sign, hours, minutes, form)| match form {
            0 => format!("{sign}{hours:02}{minutes:02}"),
            1 => format!("{sign}{hours}:{minutes:02}"),
            2 => format!("{sign}{hours:02}:{minutes:02}:59"),
            3 => format!("{sign}{hours}"),
            4 | 5 => format!("{sign}{hours:02}"),
            _ => format!("{sign}{hours:02}:{minutes:02}"),
        },
    );
    let named =
        select(&["Z", "z", " Z", "UTC", " UTC", "GMT", "", " BC", " Europe/Berlin", "EST5EDT", "+", "-"][..]);
    let zone = prop_oneof![5 => offset.clone(), 1 => offset.prop_map(|offset| format!(" {offset}")), 3 => named.prop_map(str::to_owned)];
    let between = select(&[" ", " ", " ", "T", "t"][..]);
    let moment = (dates(), between, clocks(), zone.clone())
        .prop_map(|(date, between, clock, zone)| format!("{date}{between}{clock}{zone}"));
    let day = (dates(), zone).prop_map(|(date, zone)| format!("{date}{zone}"));
    spoiled(prop_oneof![9 => moment, 1 => day])
}
