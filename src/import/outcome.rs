//! What became of the lines of a file.

use super::sink::Written;
use crate::job::Outcome;
use intake::{Batch, Causes, Dialect, Mapping, Refusal, Table};
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
    /// The file's columns in their order, which the mapping, as jsonb, does not keep.
    header: Value,
}

impl Tally {
    pub fn describe(&mut self, dialect: Option<&Dialect>, mapping: &Mapping, table: &Table) {
        self.dialect = dialect.map_or(Value::Null, Dialect::to_json);
        self.mapping = mapping.to_json(table);
        self.header = json!(mapping.header);
    }

    pub fn add(&mut self, batch: &Batch, written: Written, refused_by_database: &[Refusal]) {
        self.lines += batch.origins.len() as u64 + batch.refused.len() as u64 + batch.skipped;
        self.refused += (batch.refused.len() + refused_by_database.len()) as u64;
        self.blank += batch.skipped;
        self.written += written;
        batch.refused.iter().chain(refused_by_database).for_each(|refusal| self.causes.add(refusal));
    }

    pub fn finish(self) -> Outcome {
        let Self { lines, refused, written, blank, causes, dialect, mapping, header } = self;
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
            "header": header,
        });
        Outcome { records: written.inserted + written.updated, read: lines, refused, report }
    }
}
