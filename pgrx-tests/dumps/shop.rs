//! The database that is dumped: what is in it, and how one sees that it works.

use crate::fixture::{self, Database, id, outcome, submit};
use postgres::Client;
use postgres::error::SqlState;

/// Everything that a dump shall keep, as text.
pub fn contents(database: &Database) -> Vec<String> {
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
pub fn fill(database: &Database) {
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
pub fn add_keys_within_a_team(database: &Database) {
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
pub fn works(database: &Database) {
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
