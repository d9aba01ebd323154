//! What became of the lines of a file.

use crate::failure::Failure;
use crate::import::path::SqlPathReason;
use crate::import::write::{BatchResult, RowCounts};
use crate::job::Outcome;
use crate::options::ImportOptions;
use intake::{
    Batch, Causes, Dialect, FileDescription, Locales, Mapping, Notes, Refusal, SkippedLines, Table, Warning,
    WarningKind,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What becomes of the lines of a file, by the names that a report and a checkpoint have for it. `lines` is the sum of `inserted`,
/// `updated`, `unchanged`, `refused` and `skipped`.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Counts {
    pub lines: u64,
    pub refused: u64,
    inserted: u64,
    updated: u64,
    unchanged: u64,
    /// Lines that are no data, and rows whose keys the table has, where these were to be left alone.
    skipped: u64,
    /// Those of the inserted that went in bulk.
    in_bulk: u64,
    /// Why rows went by statements, as texts: an earlier attempt may have written them.
    path_reasons: BTreeSet<String>,
    causes: Causes,
    /// The lines that are no data.
    passed_over: SkippedLines,
}

/// What the report of an import says besides.
#[derive(Default, Serialize)]
struct Description {
    /// What the file is; not of records.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Value>,
    dialect: Value,
    mapping: Value,
    mapping_reasons: Value,
    locale: Value,
    /// The file's columns in their order, which the mapping, as jsonb, does not keep.
    header: Vec<String>,
    /// Of a file: its SHA-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_hash: Option<String>,
}

impl Counts {
    /// Lines whose rows the table had.
    pub fn known(&self) -> u64 {
        self.updated + self.unchanged
    }
}

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    counts: Counts,
    #[serde(flatten)]
    description: Description,
    warnings: Vec<Warning>,
    path: &'static str,
}

/// Statistics while an import runs.
#[derive(Default)]
pub struct ImportStats {
    pub counts: Counts,
    pub notes: Notes,
    description: Description,
    warnings: Vec<Warning>,
}

impl ImportStats {
    /// Goes on from what an earlier attempt has committed, which is not judged again.
    pub fn resumed(counts: Counts, notes: Notes) -> Self {
        Self { counts, notes, ..Self::default() }
    }

    /// Adds to the warnings of the report.
    pub fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    pub fn warn_all(&mut self, warnings: impl IntoIterator<Item = Warning>) {
        self.warnings.extend(warnings);
    }

    pub fn describe(
        &mut self,
        file: Option<&FileDescription>,
        dialect: Option<&Dialect>,
        mapping: &Mapping,
        table: &Table,
        locales: Locales,
    ) {
        self.description = Description {
            file: file.map(FileDescription::to_json),
            dialect: dialect.map_or(Value::Null, Dialect::to_json),
            mapping: mapping.to_json(table),
            mapping_reasons: mapping.reasons_to_json(),
            locale: locales.to_json(),
            header: mapping.header.clone(),
            file_hash: None,
        };
    }

    pub fn know_file(&mut self, hash: &str) {
        self.description.file_hash = Some(hash.to_owned());
    }

    /// Adds what has become of a batch, and why rows of it went by statements.
    pub fn add(&mut self, batch: &Batch, result: &BatchResult, reasons: BTreeSet<SqlPathReason>) {
        self.notes.append(&batch.notes);
        self.notes.append(&result.notes);
        let RowCounts { inserted, updated, unchanged, skipped, in_bulk } = result.counts;
        let counts = &mut self.counts;
        counts.lines += batch.rows() as u64 + batch.refused.len() as u64 + batch.skipped.count();
        counts.refused += (batch.refused.len() + result.refused.len()) as u64;
        counts.inserted += inserted;
        counts.updated += updated;
        counts.unchanged += unchanged;
        counts.skipped += skipped + batch.skipped.count();
        counts.in_bulk += in_bulk;
        counts.passed_over.append(&batch.skipped);
        counts.path_reasons.extend(reasons.iter().map(SqlPathReason::to_string));
        batch.refused.iter().chain(&result.refused).for_each(|refusal| counts.causes.add(refusal));
    }

    /// Fails the import when more rows are refused than it may refuse; a dry run goes on, to find them all. `refused`: the latest.
    pub fn check_limit<'r>(
        &self,
        options: &ImportOptions,
        refused: impl Iterator<Item = &'r Refusal>,
    ) -> Result<(), Failure> {
        let Some(most) = options.exceeded(self.counts.refused).filter(|_| !options.dry_run) else {
            return Ok(());
        };
        let refusals: Vec<Refusal> = refused.cloned().collect();
        let first = refusals
            .first()
            .and_then(|refusal| refusal.cells.first().map(|cell| (refusal.line, &cell.message)));
        let detail = first.map_or_else(String::new, |(line, message)| format!(" Line {line}: {message}."));
        let detail = what_is_kept(options) + &detail;
        let stopped =
            format!("import stopped at {} refused rows, of which {most} are allowed", self.counts.refused);
        Err(Failure::new(stopped)
            .detail(detail)
            .hint("Correct the rows that scheduled_job_errors lists, or import without the options on_error and max_errors.")
            .refusals(refusals))
    }

    /// Fails the import when it has a warning of a kind that shall fail it; a dry run says so.
    pub fn check_warnings(&mut self, options: &ImportOptions) -> Result<(), Failure> {
        let kinds = options.fail_on.as_ref().map_or(&[][..], |kinds| &kinds.0);
        let noted = self.notes.warnings().collect::<Vec<_>>();
        let Some(first) = self.warnings.iter().chain(&noted).find(|it| kinds.contains(&it.kind)) else {
            return Ok(());
        };
        let message = format!("the import has a warning of a kind that fails it: {}", first.message);
        if options.dry_run {
            self.warn(Warning::new(WarningKind::WouldFail, 1, message));
            return Ok(());
        }
        let line = first.line.map_or_else(String::new, |line| format!(" The first is on line {line}."));
        Err(Failure::new(message)
            .detail(what_is_kept(options) + &line)
            .hint("Correct the file, say what is meant by a mapping or an option, or take the kind out of the option fail_on."))
    }

    pub fn finish(self) -> Outcome {
        let Self { counts, notes, description, mut warnings } = self;
        warnings.extend(notes.warnings());
        let (records, read, refused) = (counts.inserted + counts.updated, counts.lines, counts.refused);
        let path = if counts.in_bulk > 0 { "bulk" } else { "sql" };
        Outcome { records, read, refused, report: json!(Report { counts, description, warnings, path }) }
    }
}

/// Of an import that fails.
fn what_is_kept(options: &ImportOptions) -> String {
    match options.commit_every() {
        None => "Nothing was imported.".to_owned(),
        Some(_) => "What was committed before is kept.".to_owned(),
    }
}
