//! `preview_import()`: what an import would do, found out by doing it and taking it back, in the session of whoever asks.
//! `sql/imports/preview.sql` is the other half.

use super::dry_run::import_and_roll_back;
use super::read::Source;
use super::record::ErrorLog;
use super::write::{RowCounts, SHOWN_ROWS, Sample, ShownRow};
use crate::failure::Failure;
use crate::job::Work;
use crate::options::{self, ImportOptions};
use crate::progress::Unwatched;
use crate::{identity, pg};
use intake::{CellError, Dialect, Refusal};
use pgrx::prelude::*;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// Imports a CSV as the caller, takes it back, and returns what became of it. The engine's own part is done as the
    /// extension's owner, as in a SECURITY DEFINER function; but such a function cannot tell as whom it was called.
    #[pg_extern(volatile)]
    #[search_path(pg_catalog, pg_temp)]
    pub fn run_preview(data_type: &str, csv: &str, mapping: Option<&str>, options: &str) -> Option<String> {
        let work = work(data_type, mapping, options)?;
        let preview = pg::as_user(pg::extension_owner()?, &[], || preview(&work, csv));
        Some(preview.unwrap_or_else(|failure| failure.raise()))
    }
}

/// What the caller asks for; `None` for who is an active member of no team: `preview_import()` has told them.
fn work(data_type: &str, mapping: Option<&str>, options: &str) -> Option<Work> {
    Some(Work {
        organization_id: identity::get_current_user_admin_id()?,
        created_by: identity::teamwork::current_user_id()?,
        submitted_as: pg::query_value("SELECT current_user::text", &[]),
        data_type: data_type.to_owned(),
        mapping: mapping.map(str::to_owned),
        options: options.to_owned(),
    })
}

fn preview(work: &Work, csv: &str) -> Result<String, Failure> {
    let options = ImportOptions { dry_run: true, ..options::parse(&work.options)? };
    let source = Source::Text(csv.as_bytes().into());
    let (stats, sample) = import_and_roll_back(
        work,
        &options,
        source,
        |sample: &mut Sample| ErrorLog::Sample(sample),
        &Unwatched,
    )?;
    let preview = serde_json::to_string(&Preview::of(&stats.finish().report, &sample));
    preview.map_err(|error| Failure::new(error.to_string()))
}

/// The report with the sample, under the names of a preview. Rows are JSON of the database's making, whose numbers have
/// digits that would not survive in here.
#[derive(Serialize)]
struct Preview<'a> {
    dialect: &'a Value,
    mapping: &'a Value,
    mapping_reasons: &'a Value,
    locale: &'a Value,
    warnings: &'a Value,
    lines: &'a Value,
    insert: &'a Value,
    update: &'a Value,
    unchanged: &'a Value,
    refused: &'a Value,
    skipped: &'a Value,
    passed_over: &'a Value,
    causes: &'a Value,
    /// The table's columns that the file fills.
    columns: &'a [String],
    /// The first rows of the file, taken and refused ones.
    rows: Vec<PreviewRow>,
    /// One for each cell that is refused.
    errors: Vec<PreviewError<'a>>,
}

#[derive(Serialize)]
struct PreviewRow {
    line: u64,
    action: &'static str,
    values: Option<Box<RawValue>>,
    /// `{"CSV column": "cell"}`
    raw: Map<String, Value>,
}

#[derive(Serialize)]
struct PreviewError<'a> {
    line: u64,
    #[serde(flatten)]
    cell: &'a CellError,
}

impl<'a> Preview<'a> {
    fn of(report: &'a Value, sample: &'a Sample) -> Self {
        Self {
            dialect: &report["dialect"],
            mapping: &report["mapping"],
            mapping_reasons: &report["mapping_reasons"],
            locale: &report["locale"],
            warnings: &report["warnings"],
            lines: &report["lines"],
            insert: &report["inserted"],
            update: &report["updated"],
            unchanged: &report["unchanged"],
            refused: &report["refused"],
            skipped: &report["skipped"],
            passed_over: &report["passed_over"],
            causes: &report["causes"],
            columns: &sample.columns,
            rows: rows(sample, &Cells::of(report)),
            errors: errors(&sample.refused),
        }
    }
}

fn rows(sample: &Sample, cells: &Cells) -> Vec<PreviewRow> {
    let stored = |json: &String| RawValue::from_string(json.clone()).ok();
    let taken = sample.rows.iter().map(|row| PreviewRow {
        line: row.line,
        action: action(row),
        values: row.values.as_ref().and_then(stored),
        raw: cells.read(&row.raw),
    });
    let refused = sample.refused.iter().map(|refusal| PreviewRow {
        line: refusal.line,
        action: "refused",
        values: None,
        raw: cells.read(&refusal.raw),
    });
    let mut rows: Vec<_> = taken.chain(refused).collect();
    rows.sort_by_key(|row| row.line);
    rows.truncate(SHOWN_ROWS);
    rows
}

fn action(row: &ShownRow) -> &'static str {
    match row.counts {
        RowCounts { inserted: 1, .. } => "insert",
        RowCounts { updated: 1, .. } => "update",
        RowCounts { skipped: 1, .. } => "skipped",
        _ => "unchanged",
    }
}

fn errors(refused: &[Refusal]) -> Vec<PreviewError<'_>> {
    let cells = refused.iter().flat_map(|refusal| refusal.cells.iter().map(move |cell| (refusal, cell)));
    cells.map(|(refusal, cell)| PreviewError { line: refusal.line, cell }).collect()
}

/// How to tell the cells of a record apart.
struct Cells {
    header: Vec<String>,
    /// None of JSON, whose records name them.
    dialect: Option<Dialect>,
}

impl Cells {
    fn of(report: &Value) -> Self {
        let header = report["header"].as_array().into_iter().flatten();
        let header = header.filter_map(|name| name.as_str().map(str::to_owned)).collect();
        let dialect = Some(&report["dialect"]).filter(|dialect| !dialect.is_null()).map(Dialect::of_json);
        Self { header, dialect }
    }

    /// `{"CSV column": "cell"}`; empty of what is no record.
    fn read(&self, record: &str) -> Map<String, Value> {
        let Some(dialect) = self.dialect else { return serde_json::from_str(record).unwrap_or_default() };
        let cells = intake::whole_cells(record, dialect).unwrap_or_default();
        self.header.iter().cloned().zip(cells.into_iter().map(Value::from)).collect()
    }
}
