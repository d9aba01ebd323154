//! What became of the lines of a file.

use super::written::Written;
use crate::job::Outcome;
use intake::{Batch, Causes, Dialect, Locales, Mapping, Notes, PassedOver, Refusal, Table};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Counts while an import runs. `lines` is the sum of the five that follow it.
#[derive(Default)]
pub struct Tally {
    pub lines: u64,
    pub refused: u64,
    written: Written,
    passed_over: PassedOver,
    causes: Causes,
    /// What the database refused, and why.
    refused_by_database: u64,
    causes_in_database: Causes,
    /// Why rows went through the general sink.
    pub reasons: BTreeSet<String>,
    dialect: Value,
    mapping: Value,
    mapping_reasons: Value,
    locales: Locales,
    notes: Notes,
    warnings: Vec<String>,
    /// The file's columns in their order, which the mapping, as jsonb, does not keep.
    header: Value,
}

impl Tally {
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
        self.lines += batch.rows() as u64 + batch.refused.len() as u64 + batch.passed_over.count();
        self.refused += (batch.refused.len() + refused_by_database.len()) as u64;
        self.refused_by_database += refused_by_database.len() as u64;
        self.passed_over.append(&batch.passed_over);
        self.written += written;
        self.notes.append(&batch.notes);
        batch.refused.iter().for_each(|refusal| self.causes.add(refusal));
        refused_by_database.iter().for_each(|refusal| self.causes_in_database.add(refusal));
    }

    /// What the database did so far, for [`Tally::resume`]; the rest is found out again when the file is read again.
    pub fn checkpoint(&self) -> Value {
        let Written { inserted, updated, unchanged, skipped, in_bulk } = self.written;
        json!({
            "inserted": inserted,
            "updated": updated,
            "unchanged": unchanged,
            "skipped": skipped,
            "in_bulk": in_bulk,
            "refused": self.refused_by_database,
            "causes": self.causes_in_database.to_json(),
        })
    }

    pub fn resume(&mut self, checkpoint: &Value) {
        let number = |key: &str| checkpoint[key].as_u64().unwrap_or_default();
        self.written = Written {
            inserted: number("inserted"),
            updated: number("updated"),
            unchanged: number("unchanged"),
            skipped: number("skipped"),
            in_bulk: number("in_bulk"),
        };
        self.refused_by_database = number("refused");
        self.refused += self.refused_by_database;
        self.causes_in_database.add_json(&checkpoint["causes"]);
    }

    pub fn finish(self) -> Outcome {
        let Self {
            lines,
            refused,
            written,
            passed_over,
            mut causes,
            causes_in_database,
            reasons,
            dialect,
            mapping,
            mapping_reasons,
            locales,
            notes,
            mut warnings,
            header,
            ..
        } = self;
        causes.add_json(&causes_in_database.to_json());
        warnings.extend(notes.sentences());
        let report = json!({
            "lines": lines,
            "inserted": written.inserted,
            "updated": written.updated,
            "unchanged": written.unchanged,
            "refused": refused,
            "skipped": passed_over.count() + written.skipped,
            "sink": if written.in_bulk > 0 { "bulk" } else { "general" },
            "in_bulk": written.in_bulk,
            "sink_reasons": reasons,
            "causes": causes.to_json(),
            "passed_over": passed_over.to_json(),
            "dialect": dialect,
            "mapping": mapping,
            "mapping_reasons": mapping_reasons,
            "locale": locales.to_json(),
            "warnings": warnings,
            "header": header,
        });
        Outcome { records: written.inserted + written.updated, read: lines, refused, report }
    }
}
