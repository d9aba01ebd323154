//! What became of the lines of a file.

use crate::failure::Failure;
use crate::import::path::SqlPathReason;
use crate::import::write::{BatchResult, RowCounts};
use crate::job::Outcome;
use crate::options::ImportOptions;
use intake::{Batch, Causes, Dialect, Locales, Mapping, Notes, Refusal, SkippedLines, Table};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Counts while an import runs. `lines` is the sum of the five that follow it.
#[derive(Default)]
pub struct ImportStats {
    pub lines: u64,
    pub refused: u64,
    counts: RowCounts,
    passed_over: SkippedLines,
    causes: Causes,
    notes: Notes,
    /// Why rows went by statements, as texts: an earlier attempt may have written them.
    reasons: BTreeSet<String>,
    dialect: Value,
    mapping: Value,
    mapping_reasons: Value,
    locales: Locales,
    warnings: Vec<String>,
    /// The file's columns in their order, which the mapping, as jsonb, does not keep.
    header: Value,
}

impl ImportStats {
    /// The counts that [`ImportStats::checkpoint`] has written down: what an earlier attempt has committed is not judged again.
    pub fn resumed(checkpoint: &Value) -> Self {
        let number = |key: &str| checkpoint[key].as_u64().unwrap_or_default();
        let passed_over = SkippedLines::of_json(&checkpoint["passed_over"]);
        let reasons = checkpoint["path_reasons"].as_array().into_iter().flatten();
        Self {
            lines: number("lines"),
            refused: number("refused"),
            counts: RowCounts {
                inserted: number("inserted"),
                updated: number("updated"),
                unchanged: number("unchanged"),
                skipped: number("skipped").saturating_sub(passed_over.count()),
                in_bulk: number("in_bulk"),
            },
            passed_over,
            causes: Causes::of_json(&checkpoint["causes"]),
            notes: Notes::of_json(&checkpoint["notes"]),
            reasons: reasons.filter_map(|reason| reason.as_str().map(str::to_owned)).collect(),
            ..Self::default()
        }
    }

    /// Adds a sentence to the warnings of the report.
    pub fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    pub fn describe(
        &mut self,
        dialect: Option<&Dialect>,
        mapping: &Mapping,
        table: &Table,
        locales: Locales,
    ) {
        self.dialect = dialect.map_or(Value::Null, Dialect::to_json);
        self.mapping = mapping.to_json(table);
        self.mapping_reasons = mapping.reasons_to_json();
        self.locales = locales;
        self.header = json!(mapping.header);
    }

    /// Adds what has become of a batch, and why rows of it went by statements.
    pub fn add(&mut self, batch: &Batch, result: &BatchResult, reasons: BTreeSet<SqlPathReason>) {
        let refused_by_database = &result.refused;
        self.lines += batch.rows() as u64 + batch.refused.len() as u64 + batch.skipped.count();
        self.refused += (batch.refused.len() + refused_by_database.len()) as u64;
        self.passed_over.append(&batch.skipped);
        self.counts += result.counts;
        self.reasons.extend(reasons.iter().map(SqlPathReason::to_string));
        self.notes.append(&batch.notes);
        batch.refused.iter().chain(refused_by_database).for_each(|refusal| self.causes.add(refusal));
    }

    /// All that has been counted so far, for [`ImportStats::resumed`].
    pub fn checkpoint(&self) -> Value {
        let mut checkpoint = self.report();
        checkpoint["notes"] = self.notes.to_json();
        checkpoint
    }

    /// By the names that a report has for them.
    fn report(&self) -> Value {
        let RowCounts { inserted, updated, unchanged, skipped, in_bulk } = self.counts;
        json!({
            "lines": self.lines,
            "inserted": inserted,
            "updated": updated,
            "unchanged": unchanged,
            "refused": self.refused,
            "skipped": self.passed_over.count() + skipped,
            "in_bulk": in_bulk,
            "path_reasons": self.reasons,
            "causes": self.causes.to_json(),
            "passed_over": self.passed_over.to_json(),
        })
    }

    /// Fails the import when more rows are refused than it may refuse; a dry run goes on, to find them all. `refused`: the latest.
    pub fn check_limit<'r>(
        &self,
        options: &ImportOptions,
        refused: impl Iterator<Item = &'r Refusal>,
    ) -> Result<(), Failure> {
        let Some(most) = options.exceeded(self.refused).filter(|_| !options.dry_run) else { return Ok(()) };
        let refusals: Vec<Refusal> = refused.cloned().collect();
        let first = refusals
            .first()
            .and_then(|refusal| refusal.cells.first().map(|cell| (refusal.line, &cell.message)));
        let detail = first.map_or_else(String::new, |(line, message)| format!(" Line {line}: {message}."));
        let detail = match options.commit_every() {
            None => format!("Nothing was imported.{detail}"),
            Some(_) => format!("What was committed before is kept.{detail}"),
        };
        let stopped = format!("import stopped at {} refused rows, of which {most} are allowed", self.refused);
        Err(Failure::new(stopped)
            .detail(detail)
            .hint("Correct the rows that scheduled_job_errors lists, or import without the options on_error and max_errors.")
            .refusals(refusals))
    }

    pub fn finish(self) -> Outcome {
        let mut report = self.report();
        let Self { lines, refused, counts, mut warnings, .. } = self;
        warnings.extend(self.notes.sentences());
        report["warnings"] = json!(warnings);
        report["path"] = json!(if counts.in_bulk > 0 { "bulk" } else { "sql" });
        report["dialect"] = self.dialect;
        report["mapping"] = self.mapping;
        report["mapping_reasons"] = self.mapping_reasons;
        report["locale"] = self.locales.to_json();
        report["header"] = self.header;
        Outcome { records: counts.inserted + counts.updated, read: lines, refused, report }
    }
}
