//! The engine: woken by commits and due times, fair to the dead, and the same in every database.

use crate::fixture::{self, Database, eventually, outcome, submit};
use fallible_iterator::FallibleIterator;
use serde_json::Value;

#[test]
fn a_hundred_jobs_one_after_the_other_are_woken_by_their_commits() {
    let database = Database::create(fixture::shared(), "wake");
    let mut manager = database.login(&database.team(1).manager);
    for n in 0..100 {
        let job = submit(&mut manager, &format!("sku,name\nA{n},Lamp\n"));
        assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    }
    assert_eq!(fixture::number(&mut manager, "SELECT count(*) FROM inventory"), 100);
}

#[test]
fn jobs_of_one_commit_run_each_exactly_once() {
    let database = Database::create(fixture::shared(), "burst");
    let mut manager = database.login(&database.team(1).manager);
    let sql = "INSERT INTO scheduled_jobs (job_type, data_type, file_data)
               SELECT 'import', 'transactions', jsonb_build_object('records', jsonb_build_array(jsonb_build_object('amount', n)))
               FROM generate_series(1, 200) n RETURNING id::text";
    let jobs: Vec<String> = manager.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    for job in &jobs {
        assert_eq!(outcome(&mut manager, job), ("completed".into(), None));
    }
    let once =
        "SELECT count(*) FROM (SELECT amount FROM transactions GROUP BY amount HAVING count(*) = 1) once";
    assert_eq!(fixture::number(&mut manager, once), 200);
}

#[test]
fn a_job_for_later_waits_for_its_time_and_no_longer() {
    let database = Database::create(fixture::shared(), "later");
    let mut manager = database.login(&database.team(1).manager);
    let sql = r#"SELECT create_scheduled_job('import', 'transactions', clock_timestamp() + interval '$DELAY',
                 file_data => '{"records": [{"amount": 1}]}')::text"#;
    let soon: String = manager.query_one(&sql.replace("$DELAY", "2 s"), &[]).unwrap().get(0);
    let later: String = manager.query_one(&sql.replace("$DELAY", "1 day"), &[]).unwrap().get(0);
    assert_eq!(outcome(&mut manager, &soon), ("completed".into(), None));
    let not_before =
        format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{soon}' AND started_at >= scheduled_time");
    assert_eq!(fixture::number(&mut manager, &not_before), 1);
    let waiting = format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{later}' AND status = 'pending'");
    assert_eq!(fixture::number(&mut manager, &waiting), 1);
}

#[test]
fn a_job_whose_creator_has_left_fails_and_imports_nothing() {
    let database = Database::create(fixture::shared(), "creator_left");
    for (n, leave) in (1..).zip(["remove_team_member", "deactivate_team_member"]) {
        let team = database.team(n);
        let mut manager = database.login(&team.manager);
        let sql = r#"SELECT create_scheduled_job('import', 'transactions', now() + interval '1 day',
                     file_data => '{"records": [{"amount": 1}]}')::text"#;
        let job: String = manager.query_one(sql, &[]).unwrap().get(0);
        let mut admin = database.login(&team.admin);
        admin.batch_execute(&format!("SELECT {leave}('{}')", team.manager)).unwrap();
        let due = format!("UPDATE scheduled_jobs SET scheduled_time = now() WHERE id = '{job}'");
        database.superuser().batch_execute(&due).unwrap();
        let (status, message) = outcome(&mut admin, &job);
        assert_eq!(status, "failed");
        let message = message.unwrap_or_default();
        assert!(
            message.starts_with("the creator of the job is not an active member of its team any more"),
            "{message}"
        );
    }
    assert_eq!(database.count("SELECT count(*) FROM transactions"), 0);
}

#[test]
fn listeners_of_the_team_hear_of_its_jobs_and_of_no_others() {
    let database = Database::create(fixture::shared(), "notify");
    let (team, rival) = (database.team(1), database.team(2));
    let mut listener = database.login(&team.admin);
    let channel: String = listener.query_one("SELECT job_channel()", &[]).unwrap().get(0);
    listener.batch_execute(&format!("LISTEN {channel}")).unwrap();
    let mut other = database.login(&rival.manager);
    let foreign = submit(&mut other, "sku,name\nB1,Lamp\n");
    assert_eq!(outcome(&mut other, &foreign).0, "completed");
    let job = submit(&mut database.login(&team.manager), "sku,name\nA1,Lamp\n");

    let mut heard = Vec::new();
    let mut notifications = listener.notifications();
    let mut messages = notifications.timeout_iter(fixture::TIMEOUT);
    while heard.last().is_none_or(|status| status != "completed") {
        let message = messages.next().unwrap().expect("a notification arrives");
        let payload: Value = serde_json::from_str(message.payload()).unwrap();
        assert_eq!((message.channel(), payload["job_id"].as_str()), (channel.as_str(), Some(job.as_str())));
        heard.push(payload["status"].as_str().unwrap_or_default().to_owned());
    }
    assert_eq!(heard.first().map(String::as_str), Some("processing"));
}

#[test]
fn a_terminated_worker_loses_nothing_and_doubles_nothing() {
    let database = Database::create(fixture::shared(), "terminated");
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, &fixture::stock("T", 60_000));
    let running = format!("SELECT count(*) FROM background_imports WHERE job_id = '{job}' AND rows_done > 0");
    eventually("the import has begun", || fixture::number(&mut manager, &running) == 1);
    let terminate = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                     WHERE backend_type = 'teamwork worker' AND datname = current_database() AND query LIKE 'import into inventory%'";
    assert_eq!(database.count(terminate), 1);
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(fixture::number(&mut manager, "SELECT count(*) FROM inventory"), 60_000);
    let attempts = format!("SELECT attempts::bigint FROM scheduled_jobs WHERE id = '{job}'");
    assert_eq!(fixture::number(&mut manager, &attempts), 2);
}

#[test]
fn a_job_that_loses_every_worker_fails_after_its_last_attempt() {
    let database = Database::create(fixture::shared(), "exhausted");
    let mut manager = database.login(&database.team(1).manager);
    // The first worker that runs it dies of its own trigger, as does every later one.
    let poison = "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
                  $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
                  CREATE TRIGGER die AFTER INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION die()";
    database.superuser().batch_execute(poison).unwrap();
    let job = submit(&mut manager, "sku,name\nA1,Lamp\n");
    let (status, message) = outcome(&mut manager, &job);
    assert_eq!(status, "failed");
    assert_eq!(
        message.as_deref(),
        Some("the worker ended before the job did\nDETAIL: It was the last of 3 attempts.")
    );
    assert_eq!(fixture::number(&mut manager, "SELECT count(*) FROM inventory"), 0);
}

#[test]
fn two_databases_are_served_and_a_third_without_the_extension_is_left_alone() {
    let cluster = fixture::shared();
    cluster.psql("postgres", "CREATE DATABASE bystander").unwrap();
    let databases = ["served_a", "served_b"].map(|name| Database::create(cluster, name));
    let jobs = databases.each_ref().map(|database| {
        let mut manager = database.login(&database.team(1).manager);
        (submit(&mut manager, "sku,name\nA1,Lamp\n"), manager)
    });
    for (job, mut manager) in jobs {
        assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    }
    cluster.psql("postgres", "DROP DATABASE bystander").expect("nothing holds it");
}

#[test]
fn the_settings_of_a_database_are_for_its_users_and_not_for_the_engine() {
    let database = Database::create(fixture::shared(), "odd_settings");
    let team = database.team(1);
    let settings = "ALTER DATABASE odd_settings SET default_transaction_isolation = 'repeatable read';
                    ALTER DATABASE odd_settings SET default_transaction_read_only = on;
                    ALTER DATABASE odd_settings SET search_path = nowhere";
    database.superuser().batch_execute(settings).unwrap();
    let mut manager = database.login(&team.manager);
    let ours = "SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off; RESET search_path;
                SET search_path = public";
    manager.batch_execute(ours).unwrap();
    let job = submit(&mut manager, &fixture::stock("O", 30_000));
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
}

#[test]
fn a_paused_engine_runs_nothing_and_goes_on_when_it_may() {
    let cluster = fixture::server("paused");
    let database = Database::create(&cluster, "paused");
    let mut manager = database.login(&database.team(1).manager);
    let switch = |to: &str| {
        let sql = format!("ALTER SYSTEM SET teamwork.enabled = {to}; SELECT pg_reload_conf()");
        cluster.psql("postgres", &sql).unwrap();
        let in_force =
            format!("SELECT count(*) FROM pg_settings WHERE name = 'teamwork.enabled' AND setting = '{to}'");
        eventually("the setting is in force", || database.count(&in_force) == 1);
    };
    switch("off");
    let job = submit(&mut manager, "sku,name\nA1,Lamp\n");
    let idle = "SELECT count(*) FROM pg_stat_activity WHERE backend_type ~ 'teamwork (scheduler|worker)'";
    eventually("nothing of the engine holds a database", || database.count(idle) == 0);
    let pending = format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND status = 'pending'");
    assert_eq!(fixture::number(&mut manager, &pending), 1);
    switch("on");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
}
