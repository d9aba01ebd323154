//! The files that bulk imports enlarge by themselves: of other tablespaces, of tables over a gigabyte, of unlogged tables, and on a disk
//! that is full.

use crate::bulk::in_bulk;
use crate::fixture::{self, Database, outcome};
use crate::soundness::assert_sound;
use postgres::Client;
use std::process::Command;
use xtask::cluster::{SmallDisk, StopMode};
use xtask::process;

const PAGE: u64 = 8_192;
/// Pages of a gigabyte (`RELSEG_SIZE`), after which a table has another file.
const PAGES_OF_A_FILE: u64 = 131_072;

const ROWS: &str = "SELECT count(*) FROM boxes";

/// The table is made by the rest of the statement.
fn make(database: &Database, rest: &str) {
    let sql = format!("CREATE {rest}; SELECT teamwork.protect_table('boxes'); CREATE INDEX ON boxes (name)");
    database.superuser().batch_execute(&sql).unwrap();
}

/// Of over 100 bytes a row.
fn submit(client: &mut Client, prefix: &str, rows: u32) -> String {
    let rows = (0..rows).map(|n| format!("{prefix}{n:0100},{n}\n"));
    let file: String = std::iter::once("name,n\n".to_owned()).chain(rows).collect();
    client
        .query_one("SELECT create_background_import_job('boxes', csv => $1)::text", &[&file])
        .unwrap()
        .get(0)
}

#[test]
fn rows_go_on_in_the_next_file_of_a_table_in_another_tablespace() {
    let cluster = fixture::server("segments");
    let database = Database::create(&cluster, "segments");
    let manager = database.team(1).manager;
    let mut superuser = database.superuser();
    superuser.batch_execute("SET allow_in_place_tablespaces = on").unwrap();
    superuser.batch_execute("CREATE TABLESPACE aside LOCATION ''").unwrap();
    make(&database, "TABLE boxes (id bigserial, name text, n integer) TABLESPACE aside");
    let job = submit(&mut database.login(&manager), "a", 4_000);
    assert_eq!(in_bulk(&mut database.login(&manager), &job), 4_000);
    let file: String = superuser.query_one("SELECT pg_relation_filepath('boxes')", &[]).unwrap().get(0);
    drop(superuser);
    // As a table looks whose last pages nobody has used yet; the file system has none of them.
    cluster.stop(StopMode::Fast).unwrap();
    let mut enlarge: Command = cluster.place().account().command("truncate");
    let bytes = (PAGES_OF_A_FILE - 20) * PAGE;
    process::read(enlarge.arg(format!("--size={bytes}")).arg(cluster.data().join(&file))).unwrap();
    cluster.start_again().unwrap();
    let job = submit(&mut database.login(&manager), "b", 30_000);
    assert_eq!(in_bulk(&mut database.login(&manager), &job), 30_000);
    let pages = database.count("SELECT pg_relation_size('boxes') / 8192");
    assert!(pages > PAGES_OF_A_FILE as i64 + 100, "{pages} pages");
    assert!(cluster.data().join(file + ".1").exists());
    assert_sound(&database, "boxes");
    cluster.stop(StopMode::Immediate).unwrap();
    cluster.start_again().unwrap();
    assert_eq!(database.count(ROWS), 34_000);
    assert_sound(&database, "boxes");
}

#[test]
fn rows_of_an_unlogged_table_are_its_own_until_a_crash() {
    let cluster = fixture::server("unlogged");
    let database = Database::create(&cluster, "unlogged");
    let mut manager = database.login(&database.team(1).manager);
    make(&database, "UNLOGGED TABLE boxes (id bigserial, name text, n integer)");
    let before = database.count("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint");
    let job = submit(&mut manager, "a", 20_000);
    assert_eq!(in_bulk(&mut manager, &job), 20_000);
    let written = database.count("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint") - before;
    let size = database.count("SELECT pg_total_relation_size('boxes')");
    // The file itself is in a logged table.
    assert!(written < 2 * size, "{written} bytes of the log for {size} of the table");
    assert_sound(&database, "boxes");
    cluster.restart().unwrap();
    assert_eq!(database.count(ROWS), 20_000);
    cluster.stop(StopMode::Immediate).unwrap();
    cluster.start_again().unwrap();
    assert_eq!(database.count(ROWS), 0);
    let mut manager = database.login(&fixture::id(1, 1));
    let job = submit(&mut manager, "b", 20_000);
    assert_eq!(in_bulk(&mut manager, &job), 20_000);
    assert_sound(&database, "boxes");
}

#[test]
fn a_full_disk_refuses_the_import_and_harms_nothing() {
    let disk = SmallDisk::mount("full", 16 << 20).expect("a small disk");
    let cluster = fixture::server("full-disk");
    let database = Database::create(&cluster, "full_disk");
    let mut manager = database.login(&database.team(1).manager);
    let tablespace = format!("CREATE TABLESPACE small LOCATION '{}'", disk.dir().display());
    database.superuser().batch_execute(&tablespace).unwrap();
    make(&database, "TABLE boxes (id bigserial, name text, n integer) TABLESPACE small");
    let job = submit(&mut manager, "a", 4_000);
    assert_eq!(in_bulk(&mut manager, &job), 4_000);
    // Or VACUUM would find no room for its maps later.
    database.superuser().batch_execute("VACUUM boxes").unwrap();
    // What can heal is tried again and again.
    manager.batch_execute("BEGIN").unwrap();
    let job = submit(&mut manager, "b", 200_000);
    manager.batch_execute("RESET ROLE").unwrap();
    let once = format!(
        "UPDATE scheduled_jobs SET max_attempts = 1 WHERE id = '{job}'; COMMIT; SET ROLE authenticated"
    );
    manager.batch_execute(&once).unwrap();
    let (status, message) = outcome(&mut manager, &job);
    let message = message.unwrap_or_default();
    assert!(status == "failed" && message.contains("No space left on device"), "{status}: {message}");
    assert_eq!(database.count(ROWS), 4_000);
    assert_sound(&database, "boxes");
    // What it has left behind is free again.
    database.superuser().batch_execute("VACUUM boxes").unwrap();
    let job = submit(&mut manager, "c", 4_000);
    assert_eq!(in_bulk(&mut manager, &job), 4_000);
    assert_eq!(database.count(ROWS), 8_000);
    assert_sound(&database, "boxes");
}
