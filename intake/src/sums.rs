//! Files with a row for each location that are to be added up: one row of each key is made of all its lines. They are held in memory
//! until the end of the file, as a later line may be of any key.

use crate::batch::{Batch, Origin};
use crate::decimal::Decimal;
use crate::error::FileError;
use crate::kind::Kind;
use crate::location::Location;
use crate::mapping::{Mapping, is_count};
use crate::refusal::CellError;
use crate::remark::Remark;
use crate::row::Layout;
use crate::skipped::SkipReason;
use crate::spec::Spec;
use crate::sqlstate;
use crate::table::Column;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Bytes of rows that are held, about.
const MOST_BYTES: usize = 256 << 20;

/// What a row takes besides its texts.
const ROW_BYTES: usize = 128;

/// Rows by their keys.
pub(crate) struct Sums {
    /// Of the values of a row.
    columns: Vec<Column>,
    keys: Vec<usize>,
    added: Vec<usize>,
    places: HashMap<String, usize>,
    rows: Vec<SumRow>,
    bytes: usize,
}

/// A row that is made of several lines. It is where the first of them is.
pub(crate) struct SumRow {
    pub(crate) values: Vec<Option<String>>,
    pub(crate) line: u64,
    pub(crate) byte_offset: Option<u64>,
    pub(crate) raw: String,
}

impl Sums {
    /// None where nothing is to be added up. Fails where there is no telling what.
    pub(crate) fn of(spec: &Spec, mapping: &Mapping, layout: &Layout<'_>) -> Result<Option<Self>, FileError> {
        if spec.location != Some(Location::Sum) || mapping.place.is_none() {
            return Ok(None);
        }
        let columns: Vec<Column> =
            layout.columns().iter().map(|index| spec.table.columns[*index].clone()).collect();
        let keys: Vec<usize> = layout.keys().into_iter().map(|(value, _)| value).collect();
        let is_added = |value: &usize| columns[*value].kind.is_number() && is_count(&columns[*value].name);
        let added: Vec<usize> = (0..columns.len()).filter(is_added).collect();
        if keys.is_empty() || added.is_empty() {
            return Err(FileError::NoSum);
        }
        Ok(Some(Sums { columns, keys, added, places: HashMap::new(), rows: Vec::new(), bytes: 0 }))
    }

    /// Takes the row of that number, the last of a batch, out of it. A row without a key stays.
    pub(crate) fn take(&mut self, batch: &mut Batch, row: usize) -> Result<(), CellError> {
        let cell = |value: usize| batch.cell(row, value);
        let Some(key) = self.keys.iter().map(|value| cell(*value)).collect::<Option<Vec<_>>>() else {
            return Ok(());
        };
        match self.places.entry(key.join("\0")) {
            Entry::Vacant(free) if self.bytes < MOST_BYTES => {
                let values: Vec<Option<String>> =
                    (0..self.columns.len()).map(|value| cell(value).map(str::to_owned)).collect();
                let raw = batch.raw(row).to_owned();
                let texts = values.iter().flatten().map(String::len).sum::<usize>();
                self.bytes += ROW_BYTES + free.key().len() + raw.len() + texts;
                free.insert(self.rows.len());
                let (line, byte_offset) = (batch.line(row), batch.byte_offset(row));
                self.rows.push(SumRow { values, line, byte_offset, raw });
            }
            Entry::Vacant(_) => {}
            Entry::Occupied(known) => {
                let known = &mut self.rows[*known.get()];
                let mut differing = Vec::new();
                for (value, column) in self.columns.iter().enumerate() {
                    let Some(text) = cell(value) else { continue };
                    let old = &mut known.values[value];
                    match old {
                        None => *old = Some(text.to_owned()),
                        Some(sum) if self.added.contains(&value) => *sum = plus(column, sum, text)?,
                        Some(first) if first != text && column.kind != Kind::Json => {
                            differing.push((column.name.as_str(), text.to_owned()));
                        }
                        Some(_) => {}
                    }
                }
                let line = batch.line(row);
                batch.skipped.add(line, SkipReason::AddedUp);
                for (column, text) in differing {
                    batch.notes.add(column, Remark::Differs, line, Some(&text));
                }
            }
        }
        batch.truncate(row);
        Ok(())
    }

    /// The rows in the order of their first lines, and the columns that were added up. Fails if there was no room for all.
    pub(crate) fn finish(self) -> Result<Vec<SumRow>, FileError> {
        if self.bytes >= MOST_BYTES { Err(FileError::SumTooLarge) } else { Ok(self.rows) }
    }
}

impl SumRow {
    pub(crate) fn origin(&self) -> Origin<'_> {
        Origin { line: self.line, byte_offset: self.byte_offset, raw: self.raw.as_str().into() }
    }
}

fn plus(column: &Column, sum: &str, text: &str) -> Result<String, CellError> {
    let sum = Decimal::parse(sum).zip(Decimal::parse(text)).and_then(|(sum, number)| sum.plus(&number));
    sum.filter(|sum| crate::values::check(column, crate::locale::Locale::US, sum).is_ok()).ok_or_else(|| {
        let message = format!("sum of the locations is out of range for type {}", column.kind);
        CellError::new(sqlstate::NUMBER_OUT_OF_RANGE, message).in_column(Some(&column.name)).about(text)
    })
}
