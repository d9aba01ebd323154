//! How a file spells its records: delimiter, quote, escape and line end.

use crate::encoding::EncodingBasis;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;

/// The delimiters that are looked for, in order of preference among equals.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How a file spells its records, and where they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// As the WHATWG names it: `UTF-8`, `UTF-16LE`, `windows-1252`.
    pub encoding: &'static str,
    /// What that is known by.
    pub encoding_basis: EncodingBasis,
    /// ASCII.
    pub delimiter: u8,
    /// What stands around fields.
    pub quote: Quote,
    /// How a quote is written inside quotes.
    pub escape: Escape,
    /// Spaces before a field, and behind it, belong to the delimiter.
    pub padded: bool,
    /// The line end that the file uses first: `"\n"`, `"\r\n"` or `"\r"`. Reading takes all of them anywhere.
    pub newline: &'static str,
    /// The first line is Excel's `sep=;`, and no record.
    pub sep_line: bool,
    /// Cells without quotes are numbers and truth values, as in the sheets of workbooks, and a row is a line whatever is in it.
    pub typed: bool,
    /// The text was in columns of a fixed width, of which these are the cells.
    pub fixed: bool,
    /// The file is an export that comes back: quotes tell an empty text from NULL, and formulas have apostrophes.
    pub is_export: bool,
    /// Whether a row names the columns.
    pub header: bool,
    /// Lines before that row, or before the first row of data: titles, comments, blank lines, the `sep=` line.
    pub skip: u64,
}

/// What stands around fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quote {
    /// `"…"`
    #[serde(rename = "\"")]
    Double,
    /// `'…'`
    #[serde(rename = "'")]
    Single,
    /// `“…”`
    #[serde(rename = "“")]
    Curly,
    /// `„…“`
    #[serde(rename = "„")]
    Low,
}

impl Quote {
    pub(crate) const ALL: [Quote; 4] = [Quote::Double, Quote::Single, Quote::Curly, Quote::Low];

    pub(crate) fn open(self) -> &'static str {
        match self {
            Quote::Double => "\"",
            Quote::Single => "'",
            Quote::Curly => "“",
            Quote::Low => "„",
        }
    }

    pub(crate) fn close(self) -> &'static str {
        match self {
            Quote::Double => "\"",
            Quote::Single => "'",
            Quote::Curly => "”",
            Quote::Low => "“",
        }
    }
}

/// How a quote is written inside quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// Twice.
    Doubled,
    /// After a backslash, as a backslash itself is; or twice.
    Backslash,
}

impl Dialect {
    /// The delimiter and, for the rest, what RFC 4180 says.
    pub fn plain(delimiter: u8) -> Dialect {
        Dialect {
            encoding: "UTF-8",
            encoding_basis: EncodingBasis::Content,
            delimiter,
            quote: Quote::Double,
            escape: Escape::Doubled,
            padded: false,
            newline: "\n",
            sep_line: false,
            typed: false,
            fixed: false,
            is_export: false,
            header: true,
            skip: 0,
        }
    }

    /// That of a sheet as text.
    pub(crate) fn of_sheet() -> Dialect {
        Dialect { typed: true, ..Dialect::plain(b',') }
    }

    /// Whether quotes and escapes are what RFC 4180 says.
    pub(crate) fn is_rfc4180(&self) -> bool {
        self.quote == Quote::Double && self.escape == Escape::Doubled && !self.padded
    }

    /// How records are split, by what [`Dialect::to_json`] has written down; the usual way, of anything else.
    pub fn of_json(json: &Value) -> Dialect {
        let Ok(Shown { delimiter, quote, escape, padded, export, typed, .. }) = Shown::deserialize(json)
        else {
            return Dialect::plain(b',');
        };
        let delimiter = u8::try_from(delimiter).ok().filter(|&byte| is_delimiter(byte)).unwrap_or(b',');
        let escape = if escape == BACKSLASH { Escape::Backslash } else { Escape::Doubled };
        Dialect { quote, escape, padded, is_export: export, typed, ..Dialect::plain(delimiter) }
    }

    /// `{"encoding", "encoding_basis", "delimiter", "quote", "escape", "newline", "header", "skip"}`, for reports, and `"padded"`,
    /// `"export"` and `"typed"` where they are true.
    pub fn to_json(&self) -> Value {
        let Dialect {
            encoding,
            encoding_basis,
            quote,
            newline,
            padded,
            is_export: export,
            typed,
            header,
            skip,
            ..
        } = *self;
        let delimiter = char::from(self.delimiter);
        let escape = if self.escape == Escape::Backslash { BACKSLASH } else { quote.close() };
        let (encoding, escape, newline) = (encoding.into(), escape.into(), newline.into());
        json!(Shown {
            encoding,
            encoding_basis,
            delimiter,
            quote,
            escape,
            newline,
            header,
            skip,
            padded,
            export,
            typed
        })
    }
}

const BACKSLASH: &str = "\\";

/// A dialect as reports show it.
#[derive(Serialize, Deserialize)]
struct Shown<'d> {
    encoding: Cow<'d, str>,
    #[serde(default)]
    encoding_basis: EncodingBasis,
    delimiter: char,
    quote: Quote,
    /// A backslash, or the quote that is doubled.
    escape: Cow<'d, str>,
    newline: Cow<'d, str>,
    header: bool,
    skip: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    padded: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    export: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    typed: bool,
}

/// Whether a byte can stand between fields: ASCII, and neither part of words, a quote nor a line end.
pub(crate) fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && byte != 0 && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r')
}
