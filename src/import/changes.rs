//! What a statement of the general sink has done to a batch, and what undo_import() has to know of it.

use crate::pg;
use pgrx::prelude::*;
use pgrx::{Uuid, pg_sys};

/// How the server writes values into before-images, whatever its settings are: exactly, and as any server reads them.
pub const EXACT: [(&std::ffi::CStr, &std::ffi::CStr); 3] =
    [(c"DateStyle", c"ISO"), (c"IntervalStyle", c"postgres"), (c"extra_float_digits", c"1")];

pub struct Changes {
    pub inserted: u64,
    pub updated: u64,
    /// JSON arrays: keys of inserted rows, and what updated rows were before. None where there is nothing to remember.
    keys: Option<String>,
    before: Option<String>,
}

/// A row that a statement has written, of which it returns (whether it is new, its key, what it was before): key and before
/// are JSON or NULL.
pub struct WrittenRow {
    is_new: bool,
    key: Option<String>,
    before: Option<String>,
}

impl WrittenRow {
    pub fn read(row: pg::Row) -> Self {
        let text = |column| row.get::<String>(column).ok().flatten();
        Self { is_new: row.get(1).ok().flatten().unwrap_or(false), key: text(2), before: text(3) }
    }
}

impl Changes {
    /// Sums up. Raises a serialization failure when updates were to be remembered and somebody's row came in between, which the
    /// statement's snapshot does not show: the next statement's does.
    pub fn of(rows: Vec<WrittenRow>, remembers_updates: bool) -> Self {
        let all = rows.len() as u64;
        let inserted = rows.iter().filter(|row| row.is_new).count() as u64;
        let updated = all - inserted;
        let (mut keys, mut before) = (Vec::new(), Vec::new());
        for row in rows {
            keys.extend(row.key.filter(|_| row.is_new));
            before.extend(row.before);
        }
        if remembers_updates && (before.len() as u64) < updated {
            raise_race("insert");
        }
        Self { inserted, updated, keys: array(keys), before: array(before) }
    }

    /// Reads the row that [`super::statement::Statements::update`] returns: (rows that differ, updated rows, what they were, found
    /// rows from 1). Raises as above when somebody has updated a row since the statement found it.
    pub fn read_update(row: &pg::Row) -> (Self, Vec<i64>) {
        let count = |column| row.get::<i64>(column).ok().flatten().unwrap_or(0) as u64;
        let before = row.get(3).ok().flatten();
        let changes = Self { inserted: 0, updated: count(2), keys: None, before };
        if changes.updated < count(1) {
            raise_race("update");
        }
        (changes, row.get(4).ok().flatten().unwrap_or_default())
    }

    /// Of rows that are new; `keys` is a JSON array.
    pub fn of_new_rows(inserted: u64, keys: Option<String>) -> Self {
        Self { inserted, updated: 0, keys, before: None }
    }

    /// Of rows that were there; `before` is a JSON array.
    pub fn of_updated_rows(updated: u64, before: Option<String>) -> Self {
        Self { inserted: 0, updated, keys: None, before }
    }

    /// Writes down what there is to remember of a job, as the worker's own role.
    pub fn keep(&self, job: Option<Uuid>) {
        if job.is_some() && (self.keys.is_some() || self.before.is_some()) {
            let arguments = [job.into(), self.keys.as_deref().into(), self.before.as_deref().into()];
            pg::query("SELECT teamwork.record_changes($1, $2, $3)", &arguments, |_| ());
        }
    }
}

fn raise_race(command: &str) -> ! {
    let code = PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE;
    let message = format!("could not serialize access due to a concurrent {command} of the same key");
    pg_sys::panic::ErrorReport::new(code, message, function_name!()).report(PgLogLevel::ERROR);
    unreachable!("an error has been raised");
}

/// A JSON array of these; `None` of none.
fn array(values: Vec<String>) -> Option<String> {
    (!values.is_empty()).then(|| format!("[{}]", values.join(", ")))
}
