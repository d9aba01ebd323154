//! What became of the lines of a file.

use super::sink::Written;
use crate::job::Outcome;
use intake::{Batch, Causes, Dialect, Mapping, Notes, Refusal, Table};
use serde_json::{Value, json};

/// Counts while an import runs. `lines` is the sum of the five that follow it.
#[derive(Default)]
pub struct Tally {
    pub lines: u64,
    pub refused: u64,
    written: Written,
    /// Blank lines, and other lines that are no data.
    passed: u64,
    notes: Notes,
    causes: Causes,
    dialect: Value,
    mapping: Value,
}

impl Tally {
    pub fn describe(&mut self, dialect: Option<&Dialect>, mapping: &Mapping, table: &Table) {
        self.dialect = dialect.map_or(Value::Null, Dialect::to_json);
        self.mapping = mapping.to_json(table);
    }

    pub fn add(&mut self, batch: &Batch, written: Written, refused_by_database: &[Refusal]) {
        self.lines += batch.origins.len() as u64 + batch.refused.len() as u64 + batch.skipped;
        self.refused += (batch.refused.len() + refused_by_database.len()) as u64;
        self.passed += batch.skipped;
        self.notes.append(&batch.notes);
        self.written += written;
        batch.refused.iter().chain(refused_by_database).for_each(|refusal| self.causes.add(refusal));
    }

    pub fn finish(self) -> Outcome {
        let Self { lines, refused, written, passed, notes, causes, dialect, mapping } = self;
        let report = json!({
            "lines": lines,
            "inserted": written.inserted,
            "updated": written.updated,
            "unchanged": written.unchanged,
            "refused": refused,
            "skipped": passed + written.skipped,
            "causes": causes.to_json(),
            "notes": notes.to_json(),
            "dialect": dialect,
            "mapping": mapping,
        });
        Outcome { records: written.inserted + written.updated, read: lines, refused, report }
    }
}
