//! Processes are few: they are shared between databases, and their want is said once and healed by itself.

use crate::engine_processes::{self, SCHEDULER, WORKER};
use crate::fixture::{self, Database, eventually, number};
use postgres::Client;
use std::thread;
use xtask::cluster::Cluster;

const COMPLAINT: &str = "jobs wait for a free background worker slot";

/// A session whose parallel query occupies a background worker slot until it is cancelled.
struct Hog {
    pid: i32,
    query: thread::JoinHandle<()>,
}

impl Hog {
    fn occupy(cluster: &Cluster) -> Self {
        let mut session = cluster.connect("postgres", "postgres").unwrap();
        session
            .batch_execute("SET force_parallel_mode = on; SET parallel_leader_participation = off")
            .unwrap();
        let pid: i32 = session.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
        let query = thread::spawn(move || {
            let sleep = "SELECT pg_sleep(600)";
            session.batch_execute(sleep).expect_err("it is cancelled");
        });
        let parallel = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker' AND leader_pid = {pid}"
        );
        let mut other = cluster.connect("postgres", "postgres").unwrap();
        eventually("the slot is occupied", || number(&mut other, &parallel) == 1);
        Self { pid, query }
    }

    fn give_up(self, cluster: &Cluster) {
        cluster.psql("postgres", &format!("SELECT pg_cancel_backend({})", self.pid)).unwrap();
        self.query.join().unwrap();
    }
}

fn database<'a>(cluster: &'a Cluster, name: &str) -> (Database<'a>, Client) {
    let database = Database::create(cluster, name);
    let manager = database.login(&database.team(1).manager);
    (database, manager)
}

const COMPLETED: &str = "SELECT count(*) FROM scheduled_jobs WHERE status = 'completed'";
const PENDING: &str = "SELECT count(*) FROM scheduled_jobs WHERE status = 'pending'";

#[test]
fn without_a_free_slot_jobs_wait_and_the_log_says_so_once() {
    // Two launchers, a scheduler, and one left for a worker: or for a hog.
    let cluster = fixture::server_with("no-slots", &[("max_worker_processes", "4")]);
    let (_one, mut manager) = database(&cluster, "one");
    engine_processes::await_idle(&cluster);
    let hogs = [Hog::occupy(&cluster), Hog::occupy(&cluster)];
    engine_processes::submit_small(&mut manager, 1, 10);
    eventually("the log says so", || !engine_processes::lines_of_log(&cluster, COMPLAINT).is_empty());
    let [first, second] = hogs;
    first.give_up(&cluster);
    eventually("the scheduler has the first slot", || {
        engine_processes::of_kind(&cluster, SCHEDULER).len() == 1
    });
    // Some more attempts.
    thread::sleep(std::time::Duration::from_millis(2_500));
    assert_eq!(number(&mut manager, PENDING), 10);
    second.give_up(&cluster);
    eventually("the jobs run", || number(&mut manager, COMPLETED) == 10);
    assert_eq!(engine_processes::lines_of_log(&cluster, COMPLAINT).len(), 1, "{}", cluster.log_tail(20));
    assert_eq!(engine_processes::lines_of_log(&cluster, "HINT:  Raise max_worker_processes").len(), 1);
}

#[test]
fn schedulers_that_have_taken_every_slot_give_way_to_a_worker() {
    let cluster = fixture::server_with("crowded", &[("max_worker_processes", "5")]);
    let mut databases = ["first", "second", "third"].map(|name| database(&cluster, name));
    engine_processes::await_idle(&cluster);
    // The engine cannot know of others' slots: it sees three, of which it can have two.
    let hog = Hog::occupy(&cluster);
    databases.iter_mut().for_each(|(_, manager)| engine_processes::submit_small(manager, 1, 20));
    for (database, manager) in &mut databases {
        eventually(&format!("the jobs of {} run", database.name), || number(manager, COMPLETED) == 20);
    }
    hog.give_up(&cluster);
}

#[test]
fn a_long_queue_of_one_database_does_not_hold_up_another() {
    let cluster = fixture::server_with("two-queues", &[("teamwork.max_workers", "1")]);
    let (_long, mut long) = database(&cluster, "long");
    let (_short, mut short) = database(&cluster, "short");
    engine_processes::submit_small(&mut long, 1, 3_000);
    eventually("the long queue is being worked off", || number(&mut long, COMPLETED) > 0);
    engine_processes::submit_small(&mut short, 1, 3);
    eventually("the short queue is worked off", || number(&mut short, COMPLETED) == 3);
    let left = number(&mut long, PENDING);
    println!("{left} jobs are left of the long queue");
    assert!(left > 2_000, "{left}");
    // An idle worker elsewhere does not linger while there is work here.
    eventually("the long queue goes on", || number(&mut long, PENDING) < left);
}

#[test]
fn many_workers_of_one_database_leave_a_slot_for_the_scheduler_of_another() {
    let settings = [("teamwork.max_workers", "8"), ("max_worker_processes", "8")];
    let cluster = fixture::server_with("reserve", &settings);
    let (_long, mut long) = database(&cluster, "long");
    let (_short, mut short) = database(&cluster, "short");
    engine_processes::await_idle(&cluster);
    let sleepy = "CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END $$;
                  CREATE TRIGGER doze AFTER INSERT ON transactions FOR EACH STATEMENT EXECUTE FUNCTION doze()";
    _long.superuser().batch_execute(sleepy).unwrap();
    engine_processes::submit_small(&mut long, 1, 60);
    eventually("as many workers run as may", || engine_processes::of_kind(&cluster, WORKER).len() == 4);
    engine_processes::submit_small(&mut short, 1, 3);
    eventually("the other database has a scheduler", || {
        engine_processes::of_kind(&cluster, SCHEDULER).len() == 2
    });
    eventually("the short queue is worked off", || number(&mut short, COMPLETED) == 3);
    assert!(number(&mut long, PENDING) > 0);
    let most = engine_processes::of_kind(&cluster, WORKER).len()
        + engine_processes::of_kind(&cluster, SCHEDULER).len();
    assert!(most <= 6, "{most}");
}
