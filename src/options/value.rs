//! The types of options that several jobs have.

use super::declare::OptionValue;
use intake::ReadOptions;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

impl OptionValue for bool {
    const VALUES: &str = "true, false";
}

/// A label of an encoding, as the reader knows it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub struct Encoding(pub String);

impl TryFrom<String> for Encoding {
    type Error = String;

    fn try_from(label: String) -> Result<Self, String> {
        let options = ReadOptions { encoding: Some(label.clone()), ..ReadOptions::default() };
        options.check().map(|_| Self(label)).map_err(|error| error.hint().unwrap_or_default())
    }
}

impl OptionValue for Encoding {
    const VALUES: &str = "a name such as \"utf-8\" or \"windows-1252\"";

    fn hint(value: &Value) -> String {
        let hint = value.as_str().and_then(|label| Self::try_from(label.to_owned()).err());
        hint.unwrap_or_else(|| "Give a text.".to_owned())
    }
}

/// Whether a row names the columns of a file that is read, or which line does.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Value")]
pub struct Header(pub intake::Header);

impl TryFrom<Value> for Header {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let line = value.as_u64().filter(|line| *line > 0).map(intake::Header::Line);
        let header = value.as_bool().map(intake::Header::from).or(line);
        header.map(Self).ok_or("neither true, false nor the number of a line")
    }
}

impl OptionValue for Header {
    const VALUES: &str = "true, false, or a line counted from 1";
}

/// The sheet of a workbook that is read.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub struct Sheet(pub String);

impl TryFrom<Value> for Sheet {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let number = value.as_u64().filter(|number| *number > 0).map(|number| number.to_string());
        let name = value.as_str().filter(|name| !name.trim().is_empty()).map(str::to_owned);
        name.or(number).map(Self).ok_or("neither a name nor a number")
    }
}

impl OptionValue for Sheet {
    const VALUES: &str = "the name of a sheet, or its number from 1";
}

/// What parts the cells of a file that is read.
#[derive(Clone, Copy)]
pub struct Delimiter(pub u8);

impl<'de> Deserialize<'de> for Delimiter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = String::deserialize(deserializer)?;
        let byte = match given.as_bytes() {
            b"tab" => b'\t',
            [byte] => *byte,
            _ => return Err(serde::de::Error::custom("not one character")),
        };
        let options = ReadOptions { delimiter: Some(byte), ..ReadOptions::default() };
        options.check().map(|_| Self(byte)).map_err(serde::de::Error::custom)
    }
}

impl OptionValue for Delimiter {
    const VALUES: &str = "one character, or \"tab\"";

    fn hint(_value: &Value) -> String {
        "Give one character that is neither a letter, a digit, a quote nor a line end, or \"tab\".".to_owned()
    }
}
