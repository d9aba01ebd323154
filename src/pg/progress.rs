//! `pg_stat_progress_copy`: the view in which PostgreSQL shows its own bulk loads shows jobs as well.

use pgrx::pg_sys::{self, ProgressCommandType::PROGRESS_COMMAND_COPY};
use std::cell::Cell;

/// This process's row of the view, for as long as this lives. One at a time.
pub struct CopyProgress(());

#[derive(Clone, Copy)]
struct Shown {
    table: pg_sys::Oid,
    command: u32,
    bytes: u64,
    bytes_total: u64,
    rows: u64,
    refused: u64,
}

thread_local! {
    static SHOWN: Cell<Option<Shown>> = const { Cell::new(None) };
}

impl CopyProgress {
    /// An import into a table from so many bytes.
    pub fn of_import(table: pg_sys::Oid, bytes_total: u64) -> Self {
        Self::start(table, pg_sys::PROGRESS_COPY_COMMAND_FROM, bytes_total)
    }

    /// An export of a table, whose size in bytes nobody knows beforehand.
    pub fn of_export(table: pg_sys::Oid) -> Self {
        Self::start(table, pg_sys::PROGRESS_COPY_COMMAND_TO, 0)
    }

    fn start(table: pg_sys::Oid, command: u32, bytes_total: u64) -> Self {
        SHOWN.set(Some(Shown { table, command, bytes: 0, bytes_total, rows: 0, refused: 0 }));
        show();
        Self(())
    }

    /// How many bytes and rows have been processed so far, and how many rows were refused.
    pub fn report(&self, bytes: u64, rows: u64, refused: u64) {
        SHOWN.set(SHOWN.get().map(|shown| Shown { bytes, rows, refused, ..shown }));
        show();
    }
}

impl Drop for CopyProgress {
    fn drop(&mut self) {
        SHOWN.set(None);
        // SAFETY: writes to this backend's own entry, if it has one; does nothing when a rollback was faster.
        unsafe { pg_sys::pgstat_progress_end_command() };
    }
}

/// Brings the view up to date. To be called after the rollback of a subtransaction as well, as when a row is refused: that
/// takes the row out of the view (`AbortSubTransaction` in `xact.c`).
pub fn show() {
    let Some(shown) = SHOWN.get() else { return };
    if !is_in_view(shown.table) {
        // SAFETY: writes to this backend's own entry, if it has one.
        unsafe { pg_sys::pgstat_progress_start_command(PROGRESS_COMMAND_COPY, shown.table) };
    }
    let parameters = [
        (pg_sys::PROGRESS_COPY_COMMAND, shown.command.into()),
        // The rows come from a function, and not from a file of the server's or from the client.
        (pg_sys::PROGRESS_COPY_TYPE, pg_sys::PROGRESS_COPY_TYPE_CALLBACK.into()),
        (pg_sys::PROGRESS_COPY_BYTES_PROCESSED, shown.bytes),
        (pg_sys::PROGRESS_COPY_BYTES_TOTAL, shown.bytes_total),
        (pg_sys::PROGRESS_COPY_TUPLES_PROCESSED, shown.rows),
        (pg_sys::PROGRESS_COPY_TUPLES_EXCLUDED, shown.refused),
    ];
    let numbers = parameters.map(|(number, _)| number as i32);
    let values = parameters.map(|(_, value)| value as i64);
    // SAFETY: as many numbers as values, each number less than PGSTAT_NUM_PROGRESS_PARAM.
    unsafe {
        pg_sys::pgstat_progress_update_multi_param(numbers.len() as i32, numbers.as_ptr(), values.as_ptr());
    }
}

fn is_in_view(table: pg_sys::Oid) -> bool {
    // SAFETY: null, or this backend's own entry, which nobody else writes.
    let entry = unsafe { pg_sys::MyBEEntry.as_ref() };
    entry.is_some_and(|entry| {
        entry.st_progress_command == PROGRESS_COMMAND_COPY && entry.st_progress_command_target == table
    })
}
