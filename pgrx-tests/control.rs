//! Control: cancelling, retrying, time limits, second attempts, and the job that brings the server down.

use crate::fixture::{self, Database, PATIENCE, eventually, number, outcome, submit};
use postgres::Client;
use std::time::{Duration, Instant};

/// Rows of `inventory` take their time, a hundredth of a second each.
const SLOW: &str = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION slow()";

/// The first attempts at `inventory` fail, with the SQLSTATE given, and then one succeeds.
fn fail_at_first(attempts: u32, sqlstate: &str) -> String {
    format!(
        "CREATE SEQUENCE tries; GRANT USAGE ON tries TO authenticated;
         CREATE FUNCTION flaky() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN IF nextval('tries') <= {attempts} THEN RAISE EXCEPTION 'not now' USING ERRCODE = '{sqlstate}'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER flaky BEFORE INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION flaky()"
    )
}

fn is_running(client: &mut Client, job: &str) -> bool {
    let sql = format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND status = 'processing'");
    number(client, &sql) == 1
}

/// Until no worker of the database runs a job.
fn workers_are_done(database: &Database) -> bool {
    let sql =
        "SELECT count(*) FROM teamwork.workers WHERE state = 'running' AND database = current_database()";
    database.count(sql) == 0
}

fn call(client: &mut Client, function: &str, job: &str) -> bool {
    client.query_one(&format!("SELECT {function}('{job}')"), &[]).unwrap().get(0)
}

#[test]
fn a_cancelled_import_stops_at_once_and_leaves_no_rows() {
    let database = Database::create(fixture::shared(), "cancelled");
    database.superuser().batch_execute(SLOW).unwrap();
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, &fixture::stock("C", 20_000));
    eventually("the import runs", || is_running(&mut manager, &job));
    let begun = Instant::now();
    assert!(call(&mut manager, "cancel_job", &job));
    assert_eq!(outcome(&mut manager, &job), ("cancelled".into(), None));
    eventually("its worker is free", || workers_are_done(&database));
    // It would take 200 s to end by itself.
    println!("a running import was stopped in {:?}", begun.elapsed());
    assert!(begun.elapsed() < PATIENCE / 2);
    assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory"), 0);
    assert!(!call(&mut manager, "cancel_job", &job), "there is nothing left to cancel");

    // The worker takes the next job as if nothing had happened.
    let next = submit(&mut manager, "sku,name\nN1,Next\n");
    assert_eq!(outcome(&mut manager, &next), ("completed".into(), None));
}

#[test]
fn a_trigger_that_swallows_the_interrupt_does_not_save_a_cancelled_job() {
    let database = Database::create(fixture::shared(), "stubborn");
    let stubborn = "CREATE FUNCTION stubborn() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN LOOP BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$;
        CREATE TRIGGER stubborn BEFORE INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION stubborn()";
    database.superuser().batch_execute(stubborn).unwrap();
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, "sku,name\nS1,Stone\n");
    eventually("the import runs", || is_running(&mut manager, &job));
    assert!(call(&mut manager, "cancel_job", &job));
    eventually("its worker is gone", || workers_are_done(&database));
    assert_eq!(outcome(&mut manager, &job), ("cancelled".into(), None));
}

#[test]
fn a_deleted_job_stops_and_leaves_no_rows() {
    let database = Database::create(fixture::shared(), "deleted");
    database.superuser().batch_execute(SLOW).unwrap();
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, &fixture::stock("D", 20_000));
    eventually("the import runs", || is_running(&mut manager, &job));
    manager.batch_execute(&format!("DELETE FROM scheduled_jobs WHERE id = '{job}'")).unwrap();
    eventually("its worker is free", || workers_are_done(&database));
    assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory"), 0);
}

#[test]
fn a_running_import_shows_among_the_copies() {
    let database = Database::create(fixture::shared(), "copies");
    database.superuser().batch_execute(SLOW).unwrap();
    let mut manager = database.login(&database.team(1).manager);
    // The first row is refused, with the rollback of one subtransaction after the other, until it stands alone.
    let choosy = "CREATE SEQUENCE refusals; GRANT USAGE ON refusals TO authenticated;
        CREATE FUNCTION choose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.sku = 'A-0000001' THEN RAISE EXCEPTION 'refusal %', nextval('refusals'); END IF; RETURN NEW;
        END $$;
        CREATE TRIGGER choosy BEFORE INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION choose()";
    database.superuser().batch_execute(choosy).unwrap();
    let job = submit(&mut manager, &fixture::stock("A", 20_000));
    let refusals = "SELECT last_value FROM refusals";
    eventually("the row is refused", || database.count(refusals) > 10);
    let shown = "SELECT count(*) FROM pg_stat_progress_copy
                 WHERE relid = 'inventory'::regclass AND (command, type) = ('COPY FROM', 'CALLBACK') AND bytes_total > 500000";
    eventually("the import is shown", || database.count(shown) == 1);
    assert!(call(&mut manager, "cancel_job", &job));
    let all = "SELECT count(*) FROM pg_stat_progress_copy WHERE datname = current_database()";
    eventually("it is not shown any more", || database.count(all) == 0);
}

#[test]
fn an_administrator_who_cancels_the_worker_cancels_its_job() {
    let database = Database::create(fixture::shared(), "by_admin");
    database.superuser().batch_execute(SLOW).unwrap();
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, &fixture::stock("A", 20_000));
    eventually("the import runs", || is_running(&mut manager, &job));
    let cancel = format!("SELECT count(pg_cancel_backend(pid)) FROM teamwork.workers WHERE job_id = '{job}'");
    eventually("the worker is there", || database.count(&cancel) == 1);
    let (status, message) = outcome(&mut manager, &job);
    assert_eq!(status, "cancelled");
    assert!(message.unwrap_or_default().starts_with("canceling statement due to user request"));
}

#[test]
fn only_the_creator_and_the_admin_cancel_and_retry() {
    let database = Database::create(fixture::shared(), "strangers");
    let (team, rival) = (database.team(1), database.team(2));
    let mut admin = database.login(&team.admin);
    let mut manager = database.login(&team.manager);
    let later = r#"SELECT create_scheduled_job('import', 'transactions', now() + interval '1 day',
                   file_data => '{"records": [{"amount": 1}]}')::text"#;
    let admins: String = admin.query_one(later, &[]).unwrap().get(0);
    let managers: String = manager.query_one(later, &[]).unwrap().get(0);
    let mut stranger = database.login(&rival.admin);
    for job in [&admins, &managers] {
        assert!(!call(&mut stranger, "cancel_job", job));
        assert!(!call(&mut stranger, "retry_job", job));
    }
    assert!(!call(&mut manager, "cancel_job", &admins), "a manager is not the admin");
    assert!(call(&mut admin, "cancel_job", &managers), "the admin is");
    assert!(call(&mut manager, "retry_job", &managers));
    assert_eq!(outcome(&mut manager, &managers), ("completed".into(), None));
    assert!(!call(&mut manager, "retry_job", &managers), "what is completed is not retried");
}

#[test]
fn a_failed_job_is_retried_from_the_beginning() {
    let database = Database::create(fixture::shared(), "retried");
    let mut manager = database.login(&database.team(1).manager);
    let sql = r#"SELECT create_background_import_job('inventory', csv => E'sku,name,quantity\nR1,Rope,-1\n', options => '{"on_error": "abort"}')::text"#;
    let job: String = manager.query_one(sql, &[]).unwrap().get(0);
    assert_eq!(outcome(&mut manager, &job).0, "failed");
    let refused = format!("SELECT count(*) FROM scheduled_job_errors WHERE job_id = '{job}'");
    assert_eq!(number(&mut manager, &refused), 1);
    let allow = "ALTER TABLE inventory DROP CONSTRAINT inventory_quantity_check";
    database.superuser().batch_execute(allow).unwrap();
    assert!(call(&mut manager, "retry_job", &job));
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(number(&mut manager, &refused), 0, "the reasons of the first run are gone");
    let attempts = format!("SELECT attempts::bigint FROM scheduled_jobs WHERE id = '{job}'");
    assert_eq!(number(&mut manager, &attempts), 1);
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
    let patience = Duration::from_secs(60);
    let ended = format!(
        "SELECT count(*) FROM scheduled_jobs WHERE id IN ('{bad}', '{good}') AND status IN ('completed', 'failed')"
    );
    eventually("both have ended", || {
        let mut client = cluster.connect_within("poison", "postgres", patience).unwrap();
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
