//! Ten thousand jobs: memory and tables do not grow with them.

use crate::engine_processes::{self, SCHEDULER, WORKER};
use crate::fixture::{self, Database, eventually, number};
use std::collections::HashMap;
use std::fs;
use std::time::Instant;
use xtask::cluster::Cluster;

const JOBS: i32 = 10_000;

/// The memory that a process has made or changed, in KiB; nothing where it is gone. Pages of the server's shared memory do not
/// count, which look private where one process alone has touched them.
fn own_memory(pid: u32) -> Option<u64> {
    let maps = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    maps.lines().find_map(|line| line.strip_prefix("Anonymous:"))?.split_whitespace().next()?.parse().ok()
}

fn memory_of_the_engine(cluster: &Cluster) -> HashMap<u32, u64> {
    let processes = [SCHEDULER, WORKER].into_iter().flat_map(|kind| engine_processes::of_kind(cluster, kind));
    processes.filter_map(|process| Some((process.pid, own_memory(process.pid)?))).collect()
}

#[test]
fn ten_thousand_jobs_leave_memory_and_tables_as_small_as_before() {
    let settings = [("autovacuum_naptime", "1s"), ("shared_buffers", "16MB"), ("synchronous_commit", "off")];
    let cluster = fixture::server_with("soak", &settings);
    let database = Database::create(&cluster, "soak");
    let mut manager = database.login(&database.team(1).manager);
    let mut superuser = database.superuser();
    let begun = Instant::now();
    engine_processes::submit_small(&mut manager, 1, JOBS);
    let done = "SELECT count(*) FROM scheduled_jobs WHERE status = 'completed'";
    eventually("a fifth is done", || number(&mut superuser, done) > i64::from(JOBS) / 5);
    let early = memory_of_the_engine(&cluster);
    let mut late = early.clone();
    // Step by step: the whole may take longer than the timeout of one step.
    for share in 3..=10 {
        eventually("another tenth is done", || {
            late.extend(memory_of_the_engine(&cluster));
            number(&mut superuser, done) >= i64::from(JOBS) * share / 10
        });
    }
    println!("{JOBS} jobs in {:.1?}; KiB at first {early:?}, at last {late:?}", begun.elapsed());
    assert!(!early.is_empty());
    for (pid, before) in early {
        assert!(late[&pid] < before + 1_024, "process {pid} grew from {before} to {} KiB", late[&pid]);
    }
    assert_eq!(number(&mut superuser, "SELECT count(DISTINCT amount) FROM transactions"), i64::from(JOBS));
    let dead =
        "SELECT max(n_dead_tup) FROM pg_stat_user_tables WHERE relname IN ('scheduled_jobs', 'transactions')";
    eventually("autovacuum has cleared what died", || number(&mut superuser, dead) < i64::from(JOBS) / 4);
    let bytes = number(&mut superuser, "SELECT pg_total_relation_size('scheduled_jobs')");
    println!("{} bytes a job", bytes / i64::from(JOBS));
}
