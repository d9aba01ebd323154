//! `preview_import()`: what an import would do, found out by doing it and taking it back, in the session of whoever asks.
//! `sql/imports/preview.sql` is the other half.

use super::dry_run::import_and_roll_back;
use super::read::Source;
use super::record::ErrorLog;
use super::write::{Row, RowCounts, SHOWN_ROWS, Sample};
use crate::failure::Failure;
use crate::job::Work;
use crate::options::{self, Encoding, ImportOptions};
use crate::progress::Unwatched;
use crate::{identity, pg};
use intake::{CellError, Dialect, Refusal};
use pgrx::prelude::*;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

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
    let options = ImportOptions {
        dry_run: true,
        // Whatever the file's bytes are, these are its characters.
        encoding: Some(Encoding::utf_8()),
        ..options::parse(&work.options)?
    };
    let source = Source::Text(csv.as_bytes().to_vec());
    let mut sample = Sample::default();
    let log = ErrorLog::Sample(&mut sample);
    let stats = import_and_roll_back(work, &options, source, log, &Unwatched)?;
    let answer = answer(stats.finish().report, sample).and_then(|answer| serde_json::to_string(&answer));
    answer.map_err(|error| Failure::new(error.to_string()))
}

type Object = BTreeMap<&'static str, Box<RawValue>>;

/// The report with the sample, under the names of a preview. Rows are JSON of the database's making, whose numbers have
/// digits that would not survive in here.
fn answer(report: Value, sample: Sample) -> serde_json::Result<Object> {
    const NAMES: [(&str, &str); 13] = [
        ("dialect", "dialect"),
        ("mapping", "mapping"),
        ("mapping_reasons", "mapping_reasons"),
        ("locale", "locale"),
        ("warnings", "warnings"),
        ("lines", "lines"),
        ("insert", "inserted"),
        ("update", "updated"),
        ("unchanged", "unchanged"),
        ("refused", "refused"),
        ("skipped", "skipped"),
        ("passed_over", "passed_over"),
        ("causes", "causes"),
    ];
    let cells = Cells::of(&report);
    let mut answer = Object::new();
    for (name, in_report) in NAMES {
        answer.insert(name, to_raw_value(&report[in_report])?);
    }
    answer.insert("columns", to_raw_value(&sample.columns)?);
    answer.insert("rows", to_raw_value(&rows(&sample, &cells)?)?);
    answer.insert("errors", to_raw_value(&errors(&sample.refused))?);
    Ok(answer)
}

/// The first rows of the file, taken and refused ones.
fn rows(sample: &Sample, cells: &Cells) -> serde_json::Result<Vec<Object>> {
    let taken = sample.rows.iter().map(|row| (row.line, action(row), row.values.as_deref(), &row.raw));
    let refused = sample.refused.iter().map(|refusal| (refusal.line, "refused", None, &refusal.raw));
    let mut rows: Vec<_> = taken.chain(refused).collect();
    rows.sort_by_key(|(line, ..)| *line);
    rows.truncate(SHOWN_ROWS);
    let object = |(line, action, values, raw): (u64, &str, Option<&str>, &String)| {
        let values = values.map(|json| RawValue::from_string(json.to_owned())).transpose()?;
        Ok(Object::from([
            ("line", to_raw_value(&line)?),
            ("action", to_raw_value(action)?),
            ("values", to_raw_value(&values)?),
            ("raw", to_raw_value(&cells.read(raw))?),
        ]))
    };
    rows.into_iter().map(object).collect()
}

fn action(row: &Row) -> &'static str {
    match row.counts {
        RowCounts { inserted: 1, .. } => "insert",
        RowCounts { updated: 1, .. } => "update",
        RowCounts { skipped: 1, .. } => "skipped",
        _ => "unchanged",
    }
}

/// One for each cell that is refused.
fn errors(refused: &[Refusal]) -> Vec<Value> {
    let error = |refusal: &Refusal, cell: &CellError| {
        json!({
            "line": refusal.line,
            "column": cell.column,
            "value": cell.value,
            "code": cell.code,
            "message": cell.message,
            "suggestion": cell.suggestion,
        })
    };
    let cells = refused.iter().flat_map(|refusal| refusal.cells.iter().map(move |cell| (refusal, cell)));
    cells.map(|(refusal, cell)| error(refusal, cell)).collect()
}

/// How to tell the cells of a record apart.
struct Cells {
    header: Vec<String>,
    dialect: Dialect,
}

impl Cells {
    fn of(report: &Value) -> Self {
        let header = report["header"].as_array().into_iter().flatten();
        let header = header.filter_map(|name| name.as_str().map(str::to_owned)).collect();
        Self { header, dialect: Dialect::of_json(&report["dialect"]) }
    }

    /// `{"CSV column": "cell"}`; empty of what is no record.
    fn read(&self, record: &str) -> Map<String, Value> {
        let cells = intake::whole_cells(record, self.dialect).unwrap_or_default();
        self.header.iter().cloned().zip(cells.into_iter().map(Value::from)).collect()
    }
}
