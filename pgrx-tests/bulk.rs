//! The bulk path beside other sessions, crashes and cancellations: what it writes past the executor is as sound as what the
//! executor writes.

mod known;

use crate::engine_processes;
use crate::fixture::{self, Database, Team, eventually, id, number, outcome, stock, submit};
use crate::soundness;
use postgres::Client;
use postgres::error::SqlState;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use xtask::cluster::StopMode;
use xtask::process;

/// Rows of team 3, whose keys are the last of all, and so many that every B-tree is three pages high: nbtree remembers the
/// rightmost leaf only then, and keys are appended to it.
const FILL: &str = "
INSERT INTO inventory (owner_id, admin_id, sku, name)
SELECT '00000003-0000-4000-8000-000000000001', '00000003-0000-4000-8000-000000000000', 'A-' || to_char(n, 'FM0000000'), 'Filler'
FROM generate_series(1, 120000) n; ANALYZE inventory";

const COUNT: &str = "SELECT count(*) FROM inventory";

/// Those that an import has written.
const PRODUCTS: &str = "SELECT count(*) FROM inventory WHERE name LIKE 'Product %'";

/// The page images of a relation in the log since a place in it that are not those of a checkpoint: what appending writes.
const IMAGES: &str = "
SELECT count(*) FROM pg_get_wal_records_info($1::text::pg_lsn, pg_current_wal_flush_lsn())
WHERE resource_manager = 'XLOG' AND record_type = 'FPI'
  AND block_ref LIKE format('%%/%s fork%%', pg_relation_filenode($2::text::regclass))";

fn filled<'a>(cluster: &'a xtask::cluster::Cluster, name: &str) -> (Database<'a>, [Team; 3]) {
    let database = Database::create(cluster, name);
    let teams = [1, 2, 3].map(|n| database.team(n));
    database.superuser().batch_execute("CREATE EXTENSION amcheck; CREATE EXTENSION pg_walinspect").unwrap();
    database.superuser().batch_execute(FILL).unwrap();
    (database, teams)
}

/// Heap and B-trees are sound, and no key is there twice.
fn assert_sound(database: &Database) {
    soundness::assert_sound(database, "inventory");
    assert_eq!(database.count("SELECT count(*) - count(DISTINCT (admin_id, sku)) FROM inventory"), 0);
}

/// How many rows of a completed import went in bulk.
pub fn in_bulk(client: &mut Client, job: &str) -> i64 {
    assert_eq!(outcome(client, job), ("completed".into(), None));
    number(client, &format!("SELECT (report ->> 'in_bulk')::bigint FROM scheduled_jobs WHERE id = '{job}'"))
}

#[test]
fn bulk_rows_survive_a_crash_and_reach_the_standby() {
    // The log is read afterwards, however much there is of it.
    let primary = fixture::server_with("bulkcrash", &[("wal_keep_size", "4GB")]);
    let (database, teams) = filled(&primary, "crash");
    let standby = primary.standby("bulkstandby").expect("a standby follows");
    let mut superuser = database.superuser();
    superuser.batch_execute("CHECKPOINT").unwrap();
    let place: String = superuser.query_one("SELECT pg_current_wal_flush_lsn()::text", &[]).unwrap().get(0);
    let mut manager = database.login(&teams[2].manager);
    let mut import = |prefix: &str| {
        let job = submit(&mut manager, &stock(prefix, 30_000));
        in_bulk(&mut manager, &job)
    };
    assert_eq!(import("B"), 30_000);
    known::known(&database, "C", 30_000);
    assert_eq!(import("C"), 15_000);
    for relation in ["inventory", "inventory_pkey", "inventory_admin_id_sku_idx"] {
        let images: i64 = superuser.query_one(IMAGES, &[&place, &relation]).unwrap().get(0);
        assert!(images > 100, "{images}: {relation} was not written by pages");
    }
    let copy = Database { cluster: &standby, name: "crash".to_owned() };
    eventually("the standby has the rows", || copy.count(PRODUCTS) == 60_000);
    assert_eq!(copy.count(COUNT), 180_000);
    assert_sound(&copy);

    primary.stop(StopMode::Immediate).unwrap();
    primary.start_again().unwrap();
    assert_eq!((database.count(COUNT), database.count(PRODUCTS)), (180_000, 60_000));
    assert_sound(&database);
    let next = "INSERT INTO inventory (sku, name) VALUES ('D-1', 'After the crash') RETURNING id";
    let next = number(&mut database.login(&teams[2].manager), next);
    assert_eq!(database.count(&format!("{COUNT} WHERE id >= {next}")), 1, "no number is given twice");
    let mut dump = primary.client_program("pg_dump");
    let dump = process::read(dump.args(["--data-only", "--table=inventory", "crash"])).unwrap();
    assert_eq!(dump.lines().filter(|line| line.contains("\tProduct ")).count(), 60_000);
}

#[test]
fn bulk_imports_and_statements_meet_at_the_end_of_indexes() {
    let (database, teams) = filled(fixture::shared(), "meeting");
    let is_over = AtomicBool::new(false);
    let inserted = std::thread::scope(|scope| {
        // It takes the empty pages that an import has made for free.
        scope.spawn(|| {
            let mut superuser = database.superuser();
            while !is_over.load(Relaxed) {
                superuser.batch_execute("VACUUM inventory").unwrap();
            }
        });
        let levels = ["READ COMMITTED", "SERIALIZABLE"];
        let inserters = levels.map(|level| {
            let (database, manager, is_over) = (&database, &teams[2].manager, &is_over);
            scope.spawn(move || insert_until(database, manager, level, is_over))
        });
        let imports = [(&teams[0], "M"), (&teams[2], "M"), (&teams[2], "N")].map(|(team, prefix)| {
            let database = &database;
            scope.spawn(move || {
                let mut manager = database.login(&team.manager);
                let job = submit(&mut manager, &stock(prefix, 40_000));
                in_bulk(&mut manager, &job)
            })
        });
        let imported = imports.map(|import| import.join().expect("an import completes"));
        is_over.store(true, Relaxed);
        assert_eq!(imported, [40_000; 3]);
        inserters.map(|inserter| inserter.join().expect("an inserter ends")).iter().sum::<i64>()
    });
    println!("{inserted} rows by statements beside 120,000 in bulk");
    assert!(inserted > 0);
    assert_eq!(database.count(COUNT), 240_000 + inserted);
    assert_sound(&database);
}

/// Inserts rows, one a transaction, among those of the imports and behind them; how many.
fn insert_until(database: &Database, manager: &str, level: &str, is_over: &AtomicBool) -> i64 {
    let mut client = database.login(manager);
    client.batch_execute(&format!("SET default_transaction_isolation = '{level}'")).unwrap();
    let mut count = 0;
    for n in 0.. {
        if is_over.load(Relaxed) {
            break;
        }
        let prefix = if n % 2 == 0 { "M-0020000" } else { "Z" };
        // What it reads is what the imports write to.
        let sql = format!(
            "INSERT INTO inventory (sku, name) SELECT '{prefix} {level} {n}', coalesce(max(sku), '') FROM inventory WHERE sku > 'M'"
        );
        match client.batch_execute(&sql) {
            Ok(()) => count += 1,
            Err(error) => assert_eq!(fixture::code(&error), SqlState::T_R_SERIALIZATION_FAILURE),
        }
    }
    count
}

#[test]
fn imports_take_no_part_in_what_serializable_transactions_promise_each_other() {
    let (database, teams) = filled(fixture::shared(), "isolated");
    database
        .superuser()
        .batch_execute("ALTER DATABASE isolated SET default_transaction_isolation = 'serializable'")
        .unwrap();
    let mut manager = database.login(&teams[2].manager);
    manager.batch_execute("SET default_transaction_isolation = 'read committed'").unwrap();
    let mut other = database.login(&teams[2].manager);
    // Each reads what the other writes. Of two such transactions, PostgreSQL would let one end only.
    other.batch_execute("BEGIN; SELECT count(*) FROM inventory; INSERT INTO inventory (sku, name) VALUES ('O-1', 'Read first')").unwrap();
    let job = submit(&mut manager, &stock("O", 5_000));
    assert_eq!(in_bulk(&mut manager, &job), 5_000);
    other.batch_execute("COMMIT").expect("the import is none of them");
    assert_eq!(database.count(COUNT), 125_001);
    let error = other.batch_execute("RESET ROLE; SELECT teamwork.run_pending_jobs()").unwrap_err();
    assert_eq!(fixture::code(&error), SqlState::INVALID_TRANSACTION_STATE);
    assert_sound(&database);
}

#[test]
fn a_key_that_another_session_inserts_meanwhile_is_waited_for() {
    let (database, teams) = filled(fixture::shared(), "waiting");
    let mut manager = database.login(&teams[2].manager);
    let mut other = database.login(&teams[2].manager);
    for (prefix, ending, updated) in [("P", "COMMIT", 1), ("Q", "ROLLBACK", 0)] {
        other
            .batch_execute(&format!(
                "BEGIN; INSERT INTO inventory (sku, name) VALUES ('{prefix}-0000500', 'Mine')"
            ))
            .unwrap();
        let job = submit(&mut manager, &stock(prefix, 5_000));
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid' AND backend_type LIKE 'teamwork%' AND datname = current_database()";
        eventually("the import waits", || database.count(waits) == 1);
        other.batch_execute(ending).unwrap();
        let bulk = in_bulk(&mut manager, &job);
        assert_eq!(bulk, 5_000 - updated, "a row whose key is there does not keep the others back");
        let sql = format!("SELECT (report ->> 'updated')::bigint FROM scheduled_jobs WHERE id = '{job}'");
        assert_eq!(number(&mut manager, &sql), updated);
    }
    assert_eq!(database.count(COUNT), 130_000);
    assert_sound(&database);
}

#[test]
fn a_cancelled_bulk_import_leaves_no_row() {
    let (database, _) = filled(fixture::shared(), "cancelled_bulk");
    let mut manager = database.login(&id(3, 1));
    let job = submit(&mut manager, &stock("R", 120_000));
    engine_processes::await_start(&mut manager, &job);
    manager.batch_execute(&format!("SELECT cancel_job('{job}')")).unwrap();
    assert_eq!(outcome(&mut manager, &job).0, "cancelled");
    assert_eq!(database.count(COUNT), 120_000);
    assert_sound(&database);
    database.superuser().batch_execute("VACUUM inventory").unwrap();
    assert_sound(&database);
    let job = submit(&mut manager, &stock("R", 30_000));
    assert_eq!(in_bulk(&mut manager, &job), 30_000);
    assert_sound(&database);
}

#[test]
fn a_sequence_that_is_at_its_end_refuses_rows_and_not_the_import() {
    let database = Database::create(fixture::shared(), "bulk_exhausted");
    let mut manager = database.login(&database.team(1).manager);
    database
        .superuser()
        .batch_execute(
            "CREATE TABLE tickets (id serial PRIMARY KEY, name text); SELECT teamwork.protect_table('tickets');
             ALTER SEQUENCE tickets_id_seq MAXVALUE 5100 CACHE 1; SELECT nextval('tickets_id_seq')",
        )
        .unwrap();
    let file: String = (0..6_000).map(|n| format!("a ticket of some length {n}\n")).collect();
    let sql = "SELECT create_background_import_job('tickets', csv => $1)::text";
    let job: String = manager.query_one(sql, &[&format!("name\n{file}")]).unwrap().get(0);
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    let attempts = format!("SELECT attempts::bigint FROM scheduled_jobs WHERE id = '{job}'");
    assert_eq!(number(&mut manager, &attempts), 1, "the worker has not died of it");
    let codes =
        format!("SELECT count(*) FROM scheduled_job_errors WHERE job_id = '{job}' AND code = '2200H'");
    assert!(number(&mut manager, &codes) > 0);
}

#[test]
fn numbers_of_a_sequence_that_is_nobodys_are_given_row_by_row() {
    let database = Database::create(fixture::shared(), "numbered");
    let mut manager = database.login(&database.team(1).manager);
    database
        .superuser()
        .batch_execute(
            "CREATE SEQUENCE bills_from START 1000; GRANT USAGE ON bills_from TO authenticated;
             CREATE TABLE bills (id serial, number bigint DEFAULT nextval('bills_from'), name text);
             ALTER TABLE bills ALTER id SET DEFAULT nextval('bills_from'); SELECT teamwork.protect_table('bills')",
        )
        .unwrap();
    let file: String = (0..4_000).map(|n| format!("a bill of some length {n}\n")).collect();
    let sql = "SELECT create_background_import_job('bills', csv => $1)::text";
    let job: String = manager.query_one(sql, &[&format!("name\n{file}")]).unwrap().get(0);
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    let distinct = "SELECT count(DISTINCT n) FROM bills, unnest(ARRAY[id, number]) n WHERE n >= 1000";
    assert_eq!(number(&mut manager, distinct), 8_000);
}
