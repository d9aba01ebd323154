//! What became of the lines of a file.

use super::sink::Written;
use crate::job::Outcome;
use intake::{Batch, Causes, Dialect, Locales, Mapping, Notes, Refusal, Table};
use serde_json::{Value, json};

/// Counts while an import runs. `lines` is the sum of the five that follow it.
#[derive(Default)]
pub struct Tally {
    pub lines: u64,
    pub refused: u64,
    written: Written,
    blank: u64,
    causes: Causes,
    dialect: Value,
    mapping: Value,
    mapping_reasons: Value,
    locales: Locales,
    notes: Notes,
    warnings: Vec<String>,
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
    }

    pub fn add(&mut self, batch: &Batch, written: Written, refused_by_database: &[Refusal]) {
        self.lines += batch.rows() as u64 + batch.refused.len() as u64 + batch.skipped;
        self.refused += (batch.refused.len() + refused_by_database.len()) as u64;
        self.blank += batch.skipped;
        self.written += written;
        self.notes.append(&batch.notes);
        batch.refused.iter().chain(refused_by_database).for_each(|refusal| self.causes.add(refusal));
    }

    pub fn finish(self) -> Outcome {
        let Self {
            lines,
            refused,
            written,
            blank,
            causes,
            dialect,
            mapping,
            mapping_reasons,
            locales,
            notes,
            mut warnings,
        } = self;
        warnings.extend(notes.sentences());
        let report = json!({
            "lines": lines,
            "inserted": written.inserted,
            "updated": written.updated,
            "unchanged": written.unchanged,
            "refused": refused,
            "skipped": blank + written.skipped,
            "causes": causes.to_json(),
            "dialect": dialect,
            "mapping": mapping,
            "mapping_reasons": mapping_reasons,
            "locale": locales.to_json(),
            "warnings": warnings,
        });
        Outcome { records: written.inserted + written.updated, read: lines, refused, report }
    }
}
