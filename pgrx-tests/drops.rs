//! Dropping what the engine works in: it neither blocks for long nor breaks.

use crate::engine_processes;
use crate::fixture::{self, Database, outcome, submit};
use postgres::error::SqlState;

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
    let (_, manager) = engine_processes::busy(&database, 100_000);
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
    let (job, mut manager) = engine_processes::busy(&database, 100_000);
    // Waits for the job, whose end it must not see half of.
    let by_force = "SET teamwork.allow_drop = on; DROP EXTENSION teamwork CASCADE";
    database.superuser().batch_execute(by_force).expect("it can be dropped");
    let gone = manager.query("SELECT FROM scheduled_jobs", &[]).expect_err("the tables are gone");
    assert_eq!(fixture::code(&gone), SqlState::UNDEFINED_TABLE);
    drop(manager);
    database.superuser().batch_execute("CREATE EXTENSION teamwork").expect("it can be created again");
    let mut manager = database.login(&database.team(2).manager);
    let again = submit(&mut manager, "sku,name\nA1,Lamp\n");
    assert_ne!(again, job);
    assert_eq!(outcome(&mut manager, &again), ("completed".into(), None));
    assert!(!cluster.log_tail(10_000).contains("PANIC:  "), "{}", cluster.log_tail(50));
}

#[test]
fn a_fast_shutdown_in_mid_import_is_finished_after_the_restart() {
    let cluster = fixture::server("shutdown");
    let database = Database::create(&cluster, "shut");
    let (job, manager) = engine_processes::busy(&database, 100_000);
    drop(manager);
    cluster.restart().expect("the server restarts");
    let mut manager = database.login(&fixture::id(1, 1));
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(fixture::number(&mut manager, "SELECT count(*) FROM inventory"), 100_000);
}

/// Refused with SQLSTATE 2BP01 and a count, and everything is still there.
fn is_refused(client: &mut postgres::Client, drop: &str, held: &str) {
    let refused = client.batch_execute(drop).expect_err("there is team data");
    let error = refused.as_db_error().expect("an answer of the server");
    assert_eq!(error.code(), &SqlState::DEPENDENT_OBJECTS_STILL_EXIST, "{drop}");
    assert_eq!(error.message(), "cannot drop extension teamwork because it holds team data", "{drop}");
    assert!(error.detail().is_some_and(|detail| detail.contains(held)), "{drop}: {:?}", error.detail());
    assert!(error.hint().is_some_and(|hint| hint.contains("SET teamwork.allow_drop = on")), "{drop}");
}

fn guards_drops(cluster: &xtask::cluster::Cluster, name: &str) {
    cluster.psql("postgres", &format!("CREATE DATABASE {name}")).unwrap();
    let database = Database { cluster, name: name.to_owned() };
    let set_up = format!(
        "CREATE ROLE {name}_owner SUPERUSER; SET ROLE {name}_owner; CREATE SCHEMA app;
         ALTER DATABASE {name} SET search_path = app, public; CREATE EXTENSION teamwork SCHEMA app"
    );
    cluster.psql(name, &set_up).unwrap();
    // Each drop in a session of its own: where the library is not preloaded, the command itself has to load it.
    let drops = [
        "DROP EXTENSION teamwork CASCADE",
        "DROP SCHEMA app CASCADE",
        &format!("DROP OWNED BY {name}_owner CASCADE"),
    ];
    database.team(1);
    drops.iter().for_each(|drop| is_refused(&mut database.superuser(), drop, "2 rows in user_profiles"));
    let empty = "DELETE FROM user_profiles WHERE admin_id IS NOT NULL; DELETE FROM user_profiles; DELETE FROM auth.users";
    database.superuser().batch_execute(empty).unwrap();
    let protect =
        "CREATE TABLE public.mine (id integer PRIMARY KEY); SELECT teamwork.protect_table('public.mine')";
    database.superuser().batch_execute(protect).unwrap();
    drops.iter().for_each(|drop| is_refused(&mut database.superuser(), drop, "1 protected table of yours"));
    let mut owner = database.superuser();
    owner
        .batch_execute("BEGIN; SET LOCAL teamwork.allow_drop = on; DROP SCHEMA app CASCADE; ROLLBACK")
        .unwrap();
    is_refused(&mut owner, "DROP EXTENSION teamwork CASCADE", "1 protected table of yours");
    owner.batch_execute("DROP TABLE public.mine; DROP EXTENSION teamwork").expect("nothing is lost");
}

#[test]
fn no_drop_takes_team_data_along_unless_it_is_allowed() {
    guards_drops(fixture::shared(), "guarded");
}

#[test]
fn no_drop_takes_team_data_along_where_the_library_is_not_preloaded() {
    let cluster = fixture::server_without_engine("guard-lazy", &[]);
    guards_drops(&cluster, "guarded");
}

#[test]
fn an_ordinary_role_drops_its_own_schema() {
    let database = Database::create(fixture::shared(), "own_schema");
    database.team(1);
    let sql = "CREATE ROLE own_schema_user; GRANT CREATE ON DATABASE own_schema TO own_schema_user; SET ROLE own_schema_user;
        CREATE SCHEMA mine; CREATE TABLE mine.t (id integer); DROP SCHEMA mine CASCADE; CREATE TEMP TABLE t (id integer); DROP TABLE t";
    database.superuser().batch_execute(sql).expect("the guard is not asked");
}
