//! Dates and timestamps, in every spelling.

#[path = "support/cells.rs"]
mod cells;

use cells::*;
use intake::{Kind, Locale};

#[test]
fn dates_become_iso_and_exist() {
    let anywhere = [
        ("2024-02-29", "2024-02-29"),
        ("2024-1-5", "2024-01-05"),
        ("2024/1/5", "2024-01-05"),
        ("20240105", "2024-01-05"),
        ("5 Jan 2024", "2024-01-05"),
        ("January 5, 2024", "2024-01-05"),
        ("05-JAN-24", "2024-01-05"),
        ("45291", "2023-12-31"),
        ("45291.0", "2023-12-31"),
        ("2024-01-05 00:00:00", "2024-01-05"),
        ("=\"2024-01-05\"", "2024-01-05"),
    ];
    for locale in [Locale::US, DMY] {
        reads(Kind::Date, locale, &anywhere);
    }
    passes(
        Kind::Date,
        &[("03/04/2024", "2024-03-04"), ("1/31/24", "2024-01-31"), ("1/31/2024 0:00", "2024-01-31")],
    );
    reads(
        Kind::Date,
        DMY,
        &[("03/04/2024", "2024-04-03"), ("31.1.99", "1999-01-31"), ("31 01 2024", "2024-01-31")],
    );
    codes(Kind::Date, "22007", &["24-01", "2024-01", "2024-01-31 10:00", "2024", "45291.5", "tomorrow"]);
    codes(Kind::Date, "22008", &["2023-02-29", "2024-13-01", "0000-01-01", "13/13/2024"]);
    assert_eq!(suggestion(Kind::Date, "tomorrow").as_deref(), Some("write dates as YYYY-MM-DD"));
}

#[test]
fn a_date_in_another_order_is_refused_with_the_one_to_write() {
    let error = refused(Kind::Date, "13/02/2024");
    assert_eq!(
        (&*error.code, error.message.as_str()),
        ("22008", "date/time field value out of range: \"13/02/2024\"")
    );
    let suggestion = error.suggestion.unwrap();
    assert_eq!(suggestion, "write 2024-02-13, as the column has its dates in the order mdy");
    assert_eq!(refused_in(Kind::Date, DMY, "02/13/2024").code, "22008");
}

#[test]
fn timestamps_may_have_a_zone_and_halves_of_the_day() {
    let cells = [
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31 10:00", "2024-01-31 10:00:00"),
        ("2024-01-31T10:00:00.123Z", "2024-01-31 10:00:00.123Z"),
        ("2024-01-31 10:00:00+02", "2024-01-31 10:00:00+02"),
        ("2024-01-31 10:00:00 -0500", "2024-01-31 10:00:00-0500"),
        ("2024-01-31T10:00:00+05:30", "2024-01-31 10:00:00+05:30"),
        ("2024-01-31 10:00:00 UTC", "2024-01-31 10:00:00UTC"),
        ("1/31/2024 3:45 PM", "2024-01-31 15:45:00"),
        ("1/31/2024 12:05:09 am", "2024-01-31 00:05:09"),
        ("Jan 31, 2024, 10:00", "2024-01-31 10:00:00"),
        ("45291.5", "2023-12-31 12:00:00"),
    ];
    passes(Kind::Timestamp, &cells);
    passes(Kind::TimestampTz, &cells);
    reads(Kind::Timestamp, DMY, &[("31.01.2024 10:00", "2024-01-31 10:00:00")]);
    codes(
        Kind::TimestampTz,
        "22007",
        &["10:00", "2024-01-31 10", "2024-01-31 10:00:00.", "2024-01-31 10:00 xm"],
    );
    codes(
        Kind::Timestamp,
        "22008",
        &["2024-01-31 25:00", "2024-02-30 10:00", "2024-01-31 10:00+16", "2024-01-31 13:00 pm"],
    );
    let message = refused(Kind::TimestampTz, "noon").message;
    assert_eq!(message, "invalid input syntax for type timestamp with time zone: \"noon\"");
}
