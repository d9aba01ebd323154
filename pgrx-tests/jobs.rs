//! docs/jobs.md, example by example.

use crate::fixture::{self, Database, Team, eventually, number, submit};
use crate::guide;

/// Runs the examples, and compares what they print where the guide says it.
fn run_examples(database: &Database, before: &str, text: &str) {
    for example in text.split("```sql\n").skip(1) {
        let (sql, rest) = example.split_once("```").expect("the block ends");
        let answer = rest.trim_start().strip_prefix("```text\n").and_then(|rest| rest.split_once("```"));
        match answer {
            Some((answer, _)) => guide::compare(database, before, sql, answer),
            None => drop(database.cluster.psql(&database.name, sql).expect("the example runs")),
        }
    }
}

#[test]
fn the_examples_of_the_guide_do_what_it_says() {
    let document = guide::read("docs/jobs.md");
    let (people, engine) = document.split_once("\n# The engine\n").expect("a part about the engine");
    let engine = engine.split_once("\n## Where teamwork cannot be preloaded\n").expect("a last section").0;
    let database = Database::create(fixture::shared(), "jobs_guide");
    let Team { manager, .. } = database.team(1);
    run_examples(&database, &format!("SELECT teamwork.login_as('{manager}');"), people);
    run_examples(&database, "", engine);
}

/// pg_cron knows nothing shorter than a minute, so that this takes up to one.
#[test]
fn pg_cron_runs_the_jobs_where_teamwork_is_not_preloaded() {
    let document = guide::read("docs/jobs.md");
    let section = guide::section(&document, "Where teamwork cannot be preloaded");
    let settings: Vec<(&str, &str)> = guide::blocks(section, "ini")[0]
        .lines()
        .map(|line| line.split_once(" = ").expect("a setting"))
        .map(|(name, value)| (name, value.trim_matches('\'')))
        .collect();
    assert_eq!(settings[0], ("shared_preload_libraries", "pg_cron"));
    let cluster = fixture::server_without_engine("cron", &settings);
    let database = Database::create(&cluster, "shop");
    let mut manager = database.login(&database.team(1).manager);
    let good = submit(&mut manager, "sku,name\nC1,Clock\n");
    let bad = submit(&mut manager, "no,such,columns\n1,2,3\n");
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN NEW; END $$;
        CREATE TRIGGER slow BEFORE INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION slow()";
    database.superuser().batch_execute(slow).unwrap();
    run_examples(&database, "", section);

    let shown =
        "SELECT count(*) FROM pg_stat_progress_copy WHERE relid = 'inventory'::regclass AND bytes_total > 0";
    eventually("a run is seen", || database.count(shown) == 1);
    let pending = format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{good}' AND status = 'pending'");
    assert_eq!(number(&mut manager, &pending), 1, "its claim is not committed");
    assert_eq!(number(&mut manager, &format!("SELECT cancel_job('{good}')::integer::bigint")), 0, "too late");
    let status = format!(
        "SELECT count(*) FROM scheduled_jobs WHERE (id, status) IN (('{good}', 'completed'), ('{bad}', 'failed'))"
    );
    eventually("both jobs have ended", || number(&mut manager, &status) == 2);
    assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory WHERE owner_id = auth.uid()"), 1);
    let ran =
        "SELECT count(*) FROM cron.job_run_details WHERE username = 'job_runner' AND status = 'succeeded'";
    eventually("pg_cron says so", || database.count(ran) > 0);
    let doubts = "SELECT count(*) FROM teamwork.doctor() WHERE check_name IN ('preloaded', 'worker', 'jobs') AND status <> 'ok'";
    assert_eq!(database.count(doubts), 0);
}
