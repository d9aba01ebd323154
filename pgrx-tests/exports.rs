//! Exports that psql cannot judge: large ones, what they cost, and what becomes of them when something comes in between.

use crate::fixture::{self, Database, Team, eventually, outcome, peak_of_worker};
use crate::guide;
use postgres::Client;

/// So many rows of the team's, of about 200 bytes each in a file.
fn stock(database: &Database, team: &Team, rows: usize) {
    let (admin, manager) = (&team.admin, &team.manager);
    let sql = format!(
        "INSERT INTO inventory (sku, name, description, quantity, owner_id, admin_id)
         SELECT 'M-' || to_char(n, 'FM0000000'), 'Product ' || n, repeat(md5(n::text), 5), n % 500, '{manager}', '{admin}'
         FROM generate_series(1, {rows}) n"
    );
    database.superuser().batch_execute(&sql).expect("the stock is there");
}

fn export(client: &mut Client, data_type: &str) -> String {
    client.query_one("SELECT create_export_job($1)::text", &[&data_type]).expect("the job is accepted").get(0)
}

const WAITING: &str =
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted";

/// An export that has begun and cannot come to its end: half-way through a table without any order, a policy waits for a lock
/// that the last of the returned sessions holds. The rows are counted before, in other formats.
fn stuck(database: &Database) -> (String, Client, Client) {
    let Team { admin, manager } = database.team(1);
    let mut doorkeeper = database.superuser();
    let sql = format!(
        "CREATE TABLE tape (n integer, note text);
         SELECT teamwork.protect_table('tape');
         INSERT INTO tape SELECT n, repeat(md5(n::text), 5), '{manager}', '{admin}' FROM generate_series(1, 20000) n;
         CREATE FUNCTION pass(n integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
             IF n = 10000 AND current_setting('IntervalStyle') = 'iso_8601' THEN
                 PERFORM pg_advisory_xact_lock_shared(42);
             END IF;
             RETURN true;
         END $$;
         CREATE POLICY gate ON tape AS RESTRICTIVE FOR SELECT TO authenticated USING (pass(n));
         SELECT pg_advisory_lock(42)"
    );
    doorkeeper.batch_execute(&sql).unwrap();
    let mut manager = database.login(&manager);
    let job = export(&mut manager, "tape");
    eventually("the export has begun", || database.count(WAITING) == 1);
    (job, manager, doorkeeper)
}

fn chunks(database: &Database) -> i64 {
    database.count("SELECT count(*) FROM teamwork.export_chunks")
}

/// Exports so many rows in a new database, and says what its worker's memory came to.
fn peak_for(name: &str, rows: usize) -> u64 {
    // What a process uses includes the shared buffers it has touched: few, so that they do not hide the rest.
    let cluster = fixture::server_with(name, &[("shared_buffers", "1MB")]);
    let database = Database::create(&cluster, "memory");
    let team = database.team(1);
    stock(&database, &team, rows);
    let mut manager = database.login(&team.manager);
    let job = export(&mut manager, "inventory");
    let peak = peak_of_worker(&database, &job);
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    let lines = format!(
        "SELECT sum(length(data) - length(replace(data, E'\\n', ''))) FROM teamwork.export_chunks WHERE job_id = '{job}'"
    );
    assert_eq!(database.count(&lines), rows as i64 + 1);
    assert!(peak > 0, "the worker was never seen");
    peak
}

#[test]
fn memory_does_not_grow_with_the_table() {
    // Both have filled every fetch, chunk and sort that they will ever fill.
    let (small, large) = (peak_for("export-small", 50_000), peak_for("export-large", 300_000));
    let file = 300_000 * 200 / 1024;
    assert!(
        large < small + file / 3,
        "{small} KiB for 50,000 rows, {large} KiB for 300,000 rows of {file} KiB in all"
    );
}

#[test]
fn a_cancelled_export_leaves_no_file() {
    let database = Database::create(fixture::shared(), "export_cancelled");
    let (job, mut manager, _doorkeeper) = stuck(&database);
    manager.batch_execute(&format!("SELECT cancel_job('{job}')")).unwrap();
    assert_eq!(outcome(&mut manager, &job).0, "cancelled");
    eventually("the worker has stopped", || database.count(WAITING) == 0);
    assert_eq!(chunks(&database), 0);
}

#[test]
fn an_export_can_be_deleted_while_it_runs() {
    let database = Database::create(fixture::shared(), "export_deleted");
    let (job, mut manager, mut doorkeeper) = stuck(&database);
    manager.batch_execute(&format!("DELETE FROM scheduled_jobs WHERE id = '{job}'")).unwrap();
    doorkeeper.batch_execute("SELECT pg_advisory_unlock(42)").unwrap();
    let next = export(&mut manager, "tape");
    assert_eq!(outcome(&mut manager, &next), ("completed".into(), None));
    let others = format!("SELECT count(*) FROM teamwork.export_chunks WHERE job_id <> '{next}'");
    assert_eq!(database.count(&others), 0);
}

#[test]
fn an_export_is_of_one_moment_and_survives_its_worker() {
    let database = Database::create(fixture::shared(), "export_moment");
    let (job, mut manager, mut doorkeeper) = stuck(&database);
    let shown =
        format!("SELECT rows_done FROM teamwork.workers WHERE job_id = '{job}' AND rows_total = 20000");
    eventually("the progress is seen", || {
        let rows = database.superuser().query_opt(&shown, &[]).unwrap().map(|row| row.get::<_, i64>(0));
        rows.is_some_and(|rows| (1..10_000).contains(&rows))
    });
    let copies = "SELECT count(*) FROM pg_stat_progress_copy
                  WHERE relid = 'tape'::regclass AND command = 'COPY TO' AND tuples_processed BETWEEN 1 AND 10000 AND bytes_processed > 0";
    assert_eq!(database.count(copies), 1);
    let terminate = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                     WHERE backend_type = 'teamwork worker' AND datname = current_database() AND query LIKE 'export of tape%'";
    assert_eq!(database.count(terminate), 1);
    let second = format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND attempts = 2");
    eventually("another worker has it", || database.count(&second) == 1);
    eventually("it waits again", || database.count(WAITING) == 1);
    let meanwhile = "DELETE FROM tape WHERE n % 3 = 0; UPDATE tape SET note = 'changed'; INSERT INTO tape VALUES (0, 'new')";
    manager.batch_execute(meanwhile).unwrap();
    doorkeeper.batch_execute("SELECT pg_advisory_unlock(42)").unwrap();
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    let file: String = manager.query_one("SELECT download_export($1::text::uuid)", &[&job]).unwrap().get(0);
    assert_eq!(file.lines().count(), 20_001);
    assert!(!file.contains("changed") && !file.contains("new"));
}

#[test]
fn the_examples_of_the_guide_print_what_it_says() {
    let document = guide::read("docs/exports.md");
    let database = Database::create(fixture::shared(), "export_guide");
    let team = database.team(1);
    let mut manager = database.login(&team.manager);
    let stock = "INSERT INTO inventory (sku, name, quantity, unit_price) VALUES ('L-1', 'Lamp', 12, 24.90), ('L-2', '=A1+A2', 3, NULL)";
    manager.batch_execute(stock).unwrap();
    let login = format!("SELECT teamwork.login_as('{}');", team.manager);
    let (examples, answers) = (guide::blocks(&document, "sql"), guide::blocks(&document, "text"));
    assert_eq!(examples.len(), answers.len());
    for (example, answer) in examples.iter().zip(answers) {
        guide::compare(&database, &login, example, answer);
    }
}
