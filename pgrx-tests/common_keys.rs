//! Foreign keys in which all rows of an import have the same value, proved once where rows go by statements.

use crate::bulk::in_bulk;
use crate::fixture::{self, Database};
use crate::triggers::{AFTER_INSERT, database, everywhere, import, parcels, refused};
use postgres::Client;
use postgres::error::SqlState;

/// Rows that go by statements, in a table whose owners, teams and jobs are foreign keys of accounts.
fn by_statements(name: &str, trigger: &str, body: &str) -> (Database<'static>, Client) {
    let (database, manager) = database(name, trigger, body);
    let sql = "CREATE INDEX ON parcels (lower(name)); CREATE TABLE accounts AS SELECT id FROM auth.users;
               ALTER TABLE accounts ADD PRIMARY KEY (id); GRANT SELECT, DELETE ON accounts TO authenticated;
               ALTER TABLE parcels ADD CONSTRAINT opened FOREIGN KEY (owner_id) REFERENCES accounts";
    database.superuser().batch_execute(sql).unwrap();
    (database, manager)
}

#[test]
fn keys_that_all_rows_have_in_common_are_proved_once_also_by_statements() {
    let body = "IF NEW.name LIKE '%length 3999' THEN PERFORM pg_advisory_xact_lock_shared(7); END IF;";
    let (database, mut manager) = by_statements("triggers_common", AFTER_INSERT, body);
    let mut superuser = database.superuser();
    superuser.batch_execute("SELECT pg_advisory_lock(7)").unwrap();
    let before =
        database.count("SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'accounts'");
    let job = import(&mut manager, &parcels(4_000, everywhere), "{}");
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";
    fixture::eventually("the last trigger waits", || database.count(waits) == 1);
    let take = format!("SELECT FROM accounts WHERE id = '{}' FOR UPDATE NOWAIT", fixture::id(1, 1));
    let error = superuser.batch_execute(&take).unwrap_err();
    assert_eq!(fixture::code(&error), SqlState::LOCK_NOT_AVAILABLE);
    superuser.batch_execute("SELECT pg_advisory_unlock(7)").unwrap();
    assert_eq!(in_bulk(&mut manager, &job), 0);
    let after =
        database.count("SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'accounts'");
    assert!(after - before < 100, "{before} scans have become {after}");
    superuser
        .batch_execute(&format!("DELETE FROM accounts WHERE id = '{}'", fixture::id(1, 1)))
        .expect_err("it has parcels");
}

#[test]
fn keys_that_a_trigger_may_change_are_checked_row_by_row() {
    let body = "IF TG_WHEN = 'BEFORE' AND NEW.name LIKE '%7' THEN NEW.owner_id := gen_random_uuid(); END IF; RETURN NEW;";
    let (database, mut manager) =
        by_statements("triggers_changing", "CREATE TRIGGER hear BEFORE INSERT ON parcels", body);
    // What keeps members from choosing an owner would refuse the rows first.
    database
        .superuser()
        .batch_execute("ALTER POLICY \"team members add rows as themselves\" ON parcels WITH CHECK (true)")
        .unwrap();
    let job = import(&mut manager, &parcels(4_000, everywhere), "{}");
    assert_eq!(in_bulk(&mut manager, &job), 0);
    assert_eq!(refused(&mut manager, &job, "23503").len(), 400);
    let orphans =
        "SELECT count(*) FROM parcels p WHERE NOT EXISTS (SELECT FROM accounts a WHERE a.id = p.owner_id)";
    assert_eq!(database.count(orphans), 0);
}

#[test]
fn statements_of_a_trigger_check_every_key() {
    // A row that refers to an account which does not exist, inserted by what another row's trigger does.
    let body = "IF NEW.name LIKE '%length 3999' THEN INSERT INTO parcels (name, owner_id) VALUES ('by a trigger', gen_random_uuid()); END IF;";
    let (database, mut manager) = by_statements("triggers_nested", AFTER_INSERT, body);
    database.superuser().batch_execute("ALTER FUNCTION hear() SECURITY DEFINER").unwrap();
    let job = import(&mut manager, &parcels(4_000, everywhere), "{}");
    assert_eq!(in_bulk(&mut manager, &job), 0);
    assert_eq!(refused(&mut manager, &job, "23503"), [4_001]);
    assert_eq!(database.count("SELECT count(*) FROM parcels WHERE name = 'by a trigger'"), 0);
}
