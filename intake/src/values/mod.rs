//! Reads a cell as its column's type, in its column's locale, into what PostgreSQL's input functions take.

mod affixes;
mod calendar;
mod cell_reader;
mod clock;
mod date;
mod enumeration;
mod json;
mod money;
mod normalize;
mod number;
mod number_format;
mod scalar;
mod spelled_date;
mod time;
mod truth;
mod words;

pub use cell_reader::check;
pub(crate) use cell_reader::{CellReader, Found, is_null_of_programs};
pub(crate) use json::{escapes_nul, no_nul};
pub(crate) use money::is_currency;
pub(crate) use normalize::{is_change, is_identifier, normalized, without_formula};
pub(crate) use number_format::parse_localized;
pub(crate) use spelled_date::is_spelled;
pub(crate) use time::day_of;
pub(crate) use truth::is_true;
