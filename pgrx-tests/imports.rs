//! Imports that psql cannot send or judge: files of many megabytes, and what they cost.

use crate::fixture::{self, Database, outcome, peak_of_worker};

/// Imports so many rows in a new database, and says what its worker's memory came to.
fn peak_for(name: &str, rows: usize) -> u64 {
    // What a process uses includes the shared buffers it has touched: few, so that they do not hide the rest.
    let cluster = fixture::server_with(name, &[("shared_buffers", "1MB")]);
    let database = Database::create(&cluster, "memory");
    let mut manager = database.login(&database.team(1).manager);
    let job = fixture::import_upload(&mut manager, fixture::stock("M", rows).as_bytes(), "{}");
    let peak = peak_of_worker(&database, &job);
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    let in_bulk = format!("SELECT (report ->> 'in_bulk')::bigint FROM scheduled_jobs WHERE id = '{job}'");
    assert_eq!(fixture::number(&mut manager, &in_bulk), rows as i64);
    assert!(peak > 0, "the worker was never seen");
    peak
}

#[test]
fn memory_does_not_grow_with_the_file() {
    // Of the fewer rows, too, there are enough for every batch that can be under way at once.
    let (few, many) = (peak_for("memory-small", 120_000), peak_for("memory-large", 1_200_000));
    assert!(many <= few + few / 10, "{few} KiB for 120,000 rows, {many} KiB for ten times as many");
}

#[test]
fn a_preview_of_a_large_file_can_be_cancelled_and_leaves_nothing() {
    let database = Database::create(fixture::shared(), "cancelled_preview");
    let mut manager = database.login(&database.team(1).manager);
    // A file that takes many times as long, and is being read by a thread when the time is up.
    let file = fixture::stock("P", 300_000);
    manager.batch_execute("SET statement_timeout TO '300ms'").unwrap();
    let error = manager.query_one("SELECT preview_import('inventory', $1)", &[&file]).unwrap_err();
    assert_eq!(error.code(), Some(&postgres::error::SqlState::QUERY_CANCELED));
    manager.batch_execute("RESET statement_timeout").unwrap();
    assert_eq!(fixture::number(&mut manager, "SELECT count(*) FROM inventory"), 0);
    let sql = "SELECT (preview_import('inventory', $1) ->> 'insert')::bigint";
    let counted: i64 = manager.query_one(sql, &[&fixture::stock("P", 3_000)]).unwrap().get(0);
    assert_eq!(counted, 3_000);
}
