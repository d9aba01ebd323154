//! The JSON object that takes what the table has no column for.
//!
//! It is put together as text: its members come as JSON or become JSON strings by serde_json, and a number keeps all
//! the digits that it is written with.

use crate::cell::{Cell, Form};
use crate::refusal::CellError;
use crate::sqlstate;
use crate::values::without_formula;
use std::borrow::Cow;

/// Text as a JSON string.
pub(crate) fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One row's attributes, written member by member.
pub(crate) struct Attributes {
    /// An object without its closing brace.
    text: String,
}

impl Attributes {
    pub(crate) fn new() -> Self {
        Attributes { text: String::from("{") }
    }

    /// Starts from the members of an object that the file has for the attributes column itself.
    pub(crate) fn from_object(object: &str) -> Result<Self, CellError> {
        let inner = object.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let Some(inner) = inner else {
            let error = CellError::new(sqlstate::INVALID_PARAMETER, "attributes must be a JSON object");
            return Err(error.about(object).suggest("write {\"name\": \"value\"}"));
        };
        Ok(Attributes { text: format!("{{{}", inner.trim()) })
    }

    /// Adds a member; `key` and `value` are JSON.
    pub(crate) fn add(&mut self, key: &str, value: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        self.text.push_str(key);
        self.text.push(':');
        self.text.push_str(value);
    }

    /// The object; `{}` if nothing was added.
    pub(crate) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }
}

/// What a cell is to a JSON object: JSON if it came as JSON, else a string.
pub(crate) fn member_value<'c>(cell: &Cell<'c>) -> Cow<'c, str> {
    match cell.form {
        Form::Json => Cow::Borrowed(cell.text),
        Form::Bare | Form::Quoted => Cow::Owned(json_string(&without_formula(cell.text))),
    }
}
