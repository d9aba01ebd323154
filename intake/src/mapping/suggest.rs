//! Suggestions for people to accept or to change.

use super::builder::MappingBuilder;
use super::candidates::{Candidates, File};
use super::destination::Destination;
use super::samples::Samples;
use crate::table::Table;
use serde_json::{Map, Value};

/// Where a column of a file may go.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The name of the column in the file.
    pub csv_column: String,
    /// Where it may go.
    pub destination: Destination,
    /// From 0, without a destination in the table, to 1. Imports take suggestions from 0.8 on without asking.
    pub confidence: f32,
    /// In words, without a full stop.
    pub reason: String,
    /// The first values that are not blank, at most three.
    pub samples: Vec<String>,
}

/// Suggests where each column of a file goes, by the names and by `rows`, the first of the file. A mapping that was
/// `saved` for this header wins.
///
/// ```
/// use intake::{Column, Kind, Table, suggest};
///
/// let table = Table { columns: vec![Column::new("unit_price", Kind::Numeric { precision: None })], attributes: None };
/// let header = ["Unit Price".to_owned()];
/// let rows = [vec!["1.50".to_owned()]];
/// let suggestions = suggest(&header, &rows, &table, None);
/// assert_eq!(suggestions[0].destination.name(&table).as_deref(), Some("unit_price"));
/// assert_eq!(suggestions[0].reason, "same name, spelled differently");
/// assert_eq!(suggestions[0].samples, ["1.50"]);
/// ```
pub fn suggest(
    header: &[String],
    rows: &[Vec<String>],
    table: &Table,
    saved: Option<&Map<String, Value>>,
) -> Vec<Suggestion> {
    let file = File::new(header, rows);
    let mut builder = MappingBuilder::new(header, table);
    builder.apply_saved(saved.unwrap_or(&Map::new()));
    let candidates = Candidates::gather(&file, table).with_similar_names();
    builder.apply_opposites(&candidates);
    builder.apply_candidates(candidates);
    let choices = builder.finish(0, &file.samples).into_iter().enumerate();
    let suggestions = choices.map(|(index, choice)| Suggestion {
        csv_column: header[index].clone(),
        destination: choice.destination,
        confidence: f32::from(choice.confidence) / 100.0,
        reason: choice.reason,
        samples: Samples(rows).shown(index),
    });
    suggestions.collect()
}
