//! Turns the cells of a record into the values of a row, or into the reasons why it is refused.

use crate::apostrophe::unescape_formula;
use crate::attributes::{Attributes, json_string, member_value};
use crate::cell::{Cell, Form, Trim};
use crate::error_file;
use crate::locale::Locale;
use crate::locales::Locales;
use crate::mapping::{Destination, Mapping};
use crate::new_row::NewRow;
use crate::refusal::CellError;
use crate::remark::Remarks;
use crate::row_marks::RowMarks;
use crate::sampled_column::SampledColumn;
use crate::shares::Shares;
use crate::sqlstate;
use crate::table::{Column, Table};
use crate::told::Told;
use crate::values::{CellReader, check};

/// Which cell of a record fills which value of a row, and how it is read.
pub(crate) struct Layout<'t> {
    table: &'t Table,
    /// One for each column of the file.
    slots: Vec<Slot>,
    /// Indices in the table's columns, one for each value of a row.
    columns: Vec<usize>,
    /// Parallel to `columns`.
    readers: Vec<CellReader<'t>>,
    /// Parallel to `columns`.
    trims: Vec<Trim>,
    /// Of the columns that several of the file fill, with the values of a row that they make.
    shares: Vec<(usize, Shares)>,
    /// The value of a row that is made of attributes.
    attributes: Option<usize>,
    /// The file is an error file that comes back: the column that has the reasons.
    reasons: Option<usize>,
    /// What the file tells of how its columns were read.
    told: String,
    /// The file is an export that comes back.
    is_export: bool,
    marks: RowMarks,
}

enum Slot {
    /// Index of a value in the row.
    Value(usize),
    /// Index in `shares`.
    Shares(usize),
    /// An object whose members the attributes start from.
    Base,
    /// A member of the attributes; the key is JSON.
    Member(String),
    Nowhere,
}

impl<'t> Layout<'t> {
    pub(crate) fn new(
        table: &'t Table,
        mapping: &Mapping,
        sampled: &[SampledColumn<'_>],
        locales: &Locales,
        marks: RowMarks,
    ) -> Self {
        let mut layout = Layout {
            table,
            slots: Vec::new(),
            columns: Vec::new(),
            readers: Vec::new(),
            trims: Vec::new(),
            shares: Vec::new(),
            attributes: None,
            reasons: error_file::reason_column(&mapping.header),
            told: String::new(),
            is_export: false,
            marks,
        };
        let built = table.attributes.filter(|&index| {
            let mapped = mapping.fills(index);
            mapping.uses_attributes() || (table.columns[index].required && !mapped)
        });
        for (from, destination) in mapping.destinations.iter().enumerate() {
            let slot = match destination {
                Destination::Share(index, _) => {
                    let shares = Shares::of(mapping, *index, &table.columns[*index]);
                    if shares.begin_at(from) { layout.share(*index, shares) } else { Slot::Nowhere }
                }
                Destination::Column(index) if built == Some(*index) => Slot::Base,
                Destination::Column(index) => Slot::Value(layout.carry(*index)),
                Destination::Attribute(key) => Slot::Member(json_string(key)),
                Destination::Ignored => Slot::Nowhere,
            };
            layout.slots.push(slot);
        }
        layout.attributes = built.map(|index| layout.carry(index));
        layout.readers =
            layout.columns.iter().map(|index| reader(&table.columns[*index], sampled, locales)).collect();
        layout.trims = layout.columns.iter().map(|index| Trim::of(&table.columns[*index])).collect();
        layout
    }

    /// For a file that tells how its columns were read. The cells of an export are taken to the letter.
    pub(crate) fn told(mut self, told: &Told) -> Self {
        if told.is_verbatim {
            self.readers.iter_mut().for_each(|reader| reader.is_verbatim = true);
            self.trims
                .iter_mut()
                .filter(|trim| matches!(trim, Trim::Always))
                .for_each(|trim| *trim = Trim::Unquoted);
        }
        Layout { told: told.text.clone(), is_export: told.is_export, ..self }
    }

    /// Whether a row of an error file was read like the others. Rows of several files may have come together.
    fn is_of_this_file<'c>(&self, mut cells: impl Iterator<Item = Cell<'c>>) -> Result<(), CellError> {
        let Some(reason) = self.reasons.and_then(|place| cells.nth(place)) else { return Ok(()) };
        match Told::of_reason(reason.text).filter(|told| told.text != self.told) {
            None => Ok(()),
            Some(_) => {
                let error = CellError::new(sqlstate::NO_DATA_ROW, "row is of another error file");
                Err(error.about(reason.text).suggest("import the rows of each error file by themselves"))
            }
        }
    }

    /// The values of a row that it is known by, and their names; none if the file does not fill all of them.
    pub(crate) fn keys(&self) -> Vec<(usize, String)> {
        let keys: Vec<usize> = (0..self.columns.len()).filter(|value| self.column(*value).is_key).collect();
        let all = self.table.columns.iter().filter(|column| column.is_key).count();
        if keys.len() < all {
            return Vec::new();
        }
        keys.into_iter().map(|value| (value, self.column(value).name.clone())).collect()
    }

    fn share(&mut self, column: usize, shares: Shares) -> Slot {
        let value = self.carry(column);
        self.shares.push((value, shares));
        Slot::Shares(self.shares.len() - 1)
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

    /// A cell as it was before it was written into an error file or an export, if this is one.
    pub(crate) fn original<'c>(&self, cell: Cell<'c>) -> Cell<'c> {
        if cell.is_json() || !(self.is_export || self.reasons.is_some()) {
            return cell;
        }
        let text = unescape_formula(cell.text);
        // What stands behind the apostrophe is the cell, blanks and all.
        let is_marked = text.len() < cell.text.len();
        Cell { text, form: if is_marked { Form::Quoted } else { cell.form } }
    }

    /// The table column that the file's column `index` goes to.
    pub(crate) fn column_name(&self, index: usize) -> Option<&'t str> {
        let value = match self.slots.get(index)? {
            Slot::Value(value) => *value,
            Slot::Shares(number) => self.shares[*number].0,
            Slot::Base | Slot::Member(_) => self.attributes?,
            Slot::Nowhere => return None,
        };
        Some(&self.column(value).name)
    }

    fn column(&self, value: usize) -> &'t Column {
        &self.table.columns[self.columns[value]]
    }

    /// Checks the cells of a record, and appends their values to the row. Cells that a short record lacks are empty.
    /// After a refusal the row may hold some of the values.
    pub(crate) fn write<'c>(
        &self,
        cells: impl Iterator<Item = Cell<'c>> + Clone,
        row: &mut NewRow<'_>,
    ) -> Result<(), Vec<CellError>> {
        let cells = cells.map(|cell| self.original(cell));
        let mut errors = Vec::new();
        if self.reasons.is_some() {
            errors.extend(self.is_of_this_file(cells.clone()).err());
        }
        let mut rest = cells.clone();
        for slot in &self.slots {
            let cell = rest.next().unwrap_or_default();
            let value = match *slot {
                Slot::Value(value) => value,
                Slot::Shares(number) => {
                    errors.extend(self.write_shares(number, &cells, row).err());
                    continue;
                }
                _ => continue,
            };
            let reader = &self.readers[value];
            if cell.is_json() {
                errors.extend(row.push(&reader.of_json(), cell.text, false).err());
                continue;
            }
            let text = self.trims[value].of_cell(&cell);
            // An error is large: moved about as a part of each result, it would take a fifth of the time.
            if let Err(error) = row.push(reader, text, cell.is_quoted()) {
                row.doubts.weigh(&reader.column.name, text);
                errors.push(error);
            }
        }
        if let Some(value) = self.attributes {
            match self.attributes(self.column(value), cells.clone()) {
                Ok(object) => row.values.push(Some(&object)),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        if !self.marks.are_none() {
            self.marks.remark(cells.map(|cell| cell.text), row.line, row.notes);
        }
        Ok(())
    }

    /// Writes the value that several columns of the file make.
    fn write_shares<'c>(
        &self,
        number: usize,
        cells: &(impl Iterator<Item = Cell<'c>> + Clone),
        row: &mut NewRow<'_>,
    ) -> Result<(), CellError> {
        let (value, shares) = &self.shares[number];
        let reader = &self.readers[*value];
        let cell = |from: usize| {
            let cell = cells.clone().nth(from).unwrap_or_default();
            (cell.text, cell.is_json())
        };
        let mut remarks = Remarks::new();
        let read = shares.read(reader, cell, &mut remarks);
        let text = read.inspect_err(|_| {
            let texts = shares.places().map(&cell).filter(|(_, is_json)| !is_json);
            texts.for_each(|(text, _)| row.doubts.weigh(&reader.column.name, text));
        })?;
        for remark in remarks.as_slice() {
            row.notes.add(&reader.column.name, *remark, row.line, Some(&text));
        }
        row.push(&reader.of_json(), &text, false)
    }

    fn attributes<'c>(
        &self,
        column: &Column,
        cells: impl Iterator<Item = Cell<'c>> + Clone,
    ) -> Result<String, CellError> {
        let cells = cells.map(|cell| Cell { text: Trim::Unquoted.of_cell(&cell), ..cell });
        let filled = self.slots.iter().zip(cells).filter(|(_, cell)| !cell.text.is_empty());
        let mut attributes = Attributes::new();
        if let Some((_, cell)) = filled.clone().find(|(slot, _)| matches!(slot, Slot::Base)) {
            let optional = Column { required: false, ..column.clone() };
            if let Some(object) = check(&optional, Locale::US, cell.text)? {
                let base = Attributes::from_object(&object);
                attributes = base.map_err(|error| error.in_column(Some(&column.name)))?;
            }
        }
        for (slot, cell) in filled {
            if let Slot::Member(key) = slot {
                attributes.add(key, &member_value(&cell));
            }
        }
        Ok(attributes.finish())
    }
}

fn reader<'t>(column: &'t Column, sampled: &[SampledColumn<'_>], locales: &Locales) -> CellReader<'t> {
    let (locale, is_guess) = locales.of(column);
    let sampled = sampled.iter().find(|sampled| sampled.column.name == column.name);
    let is_identifier = sampled.is_some_and(SampledColumn::is_identifier);
    let is_change = !column.is_added && sampled.is_some_and(SampledColumn::is_change);
    CellReader { column, locale, is_guess, is_identifier, is_change, is_verbatim: false }
}
