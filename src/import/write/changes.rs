//! What a statement has done to the rows of a batch, and what undo_import() has to know of it.

use crate::pg::{self, setting_name};
use pgrx::Uuid;
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use std::ffi::CStr;

/// How the server writes values into before-images, whatever its settings are: exactly, and as any server reads them.
pub const EXACT_VALUES: [(&CStr, &CStr); 3] = [
    (setting_name::DATE_STYLE, c"ISO"),
    (setting_name::INTERVAL_STYLE, c"postgres"),
    (setting_name::EXTRA_FLOAT_DIGITS, c"1"),
];

pub struct Changes {
    pub inserted: u64,
    pub updated: u64,
    /// JSON arrays: keys of inserted rows, and what updated rows were before. None where there is nothing to remember.
    keys: Option<String>,
    before: Option<String>,
}

pg::from_row! {
    /// A row that an INSERT has written.
    pub struct WrittenRow {
        is_new: bool,
        /// JSON: its key, and what it was before.
        key: Option<String>,
        before: Option<String>,
    }
}

pg::from_row! {
    /// What an UPDATE says of the rows that it was given.
    pub struct UpdatedRows {
        /// Rows that differ from what the table has.
        differing: i64,
        updated: i64,
        /// JSON: what they were before.
        before: Option<String>,
        /// Which rows the table has, from 1.
        found: Option<Vec<i64>>,
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
        Self { inserted, updated, keys: json_array(keys), before: json_array(before) }
    }

    /// Also returns the rows that were found. Raises as above when somebody has updated a row since the statement found it.
    pub fn of_update(UpdatedRows { differing, updated, before, found }: UpdatedRows) -> (Self, Vec<i64>) {
        if updated < differing {
            raise_race("update");
        }
        (Self::of_updated_rows(updated as u64, before), found.unwrap_or_default())
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
            let arguments: [DatumWithOid; 3] =
                [job.into(), self.keys.as_deref().into(), self.before.as_deref().into()];
            pg::execute("SELECT teamwork.record_changes($1, $2, $3)", &arguments);
        }
    }
}

/// Somebody has written a row meanwhile.
pub fn raise_race(command: &str) -> ! {
    let code = PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE;
    let message = format!("could not serialize access due to a concurrent {command} of the same key");
    pg_sys::panic::ErrorReport::new(code, message, function_name!()).report(PgLogLevel::ERROR);
    unreachable!("an error has been raised");
}

/// A JSON array of these; `None` of none.
fn json_array(values: Vec<String>) -> Option<String> {
    (!values.is_empty()).then(|| format!("[{}]", values.join(", ")))
}
