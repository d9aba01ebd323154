//! Checking single cells.
#![allow(dead_code, reason = "each test file uses its part")]

use intake::{CellError, Column, DateOrder, DecimalMark, Kind, Locale, check};

pub const ANY_NUMERIC: Kind = Kind::Numeric { precision: None };

pub const COMMA: Locale = Locale { decimal: DecimalMark::Comma, ..Locale::US };
pub const DMY: Locale = Locale { dates: DateOrder::Dmy, ..Locale::US };

#[track_caller]
pub fn reads(kind: Kind, locale: Locale, cells: &[(&str, &str)]) {
    let column = Column::new("c", kind);
    for (text, canonical) in cells {
        assert_eq!(check(&column, locale, text).unwrap().as_deref(), Some(*canonical), "{text:?}");
    }
}

#[track_caller]
pub fn passes(kind: Kind, cells: &[(&str, &str)]) {
    reads(kind, Locale::US, cells);
}

#[track_caller]
pub fn nulls(kind: Kind, cells: &[&str]) {
    let column = Column::new("c", kind);
    for text in cells {
        assert_eq!(check(&column, Locale::US, text).unwrap(), None, "{text:?}");
    }
}

#[track_caller]
pub fn same(kind: Kind, cells: &[&str]) {
    passes(kind, &cells.iter().map(|&cell| (cell, cell)).collect::<Vec<_>>());
}

#[track_caller]
pub fn refused(kind: Kind, text: &str) -> CellError {
    refused_in(kind, Locale::US, text)
}

#[track_caller]
pub fn refused_in(kind: Kind, locale: Locale, text: &str) -> CellError {
    check(&Column::new("c", kind), locale, text).expect_err(text)
}

#[track_caller]
pub fn codes(kind: Kind, code: &str, cells: &[&str]) {
    for text in cells {
        assert_eq!(refused(kind.clone(), text).code, code, "{text:?}");
    }
}

pub fn suggestion(kind: Kind, text: &str) -> Option<String> {
    refused(kind, text).suggestion
}
