//! `undo_import()`: the rows of an import go, or go back to what they were, as far as they are as it left them. The log is
//! read as the extension's owner; rows are changed with the caller's rights, under row-level security. All statements come from
//! `undo_import()`: nothing here asks back for them.

use super::write::{EXACT_VALUES, is_fault_of_a_row};
use crate::pg::{self, Caught, setting_name};
use crate::{creator, settings};
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::{Uuid, pg_sys};
use std::collections::HashSet;
use std::ffi::{CStr, CString};

/// Rows a statement.
const CHUNK: usize = 5_000;

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// `inserted` and `updated` list the rows of the log, `remove` and `restore` undo them, `explain` writes down why rows were
    /// left: all SQL. `found`: inserted rows that the import has left a trace of.
    #[pg_extern(volatile)]
    #[allow(clippy::too_many_arguments)]
    pub fn undo_rows(
        job: Uuid,
        team: Uuid,
        target: pg_sys::Oid,
        inserted: &str,
        remove: &str,
        updated: &str,
        restore: &str,
        explain: &str,
    ) -> TableIterator<'static, (name!(found, i64), name!(removed, i64), name!(restored, i64))> {
        let undo = Undo::of(job, team, target, explain);
        let (found, removed) = undo.sweep(inserted, remove);
        // Lets teamwork.touch_row() leave the times alone that rows are given back.
        let table = CString::new(target.to_u32().to_string()).unwrap_or_default();
        let restore = || undo.sweep(updated, restore);
        let (_, restored) = pg::with_superuser_setting(settings::TABLE_UNDER_UNDO, &table, restore);
        TableIterator::once((found as i64, removed as i64, restored as i64))
    }
}

pg::from_row! {
    /// A row of the log.
    struct Entry {
        /// The row, in JSON.
        image: String,
        /// The time that the import left on it.
        stamp: TimestampWithTimeZone,
    }
}

struct Undo<'a> {
    job: Uuid,
    team: Uuid,
    target: pg_sys::Oid,
    explain: &'a str,
    caller: pg_sys::Oid,
    search_path: CString,
}

impl<'a> Undo<'a> {
    fn of(job: Uuid, team: Uuid, target: pg_sys::Oid, explain: &'a str) -> Self {
        // The table's triggers shall not run under the pinned path of undo_import().
        let search_path = CString::new(pg::default_setting(setting_name::SEARCH_PATH).unwrap_or_default());
        let search_path = search_path.unwrap_or_default();
        let caller = creator::under_row_security(pg::outer_user());
        let caller = caller.unwrap_or_else(|| pgrx::error!("role \"authenticated\" does not exist"));
        Self { job, team, target, explain, caller, search_path }
    }

    /// Undoes what a query of the log lists; returns how many rows that is, and how many of them were undone.
    fn sweep(&self, source: &str, statement: &str) -> (usize, usize) {
        let mut rows = pg::Cursor::open(source, &[self.job.into(), self.target.into()]);
        let (mut found, mut undone) = (0, 0);
        loop {
            let chunk: Vec<Entry> = rows.fetch(CHUNK);
            let count = chunk.len();
            found += count;
            undone += pg::with_scratch_memory(|| self.undo(statement, &chunk));
            if count < CHUNK {
                return (found, undone);
            }
            pg::check_for_interrupts();
        }
    }

    /// One statement in one subtransaction; where a row is refused, halves, until it stands alone.
    fn undo(&self, statement: &str, entries: &[Entry]) -> usize {
        if entries.is_empty() {
            return 0;
        }
        match pg::subtransaction(|| self.execute(statement, entries)) {
            Ok(done) => {
                let left = (1..).zip(entries).filter(|(place, _)| !done.contains(place));
                self.explain(&left.map(|(_, entry)| entry).collect::<Vec<_>>(), None);
                done.len()
            }
            Err(error) if !is_fault_of_a_row(&error) => error.raise(),
            Err(error) if entries.len() == 1 => {
                self.explain(&[&entries[0]], Some(&error));
                0
            }
            Err(_) => {
                let (first, second) = entries.split_at(entries.len() / 2);
                self.undo(statement, first) + self.undo(statement, second)
            }
        }
    }

    /// As the caller; returns the places, from 1, of the rows that were as the import left them.
    fn execute(&self, statement: &str, entries: &[Entry]) -> HashSet<i64> {
        let entries: Vec<&Entry> = entries.iter().collect();
        let own = [
            (setting_name::ROW_SECURITY, c"on"),
            (setting_name::SEARCH_PATH, &*self.search_path),
            // One plan for all chunks, which finds rows by their key; the size of a chunk would suggest to read the table.
            (setting_name::PLAN_CACHE_MODE, c"force_generic_plan"),
            (setting_name::ENABLE_SEQSCAN, c"off"),
        ];
        let settings: Vec<(&CStr, &CStr)> = EXACT_VALUES.into_iter().chain(own).collect();
        pg::as_user(self.caller, &settings, || {
            let done: Vec<i64> = pg::query_column(statement, &arrays(&entries));
            // A deferred foreign key shall refuse the row, not the whole undo.
            pg::execute("SET CONSTRAINTS ALL IMMEDIATE", &[]);
            done.into_iter().collect()
        })
    }

    /// As the owner.
    fn explain(&self, entries: &[&Entry], error: Option<&Caught>) {
        if entries.is_empty() {
            return;
        }
        let reason = error.map(|error| error.message.as_str());
        let own: [DatumWithOid; 3] = [self.job.into(), self.team.into(), reason.into()];
        let arguments: Vec<DatumWithOid> = arrays(entries).into_iter().chain(own).collect();
        pg::execute(self.explain, &arguments);
    }
}

/// The parameters of the statements: images and times.
fn arrays(entries: &[&Entry]) -> [DatumWithOid<'static>; 2] {
    let images: Vec<&str> = entries.iter().map(|entry| entry.image.as_str()).collect();
    let stamps: Vec<TimestampWithTimeZone> = entries.iter().map(|entry| entry.stamp).collect();
    [images.into(), stamps.into()]
}
