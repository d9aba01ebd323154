//! How an import is to go about it.

use super::declare::{OptionValue, options};
use super::value::{Delimiter, Encoding, Header, Sheet};
use crate::settings;
use intake::{DateOrder, DecimalMark, ReadOptions, WarningKind};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

options! {
    /// The options of an import.
    pub struct ImportOptions of "import" {
        /// What to do with a row whose key the team has already.
        on_conflict: OnConflict = OnConflict::Update,
        /// Whether a refused row is skipped or stops the import.
        on_error: OnError = OnError::Skip,
        /// More refused rows than that fail the import.
        max_errors: Option<RefusedRows> = None,
        /// Whether a blank cell empties what a known row has, or keeps it.
        blank: Blank = Blank::Empty,
        /// Columns of numbers that are added to what known rows have.
        quantity_mode: QuantityMode = QuantityMode::default(),
        /// Of which location the numbers of a file with several are taken, or the sum of all.
        location: Option<Location> = None,
        /// What to do with a file that the team has imported into the table before.
        on_repeat: OnRepeat = OnRepeat::Warn,
        /// Kinds of warnings that fail the import.
        fail_on: Option<WarningKinds> = None,
        /// Rows after which to commit; all at once, at the end, where not given.
        commit_every: Option<RowsToCommit> = None,
        /// Whether all is taken back in the end.
        dry_run: bool = false,
        /// The encoding of the file; found out from the file where not given.
        encoding: Option<Encoding> = None,
        /// What parts the cells; found out from the file where not given.
        delimiter: Option<Delimiter> = None,
        /// Whether a row names the columns, or the line of that row; found out from the file where not given.
        header: Option<Header> = None,
        /// The sheet of a workbook; found out from the file where not given.
        sheet: Option<Sheet> = None,
        /// What stands before the fraction of a number; found out from the file where not given.
        decimal: Option<Decimal> = None,
        /// The order of day, month and year; found out from the file where not given.
        date_order: Option<Order> = None,
    }
}

impl ImportOptions {
    pub fn reading(&self) -> ReadOptions {
        ReadOptions {
            encoding: self.encoding.as_ref().map(|it| it.0.clone()),
            delimiter: self.delimiter.map(|it| it.0),
            header: self.header.map(|it| it.0),
            sheet: self.sheet.as_ref().map(|it| it.0.clone()),
            memory: settings::workbook_memory(),
            is_text: false,
        }
    }

    /// Rows after which to commit; `None`: all at once, at the end.
    pub fn commit_every(&self) -> Option<u64> {
        self.commit_every.as_ref().map(|rows| rows.0.into())
    }

    /// How many rows an import may refuse, where so many are more than that.
    pub fn exceeded(&self, refused: u64) -> Option<u64> {
        let most = match self.on_error {
            OnError::Abort => Some(0),
            OnError::Skip => self.max_errors.as_ref().map(|rows| rows.0.into()),
        };
        most.filter(|most| refused > *most)
    }
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnConflict {
    Update,
    Skip,
    Error,
}

impl OptionValue for OnConflict {
    const VALUES: &str = r#""update", "skip", "error""#;
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blank {
    Empty,
    Keep,
}

impl OptionValue for Blank {
    const VALUES: &str = r#""empty", "keep""#;
}

/// By column of the table.
#[derive(Default, Deserialize)]
pub struct QuantityMode(pub BTreeMap<String, NumberMode>);

/// What becomes of a number that a known row has.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberMode {
    Set,
    Add,
}

impl QuantityMode {
    /// The columns whose numbers are added.
    pub fn added(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, mode)| **mode == NumberMode::Add).map(|(column, _)| column.as_str())
    }
}

impl OptionValue for QuantityMode {
    const VALUES: &str = r#"an object such as {"quantity": "add"}"#;
    const IS_OBJECT: bool = true;

    fn hint(_value: &Value) -> String {
        r#"Give an object of columns, each with "add" or "set": {"quantity": "add"}."#.to_owned()
    }
}

#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Location(pub intake::Location);

impl TryFrom<String> for Location {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match name.trim() {
            "" => Err("no name"),
            "*" => Ok(Self(intake::Location::Sum)),
            name => Ok(Self(intake::Location::At(name.to_owned()))),
        }
    }
}

impl OptionValue for Location {
    const VALUES: &str = r#"the name of a location, or "*" for the sum"#;

    fn hint(_value: &Value) -> String {
        r#"Give the name of a location as the file has it, or "*" for the sum of all."#.to_owned()
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    Skip,
    Abort,
}

impl OptionValue for OnError {
    const VALUES: &str = r#""skip", "abort""#;
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnRepeat {
    Warn,
    Fail,
}

impl OptionValue for OnRepeat {
    const VALUES: &str = r#""warn", "fail""#;
}

#[derive(Deserialize)]
pub struct WarningKinds(pub Vec<WarningKind>);

impl OptionValue for WarningKinds {
    const VALUES: &str = "an array of kinds of warnings";

    fn hint(_value: &Value) -> String {
        let kinds = WarningKind::ALL.map(|kind| serde_json::json!(kind).to_string());
        format!("Give an array of kinds of warnings: {}.", kinds.join(", "))
    }
}

/// No file has more rows.
const MOST_ROWS: u32 = 999_999_999;

#[derive(Deserialize)]
#[serde(try_from = "u32")]
pub struct RefusedRows(u32);

impl TryFrom<u32> for RefusedRows {
    type Error = &'static str;

    fn try_from(rows: u32) -> Result<Self, Self::Error> {
        if rows <= MOST_ROWS { Ok(Self(rows)) } else { Err("too many rows") }
    }
}

impl OptionValue for RefusedRows {
    const VALUES: &str = "a number";

    fn hint(_value: &Value) -> String {
        "Give the number of refused rows that is still acceptable.".to_owned()
    }
}

#[derive(Deserialize)]
#[serde(try_from = "u32")]
pub struct RowsToCommit(u32);

impl TryFrom<u32> for RowsToCommit {
    type Error = &'static str;

    fn try_from(rows: u32) -> Result<Self, Self::Error> {
        if (1..=MOST_ROWS).contains(&rows) { Ok(Self(rows)) } else { Err("no number of rows") }
    }
}

impl OptionValue for RowsToCommit {
    const VALUES: &str = "a number of rows";

    fn hint(_value: &Value) -> String {
        "Give the number of rows after which to commit.".to_owned()
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Decimal(pub DecimalMark);

impl TryFrom<String> for Decimal {
    type Error = &'static str;

    fn try_from(mark: String) -> Result<Self, Self::Error> {
        DecimalMark::parse(&mark).map(Self).ok_or("no decimal mark")
    }
}

impl OptionValue for Decimal {
    const VALUES: &str = r#"".", ",""#;
}

#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Order(pub DateOrder);

impl TryFrom<String> for Order {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        DateOrder::ALL.into_iter().find(|order| order.name() == name).map(Self).ok_or("no order")
    }
}

impl OptionValue for Order {
    const VALUES: &str = r#""dmy", "mdy", "ymd""#;
}
