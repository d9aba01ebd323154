//! Jobs that cannot be run fail alone, with a reason: the queue goes on.

use crate::engine_processes;
use crate::fixture::{self, Database, eventually, id, number, outcome};
use postgres::Client;
use std::time::Duration;

/// A job for an hour from now.
fn submit_later(client: &mut Client, data_type: &str) -> String {
    let sql = r#"SELECT create_scheduled_job('import', $1, now() + interval '1 h', file_data => '{"records": [{"amount": 1}]}')::text"#;
    client.query_one(sql, &[&data_type]).unwrap().get(0)
}

/// Makes the jobs due, a good one after them, and expects all but that one to fail.
fn fail_alone(database: &Database, poison: &[(&str, String)]) {
    let mut manager = database.login(&id(1, 1));
    let good = submit_later(&mut manager, "transactions");
    let due =
        "UPDATE scheduled_jobs SET scheduled_time = now() - interval '1 s' * (id <> $1::text::uuid)::integer";
    database.superuser().execute(due, &[&good]).unwrap();
    assert_eq!(outcome(&mut manager, &good), ("completed".into(), None), "the queue goes on");
    let mut superuser = database.superuser();
    for (what, job) in poison {
        let (status, message) = outcome(&mut superuser, job);
        assert_eq!(status, "failed", "{what}: {message:?}");
        println!("{what}: {}", message.as_deref().unwrap_or("no reason"));
        assert!(message.is_some_and(|message| !message.is_empty()), "{what}: a reason is given");
    }
    assert_eq!(number(&mut superuser, "SELECT count(*) FROM transactions"), 1);
}

#[test]
fn a_job_whose_table_is_gone_or_unprotected_fails_alone() {
    let database = Database::create(fixture::shared(), "poison_tables");
    let mut manager = database.login(&database.team(1).manager);
    let tables = "CREATE TABLE dropped (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount numeric);
                  CREATE TABLE unprotected (LIKE dropped INCLUDING ALL);
                  CREATE TABLE narrowed (LIKE dropped INCLUDING ALL);
                  SELECT teamwork.protect_table('dropped'), teamwork.protect_table('unprotected'), teamwork.protect_table('narrowed')";
    database.superuser().batch_execute(tables).unwrap();
    let jobs = ["dropped", "unprotected", "narrowed"].map(|table| (table, submit_later(&mut manager, table)));
    let spoil = "DROP TABLE dropped; SELECT teamwork.unprotect_table('unprotected'); ALTER TABLE narrowed DROP COLUMN amount";
    database.superuser().batch_execute(spoil).unwrap();
    fail_alone(&database, &jobs);
}

#[test]
fn a_job_whose_role_is_gone_fails_alone() {
    let database = Database::create(fixture::shared(), "poison_roles");
    let team = database.team(1);
    database.superuser().batch_execute("CREATE ROLE passing IN ROLE authenticated").unwrap();
    let mut manager = database.login(&team.manager);
    manager.batch_execute("RESET ROLE; SET ROLE passing").unwrap();
    let job = submit_later(&mut manager, "transactions");
    manager.batch_execute("RESET ROLE; DROP ROLE passing").unwrap();
    fail_alone(&database, &[("its role is dropped", job)]);
}

/// Jobs with such sources, which only a superuser can make of good ones.
fn mangled_fail_alone(name: &str, sources: &[&'static str]) {
    let database = Database::create(fixture::shared(), name);
    let mut manager = database.login(&database.team(1).manager);
    let mangle = |source: &&'static str| {
        let job = submit_later(&mut manager, "transactions");
        let sql = format!("UPDATE scheduled_jobs SET file_data = {source} WHERE id = '{job}'");
        database.superuser().batch_execute(&sql).unwrap();
        (*source, job)
    };
    let jobs: Vec<_> = sources.iter().map(mangle).collect();
    fail_alone(&database, &jobs);
}

#[test]
fn a_job_whose_source_is_mangled_fails_alone() {
    let sources = [
        r#"NULL"#,
        r#"'{}'"#,
        r#"'"text"'"#,
        r#"'[1, 2]'"#,
        r#"'{"records": 5}'"#,
        r#"'{"records": [1, "two", null]}'"#,
        r#"'{"records": [{"amount": 1}], "mapping": 7}'"#,
        r#"'{"records": [{"amount": 1}], "options": {"delimiter": ""}}'"#,
        r#"'{"upload_id": "00000000-0000-0000-0000-000000000000"}'"#,
    ];
    mangled_fail_alone("poison_sources", &sources);
}

#[test]
fn an_extension_that_lacks_a_function_fills_no_log_and_works_when_it_has_it() {
    let cluster = fixture::server_with("half-installed", &[("teamwork.poll_interval", "100ms")]);
    let database = Database::create(&cluster, "half");
    let mut manager = database.login(&database.team(1).manager);
    // What the scheduler calls, and what its workers call.
    for (n, function) in (1..).zip(["queue_state", "claim_job"]) {
        let mut superuser = database.superuser();
        superuser.batch_execute(&format!("ALTER ROUTINE teamwork.{function} RENAME TO away")).unwrap();
        engine_processes::submit_small(&mut manager, n, 1);
        let complaints =
            || engine_processes::lines_of_log(&cluster, &format!("function teamwork.{function}")).len();
        eventually("the engine finds it missing", || complaints() > 0);
        std::thread::sleep(Duration::from_secs(2));
        assert!(complaints() < 8, "{} complaints about {function} in two seconds", complaints());
        superuser.batch_execute(&format!("ALTER ROUTINE teamwork.away RENAME TO {function}")).unwrap();
        engine_processes::await_drained(&mut superuser);
        assert_eq!(number(&mut superuser, "SELECT count(*) FROM transactions"), i64::from(n));
        drop(superuser);
        engine_processes::await_away(&database);
    }
}

#[test]
fn a_schema_of_the_same_name_without_the_extension_is_none_of_the_engines_business() {
    let cluster = fixture::server_with("namesake", &[("teamwork.poll_interval", "100ms")]);
    let other = "CREATE SCHEMA teamwork; CREATE TABLE teamwork.protections (id text); CREATE TABLE scheduled_jobs (status text);
                 INSERT INTO scheduled_jobs VALUES ('pending')";
    cluster.psql("postgres", other).unwrap();
    let database = Database::create(&cluster, "real");
    let mut manager = database.login(&database.team(1).manager);
    engine_processes::submit_small(&mut manager, 1, 1);
    engine_processes::await_drained(&mut database.superuser());
    assert_eq!(
        engine_processes::lines_of_log(&cluster, "ERROR:  ").len()
            + engine_processes::lines_of_log(&cluster, "teamwork:").len(),
        0
    );
}

#[test]
fn a_job_whose_upload_is_no_id_fails_alone() {
    mangled_fail_alone("poison_upload", &[r#"'{"upload_id": "no uuid"}'"#]);
}
