//! Which rows of a batch a unique index or a foreign key would refuse, asked for all of them at once. The conflicts are likely only:
//! the database judges each of these rows by itself. The others can go together, as one statement or in bulk, instead of being
//! halved until every refused row stands alone.

use super::session::Session;
use super::statements;
use crate::pg::{self, Caught};
use crate::table::{ForeignKey, Shared, Target};
use intake::Batch;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What rows may be in conflict with.
pub struct ConflictCheck {
    /// Returns the rows, from 1, that share a unique key with a row of the team or with an earlier one.
    repeats: Option<String>,
    foreign_keys: Rc<[ForeignKey]>,
}

impl ConflictCheck {
    /// `now`: the session's table, as it is since the last commit.
    pub fn of(session: &Session, now: &Target) -> Self {
        let unique = now.unique_keys();
        Self {
            repeats: statements::repeats(session.target, &session.columns, session.has_key(), &unique),
            foreign_keys: now.foreign_keys.clone(),
        }
    }

    /// The positions of rows with likely conflicts among `rows`, in ascending order.
    pub fn find(&self, session: &Session, batch: &Batch, rows: &[usize]) -> Result<Vec<usize>, Caught> {
        let mut conflicts = BTreeSet::new();
        if let Some(sql) = &self.repeats {
            let found: Vec<i64> = session.ask_column(sql, batch, rows)?;
            conflicts.extend(found.into_iter().map(|row| row as usize - 1));
        }
        // Without a job there is no id that a key may want.
        let Some(shared) = Shared::of(session.creator, session.job) else {
            return Ok(conflicts.into_iter().collect());
        };
        for key in self.foreign_keys.iter() {
            let Some(values) = session.values(batch, rows, &key.column) else { continue };
            let missing = pg::subtransaction(|| key.missing_parents(&values, shared))?;
            let is_missing = |value: &Option<&str>| value.is_some_and(|value| missing.contains(value));
            conflicts
                .extend(values.iter().enumerate().filter(|(_, value)| is_missing(value)).map(|(row, _)| row));
        }
        Ok(conflicts.into_iter().collect())
    }
}
