//! A dump, restored, is the same database: every row, sequence, policy and protected table; and it works.

mod shop;

use crate::fixture::{self, Database, TIMEOUT, eventually, outcome, submit};
use crate::guide;
use postgres::Client;
use shop::{add_keys_within_a_team, contents, fill, works};
use std::time::Duration;
use xtask::cluster::Cluster;
use xtask::process;

/// Ways that are not in the guide: command lines that make and fill the database `$1` from `shop`.
const OTHER_WAYS: [(&str, &str); 4] = [
    (
        "shop_inserts",
        "pg_dump --inserts --file=i.sql shop; createdb shop_inserts; psql -Xq -v ON_ERROR_STOP=1 -d shop_inserts -f i.sql",
    ),
    (
        "shop_data",
        "createdb shop_data; pg_restore --schema-only -d shop_data shop.dump; pg_restore --data-only -d shop_data shop.dump",
    ),
    (
        "shop_disabled",
        "createdb shop_disabled; pg_restore --schema-only -d shop_disabled shop.dump
         pg_restore --data-only --disable-triggers -d shop_disabled shop.dump",
    ),
    (
        "shop_columns",
        "pg_dump --data-only --column-inserts --file=c.sql shop; createdb shop_columns
         psql -Xq -v ON_ERROR_STOP=1 -d shop_columns -f schema.sql; psql -Xq -v ON_ERROR_STOP=1 -d shop_columns -f c.sql",
    ),
];

/// Runs a command line with PostgreSQL's programs, in the cluster's directory.
fn shell(cluster: &Cluster, line: &str) {
    let programs = cluster.prefix().program("psql");
    let path = format!("{}:/usr/bin:/bin", programs.parent().expect("programs have a directory").display());
    let dir = cluster.socket_dir();
    let mut shell = cluster.place().account().command("sh");
    shell.env("PATH", path).env("PGHOST", dir).env("PGPORT", "5432").env("PGUSER", "postgres");
    shell.current_dir(dir).arg("-ec").arg(line);
    process::read(&mut shell).unwrap_or_else(|error| panic!("{line}: {error:#}"));
}

fn every_way_keeps_everything(name: &str, schema: &str) {
    let cluster = fixture::server_with(name, &[("teamwork.enabled", "off")]);
    cluster.psql("postgres", "CREATE DATABASE shop").unwrap();
    let set_up = format!(
        "CREATE SCHEMA IF NOT EXISTS {schema}; ALTER DATABASE shop SET search_path = {schema}, public;
         CREATE EXTENSION teamwork SCHEMA {schema}"
    );
    cluster.psql("shop", &set_up).unwrap();
    let database = |name: &str| Database { cluster: &cluster, name: name.to_owned() };
    let shop = database("shop");
    fill(&shop);
    add_keys_within_a_team(&shop);
    let original = contents(&shop);
    guide::blocks(&guide::read("docs/backup.md"), "sh").iter().for_each(|block| shell(&cluster, block));
    OTHER_WAYS.iter().for_each(|(_, line)| shell(&cluster, line));
    let copies = ["shop_copy", "shop_sql", "shop_rows", "shop_jobs"].into_iter();
    let copies: Vec<_> = copies.chain(OTHER_WAYS.iter().map(|(copy, _)| *copy)).collect();
    for copy in &copies {
        let restored = contents(&database(copy));
        let lost: Vec<_> = original.iter().filter(|line| !restored.contains(line)).collect();
        let new: Vec<_> = restored.iter().filter(|line| !original.contains(line)).collect();
        assert!(restored == original, "{copy}: lost {lost:#?}, new {new:#?}");
    }
    cluster.psql("postgres", "ALTER SYSTEM SET teamwork.enabled = on").unwrap();
    cluster.psql("postgres", "SELECT pg_reload_conf()").unwrap();
    for copy in copies {
        // pg_dump leaves the settings of a database to pg_dump --create.
        let sql = format!("ALTER DATABASE {copy} SET search_path = {schema}, public");
        cluster.psql("postgres", &sql).unwrap();
        works(&database(copy));
    }
}

#[test]
fn every_way_to_dump_and_restore_keeps_everything_in_public() {
    every_way_keeps_everything("dumps", "public");
}

#[test]
fn every_way_to_dump_and_restore_keeps_everything_in_a_schema_of_its_own() {
    every_way_keeps_everything("dumps-app", "app");
}

#[test]
fn rows_are_restored_into_a_table_that_was_protected_anew() {
    let cluster = fixture::server_with("dumps-fresh", &[("teamwork.enabled", "off")]);
    let shop = Database::create(&cluster, "shop");
    fill(&shop);
    let fresh = Database::create(&cluster, "fresh");
    let table = "CREATE SCHEMA warehouse;
        CREATE TABLE warehouse.shelves (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text, place text);
        SELECT teamwork.protect_table('warehouse.shelves')";
    fresh.superuser().batch_execute(table).unwrap();
    shell(&cluster, "pg_dump --data-only shop | psql -Xq -v ON_ERROR_STOP=1 -d fresh");
    let registered = "SELECT count(*) FROM teamwork.protections WHERE key_columns = '{label}'";
    assert_eq!(fresh.count(registered), 1);
    assert_eq!(fresh.count("SELECT count(*) FROM warehouse.shelves"), 2);
}

#[test]
fn no_job_starts_until_the_session_that_restores_has_ended() {
    let database = Database::create(fixture::shared(), "restoring");
    let team = database.team(1);
    let submit_row = |client: &mut Client, status: &str| {
        let sql = format!(
            r#"INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, file_data, submitted_as, status, lease, attempts)
               VALUES ('{}', '{}', 'import', 'inventory', '{{"records": [{{"sku": "{status}", "name": "Lamp"}}]}}', 'authenticated', '{status}', 1000, 1)
               RETURNING id::text"#,
            team.admin, team.manager
        );
        client.query_one(&sql, &[]).expect("the row is restored").get::<_, String>(0)
    };
    let mut restorer = database.superuser();
    restorer.batch_execute("SET row_security = off; SET check_function_bodies = off").unwrap();
    let jobs = [submit_row(&mut restorer, "pending"), submit_row(&mut restorer, "processing")];
    std::thread::sleep(Duration::from_millis(2_500));
    let started =
        "SELECT count(*) FROM scheduled_jobs WHERE status IN ('completed', 'failed') OR attempts > 1";
    assert_eq!(database.count(started), 0);
    drop(restorer);
    let mut manager = database.login(&team.manager);
    for job in jobs {
        assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    }
}

#[test]
fn a_member_cannot_pretend_to_restore() {
    let database = Database::create(fixture::shared(), "pretending");
    let team = database.team(1);
    database.superuser().batch_execute("CREATE ROLE idler LOGIN IN ROLE authenticated").unwrap();
    let mut idler = database.cluster.connect(&database.name, "idler").unwrap();
    let pretence =
        "SET row_security = off; SET check_function_bodies = off; SELECT pg_advisory_lock(1952939891, 1)";
    idler.batch_execute(pretence).unwrap();
    let mut manager = database.login(&team.manager);
    let job = submit(&mut manager, "sku,name\nA1,Lamp\n");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert!(!idler.query_one("SELECT teamwork.restoring()", &[]).unwrap().get::<_, bool>(0));
}

/// Each change that CREATE EXTENSION undoes, and the kind by which doctor() calls it.
const CHANGES: [(&str, &str); 6] = [
    ("policy", r#"CREATE POLICY "by day" ON staff AS RESTRICTIVE USING (true)"#),
    ("trigger", "CREATE TRIGGER pass AFTER UPDATE ON transactions EXECUTE FUNCTION pass()"),
    ("index", "CREATE INDEX ON inventory (barcode)"),
    ("constraint", "ALTER TABLE inventory ADD CONSTRAINT has_name CHECK (name <> '')"),
    ("default", "ALTER TABLE staff ALTER position SET DEFAULT 'cook'"),
    ("constraint", "ALTER TABLE inventory DROP CONSTRAINT inventory_quantity_check"),
];

#[test]
fn what_a_dump_would_lose_of_the_extensions_tables_is_lost_and_named() {
    let cluster = fixture::server_with("dumps-changed", &[("teamwork.enabled", "off")]);
    let shop = Database::create(&cluster, "shop");
    let pass = "CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'";
    shop.superuser().batch_execute(pass).unwrap();
    let untouched = contents(&shop);
    for (kind, change) in CHANGES {
        shop.superuser().batch_execute(change).unwrap();
        let named = format!(
            "SELECT count(*) FROM teamwork.doctor() WHERE check_name = 'dump' AND detail ~ 'will not carry (that )?the {kind} '"
        );
        assert!(shop.count(&named) > 0, "{change}");
    }
    shell(&cluster, "pg_dump -f c.sql shop; createdb copy; psql -Xq -v ON_ERROR_STOP=1 -d copy -f c.sql");
    let copy = Database { cluster: &cluster, name: "copy".to_owned() };
    assert!(contents(&copy) == untouched, "a restore makes the extension's tables as the script says");
    assert_eq!(
        copy.count("SELECT count(*) FROM teamwork.doctor() WHERE check_name = 'dump' AND status <> 'ok'"),
        0
    );
}

#[test]
fn a_column_added_to_a_table_of_the_extension_brings_a_warning() {
    let cluster = fixture::shared();
    let database = Database::create(cluster, "columns");
    let (sender, notices) = std::sync::mpsc::channel();
    let mut config: postgres::Config = cluster.connection_string(&database.name, "postgres").parse().unwrap();
    config.notice_callback(move |notice| drop(sender.send(notice.message().to_owned())));
    let mut client = config.connect(postgres::NoTls).unwrap();
    let harmless = "CREATE TABLE mine (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY); ALTER TABLE mine ADD COLUMN color text;
        SELECT teamwork.protect_table('mine'), teamwork.protect_table('transactions');
        ALTER TABLE inventory ALTER name SET STATISTICS 500; DROP EXTENSION teamwork CASCADE; CREATE EXTENSION teamwork";
    client
        .batch_execute(&format!(
            "SET teamwork.allow_drop = on; SET client_min_messages = warning; {harmless}"
        ))
        .unwrap();
    client.batch_execute("ALTER TABLE inventory ADD COLUMN color text").unwrap();
    let warning = notices.recv_timeout(TIMEOUT).expect("a warning is sent");
    assert_eq!(warning, "pg_dump will not carry column \"color\" of table inventory");
    client.batch_execute("ALTER TABLE inventory DROP COLUMN color").unwrap();
    eventually("nothing else is said", || notices.try_recv().is_err());
}
