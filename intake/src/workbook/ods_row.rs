//! A row of an `.ods`: its cells with something in them.

use super::cells::{MAX_COLUMNS, NumberFormat};
use super::layout::Merged;
use super::ods_xml::{OdsXml, attribute, damaged, resolve};
use crate::error::FileError;
use calamine::DataRef;
use quick_xml::events::{BytesStart, Event};
use std::io::Read;

#[derive(Default)]
pub(super) struct OdsRow {
    pub(super) cells: Vec<OdsCell>,
    /// How often it is there.
    pub(super) repeated: u32,
    pub(super) is_hidden: bool,
}

pub(super) struct OdsCell {
    /// From 0.
    pub(super) column: u32,
    pub(super) value: OdsValue,
    pub(super) format: NumberFormat,
    /// Rows that it is merged over.
    rows: u32,
}

#[derive(Clone)]
pub(super) enum OdsValue {
    Number(f64),
    Bool(bool),
    Text(String),
    Date(String),
    Duration(String),
}

impl OdsValue {
    pub(super) fn get(&self) -> DataRef<'_> {
        match self {
            OdsValue::Number(number) => DataRef::Float(*number),
            OdsValue::Bool(value) => DataRef::Bool(*value),
            OdsValue::Text(text) => DataRef::SharedString(text),
            OdsValue::Date(text) => DataRef::DateTimeIso(text.clone()),
            OdsValue::Duration(text) => DataRef::DurationIso(text.clone()),
        }
    }
}

impl OdsRow {
    /// Its cells that go over several rows; `number` is its own, from 0.
    pub(super) fn merged(&self, number: u32) -> impl Iterator<Item = Merged> {
        let tall = self.cells.iter().filter(|cell| cell.rows > 1);
        tall.map(move |cell| Merged {
            rows: number..=number.saturating_add(cell.rows - 1),
            column: cell.column,
        })
    }
}

/// What was found on the way to the next cell or row.
enum Step {
    Cell(OpenCell),
    Row { repeated: u32, is_hidden: bool },
    RowEnd,
    TableEnd,
    Skip,
}

/// The attributes of a cell.
struct OpenCell {
    kind: Option<String>,
    value: Option<String>,
    repeated: u32,
    rows: u32,
}

/// The next row of the table, or None at its end.
pub(super) fn read_row<R: Read>(xml: &mut OdsXml<R>) -> Result<Option<OdsRow>, FileError> {
    let mut row = None;
    let mut column: u32 = 0;
    loop {
        match step(xml)? {
            Step::TableEnd => return Ok(None),
            Step::Row { repeated, is_hidden } => {
                row = Some(OdsRow { cells: Vec::new(), repeated, is_hidden });
            }
            Step::RowEnd => return Ok(row),
            Step::Cell(open) => {
                let text = text_of_cell(xml)?;
                let (repeated, rows) = (open.repeated, open.rows);
                let value = open.value(text);
                let Some(row) = &mut row else { continue };
                let end = column.saturating_add(repeated).min(MAX_COLUMNS);
                let Some((value, format)) = value else {
                    column = end;
                    continue;
                };
                for column in column..end {
                    let value = value.clone();
                    row.cells.push(OdsCell { column, value, format, rows });
                }
                column = end;
            }
            Step::Skip => {}
        }
    }
}

fn step<R: Read>(xml: &mut OdsXml<R>) -> Result<Step, FileError> {
    let step = match xml.next()? {
        Event::Start(it) => match it.local_name().as_ref() {
            "table-row" => {
                let is_hidden = attribute(&it, "visibility").is_some_and(|it| it != "visible");
                Step::Row { repeated: count(&it, "number-rows-repeated"), is_hidden }
            }
            "table-cell" | "covered-table-cell" => Step::Cell(OpenCell::of(&it)),
            _ => Step::Skip,
        },
        Event::End(it) => match it.local_name().as_ref() {
            "table-row" => Step::RowEnd,
            "table" => Step::TableEnd,
            _ => Step::Skip,
        },
        Event::Eof => return Err(damaged("a sheet does not end")),
        _ => Step::Skip,
    };
    Ok(step)
}

/// A number of rows or columns; 1 where nothing is said.
fn count(element: &BytesStart<'_>, name: &str) -> u32 {
    attribute(element, name).and_then(|it| it.parse().ok()).unwrap_or(1)
}

impl OpenCell {
    fn of(element: &BytesStart<'_>) -> Self {
        let kind = attribute(element, "value-type");
        let name = match kind.as_deref() {
            Some("date") => "date-value",
            Some("time") => "time-value",
            Some("boolean") => "boolean-value",
            Some("string") => "string-value",
            _ => "value",
        };
        OpenCell {
            value: attribute(element, name),
            repeated: count(element, "number-columns-repeated"),
            rows: count(element, "number-rows-spanned"),
            kind,
        }
    }

    /// What the cell holds, given the text that it shows; None if it is empty.
    fn value(self, text: String) -> Option<(OdsValue, NumberFormat)> {
        let number = |value: &Option<String>| value.as_deref()?.parse().ok().map(OdsValue::Number);
        let (value, format) = match self.kind.as_deref() {
            Some("float" | "currency") => (number(&self.value), NumberFormat::Plain),
            Some("percentage") => (number(&self.value), NumberFormat::Percent),
            Some("boolean") => {
                (self.value.as_deref().map(|it| OdsValue::Bool(it == "true")), NumberFormat::Plain)
            }
            Some("date") => (self.value.map(OdsValue::Date), NumberFormat::Plain),
            Some("time") => (self.value.map(OdsValue::Duration), NumberFormat::Plain),
            _ => (self.value.map(OdsValue::Text), NumberFormat::Plain),
        };
        let value = value.unwrap_or(OdsValue::Text(text));
        let is_empty = matches!(&value, OdsValue::Text(text) if text.is_empty());
        (!is_empty).then_some((value, format))
    }
}

/// What is to be done with an element in a cell.
enum Inner {
    Paragraph,
    Blanks(usize),
    Other,
    Nothing,
    End,
}

/// The paragraphs of the cell that has just begun, without comments and drawings.
fn text_of_cell<R: Read>(xml: &mut OdsXml<R>) -> Result<String, FileError> {
    let mut text = String::new();
    let mut paragraphs = 0;
    let mut depth = 0;
    loop {
        let inner = match xml.next()? {
            Event::Start(it) => match it.local_name().as_ref() {
                "p" => Inner::Paragraph,
                "s" => Inner::Blanks(count(&it, "c").min(1000) as usize),
                "span" | "a" | "tab" | "line-break" => Inner::Blanks(0),
                _ => Inner::Other,
            },
            Event::End(_) => Inner::End,
            Event::Text(it) => {
                text.push_str(if depth > 0 { &it } else { "" });
                Inner::Nothing
            }
            Event::GeneralRef(it) => {
                resolve(&it, &mut text);
                Inner::Nothing
            }
            Event::Eof => return Err(damaged("a cell does not end")),
            _ => Inner::Nothing,
        };
        match inner {
            Inner::Paragraph => {
                text.push_str(if paragraphs > 0 { "\n" } else { "" });
                paragraphs += 1;
                depth += 1;
            }
            Inner::Blanks(blanks) => {
                text.extend(std::iter::repeat_n(' ', blanks));
                depth += 1;
            }
            Inner::Other => xml.skip_element()?,
            Inner::End if depth == 0 => return Ok(text),
            Inner::End => depth -= 1,
            Inner::Nothing => {}
        }
    }
}
