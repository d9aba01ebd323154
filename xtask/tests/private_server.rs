//! The private server and PostgreSQL's drivers against it, with nothing but what Debian brings. `cargo xtask test` sets the
//! machine up for them first.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use xtask::cluster::{Checked, Cluster, StopMode};
use xtask::regress::{Driver, Input};

#[test]
fn a_cluster_starts_with_its_settings_and_leaves_nothing() {
    // Not inspected, which would stop it before it is dropped.
    let cluster = Cluster::start("x-start", &[("work_mem", "7MB"), ("application_name", "it's")]).unwrap();
    let said =
        cluster.psql("postgres", "CREATE EXTENSION citext; SHOW work_mem; SHOW application_name").unwrap();
    assert_eq!(said, "7MB\npsql\n");
    let row =
        cluster.connect("postgres", "postgres").unwrap().query_one("SHOW application_name", &[]).unwrap();
    assert_eq!(row.get::<_, &str>(0), "it's");
    assert!(cluster.psql("postgres", "SELECT 1/0").unwrap_err().to_string().contains("division by zero"));

    let first = cluster.postmaster_pid().unwrap();
    cluster.restart().unwrap();
    let second = cluster.postmaster_pid().unwrap();
    assert_ne!(first, second);
    cluster.stop(StopMode::Immediate).unwrap();
    assert!(cluster.postmaster_pid().is_err());
    cluster.start_again().unwrap();

    let dir = cluster.socket_dir().to_owned();
    let pid = cluster.postmaster_pid().unwrap();
    drop(cluster);
    assert!(!dir.exists());
    // Not "no such process": a container's first process may be slow to bury it. A dead one has no command line.
    let alive = || fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty());
    let deadline = Instant::now() + Duration::from_secs(5);
    while alive() {
        assert!(Instant::now() < deadline, "the server still runs");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_server_sees_nothing_of_our_environment() {
    let cluster = Checked::start("x-env", &[]).unwrap();
    let pid = cluster.postmaster_pid().unwrap();
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap();
    let environment = String::from_utf8_lossy(&environment);
    assert!(!environment.contains("CARGO") && !environment.contains("RUST"), "{environment}");
}

#[test]
fn regress_and_isolation_pass_and_show_what_differs() {
    let input = std::env::temp_dir().join(format!("xtask-suites-{}", std::process::id()));
    let write = |path: &str, text: &str| {
        let path = input.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("regress/sql/one.sql", "SELECT 1 AS one;\n");
    write("regress/expected/one.out", "SELECT 1 AS one;\n one \n-----\n   1\n(1 row)\n\n");
    write(
        "isolation/specs/two.spec",
        "session a\nstep one { SELECT 1 AS one; }\nsession b\nstep two { SELECT 2 AS two; }\npermutation one two\n",
    );
    write(
        "isolation/expected/two.out",
        "Parsed test spec with 2 sessions\n\nstarting permutation: one two\nstep one: SELECT 1 AS one;\none\n---\n  1\n(1 row)\n\nstep two: SELECT 2 AS two;\ntwo\n---\n  2\n(1 row)\n\n",
    );
    let cluster = Checked::start("x-regress", &[]).unwrap();
    cluster.psql("postgres", "CREATE DATABASE suite").unwrap();
    let regress = Input::new(Driver::Regress, input.join("regress"));
    let isolation = Input::new(Driver::Isolation, input.join("isolation"));
    regress.run(&cluster, "suite", &regress.named("").unwrap()).unwrap();
    isolation.run(&cluster, "suite", &isolation.named("two.spec").unwrap()).unwrap();

    write("regress/expected/one.out", "SELECT 2 AS one;\n");
    let error = regress.run(&cluster, "suite", &["one".to_owned()]).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("+SELECT 1 AS one;") && error.contains("-SELECT 2 AS one;"), "{error}");
    assert!(error.contains(input.join("regress/expected/one.out").to_str().unwrap()), "{error}");

    write("regress/sql/new.sql", "SELECT 3 AS new;\n");
    let both = regress.named("n").unwrap();
    assert_eq!(both, ["new", "one"]);
    regress.accept(&cluster, "suite", &both).unwrap();
    regress.run(&cluster, "suite", &both).unwrap();
    assert!(fs::read_to_string(input.join("regress/expected/new.out")).unwrap().contains("   3\n(1 row)"));
    assert!(regress.named("isolation").unwrap().is_empty());
    fs::remove_dir_all(input).unwrap();
}
