//! Turns the cells of one record into the values of one row, or into the reasons why not.

use crate::attributes::{Attributes, json_string, member_value};
use crate::columns::{Destination, Mapping};
use crate::error::CellError;
use crate::mending;
use crate::table::{Column, Table};
use crate::values::check;
use std::borrow::Cow;

/// One cell of a record: its text, and its JSON if it came as JSON other than a string.
#[derive(Debug, Clone)]
pub(crate) struct Cell<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) json: Option<&'a str>,
}

/// What became of a record.
pub(crate) enum Outcome {
    Accepted(Vec<Option<String>>),
    Refused(Vec<CellError>),
    Blank,
}

/// Which cell of a record fills which value of a row.
pub(crate) struct Layout<'t> {
    table: &'t Table,
    /// One for each column of the file.
    slots: Vec<Slot>,
    /// Indices in the table's columns, one for each value of a row.
    columns: Vec<usize>,
    /// The value of a row that is made of attributes.
    attributes: Option<usize>,
    /// The file is one of refused rows that comes back.
    is_mended: bool,
}

enum Slot {
    /// Index of a value in the row.
    Value(usize),
    /// An object whose members the attributes start from.
    Base,
    /// A member of the attributes; the key is JSON.
    Member(String),
    Nowhere,
}

impl<'t> Layout<'t> {
    pub(crate) fn new(table: &'t Table, mapping: &Mapping) -> Self {
        let is_mended = mending::is_mended(&mapping.header);
        let mut layout =
            Layout { table, slots: Vec::new(), columns: Vec::new(), attributes: None, is_mended };
        let built = table.attributes.filter(|&index| {
            let mapped = mapping.destinations.contains(&Destination::Column(index));
            mapping.uses_attributes() || (table.columns[index].required && !mapped)
        });
        for destination in &mapping.destinations {
            let slot = match destination {
                Destination::Column(index) if built == Some(*index) => Slot::Base,
                Destination::Column(index) => Slot::Value(layout.carry(*index)),
                Destination::Attribute(key) => Slot::Member(json_string(key)),
                Destination::Ignored => Slot::Nowhere,
            };
            layout.slots.push(slot);
        }
        layout.attributes = built.map(|index| layout.carry(index));
        layout
    }

    fn carry(&mut self, column: usize) -> usize {
        self.columns.push(column);
        self.columns.len() - 1
    }

    /// Indices in the table's columns that a row has values for.
    pub(crate) fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Columns of the file.
    pub(crate) fn width(&self) -> usize {
        self.slots.len()
    }

    /// The text of a cell before it was written into a file of refused rows, if this is one.
    pub(crate) fn original<'c>(&self, text: Cow<'c, str>) -> Cow<'c, str> {
        match text {
            text if !self.is_mended => text,
            Cow::Borrowed(text) => Cow::Borrowed(mending::original(text)),
            Cow::Owned(text) => Cow::Owned(mending::original(&text).to_owned()),
        }
    }

    /// The table column that the file's column `index` goes to.
    pub(crate) fn column_name(&self, index: usize) -> Option<&'t str> {
        let value = match self.slots.get(index)? {
            Slot::Value(value) => *value,
            Slot::Base | Slot::Member(_) => self.attributes?,
            Slot::Nowhere => return None,
        };
        Some(&self.column(value).name)
    }

    fn column(&self, value: usize) -> &'t Column {
        &self.table.columns[self.columns[value]]
    }

    /// Checks a record's cells; those that a short record lacks are empty.
    pub(crate) fn check(&self, cells: &[Cell<'_>]) -> Outcome {
        if cells.iter().all(|cell| cell.text.trim().is_empty()) {
            return Outcome::Blank;
        }
        let mut row = vec![None; self.columns.len()];
        let mut errors = Vec::new();
        for (index, slot) in self.slots.iter().enumerate() {
            let Slot::Value(value) = *slot else { continue };
            let text = cells.get(index).map_or("", |cell| &cell.text);
            match check(self.column(value), text) {
                Ok(checked) => row[value] = checked.map(Cow::into_owned),
                Err(error) => errors.push(error),
            }
        }
        if let Some(value) = self.attributes {
            match self.attributes(self.column(value), cells) {
                Ok(object) => row[value] = Some(object),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Outcome::Accepted(row) } else { Outcome::Refused(errors) }
    }

    fn attributes(&self, column: &Column, cells: &[Cell<'_>]) -> Result<String, CellError> {
        let filled = || self.slots.iter().zip(cells).filter(|(_, cell)| !cell.text.is_empty());
        let mut attributes = Attributes::new();
        if let Some((_, cell)) = filled().find(|(slot, _)| matches!(slot, Slot::Base)) {
            let optional = Column { required: false, ..column.clone() };
            if let Some(object) = check(&optional, &cell.text)? {
                let base = Attributes::from_object(&object);
                attributes = base.map_err(|error| error.in_column(Some(&column.name)))?;
            }
        }
        for (slot, cell) in filled() {
            if let Slot::Member(key) = slot {
                attributes.add(key, &member_value(&cell.text, cell.json));
            }
        }
        Ok(attributes.finish())
    }
}
