//! Numbers and dates whose first rows mislead: nothing of the wrong reading stays, whichever way the rows went in.

use crate::engine_processes;
use crate::fixture::{self, Database, eventually, number, outcome};
use postgres::Client;
use serde_json::{Value, json};

/// Receipts in the order of their days, as a till of Europe writes them: days up to the 12th fill the first 64 KiB.
fn receipts(a_day: usize, amount: &str) -> String {
    let row = |day: usize, n: usize| format!("R{day}-{n},{day:02}/02/2024,{amount}\n");
    let rows = (1..=18).flat_map(|day| (0..a_day).map(move |n| row(day, n)));
    "number,sold_on,amount\n".to_owned() + &rows.collect::<String>()
}

/// Most of the later rows have the month first, and some the day.
fn contradictions() -> String {
    let open = (0..5000).map(|n| format!("R{n},03/04/2024,\"1,250\"\n"));
    let later = (0..40).map(|n| if n % 4 == 0 { ("25/04/2024", "1.5", n) } else { ("04/25/2024", "1,5", n) });
    let later = later.map(|(day, amount, n)| format!("L{n},{day},\"{amount}\"\n"));
    "number,sold_on,amount\n".to_owned() + &open.chain(later).collect::<String>()
}

struct Tills<'a> {
    database: Database<'a>,
    person: String,
    manager: Client,
}

impl<'a> Tills<'a> {
    fn create(database: Database<'a>) -> Self {
        let mut superuser = database.superuser();
        superuser
            .batch_execute(
                "CREATE TABLE receipts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text NOT NULL,
                     sold_on date, amount numeric(12,3));
                 SELECT teamwork.protect_table('receipts', key_columns => ARRAY['number'])",
            )
            .unwrap();
        let person = database.team(1).manager;
        let manager = database.login(&person);
        Self { database, person, manager }
    }

    fn submit(&mut self, csv: &str, options: &Value) -> String {
        let sql =
            "SELECT create_background_import_job('receipts', csv => $1, options => $2::text::jsonb)::text";
        self.manager.query_one(sql, &[&csv, &options.to_string()]).unwrap().get(0)
    }

    fn report(&mut self, job: &str) -> Value {
        assert_eq!(outcome(&mut self.manager, job), ("completed".into(), None));
        let sql = format!("SELECT report::text FROM scheduled_jobs WHERE id = '{job}'");
        serde_json::from_str(self.manager.query_one(&sql, &[]).unwrap().get(0)).unwrap()
    }

    fn count(&mut self, condition: &str) -> i64 {
        number(&mut self.manager, &format!("SELECT count(*) FROM receipts WHERE {condition}"))
    }
}

fn assert_day_first(report: &Value, rows: usize) {
    assert_eq!(report["locale"]["sold_on"], json!({"date_order": "dmy", "basis": "values"}));
    assert_eq!((&report["lines"], &report["refused"]), (&json!(rows), &json!(0)));
    assert_eq!((&report["causes"], &report["warnings"]), (&json!([]), &json!([])));
}

#[test]
fn dates_that_were_guessed_wrongly_are_read_again() {
    let mut tills = Tills::create(Database::create(fixture::shared(), "guessed_dates"));
    for (amount, options, path) in [
        ("1.50", json!({}), "bulk"),
        // They are there by then.
        ("1.60", json!({"max_errors": 0}), "sql"),
        ("1.70", json!({"on_error": "abort"}), "sql"),
        ("1.80", json!({"commit_every": 500}), "sql"),
    ] {
        let job = tills.submit(&receipts(300, amount), &options);
        let report = tills.report(&job);
        assert_day_first(&report, 5400);
        assert_eq!(report["path"], path, "{options}");
        assert_eq!(tills.count("sold_on NOT BETWEEN '2024-02-01' AND '2024-02-18'"), 0);
        assert_eq!(tills.count(&format!("amount = {amount}")), 5400);
    }
}

#[test]
fn a_rehearsal_reads_again_too_and_leaves_nothing() {
    let mut tills = Tills::create(Database::create(fixture::shared(), "guessed_rehearsal"));
    let csv = receipts(300, "1.50");
    let job = tills.submit(&csv, &json!({"dry_run": true}));
    assert_day_first(&tills.report(&job), 5400);
    let sql = "SELECT preview_import('receipts', $1)::text";
    let preview: String = tills.manager.query_one(sql, &[&csv]).unwrap().get(0);
    let preview: Value = serde_json::from_str(&preview).unwrap();
    assert_eq!((&preview["insert"], &preview["refused"]), (&json!(5400), &json!(0)));
    assert_eq!(preview["rows"][9]["values"]["sold_on"], "2024-02-01");
    assert_eq!((preview["rows"].as_array().unwrap().len(), tills.count("true")), (10, 0));
}

#[test]
fn the_majority_decides_and_the_others_are_refused_cell_by_cell() {
    let mut tills = Tills::create(Database::create(fixture::shared(), "guessed_majority"));
    for options in [json!({}), json!({"commit_every": 1000}), json!({"dry_run": true})] {
        let job = tills.submit(&contradictions(), &options);
        let report = tills.report(&job);
        assert_eq!(report["locale"]["sold_on"], json!({"date_order": "mdy", "basis": "values"}));
        assert_eq!(report["locale"]["amount"], json!({"decimal": ",", "basis": "values"}));
        assert_eq!((&report["refused"], &report["lines"]), (&json!(10), &json!(5040)));
        let refused = format!("SELECT count(*) FROM scheduled_job_errors WHERE job_id = '{job}'");
        assert_eq!(number(&mut tills.manager, &refused), 20);
    }
    assert_eq!(tills.count("sold_on = '2024-03-04' AND amount = 1.25"), 5000);
    assert_eq!(tills.count("sold_on = '2024-04-25' AND amount = 1.5"), 30);
}

#[test]
fn records_are_read_again_like_files() {
    let mut tills = Tills::create(Database::create(fixture::shared(), "guessed_records"));
    let row = |day: usize, n: usize| json!({"number": format!("R{day}-{n}"), "sold_on": format!("{day:02}/02/2024")});
    let records: Vec<Value> = (1..=18).flat_map(|day| (0..200).map(move |n| row(day, n))).collect();
    for options in [json!({}), json!({"commit_every": 500})] {
        let sql = "SELECT create_background_import_job('receipts', records => $1::text::jsonb, options => $2::text::jsonb)::text";
        let arguments = [&json!(records).to_string(), &options.to_string()];
        let job: String = tills.manager.query_one(sql, &[arguments[0], arguments[1]]).unwrap().get(0);
        assert_day_first(&tills.report(&job), 3600);
        assert_eq!((tills.count("true"), tills.count("sold_on > '2024-02-18'")), (3600, 0));
    }
}

#[test]
fn an_import_in_the_callers_session_reads_again_within_its_transaction() {
    let cluster = fixture::server_without_engine("guessed-inline", &[]);
    let mut tills = Tills::create(Database::create(&cluster, "guessed"));
    let job = tills.submit(&receipts(300, "1.50"), &json!({"commit_every": 500}));
    tills.database.superuser().batch_execute("SELECT teamwork.run_pending_jobs()").unwrap();
    assert_day_first(&tills.report(&job), 5400);
    assert_eq!(tills.count("sold_on > '2024-02-18'"), 0);
}

#[test]
fn a_worker_that_is_killed_in_between_goes_on_as_it_began() {
    let cluster = fixture::server_with("guessed-killed", &[("teamwork.max_workers", "1")]);
    let mut tills = Tills::create(Database::create(&cluster, "guessed"));
    let job = tills.submit(&receipts(4000, "1.50"), &json!({"commit_every": 200}));
    let done = format!(
        "SELECT coalesce(max((checkpoint ->> 'bytes')::bigint), 0) FROM scheduled_jobs WHERE id = '{job}'"
    );
    let mut watcher = tills.database.superuser();
    eventually("something is committed", || number(&mut watcher, &done) > 0);
    let worker = engine_processes::of_kind(&cluster, engine_processes::WORKER).pop().expect("a worker");
    cluster.signal("KILL", worker.pid).unwrap();
    eventually("the server notices", || watcher.simple_query("").is_err());
    cluster.connect_within("postgres", "postgres", fixture::TIMEOUT).expect("the server comes back");
    tills.manager = tills.database.login(&tills.person);
    assert_day_first(&tills.report(&job), 72_000);
    assert_eq!((tills.count("true"), tills.count("sold_on > '2024-02-18'")), (72_000, 0));
}
