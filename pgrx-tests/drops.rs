//! Dropping what the engine works in: it neither blocks for long nor breaks.

use crate::fixture::{self, Database, eventually, outcome, submit};
use postgres::error::SqlState;

/// An import that has begun and is not at its end.
fn busy(database: &Database) -> (String, postgres::Client) {
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, &fixture::stock("B", 100_000));
    let running = format!("SELECT count(*) FROM background_imports WHERE job_id = '{job}' AND rows_done > 0");
    eventually("the import has begun", || fixture::number(&mut manager, &running) == 1);
    (job, manager)
}

fn still_serves(cluster: &xtask::cluster::Cluster, name: &str) {
    let database = Database::create(cluster, name);
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, "sku,name\nA1,Lamp\n");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
}

#[test]
fn an_idle_database_can_be_dropped() {
    let cluster = fixture::shared();
    let database = Database::create(cluster, "idle_drop");
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, "sku,name\nA1,Lamp\n");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    drop(manager);
    // PostgreSQL itself waits up to five seconds for others to leave; the engine's processes do.
    cluster.psql("postgres", "DROP DATABASE idle_drop").expect("the engine has left");
}

#[test]
fn a_busy_database_is_dropped_by_force_only_and_the_engine_goes_on() {
    let cluster = fixture::server("drop-database");
    let database = Database::create(&cluster, "busy_drop");
    let (_, manager) = busy(&database);
    let mut elsewhere = cluster.connect("postgres", "postgres").unwrap();
    let refused = elsewhere.batch_execute("DROP DATABASE busy_drop").expect_err("it is in use");
    assert_eq!(fixture::code(&refused), SqlState::OBJECT_IN_USE);
    drop(manager);
    elsewhere.batch_execute("DROP DATABASE busy_drop WITH (FORCE)").expect("the engine gives way");
    still_serves(&cluster, "after_drop");
}

#[test]
fn dropping_the_extension_under_a_running_job_breaks_nothing() {
    let cluster = fixture::server("drop-extension");
    let database = Database::create(&cluster, "dropped");
    let (job, mut manager) = busy(&database);
    // Waits for the job, whose end it must not see half of.
    let drop = "SET teamwork.allow_drop = on; DROP EXTENSION teamwork CASCADE";
    database.superuser().batch_execute(drop).expect("it can be dropped");
    let gone = manager.query("SELECT FROM scheduled_jobs", &[]).expect_err("the tables are gone");
    assert_eq!(fixture::code(&gone), SqlState::UNDEFINED_TABLE);
    drop(manager);
    database.superuser().batch_execute("CREATE EXTENSION teamwork").expect("it can be created again");
    let mut manager = database.login(&database.team(2).manager);
    let again = submit(&mut manager, "sku,name\nA1,Lamp\n");
    assert_ne!(again, job);
    assert_eq!(outcome(&mut manager, &again), ("completed".into(), None));
    assert!(!cluster.log_tail(10_000).contains("PANIC"), "{}", cluster.log_tail(50));
}

#[test]
fn a_fast_shutdown_in_mid_import_is_finished_after_the_restart() {
    let cluster = fixture::server("shutdown");
    let database = Database::create(&cluster, "shut");
    let (job, manager) = busy(&database);
    drop(manager);
    cluster.restart().expect("the server restarts");
    let mut manager = database.login(&fixture::id(1, 1));
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(fixture::number(&mut manager, "SELECT count(*) FROM inventory"), 100_000);
}
