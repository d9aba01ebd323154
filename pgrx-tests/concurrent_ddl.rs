//! Indexes that come, go and are built anew beside imports in bulk.

use crate::bulk::in_bulk;
use crate::fixture::{self, Database, eventually, number};
use crate::soundness::assert_sound;
use postgres::Client;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

const TABLE: &str = "CREATE TABLE things (id bigserial PRIMARY KEY, k text, n integer, m integer DEFAULT 7); SELECT teamwork.protect_table('things');
    CREATE UNIQUE INDEX by_k ON things (k); CREATE INDEX always_by_n ON things (n)";

fn database(name: &str) -> (Database<'static>, Client) {
    let database = Database::create(fixture::shared(), name);
    let manager = database.login(&database.team(1).manager);
    database.superuser().batch_execute(TABLE).unwrap();
    (database, manager)
}

fn submit(client: &mut Client, prefix: &str, rows: usize, options: &str) -> String {
    let rows = (0..rows).map(|n| format!("{prefix} {n:07} of some length,{n}\n"));
    let file: String = std::iter::once("k,n\n".to_owned()).chain(rows).collect();
    let sql = "SELECT create_background_import_job('things', csv => $1, options => $2::text::jsonb)::text";
    client.query_one(sql, &[&file, &options]).unwrap().get(0)
}

const ROWS: &str = "SELECT count(*) FROM things";

#[test]
fn indexes_that_are_built_concurrently_keep_no_row_from_going_in_bulk() {
    let (database, mut manager) = database("built_beside");
    let is_over = AtomicBool::new(false);
    let built = std::thread::scope(|scope| {
        let builder = scope.spawn(|| {
            let mut superuser = database.superuser();
            let mut count = 0;
            while !is_over.load(Relaxed) {
                for ddl in [
                    "CREATE INDEX CONCURRENTLY by_n ON things (n)",
                    "CREATE UNIQUE INDEX CONCURRENTLY also_by_k ON things (k, n)",
                    "REINDEX INDEX CONCURRENTLY by_k",
                    "REINDEX INDEX CONCURRENTLY by_n",
                    "DROP INDEX CONCURRENTLY by_n",
                    "DROP INDEX CONCURRENTLY also_by_k",
                ] {
                    superuser.batch_execute(ddl).unwrap_or_else(|error| panic!("{ddl}: {error:?}"));
                }
                count += 1;
            }
            count
        });
        for (prefix, options) in
            [("a", r#"{"commit_every": 5000}"#), ("b", "{}"), ("c", r#"{"commit_every": 10000}"#)]
        {
            let job = submit(&mut manager, prefix, 60_000, options);
            assert_eq!(in_bulk(&mut manager, &job), 60_000, "{prefix}");
        }
        is_over.store(true, Relaxed);
        builder.join().expect("the builder ends")
    });
    println!("{built} times");
    assert!(built > 0);
    assert_eq!(database.count(ROWS), 180_000);
    assert_sound(&database, "things");
}

#[test]
fn what_is_in_the_way_at_one_commit_may_be_gone_at_the_next() {
    let (database, mut manager) = database("in_the_way");
    let job = submit(&mut manager, "a", 100_000, r#"{"commit_every": 10000}"#);
    let mut superuser = database.superuser();
    eventually("some rows are committed", || number(&mut superuser, ROWS) > 0);
    let mut between_commits = |ddl: &str| {
        superuser
            .batch_execute(&format!("BEGIN; LOCK TABLE things IN SHARE ROW EXCLUSIVE MODE; {ddl}"))
            .unwrap();
        let committed = number(&mut superuser, ROWS);
        superuser.batch_execute("COMMIT").unwrap();
        committed
    };
    let before = between_commits("CREATE INDEX in_the_way ON things (lower(k))");
    eventually("rows go by statements", || database.count(ROWS) > before);
    let after = between_commits("DROP INDEX in_the_way");
    assert!(before < after && after < 100_000, "{before}, {after}");
    assert_eq!(in_bulk(&mut manager, &job), 100_000 - (after - before));
    assert_sound(&database, "things");
}

#[test]
fn an_index_over_other_columns_that_comes_at_a_commit_has_the_right_keys() {
    let (database, mut manager) = database("other_columns");
    let job = submit(&mut manager, "a", 100_000, r#"{"commit_every": 10000}"#);
    let mut superuser = database.superuser();
    eventually("some rows are committed", || number(&mut superuser, ROWS) > 0);
    superuser.batch_execute("BEGIN; LOCK TABLE things IN SHARE ROW EXCLUSIVE MODE").unwrap();
    superuser.batch_execute("CREATE INDEX by_m ON things (m)").unwrap();
    let before = number(&mut superuser, ROWS);
    superuser.batch_execute("COMMIT").unwrap();
    assert!(before < 100_000);
    assert_eq!(in_bulk(&mut manager, &job), before, "where their values lie is not known of the others");
    assert_eq!(number(&mut superuser, ROWS), 100_000);
    assert_sound(&database, "things");
}

#[test]
fn an_invalid_index_is_kept_up_and_told_of() {
    let (database, mut manager) = database("invalid_index");
    manager.batch_execute("INSERT INTO things (k, n) VALUES ('x', 1)").unwrap();
    let mut superuser = database.superuser();
    // Who builds an index waits for this snapshot last of all, when the index takes entries already.
    let mut reader = database.superuser();
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_class").unwrap();
    superuser.batch_execute("SET statement_timeout = '1s'").unwrap();
    superuser.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY only_n ON things (n)").expect_err("it waits");
    superuser.batch_execute("RESET statement_timeout").unwrap();
    reader.batch_execute("COMMIT").unwrap();
    let told = "SELECT count(*) FROM teamwork.doctor()
                WHERE check_name = 'indexes' AND status = 'warn' AND detail LIKE 'index only_n of table things %'";
    assert_eq!(number(&mut superuser, told), 1);
    let job = submit(&mut manager, "a", 10_000, "{}");
    // As it would an INSERT, the index refuses 1, invalid as it is.
    assert_eq!(in_bulk(&mut manager, &job), 9_999);
    let line = format!("SELECT line::bigint FROM scheduled_job_errors WHERE job_id = '{job}'");
    assert_eq!(number(&mut manager, &line), 3);
    superuser.batch_execute("REINDEX INDEX CONCURRENTLY only_n").unwrap();
    assert_eq!(number(&mut superuser, told), 0);
    assert_sound(&database, "things");
}
