//! What depends on where the writer of a file lives.

use serde::{Deserialize, Serialize};

/// What stands before the fraction of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecimalMark {
    /// `1234.50`
    Point,
    /// `1234,50`
    Comma,
}

impl DecimalMark {
    /// Takes `.` and `,`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "." => Some(DecimalMark::Point),
            "," => Some(DecimalMark::Comma),
            _ => None,
        }
    }

    /// `.` or `,`
    #[inline]
    pub fn as_char(self) -> char {
        match self {
            DecimalMark::Point => '.',
            DecimalMark::Comma => ',',
        }
    }

    #[inline]
    pub(crate) fn other(self) -> Self {
        match self {
            DecimalMark::Point => DecimalMark::Comma,
            DecimalMark::Comma => DecimalMark::Point,
        }
    }
}

/// The order of year, month and day. A year of four digits in front is always followed by the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateOrder {
    /// `12/31/2024`
    Mdy,
    /// `31.12.2024`
    Dmy,
    /// `24-12-31`
    Ymd,
}

impl DateOrder {
    /// Every order.
    pub const ALL: [DateOrder; 3] = [DateOrder::Mdy, DateOrder::Dmy, DateOrder::Ymd];

    /// Takes `mdy`, `dmy` and `ymd`, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        DateOrder::ALL.into_iter().find(|order| order.name().eq_ignore_ascii_case(text))
    }

    /// `mdy`, `dmy` or `ymd`
    pub fn name(self) -> &'static str {
        match self {
            DateOrder::Mdy => "mdy",
            DateOrder::Dmy => "dmy",
            DateOrder::Ymd => "ymd",
        }
    }
}

/// How the numbers and dates of a column are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locale {
    /// What stands before the fraction of a number.
    pub decimal: DecimalMark,
    /// Whether thousands may be parted by the point or comma that is not the decimal mark. Spaces and apostrophes
    /// always may.
    pub grouping: bool,
    /// The order of year, month and day.
    pub dates: DateOrder,
}

impl Locale {
    /// `1,234.50` and `12/31/2024`.
    pub const US: Locale = Locale { decimal: DecimalMark::Point, grouping: true, dates: DateOrder::Mdy };

    /// Numbers as JSON has them.
    pub(crate) fn machine(self) -> Locale {
        Locale { decimal: DecimalMark::Point, grouping: false, ..self }
    }
}
