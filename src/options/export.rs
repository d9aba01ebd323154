//! How an export is to be written.

use super::declare::{OptionValue, options};
use serde::Deserialize;
use serde_json::Value;

options! {
    /// The options of an export.
    pub struct ExportOptions of "export" {
        /// The columns, in the order of the file; those that an import could fill where not given.
        columns: Option<ColumnNames> = None,
        /// What parts the cells.
        delimiter: ExportDelimiter = ExportDelimiter::Comma,
        /// Whether the first row names the columns.
        header: bool = true,
        /// Whether cells that a spreadsheet would run as formulas are made harmless or kept as they are.
        formulas: Formulas = Formulas::Escape,
        /// Whether the file begins with a byte order mark, by which Excel knows UTF-8.
        bom: bool = false,
    }
}

#[derive(Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct ColumnNames(pub Vec<String>);

impl TryFrom<Vec<String>> for ColumnNames {
    type Error = &'static str;

    fn try_from(names: Vec<String>) -> Result<Self, Self::Error> {
        if names.is_empty() { Err("no column") } else { Ok(Self(names)) }
    }
}

impl OptionValue for ColumnNames {
    const VALUES: &str = "an array of column names";

    fn hint(_value: &Value) -> String {
        "Give an array of column names.".to_owned()
    }
}

#[derive(Clone, Copy, Deserialize)]
pub enum ExportDelimiter {
    #[serde(rename = ",")]
    Comma,
    #[serde(rename = ";")]
    Semicolon,
    #[serde(rename = "\t", alias = "tab")]
    Tab,
    #[serde(rename = "|")]
    Pipe,
}

impl ExportDelimiter {
    pub fn as_char(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
            Self::Pipe => '|',
        }
    }
}

impl OptionValue for ExportDelimiter {
    const VALUES: &str = r#"",", ";", "\t", "|", "tab""#;
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Formulas {
    Escape,
    Keep,
}

impl OptionValue for Formulas {
    const VALUES: &str = r#""escape", "keep""#;
}
