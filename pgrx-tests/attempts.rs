//! Attempts: which failures are tried again, how long a job may take, the job that brings the server down, and the shutdown that
//! is not the job's fault.

use crate::engine_processes::{self, SLOW, is_running};
use crate::fixture::{self, Database, eventually, number, outcome, submit};
use postgres::fallible_iterator::FallibleIterator;
use serde_json::Value;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The first attempts at `inventory` fail, with the SQLSTATE given, and then one succeeds.
fn fail_at_first(attempts: u32, sqlstate: &str) -> String {
    format!(
        "CREATE SEQUENCE tries; GRANT USAGE ON tries TO authenticated;
         CREATE FUNCTION flaky() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN IF nextval('tries') <= {attempts} THEN RAISE EXCEPTION 'not now' USING ERRCODE = '{sqlstate}'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER flaky BEFORE INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION flaky()"
    )
}

#[test]
fn what_can_heal_is_tried_again_after_a_while_and_what_cannot_is_not() {
    let cluster = fixture::server("healing");
    for (name, sqlstate, heals) in [
        ("deadlock", "40P01", true),
        ("short", "53100", true),
        ("lost", "08006", true),
        ("bad", "P0001", false),
    ] {
        let database = Database::create(&cluster, name);
        database.superuser().batch_execute(&fail_at_first(2, sqlstate)).unwrap();
        let mut manager = database.login(&database.team(1).manager);
        let job = submit(&mut manager, "sku,name\nH1,Herb\n");
        if !heals {
            // The row's own fault: refused, and no reason to try again.
            assert_eq!(outcome(&mut manager, &job).0, "completed");
            assert_eq!(number(&mut manager, "SELECT count(*) FROM scheduled_job_errors"), 1);
            continue;
        }
        for attempt in 1..=2 {
            let waits = format!(
                "SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND status = 'pending' AND attempts = {attempt} AND error_message LIKE 'not now%{sqlstate}%'
                 AND waits_until - teamwork.engine_time() < interval '1.25 s' * 4 ^ ({attempt} - 1)"
            );
            eventually("it waits for the next attempt", || number(&mut manager, &waits) == 1);
            fixture::move_clock(&cluster, Duration::from_secs(10));
        }
        assert_eq!(outcome(&mut manager, &job), ("completed".into(), None), "{sqlstate}");
    }
}

#[test]
fn what_does_not_heal_fails_after_its_last_attempt() {
    let cluster = fixture::server("hopeless");
    let database = Database::create(&cluster, "hopeless");
    database.superuser().batch_execute(&fail_at_first(1_000, "40001")).unwrap();
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, "sku,name\nH1,Herb\n");
    let ended = format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND status = 'failed'");
    eventually("it has failed", || {
        fixture::move_clock(&cluster, Duration::from_secs(60));
        number(&mut manager, &ended) == 1
    });
    let (_, message) = outcome(&mut manager, &job);
    let message = message.unwrap_or_default();
    assert!(message.starts_with("not now (SQLSTATE 40001)"), "{message}");
    assert!(message.ends_with("DETAIL: It was the last of 3 attempts."), "{message}");
}

#[test]
fn time_limits_of_jobs_and_of_statements_are_obeyed() {
    for (name, setting, expected) in [
        (
            "job-timeout",
            ("teamwork.job_timeout", "300ms"),
            "the job took longer than teamwork.job_timeout allows",
        ),
        ("stmt-timeout", ("statement_timeout", "300ms"), "canceling statement due to"),
    ] {
        let cluster = fixture::server(name);
        let database = Database::create(&cluster, "limits");
        database.superuser().batch_execute(SLOW).unwrap();
        let mut manager = database.login(&database.team(1).manager);
        manager.batch_execute("SET statement_timeout = 0").unwrap();
        fixture::configure(&cluster, setting.0, setting.1);
        let job = submit(&mut manager, &fixture::stock("T", 4_000));
        let (status, message) = outcome(&mut manager, &job);
        assert_eq!(status, "failed");
        let message = message.unwrap_or_default();
        assert!(message.starts_with(expected), "{name}: {message}");
        assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory"), 0);
        let quick = submit(&mut manager, "sku,name\nQ1,Quick\n");
        assert_eq!(outcome(&mut manager, &quick), ("completed".into(), None));
    }
}

#[test]
fn a_job_that_crashes_the_server_three_times_is_quarantined_and_its_neighbour_is_not() {
    let cluster = fixture::server("poison");
    let database = Database::create(&cluster, "poison");
    let poison = "CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            IF NEW.sku = 'POISON' THEN
                PERFORM pg_sleep(0.2);
                EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'kill -9 ' || pg_backend_pid());
            END IF;
            PERFORM pg_sleep(0.3);
            RETURN NEW;
        END $$;
        CREATE TRIGGER crash BEFORE INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION crash()";
    database.superuser().batch_execute(poison).unwrap();
    let team = database.team(1);
    let mut manager = database.login(&team.manager);
    let most = "INSERT INTO scheduled_jobs (job_type, data_type, max_attempts, file_data)
                VALUES ('import', 'inventory', 20, jsonb_build_object('records', jsonb_build_array(jsonb_build_object('sku', $1::text, 'name', 'Vial'))))
                RETURNING id::text";
    let [bad, good]: [String; 2] = {
        let mut both = manager.transaction().unwrap();
        let jobs = ["POISON", "GOOD"].map(|sku| both.query_one(most, &[&sku]).unwrap().get(0));
        both.commit().unwrap();
        jobs
    };
    let timeout = Duration::from_secs(60);
    let ended = format!(
        "SELECT count(*) FROM scheduled_jobs WHERE id IN ('{bad}', '{good}') AND status IN ('completed', 'failed')"
    );
    eventually("both have ended", || {
        let mut client = cluster.connect_within("poison", "postgres", timeout).unwrap();
        client.query_one(&ended, &[]).is_ok_and(|row| row.get::<_, i64>(0) == 2)
    });
    let mut manager = database.login(&team.manager);
    assert_eq!(outcome(&mut manager, &good), ("completed".into(), None));
    let (status, message) = outcome(&mut manager, &bad);
    assert_eq!(status, "failed");
    let message = message.unwrap_or_default();
    assert!(
        message.starts_with("the job is quarantined: the server crashed 3 times while it ran"),
        "{message}"
    );
    let refusal = manager.query_one(&format!("SELECT retry_job('{bad}')"), &[]).unwrap_err();
    assert_eq!(fixture::code(&refusal).code(), "55000");
    assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory"), 1);
}

#[test]
fn a_shutdown_gives_the_attempt_back() {
    let cluster = fixture::server("shutdown");
    let database = Database::create(&cluster, "shutdown");
    database.superuser().batch_execute(SLOW).unwrap();
    let team = database.team(1);
    let mut manager = database.login(&team.manager);
    let job = submit(&mut manager, &fixture::stock("S", 500));
    eventually("the import runs", || is_running(&mut manager, &job));
    let begun = Instant::now();
    cluster.stop(xtask::cluster::StopMode::Fast).unwrap();
    println!("a fast shutdown in mid-import took {:?}", begun.elapsed());
    cluster.start_again().unwrap();
    let mut manager = database.login(&team.manager);
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    let attempts = format!("SELECT attempts::bigint FROM scheduled_jobs WHERE id = '{job}' AND crashes = 0");
    assert_eq!(number(&mut manager, &attempts), 1);
    assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory"), 500);
}

#[test]
fn small_jobs_of_a_batch_fail_and_take_their_time_each_for_itself() {
    let cluster = fixture::server_with("batch", &[("teamwork.max_workers", "2")]);
    let database = Database::create(&cluster, "batch");
    // One takes longer than a batch allows, one fails at first and heals, one fails for good.
    let troubles = "CREATE SEQUENCE tries; GRANT USAGE ON tries TO authenticated;
        CREATE FUNCTION troubles() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.amount = 20 THEN PERFORM pg_sleep(0.2); END IF;
            IF NEW.amount = 30 AND nextval('tries') <= 2 THEN RAISE EXCEPTION 'not now' USING ERRCODE = '40001'; END IF;
            IF NEW.amount = 40 THEN RAISE EXCEPTION 'never' USING ERRCODE = '55006'; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER troubles BEFORE INSERT ON transactions FOR EACH ROW EXECUTE FUNCTION troubles()";
    database.superuser().batch_execute(troubles).unwrap();
    let mut manager = database.login(&database.team(1).manager);
    engine_processes::submit_small(&mut manager, 1, 100);
    let open = "SELECT count(*) FROM scheduled_jobs WHERE status IN ('pending', 'processing')";
    eventually("every job has ended", || {
        fixture::move_clock(&cluster, Duration::from_secs(10));
        number(&mut manager, open) == 0
    });
    let rows = "SELECT count(*) FROM transactions WHERE amount BETWEEN 1 AND 100 AND amount <> 40";
    assert_eq!(number(&mut manager, rows), 99);
    assert_eq!(number(&mut manager, "SELECT count(*) FROM transactions"), 99, "none twice");
    let outcomes = "SELECT string_agg(format('%s %s %s', file_data #>> '{records,0,amount}', status, attempts), ', ' ORDER BY (file_data #>> '{records,0,amount}')::integer)
                    FROM scheduled_jobs WHERE status <> 'completed' OR attempts <> 1";
    let outcomes: String = manager.query_one(outcomes, &[]).unwrap().get(0);
    // Each of the two workers may have tried it in a batch, which is no attempt; those of its own are what is left of three.
    let expected = ["40 failed 1", "30 completed 2, 40 failed 1", "30 completed 3, 40 failed 1"];
    assert!(expected.contains(&outcomes.as_str()), "{outcomes}");
}

#[test]
fn jobs_of_a_batch_end_as_if_each_had_run_by_itself() {
    let cluster =
        fixture::server_with("completed", &[("teamwork.max_workers", "1"), ("teamwork.enabled", "off")]);
    let database = Database::create(&cluster, "completed");
    let mut manager = database.login(&database.team(1).manager);
    let channel: String = manager.query_one("SELECT job_channel()", &[]).unwrap().get(0);
    manager.batch_execute(&format!("LISTEN {channel}")).unwrap();
    engine_processes::submit_small(&mut manager, 1, 40);
    let repeated = "UPDATE scheduled_jobs SET repeat_every = '1 day' WHERE file_data #>> '{records,0,amount}' IN ('7', '8')";
    database.superuser().batch_execute(repeated).unwrap();
    fixture::configure(&cluster, "teamwork.enabled", "on");
    let open = "SELECT count(*) FROM scheduled_jobs WHERE status <> 'completed' AND scheduled_time <= now()";
    eventually("every job has ended", || number(&mut manager, open) == 0);

    let good = "SELECT count(DISTINCT lease) FROM scheduled_jobs
                WHERE status = 'completed' AND attempts = 1 AND record_count = 1 AND error_message IS NULL AND checkpoint IS NULL
                AND created_at <= started_at AND started_at <= completed_at AND (report ->> 'inserted', progress ->> 'percent') = ('1', '100')";
    assert_eq!(number(&mut manager, good), 40);
    let next = "SELECT count(*) FROM scheduled_jobs WHERE status = 'pending' AND attempts = 0 AND scheduled_time > now() AND waits_until = scheduled_time";
    assert_eq!(number(&mut manager, next), 2);
    let audited = "SELECT count(DISTINCT subject) FROM teamwork.audit_log WHERE action = 'job_completed'";
    assert_eq!(database.count(audited), 40);
    let mut heard: HashMap<String, Vec<String>> = HashMap::new();
    let mut notifications = manager.notifications();
    let mut messages = notifications.timeout_iter(fixture::TIMEOUT);
    while heard.values().filter(|heard| heard.last().is_some_and(|status| status == "completed")).count() < 40
    {
        let message = messages.next().unwrap().expect("a notification arrives");
        let payload: Value = serde_json::from_str(message.payload()).unwrap();
        let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
        heard.entry(text("job_id")).or_default().push(text("status"));
    }
    assert!(heard.values().all(|heard| heard[0] == "processing"), "{heard:?}");
}
