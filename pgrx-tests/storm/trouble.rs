//! What goes wrong in the storm.

use super::Storm;
use crate::engine_processes;
use crate::fixture::TIMEOUT;
use fastrand::Rng;
use postgres::Error;
use std::time::Duration;
use xtask::cluster::StopMode;

/// A running job is cancelled by its creator, or its worker's statement, or the worker is terminated, or somebody's session.
pub fn cancel(storm: &Storm, rng: &mut Rng) -> Result<(), Error> {
    storm.rest(Duration::from_millis(300 + rng.u64(..1_500)));
    let worker = "FROM pg_stat_activity WHERE backend_type = 'teamwork worker' AND datname = current_database() AND state <> 'idle'";
    match rng.u64(..4) {
        0 => {
            let running =
                "SELECT count(cancel_job(id)) FROM scheduled_jobs WHERE status IN ('pending', 'processing')";
            storm.connect(Some(&storm.manager))?.batch_execute(running)
        }
        1 => {
            let other = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1";
            storm.connect(None)?.batch_execute(&format!("SELECT pg_terminate_backend(pid) {other}"))
        }
        2 => storm.connect(None)?.batch_execute(&format!("SELECT pg_cancel_backend(pid) {worker}")),
        _ => storm.connect(None)?.batch_execute(&format!("SELECT pg_terminate_backend(pid) {worker}")),
    }
}

/// A process of the server is killed, and the server with it.
pub fn kill(storm: &Storm, rng: &mut Rng) -> Result<(), Error> {
    storm.rest(Duration::from_millis(3_000 + rng.u64(..5_000)));
    let cluster = storm.database.cluster;
    let kind = *rng
        .choice(&[
            engine_processes::WORKER,
            engine_processes::WORKER,
            engine_processes::SCHEDULER,
            engine_processes::LAUNCHER,
        ])
        .unwrap();
    if let Some(victim) = engine_processes::of_kind(cluster, kind).first() {
        // It may have ended by itself.
        let _ = cluster.signal("KILL", victim.pid);
        storm.rest(Duration::from_millis(200));
    }
    // Others wait for that, too.
    drop(cluster.connect_within("postgres", "postgres", TIMEOUT).expect("the server comes back"));
    Ok(())
}

/// The standby loses the primary's log, or is stopped in the midst of replaying it.
pub fn kill_standby(storm: &Storm, rng: &mut Rng) -> Result<(), Error> {
    storm.rest(Duration::from_millis(4_000 + rng.u64(..6_000)));
    let standby = storm.standby;
    match rng.u64(..2) {
        0 => {
            for receiver in engine_processes::of_kind(standby, "walreceiver") {
                let _ = standby.signal("TERM", receiver.pid);
            }
        }
        _ => {
            standby.stop(StopMode::Immediate).expect("the standby stops");
            standby.start_again().expect("the standby starts");
        }
    }
    Ok(())
}
