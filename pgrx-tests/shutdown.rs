//! Ends of the server, wanted and not: the engine lets it stop at once, ends with it, and goes on after the restart.

use crate::engine_processes::{self, LAUNCHER, SCHEDULER, WORKER};
use crate::fixture::{self, Database, eventually, id, number, outcome};
use std::time::{Duration, Instant};
use xtask::cluster::{Cluster, StopMode};

/// A stop takes some tens of milliseconds; a worker that does not listen would finish its import first, or its nap.
const AT_ONCE: Duration = Duration::from_secs(5);

fn stops_at_once(cluster: &Cluster, mode: StopMode) {
    let begun = Instant::now();
    cluster.stop(mode).expect("the server stops");
    println!("{mode:?} shutdown: {:.0?}", begun.elapsed());
    assert!(begun.elapsed() < AT_ONCE, "{mode:?} shutdown took {:?}", begun.elapsed());
}

fn bring_no_rows_twice(database: &Database, job: &str, rows: i64) {
    let mut manager = database.login(&id(1, 1));
    assert_eq!(outcome(&mut manager, job), ("completed".into(), None));
    assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory"), rows);
}

#[test]
fn a_fast_or_immediate_shutdown_waits_for_no_import_and_loses_none() {
    let cluster = fixture::server("stop-busy");
    let database = Database::create(&cluster, "busy");
    let (job, manager) = engine_processes::busy(&database, 80_000);
    drop(manager);
    stops_at_once(&cluster, StopMode::Fast);
    cluster.start_again().unwrap();
    engine_processes::await_start(&mut database.login(&id(1, 1)), &job);
    cluster.stop(StopMode::Immediate).unwrap();
    cluster.start_again().unwrap();
    bring_no_rows_twice(&database, &job, 80_000);
    let log = cluster.log();
    assert!(!log.contains("PANIC:  ") && !log.contains("terminated by signal"), "{}", cluster.log_tail(50));
}

#[test]
fn a_smart_shutdown_waits_for_no_idle_engine() {
    let cluster = fixture::server("stop-idle");
    let database = Database::create(&cluster, "idle");
    let mut manager = database.login(&database.team(1).manager);
    let job = fixture::submit(&mut manager, "sku,name\nA1,Lamp\n");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    drop(manager);
    assert_eq!(engine_processes::of_kind(&cluster, WORKER).len(), 1, "it lingers");
    stops_at_once(&cluster, StopMode::Smart);
}

#[test]
fn a_queue_goes_on_where_a_restart_interrupted_it() {
    let cluster = fixture::server("stop-queue");
    let database = Database::create(&cluster, "queue");
    let mut manager = database.login(&database.team(1).manager);
    engine_processes::submit_small(&mut manager, 1, 400);
    drop(manager);
    for mode in [StopMode::Fast, StopMode::Immediate, StopMode::Fast] {
        cluster.stop(mode).unwrap();
        cluster.start_again().unwrap();
    }
    let mut superuser = database.superuser();
    engine_processes::await_drained(&mut superuser);
    let completed = "SELECT count(*) FROM scheduled_jobs WHERE status = 'completed'";
    assert_eq!(number(&mut superuser, completed), 400);
    assert_eq!(number(&mut superuser, "SELECT count(DISTINCT amount) FROM transactions"), 400);
    assert_eq!(number(&mut superuser, "SELECT count(*) FROM transactions"), 400);
}

#[test]
fn the_engine_ends_with_its_postmaster_even_in_mid_import() {
    let cluster = fixture::server("orphaned");
    let database = Database::create(&cluster, "orphaned");
    let (job, mut manager) = engine_processes::busy(&database, 80_000);
    // Behind it a queue: the worker must not go on with that either.
    engine_processes::submit_small(&mut manager, 1, 100);
    drop(manager);
    // Read at the next start: what the old server's processes left undone stays undone until we have looked.
    cluster.psql("postgres", "ALTER SYSTEM SET teamwork.enabled = off").unwrap();
    let begun = Instant::now();
    cluster.signal("KILL", cluster.postmaster_pid().unwrap()).unwrap();
    eventually("every process has ended", || cluster.processes().is_empty());
    println!("the last process ended {:.0?} after the postmaster", begun.elapsed());
    // Where nobody reaps it, the dead postmaster's number counts as alive.
    for lock in [cluster.data().join("postmaster.pid"), cluster.socket_dir().join(".s.PGSQL.5432.lock")] {
        std::fs::remove_file(lock).unwrap();
    }
    cluster.start_again().unwrap();
    let finished = format!("SELECT count(*) FROM scheduled_jobs WHERE status = 'completed' AND id = '{job}'");
    assert_eq!(database.count(&finished), 0, "the engine went on without its postmaster");
    set(&cluster, "teamwork.enabled", "'on'");
    engine_processes::await_drained(&mut database.superuser());
    bring_no_rows_twice(&database, &job, 80_000);
    assert_eq!(database.count("SELECT count(DISTINCT amount) FROM transactions"), 100);
}

#[test]
fn a_reload_reaches_launcher_scheduler_and_a_worker_that_has_no_pause() {
    let cluster = fixture::server_with("reload", &[("teamwork.max_workers", "1")]);
    let database = Database::create(&cluster, "reload");
    let mut manager = database.login(&database.team(1).manager);
    let switch = |to: &str| {
        let sql = format!("ALTER SYSTEM SET teamwork.enabled = {to}; SELECT pg_reload_conf()");
        cluster.psql("postgres", &sql).unwrap();
    };
    engine_processes::submit_small(&mut manager, 1, 2_000);
    let completed = "SELECT count(*) FROM scheduled_jobs WHERE status = 'completed'";
    eventually("the queue is being worked off", || number(&mut manager, completed) > 10);
    switch("off");
    eventually("the worker and the scheduler stop in mid-queue", || {
        engine_processes::of_kind(&cluster, WORKER).is_empty()
            && engine_processes::of_kind(&cluster, SCHEDULER).is_empty()
    });
    let done = number(&mut manager, completed);
    assert!(done < 2_000, "the worker did not obey before the queue was at its end");
    switch("on");
    eventually("the launcher obeys", || number(&mut manager, completed) > done);
    switch("off");
    engine_processes::await_idle(&cluster);
    assert_eq!(engine_processes::of_kind(&cluster, LAUNCHER).len(), 1);
}

#[test]
fn terminated_processes_of_the_engine_are_replaced_without_a_poll() {
    let cluster = fixture::server("terminated");
    let database = Database::create(&cluster, "terminated");
    let mut manager = database.login(&database.team(1).manager);
    let mut superuser = database.superuser();
    engine_processes::submit_small(&mut manager, 1, 1_000);
    for kind in [SCHEDULER, WORKER, SCHEDULER, LAUNCHER, SCHEDULER] {
        let terminate = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = '{kind}'"
        );
        eventually("there is one to terminate", || number(&mut superuser, &terminate) > 0);
    }
    engine_processes::await_drained(&mut superuser);
    assert_eq!(number(&mut superuser, "SELECT count(*) FROM transactions"), 1_000);
    // Both at once: nobody is left who knows anything.
    let everybody =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type LIKE 'teamwork%'";
    engine_processes::submit_small(&mut manager, 1_001, 100);
    number(&mut superuser, everybody);
    engine_processes::await_drained(&mut superuser);
    assert_eq!(number(&mut superuser, "SELECT count(*) FROM transactions"), 1_100);
    assert_eq!(number(&mut superuser, "SELECT count(DISTINCT amount) FROM transactions"), 1_100);
    eventually("there is one launcher", || engine_processes::of_kind(&cluster, LAUNCHER).len() == 1);
}

/// Sets a setting of the server and waits until it is in force.
fn set(cluster: &Cluster, name: &str, value: &str) {
    let sql = format!("ALTER SYSTEM SET {name} = {value}; SELECT pg_reload_conf()");
    cluster.psql("postgres", &sql).unwrap();
    let mut superuser = cluster.connect("postgres", "postgres").unwrap();
    let in_force = format!(
        "SELECT count(*) FROM pg_settings WHERE name = '{name}' AND quote_literal(setting) = quote_literal({value}::text)"
    );
    eventually("the setting is in force", || number(&mut superuser, &in_force) == 1);
}

#[test]
fn a_fast_shutdown_interrupts_whatever_a_worker_waits_for() {
    let cluster = fixture::server("stop-waiting");
    let database = Database::create(&cluster, "waiting");
    let mut manager = database.login(&database.team(1).manager);
    let sleepy = "CREATE TABLE sleepers (id integer);
        CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN PERFORM pg_sleep(600) FROM public.sleepers; RETURN NEW; END $$;
        CREATE TRIGGER doze AFTER INSERT ON transactions FOR EACH ROW EXECUTE FUNCTION doze()";
    database.superuser().batch_execute(sleepy).unwrap();
    // A statement, a lock, a replica that is not there.
    let waits = [
        ("PgSleep", "INSERT INTO sleepers VALUES (1)", "TRUNCATE sleepers"),
        ("relation", "BEGIN; LOCK TABLE transactions IN SHARE MODE", ""),
        ("SyncRep", "", ""),
    ];
    for (n, (event, obstruct, clear)) in (1..).zip(waits) {
        let mut superuser = database.superuser();
        superuser.batch_execute(obstruct).unwrap();
        if event == "SyncRep" {
            set(&cluster, "synchronous_standby_names", "'nobody'");
        }
        manager.batch_execute("SET synchronous_commit = local").unwrap();
        engine_processes::submit_small(&mut manager, n, 1);
        let waiting = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'teamwork worker' AND wait_event = '{event}'"
        );
        let mut watcher = database.superuser();
        eventually(&format!("the worker waits: {event}"), || number(&mut watcher, &waiting) > 0);
        println!("{event}:");
        // Until the way is clear nothing runs after the restart.
        cluster.psql("postgres", "ALTER SYSTEM SET teamwork.enabled = off").unwrap();
        stops_at_once(&cluster, StopMode::Fast);
        cluster.start_again().unwrap();
        set(&cluster, "synchronous_standby_names", "''");
        let mut superuser = database.superuser();
        superuser.batch_execute(clear).unwrap();
        set(&cluster, "teamwork.enabled", "'on'");
        engine_processes::await_drained(&mut superuser);
        assert_eq!(number(&mut superuser, "SELECT count(*) FROM transactions"), i64::from(n));
        manager = database.login(&id(1, 1));
    }
}
