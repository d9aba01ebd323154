//! A dump, restored, is the same database: every row, sequence, policy and protected table; and it works.

use crate::fixture::{self, Database, TIMEOUT, eventually, id, outcome, submit};
use crate::guide;
use postgres::Client;
use postgres::error::SqlState;
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

/// Everything that a dump shall keep, as text.
fn contents(database: &Database) -> Vec<String> {
    let mut client = database.superuser();
    client.batch_execute("SET search_path = pg_catalog").unwrap();
    let user_schema = "c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'";
    let rows = format!(
        "SELECT format('SELECT %L || count(*) || coalesce(md5(string_agg(t::text, E''\\n'' ORDER BY t::text)), '''') FROM %s t', c.oid::regclass, c.oid::regclass)
         FROM pg_class c WHERE relkind = 'r' AND {user_schema} AND c.oid <> 'teamwork.protections'::regclass ORDER BY c.oid::regclass::text"
    );
    let sequences = format!(
        "SELECT format('SELECT %L || last_value || is_called FROM %s', c.oid::regclass, c.oid::regclass)
         FROM pg_class c WHERE relkind = 'S' AND {user_schema} ORDER BY c.oid::regclass::text"
    );
    let mut contents = Vec::new();
    for list in [rows, sequences] {
        for query in texts(&mut client, &list) {
            contents.extend(texts(&mut client, &query));
        }
    }
    let catalog = [
        // The presets are registered by the script, at its own time.
        "SELECT (target, key_columns, is_preset, CASE WHEN NOT is_preset THEN protected_at END)::text FROM teamwork.protections",
        "SELECT (polrelid::regclass, polname, polcmd, polpermissive, polroles::regrole[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))::text FROM pg_policy",
        "SELECT (pg_get_triggerdef(oid), tgenabled)::text FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0",
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid > 16383 AND indexrelid::regclass::text !~ '^pg_toast'",
        "SELECT (adrelid::regclass, adnum, pg_get_expr(adbin, adrelid))::text FROM pg_attrdef",
        "SELECT (oid::regclass, relrowsecurity, relforcerowsecurity, relacl)::text FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'S') AND oid > 16383",
    ];
    for query in catalog {
        let mut lines = texts(&mut client, query);
        lines.sort();
        contents.extend(lines);
    }
    contents
}

fn texts(client: &mut Client, sql: &str) -> Vec<String> {
    let rows = client.query(sql, &[]).unwrap_or_else(|error| panic!("{error:?}: {sql}"));
    rows.iter().map(|row| row.get(0)).collect()
}

/// A database whose admin's row comes after the members', with limits changed for all and for one, a seat more than the
/// limit, tables of the user's, and a job that was being run.
fn fill(database: &Database) {
    let team = database.team(1);
    let (admin, manager) = (&team.admin, &team.manager);
    let (staff, upload, job) = (id(1, 7), id(9, 1), id(9, 2));
    let sql = format!(
        r#"SELECT teamwork.set_role_limit('staff', 7), teamwork.set_role_limit('manager', 2, '{admin}');
        INSERT INTO user_profiles (id, role, admin_id) VALUES ('{staff}', 'staff', '{admin}'), ('{former}', 'staff', '{admin}');
        UPDATE user_profiles SET is_active = false WHERE id = '{former}';
        UPDATE user_profiles SET full_name = 'Moved to the end' WHERE id = '{admin}';
        SELECT teamwork.set_role_limit('staff', 0, '{admin}');
        INSERT INTO inventory (sku, name, owner_id, admin_id) SELECT 'S' || n, 'Lamp', '{manager}', '{admin}' FROM generate_series(1, 50) n;
        INSERT INTO transactions (amount, owner_id, admin_id) SELECT n, '{manager}', '{admin}' FROM generate_series(1, 50) n;
        CREATE SCHEMA warehouse; GRANT USAGE ON SCHEMA warehouse TO authenticated;
        CREATE TABLE warehouse.shelves (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text, place text DEFAULT 'cellar');
        INSERT INTO warehouse.shelves (label) VALUES ('A'), ('B');
        SELECT teamwork.protect_table('warehouse.shelves', key_columns => ARRAY['label'], backfill_admin => '{admin}');
        INSERT INTO staff (full_name, salary, owner_id, admin_id) VALUES ('Ann', 3000, '{manager}', '{admin}');
        SELECT teamwork.set_table_rule('staff', 'staff', commands => '{{SELECT}}', hidden_columns => '{{salary}}');
        SELECT teamwork.set_table_rule('warehouse.shelves', 'staff', hidden_columns => '{{place}}', commands => '{{SELECT}}');
        INSERT INTO teamwork.uploads (id, organization_id, created_by, bytes) VALUES ('{upload}', '{admin}', '{manager}', 18);
        INSERT INTO teamwork.upload_chunks VALUES ('{upload}', 0, E'sku,name\nX1,Chair\n');
        INSERT INTO scheduled_jobs (id, organization_id, created_by, job_type, data_type, file_data, submitted_as)
        VALUES ('{job}', '{admin}', '{manager}', 'import', 'inventory', '{{"upload_id": "{upload}"}}', 'authenticated');
        UPDATE scheduled_jobs SET status = 'processing', attempts = 1, lease = nextval('teamwork.lease'), started_at = now();
        INSERT INTO scheduled_job_errors (job_id, line, code, message) VALUES ('{job}', 2, '22P02', 'no number');
        INSERT INTO scheduled_jobs (id, organization_id, created_by, job_type, data_type, submitted_as) VALUES ('{export}', '{admin}', '{manager}', 'export', 'inventory', 'authenticated');
        UPDATE scheduled_jobs SET status = 'completed', completed_at = now() WHERE id = '{export}';
        INSERT INTO teamwork.export_chunks (job_id, ordinal, data) VALUES ('{export}', 1, E'sku\nS1\n');
        SELECT teamwork.save_mapping('{admin}', 'inventory', ARRAY['No', 'What'], '{{"No": "sku", "What": "name"}}', '{manager}');
        INSERT INTO teamwork.import_changes (job_id, inserted, before) VALUES ('{job}', '[{{"id": 1}}]', '[{{"id": 2,  "name": "Lamp"}}]');
        INSERT INTO teamwork.undo_leftovers (job_id, row_key, reason) VALUES ('{job}', '{{"id": 3}}', 'gone');
        INSERT INTO teamwork.invitations (admin_id, email, role, token_hash, expires_at, is_bound)
        VALUES ('{admin}', 'x@example.com', 'staff', 'hash', now(), true);
        INSERT INTO auth.users (id) VALUES ('{gone}'); DELETE FROM auth.users WHERE id = '{gone}'"#,
        former = id(1, 8),
        gone = id(1, 6),
        export = id(9, 3),
    );
    database.superuser().batch_execute(&sql).expect("the shop is filled");
}

/// Tables whose keys crossed teams, mended by the statements that protection_drift() gives.
fn add_keys_within_a_team(database: &Database) {
    let (one, other) = (id(1, 0), database.team(3).admin);
    let sql = format!(
        "CREATE TABLE warehouse.transfers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text UNIQUE,
            item bigint REFERENCES inventory ON DELETE SET NULL, shelf integer REFERENCES warehouse.shelves ON DELETE CASCADE);
         CREATE TABLE warehouse.settings (key text PRIMARY KEY, value text);
         SELECT teamwork.protect_table('warehouse.transfers'), teamwork.protect_table('warehouse.settings');
         DO $$ DECLARE fix text; BEGIN FOR fix IN SELECT d.fix FROM teamwork.protection_drift() d LOOP EXECUTE fix; END LOOP; END $$;
         INSERT INTO warehouse.transfers (item, shelf, note, owner_id, admin_id)
         SELECT i.id, s.id, i.sku, '{one}', '{one}' FROM inventory i, warehouse.shelves s WHERE s.label = 'A';
         INSERT INTO warehouse.settings (key, owner_id, admin_id) VALUES ('theme', '{one}', '{one}'), ('theme', '{other}', '{other}')"
    );
    database.superuser().batch_execute(&sql).expect("the keys are mended");
}

/// Nothing has drifted, quotas hold, the job that was being run is finished, a new one runs, and no id is given twice.
fn works(database: &Database) {
    assert_eq!(database.count("SELECT count(*) FROM teamwork.protection_drift()"), 0, "{}", database.name);
    let refused = database
        .login(&id(1, 0))
        .batch_execute(&format!("SELECT create_team_member('s@example.com', 'S', 'staff', '{}')", id(1, 9)))
        .expect_err("the admin's own limit is in force");
    assert_eq!(fixture::code(&refused), SqlState::CHECK_VIOLATION);
    let mut other_admin = database.login(&database.team(2).admin);
    for person in 11..18 {
        let member = id(2, person);
        other_admin
            .batch_execute(&format!(
                "SELECT create_team_member('s{person}@example.com', 'S', 'staff', '{member}')"
            ))
            .expect("the changed default is in force");
    }
    let mut manager = database.login(&id(1, 1));
    assert_eq!(outcome(&mut manager, &id(9, 2)), ("completed".into(), None), "{}", database.name);
    let job = submit(&mut manager, "sku,name\nX2,Table\n");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None), "{}", database.name);
    manager.batch_execute("INSERT INTO warehouse.shelves (label) VALUES ('C')").unwrap();
    assert_eq!(fixture::number(&mut manager, "SELECT count(*) FROM inventory"), 52);
    let mapped = submit(&mut manager, "No,What\nX3,Lamp\n");
    assert_eq!(outcome(&mut manager, &mapped), ("completed".into(), None), "{}", database.name);
    let downloaded = format!("SELECT length(download_export('{}'))::bigint", id(9, 3));
    assert_eq!(fixture::number(&mut manager, &downloaded), 7);
    let mut staff = database.login(&id(1, 7));
    for hidden in ["staff WHERE salary IS NOT NULL", "warehouse.shelves WHERE place IS NOT NULL"] {
        assert_eq!(fixture::number(&mut staff, &format!("SELECT count(*) FROM {hidden}")), 0);
    }
    assert_eq!(fixture::number(&mut staff, "SELECT count(*) FROM staff"), 1);
    assert!(
        staff.batch_execute("INSERT INTO warehouse.shelves (label) VALUES ('D')").is_err(),
        "a rule forbids it"
    );
    let mut stranger = database.login(&id(2, 0));
    assert_eq!(fixture::number(&mut stranger, "SELECT count(*) FROM warehouse.shelves"), 0);
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
