//! Triggers after each row, and foreign keys, of tables whose rows go in bulk: what they see, refuse and do is what it would be
//! of an INSERT.

use crate::bulk::in_bulk;
use crate::fixture::{self, Database, number, outcome};
use postgres::Client;
use postgres::error::SqlState;

/// A table of parcels, and a log that everybody may write to.
const PARCELS: &str = "
CREATE TABLE shops (number integer PRIMARY KEY);
INSERT INTO shops SELECT generate_series(0, 99);
CREATE TABLE parcels (id bigserial PRIMARY KEY, name text NOT NULL, shop integer, sent date);
SELECT teamwork.protect_table('parcels');
CREATE TABLE log (parcel bigint, entry text);
GRANT SELECT, INSERT, DELETE ON log TO authenticated";

/// `rows` parcels, over 64 KiB from 3,000 on; `shop` says where each is from.
pub fn parcels(rows: u32, shop: impl Fn(u32) -> u32) -> String {
    let line = |n: u32| format!("a parcel of some length {n},{},2024-02-03\n", shop(n));
    std::iter::once("name,shop,sent\n".to_owned()).chain((0..rows).map(line)).collect()
}

pub fn everywhere(n: u32) -> u32 {
    n % 100
}

/// With a trigger of that body, called `hear`, made by the rest of the statement.
pub fn database(name: &str, trigger: &str, body: &str) -> (Database<'static>, Client) {
    let database = Database::create(fixture::shared(), name);
    let manager = database.login(&database.team(1).manager);
    let mut superuser = database.superuser();
    superuser.batch_execute(PARCELS).unwrap();
    superuser
        .batch_execute(&format!(
            "CREATE FUNCTION hear() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$;
             {trigger} FOR EACH ROW EXECUTE FUNCTION hear()"
        ))
        .unwrap();
    (database, manager)
}

pub const AFTER_INSERT: &str = "CREATE TRIGGER hear AFTER INSERT ON parcels";

pub fn import(client: &mut Client, file: &str, options: &str) -> String {
    let sql = "SELECT create_background_import_job('parcels', csv => $1, options => $2::text::jsonb)::text";
    client.query_one(sql, &[&file, &options]).expect("the job is accepted").get(0)
}

/// The lines that the database refused with this SQLSTATE.
pub fn refused(client: &mut Client, job: &str, code: &str) -> Vec<i64> {
    let sql = "SELECT line::bigint FROM scheduled_job_errors WHERE job_id = $1::text::uuid AND code = $2 ORDER BY 1";
    client.query(sql, &[&job, &code]).unwrap().iter().map(|row| row.get(0)).collect()
}

#[test]
fn a_trigger_fires_once_a_row_as_the_creator_and_sees_all_rows() {
    let body = "INSERT INTO log VALUES (NEW.id, concat_ws(' ', current_user, auth.uid(), TG_OP, TG_WHEN, NEW.name, NEW.sent,
                    currval('parcels_id_seq') >= NEW.id, (SELECT p.name FROM parcels p WHERE p.id = NEW.id)));";
    let (database, mut manager) = database("triggers_fire", AFTER_INSERT, body);
    let elsewhere = "ALTER DATABASE triggers_fire SET datestyle = 'German'";
    database.superuser().batch_execute(elsewhere).unwrap();
    let job = import(&mut manager, &parcels(30_000, everywhere), "{}");
    assert_eq!(in_bulk(&mut manager, &job), 30_000);
    let entries = format!(
        "SELECT count(*) FROM log JOIN parcels p ON p.id = log.parcel
         WHERE entry = concat_ws(' ', 'authenticated', '{}', 'INSERT AFTER', p.name, '2024-02-03 t', p.name)",
        fixture::id(1, 1)
    );
    assert_eq!((database.count(&entries), database.count("SELECT count(*) FROM log")), (30_000, 30_000));
}

#[test]
fn triggers_fire_as_they_are_enabled_and_where_their_condition_holds() {
    let body = "INSERT INTO log VALUES (NEW.id, TG_NAME);";
    let (database, mut manager) = database("triggers_enabled", AFTER_INSERT, body);
    let mut superuser = database.superuser();
    for (name, condition) in
        [("off", "true"), ("replica", "true"), ("always", "true"), ("few", "NEW.name LIKE '%00'")]
    {
        let sql = format!(
            "CREATE TRIGGER {name} AFTER INSERT OR UPDATE ON parcels FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION hear()"
        );
        superuser.batch_execute(&sql).unwrap();
    }
    superuser
        .batch_execute(
            "ALTER TABLE parcels DISABLE TRIGGER off, ENABLE REPLICA TRIGGER replica, ENABLE ALWAYS TRIGGER always",
        )
        .unwrap();
    let job = import(&mut manager, &parcels(4_000, everywhere), "{}");
    assert_eq!(in_bulk(&mut manager, &job), 4_000);
    let fired = "SELECT string_agg(entry || ' ' || n, ', ' ORDER BY entry) FROM (SELECT entry, count(*) n FROM log GROUP BY 1) t";
    let fired: String = superuser.query_one(fired, &[]).unwrap().get(0);
    assert_eq!(fired, "always 4000, few 39, hear 4000");
}

#[test]
fn a_trigger_that_raises_refuses_its_rows_and_their_effects() {
    let body = "INSERT INTO log VALUES (NEW.id, NEW.name);
                IF NEW.name LIKE '%1234' THEN RAISE 'too heavy' USING ERRCODE = '22023'; END IF;";
    let (database, mut manager) = database("triggers_raise", AFTER_INSERT, body);
    let job = import(&mut manager, &parcels(40_000, everywhere), "{}");
    let bulk = in_bulk(&mut manager, &job);
    assert!(bulk < 40_000, "{bulk} in bulk");
    assert_eq!(refused(&mut manager, &job, "22023"), [1_236, 11_236, 21_236, 31_236]);
    assert_eq!(database.count("SELECT count(*) FROM log JOIN parcels ON id = parcel"), 39_996);
    assert_eq!(database.count("SELECT count(*) FROM log"), 39_996);
}

#[test]
fn a_foreign_key_refuses_rows_without_their_parents_and_lets_the_rest_go_in_bulk() {
    let (database, mut manager) = database("triggers_keys", AFTER_INSERT, "");
    let mut superuser = database.superuser();
    superuser.batch_execute("ALTER TABLE parcels ADD FOREIGN KEY (shop) REFERENCES shops").unwrap();
    let good = import(&mut manager, &parcels(30_000, everywhere), "{}");
    assert_eq!(in_bulk(&mut manager, &good), 30_000);
    let lost = |n: u32| if n == 2_999 { 100 } else { everywhere(n) };
    let job = import(&mut manager, &parcels(30_000, lost), "{}");
    in_bulk(&mut manager, &job);
    assert_eq!(refused(&mut manager, &job, "23503"), [3_001]);
    assert_eq!(database.count("SELECT count(*) FROM parcels"), 59_999);
    let parents = "DELETE FROM shops WHERE number = 7";
    assert!(superuser.batch_execute(parents).is_err(), "the key holds from the other side too");
}

#[test]
fn a_foreign_key_holds_against_who_removes_its_parents() {
    // What an import has proved at once, a trigger of the same import takes away again.
    let body = "IF NEW.name LIKE '%1234' THEN DELETE FROM shops WHERE number = 99 - NEW.shop; END IF;";
    let (database, mut manager) = database("triggers_parents", AFTER_INSERT, body);
    let mut superuser = database.superuser();
    superuser.batch_execute("GRANT SELECT, DELETE ON shops TO authenticated").unwrap();
    for action in ["RESTRICT", "NO ACTION", "CASCADE"] {
        let key = format!(
            "TRUNCATE parcels; ALTER TABLE parcels DROP CONSTRAINT IF EXISTS held,
             ADD CONSTRAINT held FOREIGN KEY (shop) REFERENCES shops ON DELETE {action}"
        );
        superuser.batch_execute(&key).unwrap();
        let job = import(&mut manager, &parcels(4_000, everywhere), "{}");
        in_bulk(&mut manager, &job);
        let orphans =
            "SELECT count(*) FROM parcels p WHERE NOT EXISTS (SELECT FROM shops s WHERE s.number = p.shop)";
        assert_eq!(database.count(orphans), 0, "{action}");
        let refusals = refused(&mut manager, &job, "23503");
        assert_eq!(refusals, if action == "CASCADE" { vec![] } else { vec![1_236] }, "{action}");
    }
}

#[test]
fn parents_of_rows_in_bulk_are_held_until_the_import_ends() {
    let body = "IF NEW.name LIKE '%length 3999' THEN PERFORM pg_advisory_xact_lock_shared(7); END IF;";
    let (database, mut manager) = database("triggers_held", AFTER_INSERT, body);
    let mut superuser = database.superuser();
    let team = fixture::id(1, 0);
    superuser
        .batch_execute(&format!(
            "CREATE TABLE aisles (admin_id uuid, number integer, PRIMARY KEY (admin_id, number));
             INSERT INTO aisles SELECT '{team}', generate_series(0, 99);
             ALTER TABLE parcels ADD FOREIGN KEY (admin_id, shop) REFERENCES aisles; SELECT pg_advisory_lock(7)"
        ))
        .unwrap();
    let job = import(&mut manager, &parcels(4_000, everywhere), "{}");
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";
    fixture::eventually("the last trigger waits", || database.count(waits) == 1);
    let take = "SELECT FROM aisles WHERE number = 50 FOR UPDATE NOWAIT";
    let error = superuser.batch_execute(take).unwrap_err();
    assert_eq!(fixture::code(&error), SqlState::LOCK_NOT_AVAILABLE);
    superuser.batch_execute("SELECT pg_advisory_unlock(7)").unwrap();
    assert_eq!(in_bulk(&mut manager, &job), 4_000);
    superuser.batch_execute("DELETE FROM aisles WHERE number = 50").expect_err("it has parcels");
    let job = import(&mut manager, &parcels(4_000, |n| n % 101), "{}");
    in_bulk(&mut manager, &job);
    assert_eq!(refused(&mut manager, &job, "23503").len(), 39);
}

#[test]
fn parents_are_asked_for_once_a_batch_whoever_owns_them() {
    let (database, mut manager) = database("triggers_asked", AFTER_INSERT, "");
    let mut superuser = database.superuser();
    superuser
        .batch_execute(
            "CREATE ROLE shopkeeper; GRANT CREATE ON SCHEMA public TO shopkeeper; ALTER TABLE shops OWNER TO shopkeeper;
             ALTER TABLE shops ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
             ALTER TABLE parcels ADD FOREIGN KEY (shop) REFERENCES shops",
        )
        .unwrap();
    let scans = "SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'shops'";
    let before = database.count(scans);
    let job = import(&mut manager, &parcels(30_000, everywhere), "{}");
    assert_eq!(in_bulk(&mut manager, &job), 30_000);
    fixture::eventually("the statistics are flushed", || database.count(scans) > before);
    let scans = database.count(scans) - before;
    assert!(scans < 1_000, "{scans} scans");
}

#[test]
fn deferred_triggers_fire_before_the_import_ends_as_the_creator() {
    let deferred = "CREATE CONSTRAINT TRIGGER hear AFTER INSERT ON parcels DEFERRABLE INITIALLY DEFERRED";
    let body = "IF NEW.id % 100 = 0 THEN INSERT INTO log VALUES (NEW.id, current_user); END IF;
                IF NEW.id % 10000 = 0 AND (SELECT count(*) FROM parcels) <> 30000 THEN RAISE 'not all are there'; END IF;";
    let (database, mut manager) = database("triggers_deferred", deferred, body);
    let key = "ALTER TABLE parcels ADD FOREIGN KEY (shop) REFERENCES shops DEFERRABLE INITIALLY DEFERRED";
    database.superuser().batch_execute(key).unwrap();
    let job = import(&mut manager, &parcels(30_000, everywhere), "{}");
    assert_eq!(in_bulk(&mut manager, &job), 30_000);
    assert_eq!(database.count("SELECT count(*) FROM log WHERE entry = 'authenticated'"), 300);
    let lost = |n: u32| if n == 2_999 { 100 } else { everywhere(n) };
    let job = import(&mut manager, &parcels(30_000, lost), "{}");
    assert_eq!(outcome(&mut manager, &job).0, "failed");
    assert_eq!(database.count("SELECT count(*) FROM parcels"), 30_000);
    assert_eq!(database.count("SELECT count(*) FROM log"), 300);
}

#[test]
fn an_import_is_cancelled_while_triggers_run_and_leaves_nothing() {
    let (database, mut manager) = database("triggers_cancelled", AFTER_INSERT, "PERFORM pg_sleep(0.1);");
    let job = import(&mut manager, &parcels(4_000, everywhere), "{}");
    let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND backend_type LIKE 'teamwork%'";
    fixture::eventually("a trigger runs", || database.count(sleeps) == 1);
    manager.batch_execute(&format!("SELECT cancel_job('{job}')")).unwrap();
    assert_eq!(outcome(&mut manager, &job).0, "cancelled");
    assert_eq!(database.count("SELECT count(*) FROM parcels"), 0);
}

#[test]
fn what_triggers_saw_go_in_by_parts_is_undone() {
    let body = "IF TG_OP = 'DELETE' THEN DELETE FROM log WHERE parcel = OLD.id;
                ELSE INSERT INTO log VALUES (NEW.id, pg_current_xact_id()); END IF;";
    let trigger = "CREATE INDEX ON log (parcel); CREATE TRIGGER hear AFTER INSERT OR DELETE ON parcels";
    let (database, mut manager) = database("triggers_undone", trigger, body);
    let job = import(&mut manager, &parcels(60_000, everywhere), r#"{"commit_every": 20000}"#);
    assert_eq!(in_bulk(&mut manager, &job), 60_000);
    assert_eq!(database.count("SELECT count(*) FROM log"), 60_000);
    assert!(database.count("SELECT count(DISTINCT entry) FROM log") >= 2, "it has committed in between");
    assert_eq!(number(&mut manager, &format!("SELECT undo_import('{job}')")), 60_000);
    assert_eq!(database.count("SELECT count(*) FROM parcels"), 0);
    assert_eq!(database.count("SELECT count(*) FROM log"), 0);
}
