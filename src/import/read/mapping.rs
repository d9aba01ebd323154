//! Mappings: what jobs use of those that their team has saved, and add to them; and suggestions. `sql/imports/mappings.sql` is the
//! other half.

use crate::failure::Failure;
use crate::job::Work;
use crate::pg;
use crate::table::kind_of;
use intake::{Column, Mapping, MappingSource, ReadOptions, Sample, Suggestion, Table};
use pgrx::iter::TableIterator;
use pgrx::prelude::*;
use pgrx::{JsonB, Uuid};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What the team has saved for its data type, by the signature of the header.
pub fn saved(work: &Work) -> HashMap<String, Map<String, Value>> {
    if !has_saved(work.organization_id) {
        return HashMap::new();
    }
    let arguments = [work.organization_id.into(), work.data_type.as_str().into()];
    let saved: Option<JsonB> = pg::query_value("SELECT teamwork.saved_mappings_of($1, $2)", &arguments);
    saved.map(by_signature).unwrap_or_default()
}

/// Whether a team has saved anything. Most have not, and to look that up takes a tenth of the time of a query.
fn has_saved(team: Uuid) -> bool {
    let relation = |name| pg::relation(name, pg::schema(c"teamwork")?);
    let (table, index) = (relation(c"saved_mappings"), relation(c"saved_mappings_pkey"));
    table.zip(index).is_some_and(|(table, index)| pg::has_row(table, index, c"organization_id", team))
}

fn by_signature(JsonB(saved): JsonB) -> HashMap<String, Map<String, Value>> {
    serde_json::from_value(saved).unwrap_or_default()
}

/// Saves what people have decided on for the job, as part of its commit; or notes that what they had decided before was used.
pub fn remember(work: &Work, mapping: &Mapping, table: &Table) {
    let has = |source| mapping.sources.contains(&source);
    let (team, data_type) = (work.organization_id, work.data_type.as_str());
    let header = mapping.header.clone();
    if has(MappingSource::Explicit) {
        let decided = JsonB(mapping.decided_to_json(table));
        let sql = "SELECT teamwork.save_mapping($1, $2, $3, $4, $5)";
        let creator = work.created_by;
        pg::execute(sql, &[team.into(), data_type.into(), header.into(), decided.into(), creator.into()]);
    } else if has(MappingSource::Saved) {
        let arguments = [team.into(), data_type.into(), header.into()];
        pg::execute("SELECT teamwork.count_use($1, $2, $3)", &arguments);
    }
}

/// The table that has these columns.
fn table_of(names: Vec<String>, types: &[String], modifiers: &[i32]) -> Table {
    let is_attributes = |(name, of_type): (&String, &String)| name == "attributes" && of_type == "jsonb";
    let attributes = names.iter().zip(types).position(is_attributes);
    let described = names.into_iter().zip(types).zip(modifiers);
    let columns = described.map(|((name, of_type), modifier)| Column::new(name, kind_of(of_type, *modifier)));
    Table { columns: columns.collect(), attributes }
}

fn suggestions(csv: &str, table: &Table, saved: &HashMap<String, Map<String, Value>>) -> Vec<Suggestion> {
    let sample = Sample::for_table(csv.as_bytes(), &ReadOptions::default(), table)
        .unwrap_or_else(|error| Failure::from(error).raise());
    let saved = intake::header_signature(&sample.header).and_then(|signature| saved.get(&signature));
    intake::suggest(&sample.header, &sample.rows, table, saved)
}

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// What tells a header apart from others, however its names are spelled; NULL for names that are numbers only.
    #[pg_extern(immutable, parallel_safe)]
    pub fn header_signature(header: Vec<Option<String>>) -> Option<String> {
        let names: Vec<String> = header.into_iter().map(Option::unwrap_or_default).collect();
        intake::header_signature(&names)
    }

    /// Suggestions for the columns of a CSV, of which this is the beginning.
    #[pg_extern(stable, parallel_safe)]
    #[allow(clippy::type_complexity)]
    pub fn match_columns(
        csv: &str,
        names: Vec<String>,
        types: Vec<String>,
        modifiers: Vec<i32>,
        saved: JsonB,
    ) -> TableIterator<
        'static,
        (
            name!(csv_column, String),
            name!(target_column, Option<String>),
            name!(confidence, f32),
            name!(reason, String),
            name!(samples, Vec<String>),
        ),
    > {
        let table = table_of(names, &types, &modifiers);
        let suggestions = suggestions(csv, &table, &by_signature(saved));
        TableIterator::new(suggestions.into_iter().map(move |it| {
            (it.csv_column, it.destination.name(&table), it.confidence, it.reason, it.samples)
        }))
    }
}
