//! Control: what the creator of a job, the admin and the administrator do to it. What becomes of it by itself: `attempts`.

use crate::engine_processes::{SLOW, is_running};
use crate::fixture::{self, Database, TIMEOUT, eventually, number, outcome, submit};
use postgres::Client;
use std::time::Instant;

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
    assert!(begun.elapsed() < TIMEOUT / 2);
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
