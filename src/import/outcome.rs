//! What became of the lines of a file.

use super::sink::Written;
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
}

/// A finished import.
pub struct Outcome(Tally);

impl Tally {
    pub fn describe(&mut self, dialect: Option<&Dialect>, mapping: &Mapping, table: &Table) {
        self.dialect = dialect.map_or(Value::Null, Dialect::to_json);
        self.mapping = mapping.to_json(table);
    }

    pub fn add(&mut self, batch: &Batch, written: Written, refused_by_database: &[Refusal]) {
        self.lines += batch.origins.len() as u64 + batch.refused.len() as u64 + batch.skipped;
        self.refused += (batch.refused.len() + refused_by_database.len()) as u64;
        self.blank += batch.skipped;
        self.written += written;
        batch.refused.iter().chain(refused_by_database).for_each(|refusal| self.causes.add(refusal));
    }

    pub fn finish(self) -> Outcome {
        Outcome(self)
    }
}

impl Outcome {
    /// Rows inserted or updated.
    pub fn record_count(&self) -> i32 {
        (self.0.written.inserted + self.0.written.updated).try_into().unwrap_or(i32::MAX)
    }

    pub fn progress(&self) -> Value {
        json!({ "current": self.0.lines, "total": self.0.lines, "percent": 100, "failed": self.0.refused })
    }

    pub fn report(&self) -> Value {
        let Tally { lines, refused, written, blank, causes, dialect, mapping } = &self.0;
        json!({
            "lines": lines,
            "inserted": written.inserted,
            "updated": written.updated,
            "unchanged": written.unchanged,
            "refused": refused,
            "skipped": blank + written.skipped,
            "causes": causes.to_json(),
            "dialect": dialect,
            "mapping": mapping,
        })
    }
}
