//! A good guest: idle it costs nothing, its work shows in the statistics, and pg_upgrade has the server for itself.

use crate::engine_processes::{self, LAUNCHER};
use crate::fixture::{self, Database, eventually, number, outcome, submit};
use std::fs;
use std::time::Duration;
use xtask::cluster::{Cluster, StopMode};

fn import(database: &Database, rows: usize) {
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, &fixture::stock("H", rows));
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
}

/// How often the launcher has gone to sleep.
fn naps(cluster: &Cluster) -> u64 {
    let launcher = &engine_processes::of_kind(cluster, LAUNCHER)[0];
    let status = fs::read_to_string(format!("/proc/{}/status", launcher.pid)).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
    line.trim().parse().unwrap()
}

#[test]
fn an_idle_engine_does_nothing_at_all() {
    let cluster = fixture::server_with("idle", &[("autovacuum", "off")]);
    let database = Database::create(&cluster, "idle");
    import(&database, 10);
    engine_processes::await_idle(&cluster);
    let mut elsewhere = cluster.connect("postgres", "postgres").unwrap();
    let engine = "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'teamwork%'";
    assert_eq!(number(&mut elsewhere, engine), 1);
    // Not of the database that this asks from.
    let transactions = "SELECT sum(xact_commit + xact_rollback)::bigint FROM pg_stat_database WHERE datname IS DISTINCT FROM 'postgres'";
    let mut state = || (number(&mut elsewhere, transactions), naps(&cluster));
    let mut before = state();
    // The end of the last process reports its statistics late.
    eventually("it comes to rest", || {
        std::thread::sleep(Duration::from_millis(200));
        let now = state();
        std::mem::replace(&mut before, now) == now
    });
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(state(), before);
}

#[test]
fn what_workers_write_is_seen_by_statistics_and_autovacuum() {
    let cluster = fixture::server_with("statistics", &[("autovacuum_naptime", "1s")]);
    let database = Database::create(&cluster, "statistics");
    import(&database, 3_000);
    let inserted = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'inventory'";
    eventually("the rows are counted", || database.count(inserted) == 3_000);
    let analyzed = "SELECT autoanalyze_count FROM pg_stat_user_tables WHERE relname = 'inventory'";
    eventually("the table is analyzed", || database.count(analyzed) > 0);
    let calls = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
    assert!(database.count(calls) > 0);
}

#[test]
fn a_job_rewrites_its_row_a_few_times_only() {
    let database = Database::create(fixture::shared(), "rewrites");
    let mut manager = database.login(&database.team(1).manager);
    engine_processes::submit_small(&mut manager, 1, 200);
    engine_processes::await_drained(&mut database.superuser());
    let counted =
        "SELECT count(*) FROM pg_stat_user_tables WHERE relname = 'scheduled_jobs' AND n_tup_upd >= 200";
    eventually("every end is counted", || database.count(counted) == 1);
    engine_processes::await_away(&database);
    let updates = "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'scheduled_jobs'";
    assert!(database.count(updates) <= 450, "{} updates for 200 jobs", database.count(updates));
}

#[test]
fn pg_upgrade_finds_no_engine() {
    let cluster = fixture::server("upgrade");
    let database = Database::create(&cluster, "upgrade");
    let team = database.team(1);
    cluster.stop(StopMode::Fast).unwrap();
    cluster.start_with("-b").unwrap();
    assert!(engine_processes::of_kind(&cluster, engine_processes::ANY).is_empty());
    let mut manager = database.login(&team.manager);
    let job = submit(&mut manager, "sku,name\nA1,Lamp\n");
    let pending = format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND status = 'pending'");
    assert_eq!(number(&mut manager, &pending), 1);
    drop(manager);
    cluster.restart().unwrap();
    assert_eq!(engine_processes::of_kind(&cluster, LAUNCHER).len(), 1);
    assert_eq!(outcome(&mut database.login(&team.manager), &job), ("completed".into(), None));
}
