//! Databases come and go: the engine stands in nobody's way, follows, and does not knock at closed doors.

use crate::engine_processes::{self, LAUNCHER};
use crate::fixture::{self, Database, eventually, number, outcome, submit};
use std::time::{Duration, Instant};
use xtask::cluster::Cluster;

/// PostgreSQL waits five seconds for others to leave, and then refuses.
const CREATE_DATABASE_WAIT: Duration = Duration::from_secs(5);

/// A database whose only job has just been run: the engine is still there.
fn lingering<'a>(cluster: &'a Cluster, name: &str) -> Database<'a> {
    let database = Database::create(cluster, name);
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, "sku,name\nA1,Lamp\n");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    database
}

fn works(database: &Database) {
    let mut manager = database.login(&fixture::id(1, 1));
    let job = submit(&mut manager, "sku,name\nW1,Lamp\n");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
}

/// A job that nobody has announced: as one that was written by a replica, or was copied with its database.
fn unannounced(database: &Database) -> String {
    let (admin, manager) = (fixture::id(1, 0), fixture::id(1, 1));
    let sql = format!(
        r#"SET session_replication_role = replica;
           INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, file_data, submitted_as)
           VALUES ('{admin}', '{manager}', 'import', 'transactions', '{{"records": [{{"amount": 1}}]}}', 'authenticated')
           RETURNING id"#
    );
    database.cluster.psql(&database.name, &sql).unwrap().trim().to_owned()
}

#[test]
fn commands_that_want_a_database_for_themselves_wait_for_a_lingering_engine_only() {
    let cluster = fixture::shared();
    for (n, command) in [
        "ALTER DATABASE lingers_0 RENAME TO lingers_renamed",
        "CREATE DATABASE lingers_copy TEMPLATE lingers_1",
        "DROP DATABASE lingers_2",
        "DROP DATABASE lingers_3 WITH (FORCE)",
    ]
    .iter()
    .enumerate()
    {
        lingering(cluster, &format!("lingers_{n}"));
        let begun = Instant::now();
        // PostgreSQL waits five seconds for others to leave. The engine needs one, a loaded machine may need more.
        eventually(command, || cluster.psql("postgres", command).is_ok());
        println!("{:.1?}: {command}", begun.elapsed());
    }
    for name in ["lingers_renamed", "lingers_copy"] {
        works(&Database { cluster, name: name.to_owned() });
    }
}

#[test]
fn other_databases_are_created_and_dropped_at_once_while_a_job_runs() {
    let cluster = fixture::server("barriers");
    let database = Database::create(&cluster, "busy");
    let (_, mut manager) = engine_processes::busy(&database, 300_000);
    let mut elsewhere = cluster.connect("postgres", "postgres").unwrap();
    let processing = "SELECT count(*) FROM scheduled_jobs WHERE status = 'processing'";
    for _ in 0..5 {
        let begun = Instant::now();
        // Each of these waits until every process of the server has answered, the launcher too.
        elsewhere.batch_execute("CREATE DATABASE other").unwrap();
        elsewhere.batch_execute("DROP DATABASE other").unwrap();
        println!("created and dropped in {:.0?}", begun.elapsed());
        assert_eq!(number(&mut manager, processing), 1, "it did not wait for the end of the import");
    }
}

#[test]
fn the_copy_of_a_database_has_jobs_of_its_own() {
    let cluster = fixture::server_with("copied", &[("teamwork.poll_interval", "500ms")]);
    let original = lingering(&cluster, "original");
    cluster.psql("postgres", "ALTER SYSTEM SET teamwork.enabled = off").unwrap();
    cluster.psql("postgres", "SELECT pg_reload_conf()").unwrap();
    engine_processes::await_idle(&cluster);
    let job = unannounced(&original);
    cluster.psql("postgres", "CREATE DATABASE copy TEMPLATE original").unwrap();
    cluster.psql("postgres", "ALTER SYSTEM SET teamwork.enabled = on").unwrap();
    cluster.psql("postgres", "SELECT pg_reload_conf()").unwrap();
    for name in ["original", "copy"] {
        let database = Database { cluster: &cluster, name: name.to_owned() };
        assert_eq!(outcome(&mut database.superuser(), &job), ("completed".into(), None), "{name}");
        assert_eq!(database.count("SELECT count(*) FROM transactions"), 1, "{name}");
    }
}

#[test]
fn closed_databases_are_left_alone_and_served_when_they_open() {
    let cluster = fixture::server_with("closed", &[("teamwork.poll_interval", "100ms")]);
    let ways = [
        (
            "no_connections",
            "ALTER DATABASE $ ALLOW_CONNECTIONS false",
            "ALTER DATABASE $ ALLOW_CONNECTIONS true",
        ),
        ("template", "ALTER DATABASE $ IS_TEMPLATE true", "ALTER DATABASE $ IS_TEMPLATE false"),
        (
            "half_dropped",
            "UPDATE pg_database SET datconnlimit = -2 WHERE datname = '$'",
            "UPDATE pg_database SET datconnlimit = -1 WHERE datname = '$'",
        ),
    ];
    let jobs = ways.map(|(name, close, _)| {
        let database = lingering(&cluster, name);
        engine_processes::await_away(&database);
        let due = unannounced(&database);
        // Whatever had begun in between has ended when the door is closed, or not begun.
        cluster.psql("postgres", &close.replace('$', name)).unwrap();
        due
    });
    // Ten rounds of the launcher, as far as anybody outside can tell.
    std::thread::sleep(Duration::from_secs(1));
    let knocks = engine_processes::lines_of_log(&cluster, "FATAL:  ");
    assert!(knocks.len() <= 4 * ways.len(), "some may have been at each door as it closed: {knocks:#?}");
    for ((name, _, open), job) in ways.iter().zip(jobs) {
        cluster.psql("postgres", &open.replace('$', name)).unwrap();
        let database = Database { cluster: &cluster, name: (*name).to_owned() };
        assert_eq!(outcome(&mut database.superuser(), &job), ("completed".into(), None), "{name}");
    }
}

#[test]
fn a_database_that_is_gone_is_not_looked_for() {
    let cluster = fixture::server_with("gone", &[("teamwork.poll_interval", "100ms")]);
    let survivor = lingering(&cluster, "survivor");
    let database = Database::create(&cluster, "gone");
    let (_, manager) = engine_processes::busy(&database, 100_000);
    drop(manager);
    // A job for later makes a due time that the launcher remembers.
    database
        .superuser()
        .batch_execute(
            "UPDATE scheduled_jobs SET scheduled_time = now() + interval '2 s' WHERE status = 'pending'",
        )
        .unwrap();
    let begun = Instant::now();
    cluster.psql("postgres", "DROP DATABASE gone WITH (FORCE)").expect("the engine gives way");
    println!("dropped by force in mid-import in {:.0?}", begun.elapsed());
    assert!(begun.elapsed() < CREATE_DATABASE_WAIT);
    std::thread::sleep(Duration::from_secs(1));
    let knocks = engine_processes::lines_of_log(&cluster, "does not exist");
    assert!(knocks.len() <= 1, "one may have been at the door: {knocks:#?}");
    works(&survivor);
    assert_eq!(engine_processes::of_kind(&cluster, LAUNCHER).len(), 1);
}

#[test]
fn a_database_that_cannot_be_entered_fills_no_log() {
    let cluster = fixture::server_with("broken", &[("teamwork.poll_interval", "100ms")]);
    let database = lingering(&cluster, "broken");
    engine_processes::await_away(&database);
    let oid = database.count("SELECT oid::bigint FROM pg_database WHERE datname = 'broken'");
    let version = cluster.data().join(format!("base/{oid}/PG_VERSION"));
    let kept = version.with_extension("away");
    std::fs::rename(&version, &kept).unwrap();
    let complaints = || engine_processes::lines_of_log(&cluster, "FATAL:  ").len();
    eventually("the engine finds the database broken", || complaints() > 0);
    std::thread::sleep(Duration::from_secs(2));
    assert!(complaints() < 6, "{} attempts in two seconds", complaints());
    // Others are served meanwhile, and this one as soon as it works again.
    works(&lingering(&cluster, "sound"));
    std::fs::rename(&kept, &version).unwrap();
    works(&database);
}

#[test]
fn a_connection_limit_is_for_users() {
    let database = lingering(fixture::shared(), "limited");
    engine_processes::await_away(&database);
    database.superuser().batch_execute("ALTER DATABASE limited CONNECTION LIMIT 0").unwrap();
    works(&database);
}

#[test]
fn an_extension_that_comes_and_goes_is_followed() {
    let cluster = fixture::shared();
    cluster.psql("postgres", "CREATE DATABASE comes_and_goes").unwrap();
    let database = Database { cluster, name: "comes_and_goes".to_owned() };
    let team = |n: u32| database.team(n);
    // Rolled back: a job of a schema that never was.
    let mut superuser = database.superuser();
    superuser.batch_execute("BEGIN; CREATE EXTENSION teamwork; ROLLBACK").unwrap();
    superuser.batch_execute("CREATE EXTENSION teamwork; SET teamwork.allow_drop = on").unwrap();
    team(1);
    works(&database);
    // A new one takes the place of the old in one commit, while the engine lingers.
    superuser
        .batch_execute("BEGIN; DROP EXTENSION teamwork CASCADE; CREATE EXTENSION teamwork; COMMIT")
        .unwrap();
    team(1);
    works(&database);
    superuser.batch_execute("DROP EXTENSION teamwork CASCADE").unwrap();
    engine_processes::await_away(&database);
    superuser.batch_execute("CREATE EXTENSION teamwork").unwrap();
    team(1);
    works(&database);
    // In mid-queue: the drop waits for the jobs that run, and no longer.
    engine_processes::submit_small(&mut database.login(&fixture::id(1, 1)), 1, 1_000);
    superuser.batch_execute("DROP EXTENSION teamwork CASCADE; CREATE EXTENSION teamwork").unwrap();
    team(1);
    works(&database);
    engine_processes::await_away(&database);
}
