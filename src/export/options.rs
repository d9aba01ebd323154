//! How an export was asked to go about it.

use crate::failure::Failure;
use serde_json::Value;

/// The options of a job, checked when it was submitted (`teamwork.check_options`).
pub struct Options {
    /// `None`: those that an import of the file could fill.
    pub columns: Option<Vec<String>>,
    pub delimiter: char,
    /// Whether the first row names the columns.
    pub header: bool,
    /// Whether cells that a spreadsheet would run as formulas are made harmless.
    pub escapes_formulas: bool,
    /// Whether the file begins with a byte order mark, by which Excel knows UTF-8.
    pub bom: bool,
}

impl Options {
    pub fn parse(json: &str) -> Result<Self, Failure> {
        let options: Value =
            serde_json::from_str(json).map_err(|error| Failure::new(format!("invalid options: {error}")))?;
        let text = |name: &str| options.get(name).and_then(Value::as_str);
        let flag = |name: &str| options.get(name).and_then(Value::as_bool);
        let names = |list: &Vec<Value>| list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(Self {
            columns: options.get("columns").and_then(Value::as_array).map(names),
            delimiter: match text("delimiter") {
                Some("tab") => '\t',
                given => given.and_then(|text| text.chars().next()).unwrap_or(','),
            },
            header: flag("header").unwrap_or(true),
            escapes_formulas: text("formulas") != Some("keep"),
            bom: flag("bom").unwrap_or(false),
        })
    }
}
