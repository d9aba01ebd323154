//! The option `commit_every`: what is committed stays, and whoever goes on after a crash, a kill or a cancel loses and doubles
//! nothing.

use crate::engine_processes;
use crate::fixture::{self, Database, eventually, number, outcome};
use postgres::Client;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Duration;
use xtask::cluster::Cluster;

const ROWS: usize = 60_000;
const KILLS: usize = 50;

/// New rows, rows that come again with other values, rows that come again as they were, bad cells, blank lines.
fn mixed_stock() -> String {
    let mut csv = String::from("sku,name,quantity,unit_price\n");
    for n in 0..ROWS {
        match n % 100 {
            17 => writeln!(csv, "S{n},Bad,many,1.00"),
            33 => writeln!(csv, "S{n},Negative,-1,1.00"),
            50 => writeln!(csv, "S{},Again,{n},2.00", n - 40),
            70 => writeln!(csv, "S{},Item {},5,1.00", n - 1, n - 1),
            90 => writeln!(csv),
            _ => writeln!(csv, "S{n},Item {n},5,1.00"),
        }
        .expect("a string takes everything");
    }
    csv
}

fn submit(client: &mut Client, csv: &str, options: &str) -> String {
    let sql = "SELECT create_background_import_job('inventory', $1, options => $2::text::jsonb)::text";
    client.query_one(sql, &[&csv, &options]).expect("the job is accepted").get(0)
}

/// The counts of a job, and what the team has then.
fn result(client: &mut Client, job: &str) -> String {
    let sql = "SELECT concat_ws(E'\\n', j.status, j.record_count, (SELECT string_agg(j.report ->> k, ' ') FROM
                   unnest(ARRAY['lines', 'inserted', 'updated', 'unchanged', 'refused', 'skipped', 'causes']) k),
                   (SELECT count(*) FROM scheduled_job_errors e WHERE e.job_id = j.id),
                   (SELECT md5(string_agg(format('%s %s %s %s', sku, name, quantity, unit_price), ',' ORDER BY sku)) FROM inventory))
               FROM scheduled_jobs j WHERE j.id = $1::text::uuid";
    client.query_one(sql, &[&job]).expect("the job is there").get(0)
}

/// Kills the worker that runs the job, and waits for the server to come back.
fn kill_worker(cluster: &Cluster, client: &mut Client) -> bool {
    let Some(worker) = engine_processes::of_kind(cluster, engine_processes::WORKER).pop() else {
        return false;
    };
    let is_hit = cluster.signal("KILL", worker.pid).is_ok();
    if is_hit {
        eventually("the server notices", || client.simple_query("").is_err());
        cluster.connect_within("postgres", "postgres", fixture::TIMEOUT).expect("the server comes back");
    }
    is_hit
}

/// Changes of 700 items, each of which comes again and again.
fn changes() -> String {
    let mut csv = String::from("sku,name,quantity,unit_price\n");
    (0..ROWS / 2)
        .for_each(|n| writeln!(csv, "D{},Item,+{},1.00", n % 700, n % 3).expect("a string takes everything"));
    csv
}

#[test]
fn an_import_that_is_killed_again_and_again_ends_as_one_that_is_not() {
    kill_again_and_again("resumed", &mixed_stock(), "", KILLS);
}

#[test]
fn an_import_of_changes_that_is_killed_again_and_again_adds_each_line_once() {
    kill_again_and_again("added", &changes(), r#""quantity_mode": {"quantity": "add"}"#, KILLS / 5);
}

/// `options`: of the import, without those of commits.
fn kill_again_and_again(name: &str, csv: &str, options: &str, most: usize) {
    let cluster = fixture::server_with(name, &[("teamwork.max_workers", "1")]);
    let database = Database::create(&cluster, name);
    let mut clean = database.login(&database.team(1).manager);
    let job = submit(&mut clean, csv, &format!("{{{options}}}"));
    assert_eq!(outcome(&mut clean, &job), ("completed".into(), None));
    let expected = result(&mut clean, &job);

    let manager = database.team(2).manager;
    let mut client = database.login(&manager);
    let comma = if options.is_empty() { "" } else { ", " };
    let job = submit(&mut client, csv, &format!(r#"{{"commit_every": 200{comma}{options}}}"#));
    let open = format!(
        "SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND status IN ('pending', 'processing')"
    );
    let done = format!(
        "SELECT coalesce(max((checkpoint ->> 'bytes')::bigint), 0) FROM scheduled_jobs WHERE id = '{job}'"
    );
    let (mut kills, mut reached) = (0, 0);
    while kills < most {
        // A worker that is killed again and again before it comes any further is suspected of it.
        eventually("the import comes further, or to its end", || {
            number(&mut client, &done) > reached || number(&mut client, &open) == 0
        });
        if number(&mut client, &open) == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(3 * (kills as u64 % 7)));
        kills += usize::from(kill_worker(&cluster, &mut client));
        client = database.login(&manager);
        reached = number(&mut client, &done);
        // Whoever was killed waits before the next attempt.
        fixture::move_clock(&cluster, Duration::from_secs(600));
    }
    eventually("the job has ended", || {
        fixture::move_clock(&cluster, Duration::from_secs(600));
        number(&mut client, &open) == 0
    });
    assert_eq!(result(&mut client, &job), expected, "after {kills} kills");
    println!("{kills} kills");
    assert!(kills >= most / 2, "only {kills} kills hit the import");
}

#[test]
fn what_a_cancelled_import_has_committed_stays_and_a_retry_goes_on_from_there() {
    cancel_and_retry("resumable", false);
}

#[test]
fn what_a_cancelled_import_has_committed_can_be_undone_and_a_retry_begins_anew() {
    cancel_and_retry("undone", true);
}

fn cancel_and_retry(name: &str, is_undone: bool) {
    let cluster = fixture::server(name);
    let database = Database::create(&cluster, name);
    database.superuser().batch_execute(engine_processes::SLOW).unwrap();
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, &fixture::stock("C", 300), r#"{"commit_every": 20}"#);
    let rows = "SELECT count(*) FROM inventory";
    eventually("some rows are there before the end", || number(&mut manager, rows) >= 40);
    manager.execute("SELECT cancel_job($1::text::uuid)", &[&job]).unwrap();
    let (status, message) = outcome(&mut manager, &job);
    assert_eq!(status, "cancelled");
    let kept = number(&mut manager, rows);
    assert!((40..300).contains(&kept), "{kept}");
    assert!(message.unwrap().contains(&format!("{kept} rows were committed before")));
    assert_eq!(
        number(&mut manager, &format!("SELECT record_count::bigint FROM scheduled_jobs WHERE id = '{job}'")),
        kept
    );
    if is_undone {
        let undone = number(&mut manager, &format!("SELECT undo_import('{job}')"));
        assert_eq!((undone, number(&mut manager, rows)), (kept, 0));
    }
    manager.execute("SELECT retry_job($1::text::uuid)", &[&job]).unwrap();
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(number(&mut manager, rows), 300);
    let inserted = format!("SELECT (report ->> 'inserted')::bigint FROM scheduled_jobs WHERE id = '{job}'");
    assert_eq!(number(&mut manager, &inserted), 300);
}

#[test]
fn rows_that_are_judged_otherwise_by_then_are_counted_as_they_were() {
    let cluster = fixture::server("rejudged");
    let database = Database::create(&cluster, "rejudged");
    let slow = engine_processes::SLOW.replace("inventory", "transactions");
    let at_first = "ALTER TABLE transactions ADD CONSTRAINT at_first CHECK (amount <> 3)";
    database.superuser().batch_execute(&format!("{slow}; {at_first}")).unwrap();
    let mut manager = database.login(&database.team(1).manager);
    let rows = (1..=300).map(|n| if n == 5 { "\n5%\n".to_owned() } else { format!("{n}\n") });
    let csv: String = std::iter::once("amount\n".to_owned()).chain(rows).collect();
    let sql =
        "SELECT create_background_import_job('transactions', $1, options => '{\"commit_every\": 20}')::text";
    let job: String = manager.query_one(sql, &[&csv]).unwrap().get(0);
    let rows = "SELECT count(*) FROM transactions";
    eventually("some rows are there before the end", || number(&mut manager, rows) >= 40);
    manager.execute("SELECT cancel_job($1::text::uuid)", &[&job]).unwrap();
    assert_eq!(outcome(&mut manager, &job).0, "cancelled");
    // Batches of accepted rows end elsewhere from now on.
    let by_then = "ALTER TABLE transactions DROP CONSTRAINT at_first, ADD CHECK (amount > 7) NOT VALID";
    database.superuser().batch_execute(by_then).unwrap();
    manager.execute("SELECT retry_job($1::text::uuid)", &[&job]).unwrap();
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(number(&mut manager, rows), 299);
    assert_eq!(number(&mut manager, "SELECT count(DISTINCT amount) FROM transactions"), 299);
    let sql = "SELECT report - '{dialect,mapping,mapping_reasons,locale,header,file,file_hash,path_reasons}'::text[],
                   (SELECT string_agg(concat_ws(' ', line, value, message), ',') FROM scheduled_job_errors WHERE job_id = j.id)
               FROM scheduled_jobs j WHERE id = $1::text::uuid";
    let row = manager.query_one(sql, &[&job]).unwrap();
    let reason = r#"new row for relation "transactions" violates check constraint "at_first""#;
    assert_eq!(row.get::<_, Value>(0), rejudged_report(reason));
    assert_eq!(row.get::<_, &str>(1), format!("4 3 {reason}"));
}

fn rejudged_report(reason: &str) -> Value {
    json!({
        "lines": 301,
        "inserted": 299,
        "updated": 0,
        "unchanged": 0,
        "refused": 1,
        "skipped": 1,
        "causes": [{"code": "23514", "column": "amount", "count": 1, "line": 4, "message": reason}],
        "passed_over": [{"reason": "blank line", "count": 1, "line": 6}],
        "warnings": [{
            "kind": "percent",
            "column": "amount",
            "count": 1,
            "line": 7,
            "sample": "5%",
            "message": "1 value in column \"amount\" had a percent sign, which was dropped",
            "hint": null,
        }],
        "path": "sql",
        "in_bulk": 0,
    })
}
