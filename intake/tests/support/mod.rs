//! The inventory table and readings of it that the tests share.
#![allow(dead_code, reason = "each test file uses its part")]

use intake::*;
use serde_json::Value;
use std::io::{self, Read};
use std::ops::ControlFlow;

pub fn inventory() -> Table {
    let text = |max| Kind::Text { max_chars: max };
    let columns = vec![
        Column::new("sku", text(Some(20))).required(),
        Column::new("name", text(None)),
        Column::new("quantity", Kind::Int4),
        Column::new("unit_price", Kind::Numeric { precision: Some((12, 2)) }),
        Column::new("attributes", Kind::Json),
    ];
    Table { columns, attributes: Some(4) }
}

pub fn spec() -> Spec {
    Spec::new(inventory())
}

pub fn delimited(delimiter: u8) -> ReadOptions {
    ReadOptions { delimiter: Some(delimiter), ..ReadOptions::default() }
}

/// A whole reading, its batches put together.
#[derive(Debug, Default, PartialEq)]
pub struct Reading {
    pub started: Option<Event>,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
    pub lines: Vec<u64>,
    pub raws: Vec<String>,
    pub refused: Vec<Refusal>,
    pub notes: Notes,
    pub skipped: SkippedLines,
    pub batches: usize,
    pub bytes_read: u64,
}

impl Reading {
    /// Gives every batch back, for its memory to be used again.
    fn take(&mut self, event: Event, table: &Table) -> Batch {
        match event {
            Event::Started { ref columns, .. } => {
                self.columns = columns.iter().map(|&index| table.columns[index].name.clone()).collect();
                self.started = Some(event);
                Batch::default()
            }
            Event::Batch(batch) => {
                self.append(&batch);
                batch
            }
        }
    }

    fn append(&mut self, batch: &Batch) {
        for row in 0..batch.rows() {
            let values = (0..self.columns.len()).map(|column| batch.cell(row, column).map(str::to_owned));
            self.rows.push(values.collect());
            self.lines.push(batch.line(row));
            self.raws.push(batch.raw(row).to_owned());
        }
        self.refused.extend_from_slice(&batch.refused);
        self.notes.append(&batch.notes);
        self.skipped.append(&batch.skipped);
        self.batches += 1;
        self.bytes_read = batch.bytes_read;
    }

    /// The values of a row, by column name; NULL is "∅".
    pub fn row(&self, index: usize) -> Vec<(&str, &str)> {
        let values = self.rows[index].iter().map(|value| value.as_deref().unwrap_or("∅"));
        self.columns.iter().map(String::as_str).zip(values).collect()
    }

    pub fn value(&self, row: usize, column: &str) -> Option<&str> {
        let place = self.columns.iter().position(|name| name == column).expect("a column of the batches");
        self.rows[row][place].as_deref()
    }

    /// Line and code of each refused cell.
    pub fn faults(&self) -> Vec<(u64, &str)> {
        self.refused.iter().flat_map(|it| it.cells.iter().map(|cell| (it.line, &*cell.code))).collect()
    }

    pub fn dialect(&self) -> Option<Dialect> {
        match self.started {
            Some(Event::Started { dialect, .. }) => dialect,
            _ => None,
        }
    }

    /// What was skipped, and how often.
    pub fn skip_reasons(&self) -> Vec<String> {
        let groups = serde_json::json!(self.skipped);
        let group = |it: &Value| format!("{} {}", it["count"], it["reason"].as_str().unwrap_or_default());
        groups.as_array().into_iter().flatten().map(group).collect()
    }

    /// Each as `message (line: sample)`.
    pub fn warnings(&self) -> Vec<String> {
        let line = |it: &Warning| it.line.map_or_else(String::new, |line| line.to_string());
        let sample =
            |it: &Warning| it.sample.as_ref().map_or_else(String::new, |sample| format!(": {sample}"));
        self.notes.warnings().map(|it| format!("{} ({}{})", it.message, line(&it), sample(&it))).collect()
    }

    pub fn accounted(&self) -> u64 {
        self.rows.len() as u64 + self.refused.len() as u64 + self.skipped.count()
    }
}

pub fn try_read(input: impl Read, spec: &Spec) -> (Reading, Result<(), FileError>) {
    let mut reading = Reading::default();
    let result = read_file(input, spec, &mut |event| ControlFlow::Continue(reading.take(event, &spec.table)));
    (reading, result)
}

pub fn read(input: impl AsRef<[u8]>) -> Reading {
    let (reading, result) = try_read(input.as_ref(), &spec());
    result.expect("a readable file");
    reading
}

pub fn fail(input: impl AsRef<[u8]>, spec: &Spec) -> FileError {
    try_read(input.as_ref(), spec).1.expect_err("an unreadable file")
}

pub fn read_json(keys: &[&str], objects: &[&str]) -> Reading {
    let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
    let objects = objects.iter().map(|&object| object.to_owned());
    let (mut reading, spec) = (Reading::default(), spec());
    let result = read_objects(&keys, objects, &spec, &mut |event| {
        ControlFlow::Continue(reading.take(event, &spec.table))
    });
    result.expect("readable records");
    reading
}

/// Hands out its bytes in pieces of the given sizes, over and over.
pub struct Pieces<'a> {
    pub bytes: &'a [u8],
    pub sizes: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl<'a> Pieces<'a> {
    pub fn new(bytes: &'a [u8], sizes: Vec<usize>) -> Self {
        Pieces { bytes, sizes: sizes.into_iter().cycle() }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes.next().unwrap_or(1).min(into.len()).min(self.bytes.len());
        into[..size].copy_from_slice(&self.bytes[..size]);
        self.bytes = &self.bytes[size..];
        Ok(size)
    }
}
