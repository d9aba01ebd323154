//! Rows that the table has already, updated past the executor, beside sessions that change them too.

use super::{COUNT, assert_sound, filled, in_bulk};
use crate::fixture::{self, Database, eventually, id, number, outcome, stock, submit};
use postgres::Client;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Half of the rows of `stock(prefix, count)`, of team 3, as they were before.
pub fn known(database: &Database, prefix: &str, count: usize) {
    let sql = format!(
        "INSERT INTO inventory (owner_id, admin_id, sku, name, quantity, reorder_level)
         SELECT '{}', '{}', '{prefix}-' || to_char(n, 'FM0000000'), 'As it was', 1, 0 FROM generate_series(1, {count}, 2) n",
        id(3, 1),
        id(3, 0)
    );
    database.superuser().batch_execute(&sql).unwrap();
}

/// A count of the report.
fn reported(client: &mut Client, job: &str, name: &str) -> i64 {
    number(client, &format!("SELECT (report ->> '{name}')::bigint FROM scheduled_jobs WHERE id = '{job}'"))
}

#[test]
fn a_known_row_that_another_session_changes_meanwhile_is_waited_for() {
    let (database, teams) = filled(fixture::shared(), "waiting_rows");
    let mut manager = database.login(&teams[2].manager);
    let mut other = database.login(&teams[2].manager);
    for (prefix, change, ending, updated, level) in [
        ("S", "UPDATE inventory SET reorder_level = 7", "COMMIT", 2_500, 7),
        ("T", "UPDATE inventory SET reorder_level = 7", "ROLLBACK", 2_500, 0),
        ("U", "DELETE FROM inventory", "COMMIT", 2_499, 0),
    ] {
        known(&database, prefix, 5_000);
        other.batch_execute(&format!("BEGIN; {change} WHERE sku = '{prefix}-0000501'")).unwrap();
        let job = submit(&mut manager, &stock(prefix, 5_000));
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid' AND backend_type LIKE 'teamwork%' AND datname = current_database()";
        eventually("the import waits", || database.count(waits) == 1);
        other.batch_execute(ending).unwrap();
        assert_eq!(in_bulk(&mut manager, &job), 2_500);
        assert_eq!(reported(&mut manager, &job, "updated"), updated);
        assert_eq!(reported(&mut manager, &job, "inserted"), 5_000 - updated);
        let levels = format!("SELECT sum(reorder_level) FROM inventory WHERE sku LIKE '{prefix}-%'");
        assert_eq!(number(&mut manager, &levels), level, "what the other has written stays");
        assert_sound(&database);
        assert_eq!(number(&mut manager, &format!("SELECT undo_import('{job}')")), 5_000);
        let restored = format!("{COUNT} WHERE sku LIKE '{prefix}-%' AND name = 'As it was' AND quantity = 1");
        assert_eq!(number(&mut manager, &restored), updated);
    }
    assert_sound(&database);
}

#[test]
fn known_rows_are_updated_without_a_statement_unless_a_trigger_wants_one() {
    let (database, teams) = filled(fixture::shared(), "untriggered");
    let mut superuser = database.superuser();
    superuser.batch_execute("ALTER DATABASE untriggered SET track_functions = 'pl'").unwrap();
    let mut manager = database.login(&teams[2].manager);
    let mut calls_for = |prefix: &str| {
        known(&database, prefix, 4_000);
        let job = submit(&mut manager, &stock(prefix, 4_000));
        assert_eq!(in_bulk(&mut manager, &job), 2_000);
        assert_eq!(reported(&mut manager, &job, "updated"), 2_000);
        let stamped = format!(
            "{COUNT} t WHERE t.sku LIKE '{prefix}-%' AND t.updated_at >= (SELECT started_at FROM scheduled_jobs WHERE id = '{job}')"
        );
        assert_eq!(number(&mut manager, &stamped), 4_000);
        // A worker hands over what it has counted when it leaves.
        let workers = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'teamwork worker' AND datname = current_database()";
        eventually("the worker leaves", || database.count(workers) == 0);
        database.count(
            "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_user_functions WHERE funcname = 'touch_row'",
        )
    };
    assert_eq!(calls_for("W"), 0);
    let trigger = "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                   CREATE TRIGGER see AFTER UPDATE ON inventory FOR EACH ROW EXECUTE FUNCTION see()";
    superuser.batch_execute(trigger).unwrap();
    assert_eq!(calls_for("X"), 2_000);
}

#[test]
fn sessions_that_change_known_rows_during_an_import_lose_nothing() {
    let (database, teams) = filled(fixture::shared(), "changing_rows");
    known(&database, "V", 80_000);
    let is_over = AtomicBool::new(false);
    let mut manager = database.login(&teams[2].manager);
    let (imports, counted) = std::thread::scope(|scope| {
        let sessions = [3, 7].map(|factor| {
            let (database, manager, is_over) = (&database, &teams[2].manager, &is_over);
            scope.spawn(move || count_until(database, manager, factor, is_over))
        });
        // The second finds all of them unchanged, but for those that were deleted meanwhile.
        let imports = [(); 2].map(|()| {
            let job = submit(&mut manager, &stock("V", 80_000));
            (outcome(&mut manager, &job), job)
        });
        is_over.store(true, Relaxed);
        (imports, sessions.map(|session| session.join().expect("a session ends")).iter().sum::<i64>())
    });
    for (outcome, job) in imports {
        assert_eq!(outcome, ("completed".into(), None));
        let counts = ["inserted", "updated", "unchanged"].map(|name| reported(&mut manager, &job, name));
        assert_eq!(counts.iter().sum::<i64>(), 80_000, "{counts:?}");
    }
    assert!(counted > 0);
    let rows = "FROM inventory WHERE sku LIKE 'V-%'";
    let levels = format!("SELECT coalesce(sum(reorder_level), 0) {rows} AND right(sku, 1) <> '5'");
    assert_eq!(number(&mut manager, &levels), counted, "no count is lost");
    assert_eq!(number(&mut manager, &format!("SELECT count(*) {rows} AND name = 'As it was'")), 0);
    assert_sound(&database);
}

/// Counts in rows, one a transaction, and deletes others; how many it has counted.
fn count_until(database: &Database, manager: &str, factor: usize, is_over: &AtomicBool) -> i64 {
    let mut client = database.login(manager);
    let mut count = 0;
    for n in 0.. {
        if is_over.load(Relaxed) {
            break;
        }
        let row = (n * factor * 2_654_435_761_usize) % 40_000 * 2 + 1;
        let (change, condition) = match row % 10 {
            5 => ("DELETE FROM inventory", "true"),
            _ => ("UPDATE inventory SET reorder_level = reorder_level + 1", "reorder_level IS NOT NULL"),
        };
        let sql = format!("{change} WHERE sku = 'V-{row:07}' AND {condition}");
        let changed = client.execute(&sql, &[]).unwrap() as i64;
        count += if row % 10 == 5 { 0 } else { changed };
    }
    count
}
