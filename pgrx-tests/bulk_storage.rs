//! What the bulk path writes by itself, pages of a heap, numbers of a sequence and random ids, where tables, sequences and servers
//! differ.

use crate::fixture::{self, Database, number, outcome, stock, submit};
use crate::soundness::assert_sound;
use postgres::Client;

/// A file of one column.
fn names(count: usize, name: impl Fn(usize) -> String) -> String {
    format!("name\n{}", (0..count).map(|n| name(n) + "\n").collect::<String>())
}

/// Imports a file whose rows all go in bulk.
fn import(client: &mut Client, table: &str, csv: &str) -> String {
    let sql = "SELECT create_background_import_job($1, csv => $2)::text";
    let job: String = client.query_one(sql, &[&table, &csv]).unwrap().get(0);
    assert_eq!(outcome(client, &job), ("completed".into(), None));
    let sql = format!(
        "SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND report ->> 'in_bulk' = report ->> 'lines'"
    );
    assert_eq!(number(client, &sql), 1);
    job
}

fn pages(database: &Database, table: &str) -> i64 {
    database.count(&format!("SELECT pg_relation_size('{table}') / 8192"))
}

#[test]
fn space_that_an_undone_import_has_left_is_used_again() {
    let database = Database::create(fixture::shared(), "gaps");
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, &stock("A", 30_000));
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    // Or VACUUM would make the table smaller.
    manager.batch_execute("INSERT INTO inventory (sku, name) VALUES ('Z', 'The last')").unwrap();
    let before = pages(&database, "inventory");
    assert_eq!(number(&mut manager, &format!("SELECT undo_import('{job}')")), 30_000);
    database.superuser().batch_execute("VACUUM inventory").unwrap();
    let job = submit(&mut manager, &stock("B", 30_000));
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    let after = pages(&database, "inventory");
    assert!(after - before < before / 10, "{before} pages have become {after}");
    assert_sound(&database, "inventory");
}

#[test]
fn pages_are_filled_as_far_as_the_table_wants() {
    let database = Database::create(fixture::shared(), "fillfactor");
    let mut manager = database.login(&database.team(1).manager);
    let mut superuser = database.superuser();
    let file = names(20_000, |n| format!("a row of some length {n}"));
    for fillfactor in [10, 50, 100] {
        let table = format!("f{fillfactor}");
        superuser
            .batch_execute(&format!(
                "CREATE TABLE {table} (name text) WITH (fillfactor = {fillfactor}); SELECT teamwork.protect_table('{table}')"
            ))
            .unwrap();
        import(&mut manager, &table, &file);
        assert_sound(&database, &table);
        let in_bulk = pages(&database, &table);
        // Writes the rows anew, as PostgreSQL does.
        superuser.batch_execute(&format!("VACUUM FULL {table}")).unwrap();
        let rewritten = pages(&database, &table);
        assert!(
            (in_bulk - rewritten).abs() <= 2,
            "{fillfactor} %: {in_bulk} pages in bulk, {rewritten} rewritten"
        );
    }
}

#[test]
fn long_rows_among_short_ones_are_compressed_or_stored_elsewhere() {
    let database = Database::create(fixture::shared(), "long_rows");
    let mut manager = database.login(&database.team(1).manager);
    database
        .superuser()
        .batch_execute("CREATE TABLE notes (name text); SELECT teamwork.protect_table('notes')")
        .unwrap();
    let name = |n: usize| match n % 7 {
        0 => format!("{n}{}", " repeated".repeat(1_000)),
        // Nothing that compresses.
        3 => {
            let mut random = n as u32;
            let mut next = || {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(b'a' + (random >> 24) as u8 % 26)
            };
            (0..3_000).map(|_| next()).collect()
        }
        _ => format!("a short one {n}"),
    };
    import(&mut manager, "notes", &names(5_000, name));
    let sum: usize = (0..5_000).map(|n| name(n).len()).sum();
    assert_eq!(database.count("SELECT sum(length(name)) FROM notes"), sum as i64);
    assert!(
        database.count("SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE relname = 'notes'") > 0
    );
    assert_sound(&database, "notes");
}

#[test]
fn logical_decoding_sees_every_row() {
    let server = fixture::server_with("decoded", &[("wal_level", "logical")]);
    let database = Database::create(&server, "decoded");
    let mut manager = database.login(&database.team(1).manager);
    let slot = "SELECT pg_create_logical_replication_slot('rows', 'test_decoding')";
    database.superuser().batch_execute(slot).unwrap();
    import(&mut manager, "inventory", &stock("A", 5_000));
    let changes = "SELECT count(*) FROM pg_logical_slot_get_changes('rows', NULL, NULL) WHERE data LIKE 'table public.inventory: INSERT:%'";
    assert_eq!(database.count(changes), 5_000);
}

#[test]
fn numbers_go_on_as_their_sequence_does() {
    let database = Database::create(fixture::shared(), "numbers");
    let mut manager = database.login(&database.team(1).manager);
    let sequences = [
        ("up", "INCREMENT BY 3 START WITH 7"),
        ("down", "INCREMENT BY -2 START WITH -5"),
        ("kept", "CACHE 20"),
        ("round", "MINVALUE 1 MAXVALUE 7000 CYCLE"),
    ];
    for (table, options) in sequences {
        database
            .superuser()
            .batch_execute(&format!(
                "CREATE TABLE {table} (number bigint GENERATED BY DEFAULT AS IDENTITY ({options}), name text);
                 SELECT teamwork.protect_table('{table}')"
            ))
            .unwrap();
        import(&mut manager, table, &names(6_000, |n| format!("a row of some length {n}")));
        let next = format!("INSERT INTO {table} (name) VALUES ('by statement') RETURNING number");
        let next = number(&mut manager, &next);
        let given = |sql: &str| database.count(&format!("SELECT {sql} FROM {table}"));
        assert_eq!(given("count(DISTINCT number)"), 6_001, "{table}");
        match table {
            "up" => assert_eq!(
                (given("min(number)"), given("max(number)"), next),
                (7, 7 + 3 * 6_000, 7 + 3 * 6_000)
            ),
            "down" => {
                assert_eq!((given("max(number)"), given("min(number)"), next), (-5, -5 - 2 * 6_000, next))
            }
            _ => assert!(next > 6_000),
        }
    }
    // 7,000 numbers for 12,000 rows.
    import(&mut manager, "round", &names(6_000, |n| format!("another row {n}")));
    assert_eq!(database.count("SELECT count(DISTINCT number) FROM round"), 7_000);
}

#[test]
fn random_ids_are_as_random_as_the_servers_and_undo_finds_their_rows() {
    let database = Database::create(fixture::shared(), "random_ids");
    let mut manager = database.login(&database.team(1).manager);
    let mut superuser = database.superuser();
    superuser
        .batch_execute("CREATE SCHEMA extensions; CREATE EXTENSION \"uuid-ossp\" SCHEMA extensions")
        .unwrap();
    let file = names(20_000, |n| format!("a row of some length {n}"));
    for default in ["gen_random_uuid()", "extensions.uuid_generate_v4()"] {
        superuser
            .batch_execute(&format!(
                "DROP TABLE IF EXISTS things; CREATE TABLE things (name text, id uuid PRIMARY KEY DEFAULT {default});
                 SELECT teamwork.protect_table('things'); CREATE INDEX ON things (admin_id, id)"
            ))
            .unwrap();
        manager.batch_execute("INSERT INTO things (name) VALUES ('by hand')").unwrap();
        let first = import(&mut manager, "things", &file);
        let second = import(&mut manager, "things", &file);
        // A one is as likely as a zero in every bit but those of version and variant.
        let bits = "SELECT count(*) FROM generate_series(0, 127) bit, LATERAL (
                        SELECT avg(get_bit(uuid_send(id), bit)) AS ones FROM things WHERE name <> 'by hand') share
                    WHERE ones BETWEEN 0.475 AND 0.525";
        assert_eq!(database.count(bits), 122);
        let of_version_4 = "SELECT count(*) FROM things WHERE id::text ~ '^.{14}4.{4}[89ab]'";
        assert_eq!(database.count(of_version_4), 40_001);
        assert_sound(&database, "things");
        let trees = "SELECT count(bt_index_parent_check(indexrelid, true, true)::text) FROM pg_index i
                     JOIN pg_class c ON c.oid = i.indexrelid WHERE indrelid = 'things'::regclass AND relam = 403";
        assert!(database.count(trees) >= 2);
        assert_eq!(number(&mut manager, &format!("SELECT undo_import('{first}')")), 20_000);
        assert_eq!(number(&mut manager, &format!("SELECT undo_import('{second}')")), 20_000);
        assert_eq!(database.count("SELECT count(*) FROM things"), 1);
    }
    // Another function of that name may do anything.
    let other =
        "CREATE FUNCTION public.gen_random_uuid() RETURNS uuid LANGUAGE sql VOLATILE AS 'SELECT auth.uid()';
                 ALTER TABLE things ADD COLUMN other uuid DEFAULT public.gen_random_uuid()";
    superuser.batch_execute(other).unwrap();
    let layout = "SELECT count(*) FROM teamwork.table_columns('things') WHERE is_random";
    assert_eq!(database.count(layout), 1);
}
