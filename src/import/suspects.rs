//! Which rows of a batch a unique index or a foreign key would refuse, asked for all of them at once. They are suspects only: the
//! database judges each by itself. The others can go together, as one statement or in bulk, instead of being halved until
//! every refused row stands alone.

use super::foreign_key::ForeignKey;
use super::sink::Sink;
use super::statement;
use crate::pg::{self, Caught};
use intake::Batch;
use std::collections::BTreeSet;

/// What there is to suspect rows of.
pub struct Suspicion {
    /// Returns the rows, from 1, that share a unique key with a row of the team or with an earlier one.
    repeats: Option<String>,
    /// None where no job is, whose id a key may want.
    keys: Vec<ForeignKey>,
}

impl Suspicion {
    pub fn of(sink: &Sink) -> Self {
        let (target, creator) = (sink.target, sink.creator);
        let unique = pg::query("SELECT teamwork.unique_keys($1)::text[]", &[target.oid.into()], |row| {
            row.get::<Vec<String>>(1).ok().flatten()
        });
        let unique: Vec<Vec<String>> = unique.into_iter().flatten().collect();
        let keys = sink.job.map_or_else(Vec::new, |job| {
            let shared = [creator.id, creator.team, job];
            let sql = "SELECT attribute::text, lock_parents_sql, missing_parents_sql, parent_owner
                       FROM teamwork.foreign_key_checks($1)";
            pg::query(sql, &[target.oid.into()], |row| ForeignKey::read(&row, 1, shared))
        });
        Self {
            repeats: statement::repeats(target, &sink.columns, sink.has_key(), &unique),
            keys: keys.into_iter().flatten().collect(),
        }
    }

    /// The positions of suspects among `rows`, in ascending order.
    pub fn among(&self, sink: &Sink, batch: &Batch, rows: &[usize]) -> Result<Vec<usize>, Caught> {
        let mut suspects = BTreeSet::new();
        if let Some(sql) = &self.repeats {
            let found = sink.ask(sql, batch, rows, |row| row.get::<i64>(1).ok().flatten())?;
            suspects.extend(found.into_iter().flatten().map(|row| row as usize - 1));
        }
        for key in &self.keys {
            let Some(values) = sink.values(batch, rows, &key.column) else { continue };
            let orphans = pg::subtransaction(|| key.orphans(&values))?;
            let is_orphan = |value: &Option<&str>| value.is_some_and(|value| orphans.contains(value));
            suspects
                .extend(values.iter().enumerate().filter(|(_, value)| is_orphan(value)).map(|(row, _)| row));
        }
        Ok(suspects.into_iter().collect())
    }
}
