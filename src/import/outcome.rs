//! What became of the lines of a file.

use super::written::Written;
use crate::job::Outcome;
use intake::{Batch, Causes, Dialect, Locales, Mapping, Notes, Refusal, SkippedLines, Table};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Counts while an import runs. `lines` is the sum of the five that follow it.
#[derive(Default)]
pub struct Tally {
    pub lines: u64,
    pub refused: u64,
    written: Written,
    passed_over: SkippedLines,
    causes: Causes,
    notes: Notes,
    /// Why rows went through the general sink.
    pub reasons: BTreeSet<String>,
    dialect: Value,
    mapping: Value,
    mapping_reasons: Value,
    locales: Locales,
    warnings: Vec<String>,
    /// The file's columns in their order, which the mapping, as jsonb, does not keep.
    header: Value,
}

impl Tally {
    /// The counts that [`Tally::checkpoint`] has written down: what an earlier attempt has committed is not judged again.
    pub fn resumed(checkpoint: &Value) -> Self {
        let number = |key: &str| checkpoint[key].as_u64().unwrap_or_default();
        let passed_over = SkippedLines::of_json(&checkpoint["passed_over"]);
        let reasons = checkpoint["sink_reasons"].as_array().into_iter().flatten();
        Self {
            lines: number("lines"),
            refused: number("refused"),
            written: Written {
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

    pub fn add(&mut self, batch: &Batch, written: Written, refused_by_database: &[Refusal]) {
        self.lines += batch.rows() as u64 + batch.refused.len() as u64 + batch.skipped.count();
        self.refused += (batch.refused.len() + refused_by_database.len()) as u64;
        self.passed_over.append(&batch.skipped);
        self.written += written;
        self.notes.append(&batch.notes);
        batch.refused.iter().chain(refused_by_database).for_each(|refusal| self.causes.add(refusal));
    }

    /// All that has been counted so far, for [`Tally::resumed`].
    pub fn checkpoint(&self) -> Value {
        let mut checkpoint = self.counts();
        checkpoint["notes"] = self.notes.to_json();
        checkpoint
    }

    /// By the names that a report has for them.
    fn counts(&self) -> Value {
        let Written { inserted, updated, unchanged, skipped, in_bulk } = self.written;
        json!({
            "lines": self.lines,
            "inserted": inserted,
            "updated": updated,
            "unchanged": unchanged,
            "refused": self.refused,
            "skipped": self.passed_over.count() + skipped,
            "in_bulk": in_bulk,
            "sink_reasons": self.reasons,
            "causes": self.causes.to_json(),
            "passed_over": self.passed_over.to_json(),
        })
    }

    pub fn finish(self) -> Outcome {
        let mut report = self.counts();
        let Self { lines, refused, written, mut warnings, .. } = self;
        warnings.extend(self.notes.sentences());
        report["warnings"] = json!(warnings);
        report["sink"] = json!(if written.in_bulk > 0 { "bulk" } else { "general" });
        report["dialect"] = self.dialect;
        report["mapping"] = self.mapping;
        report["mapping_reasons"] = self.mapping_reasons;
        report["locale"] = self.locales.to_json();
        report["header"] = self.header;
        Outcome { records: written.inserted + written.updated, read: lines, refused, report }
    }
}
