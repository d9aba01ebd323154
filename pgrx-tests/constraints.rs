//! CHECK and NOT NULL: an import refuses what an INSERT refuses, whoever judges it.

use crate::bulk::in_bulk;
use crate::fixture::{self, Database, number, outcome};
use crate::triggers::refused;
use postgres::Client;

/// A column `v`, values for it, the first of which is good, and whether the database need not be asked. No value of a
/// list has blanks around it: an import takes them off.
struct Case(&'static str, &'static [&'static str], bool);

const CASES: [Case; 24] = [
    Case("integer CHECK (v >= 1 AND v <= 5)", &["1", "0", "5", "6"], true),
    Case("smallint CHECK (v BETWEEN -5 AND -1)", &["-3", "-6", "0", "-5"], true),
    Case("bigint CHECK (v IS NULL OR v > 0)", &["1", "0", "-1"], true),
    Case("integer NOT NULL DEFAULT 7 CHECK (v < 9)", &["8", "9", ""], true),
    Case("integer NOT NULL DEFAULT 7 CHECK (v < 7)", &["6", "7", ""], false),
    Case("numeric(6, 2) CHECK (v > 0)", &["0.01", "0.004", "0.005", "-0.001"], true),
    Case(
        "numeric CHECK (v >= 0 AND v < 10.00)",
        &["9.9999999999999999999999999", "10", "-0.0000001", "-0"],
        true,
    ),
    // What has an exponent is stored by the database.
    Case("numeric CHECK (v <= 0)", &["-1e-30", "1e-30", "0.0e5", "1e200"], false),
    Case("real CHECK (v >= 16777217)", &["16777218", "16777217", "16777216", "NaN"], true),
    Case(
        "double precision CHECK (v < 0 AND v > -5)",
        &["-0.1", "-0", "-5", "-4.999999999999999999999", "NaN"],
        true,
    ),
    Case("numeric CHECK (v < 0.5)", &["0.4", "0.5"], false),
    Case("integer CHECK (v % 2 = 0)", &["2", "3"], false),
    Case(
        "text CHECK (v IN ('glad', 'it''s', 'a, b) AND (c'))",
        &["glad", "Glad", "it's", "gl ad", "a, b) AND (c"],
        true,
    ),
    Case(
        "varchar(9) CHECK (v IN ('glad', 'sad', 'forgotten'))",
        &["sad", "forgotten  ", "s ad", "mad"],
        true,
    ),
    Case("text NOT NULL DEFAULT 'glad' CHECK (v = 'glad' OR v IS NULL)", &["glad", "sad", ""], true),
    Case("text CHECK (v NOT IN ('x', 'y'))", &["z", "x", "X", "y"], true),
    Case("text CHECK (v <> 'x' AND length(v) <= 3)", &["äöü", "x", "xxxx", "äöüß"], true),
    Case("varchar(3) CHECK (char_length(v) = 3 OR length(v) > 1)", &["abc", "a", "ab"], false),
    Case("varchar(3) CHECK (char_length(v) >= 2)", &["abc", "a", "ab ", "abc ", "ä"], true),
    Case("text COLLATE blind CHECK (v IN ('glad', 'sad'))", &["glad", "GLAD", "mad"], false),
    Case("text CHECK (v IN ('a\\b', 'c'))", &["c", "a\\b", "b"], false),
    Case("text CHECK (lower(v) = v)", &["glad", "Glad"], false),
    Case("boolean CHECK (v)", &["true", "false"], false),
    Case("date CHECK (v > '2000-01-01')", &["2000-01-02", "2000-01-01"], false),
];

/// So many that they go in bulk where they can.
const ROWS: usize = 9_000;

#[test]
fn an_import_refuses_what_an_insert_refuses() {
    let database = Database::create(fixture::shared(), "judged");
    let mut manager = database.login(&database.team(1).manager);
    let mut superuser = database.superuser();
    let blind = "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false)";
    superuser.batch_execute(blind).unwrap();
    for (n, Case(column, values, is_intakes)) in CASES.iter().enumerate() {
        let table = format!("judged_{n}");
        let sql = format!(
            "CREATE TABLE {table} (id bigserial PRIMARY KEY, v {column}); SELECT teamwork.protect_table('{table}')"
        );
        superuser.batch_execute(&sql).unwrap();
        let wanted: Vec<i64> = (2..)
            .zip(*values)
            .filter(|(_, value)| !is_inserted(&mut manager, &table, value))
            .map(|(line, _)| line)
            .collect();
        assert!(!wanted.is_empty(), "{column} refuses something");
        let quoted = |value: &&str| format!("\"{value}\",filler\n");
        let rows: String = values.iter().chain([values[0]; ROWS].iter()).map(quoted).collect();
        let job = import(&mut manager, &table, &format!("v,\n{rows}"));
        assert_eq!(refused(&mut manager, &job, "23514"), wanted, "{column}");
        let stored = (ROWS + values.len() - wanted.len()) as i64;
        assert_eq!(number(&mut manager, &format!("SELECT count(*) FROM {table}")), stored, "{column}");
        assert_eq!(in_bulk(&mut manager, &job), if *is_intakes { stored } else { 0 }, "{column}");
    }
}

/// Whether the database takes a value, which it does not keep.
fn is_inserted(client: &mut Client, table: &str, value: &str) -> bool {
    let mut transaction = client.transaction().unwrap();
    let value =
        if value.is_empty() { "DEFAULT".to_owned() } else { format!("'{}'", value.replace('\'', "''")) };
    transaction.batch_execute(&format!("INSERT INTO {table} (v) VALUES ({value})")).is_ok()
}

fn import(client: &mut Client, table: &str, csv: &str) -> String {
    let sql = "SELECT create_background_import_job($1, csv => $2)::text";
    let job: String = client.query_one(sql, &[&table, &csv]).expect("the job is accepted").get(0);
    assert_eq!(outcome(client, &job), ("completed".into(), None));
    job
}

#[test]
fn a_trigger_may_modify_a_row_before_it_is_judged() {
    let database = Database::create(fixture::shared(), "modified");
    let mut manager = database.login(&database.team(1).manager);
    let mut superuser = database.superuser();
    superuser
        .batch_execute(
            "CREATE FUNCTION modify() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 NEW.slug := replace(lower(NEW.name), ' ', '-');
                 NEW.state := lower(NEW.state);
                 RETURN NEW;
             END $$",
        )
        .unwrap();
    for (table, end, on) in [("plain", "", "plain"), ("parted", "PARTITION BY HASH (admin_id)", "part")] {
        let sql = format!(
            "CREATE TABLE {table} (id bigserial, admin_id uuid, name text, slug text NOT NULL, state text CHECK (state IN ('new', 'old'))) {end}"
        );
        superuser.batch_execute(&sql).unwrap();
        if table != on {
            let sql =
                format!("CREATE TABLE {on} PARTITION OF {table} FOR VALUES WITH (MODULUS 1, REMAINDER 0)");
            superuser.batch_execute(&sql).unwrap();
        }
        let sql = format!(
            "CREATE TRIGGER modify BEFORE INSERT ON {on} FOR EACH ROW EXECUTE FUNCTION modify(); SELECT teamwork.protect_table('{table}')"
        );
        superuser.batch_execute(&sql).unwrap();
        let job = import(&mut manager, table, "name,state\nA Chair,New\nB,odd\n,OLD\nC,\n");
        let blamed = "SELECT string_agg(concat_ws(' ', line, code, column_name, value, suggestion), '; ' ORDER BY line)
                      FROM scheduled_job_errors WHERE job_id = $1::text::uuid";
        let blamed: String = manager.query_one(blamed, &[&job]).unwrap().get(0);
        let (state, slug) = blamed.split_once("; ").unwrap();
        assert_eq!(state, "3 23514 state odd state must be one of new, old");
        assert!(slug.starts_with("4 23502"), "{slug}");
        let rows = format!("SELECT string_agg(concat_ws(' ', slug, state), '; ' ORDER BY id) FROM {table}");
        let rows: String = manager.query_one(&rows, &[]).unwrap().get(0);
        assert_eq!(rows, "a-chair new; c");
    }
}

#[test]
fn what_a_trigger_may_change_is_told_from_its_body() {
    let database = Database::create(fixture::shared(), "bodies");
    let mut superuser = database.superuser();
    superuser
        .batch_execute("CREATE TABLE bodies (id integer, name text, \"Slug\" text, state text)")
        .unwrap();
    let all = "Slug, id, name, state";
    for (body, columns) in [
        ("RETURN NEW;", ""),
        ("PERFORM 1; RETURN  new ;", ""),
        ("NEW.state = 'x'; RETURN NEW;", "state"),
        (
            "IF new . name IS NULL THEN SELECT 'x', 1 INTO NEW.\"Slug\", NEW.id; END IF; RETURN NEW;",
            "Slug, id, name",
        ),
        ("NEW := ROW (1, 'a', 'b', 'c'); RETURN NEW;", all),
        ("SELECT * INTO NEW FROM bodies; RETURN NEW;", all),
        ("SELECT * INTO \"new\" FROM bodies; RETURN NEW;", all),
        ("IF random() < 2 THEN RETURN NULL; END IF; RETURN NEW;", all),
        ("RETURN (NEW);", all),
        ("RETURN jsonb_populate_record(NULL::bodies, '{}');", all),
        ("NEW.U&\"st\\0061te\" := 'x'; RETURN NEW;", all),
    ] {
        let sql = format!(
            "CREATE OR REPLACE FUNCTION modify() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;
             CREATE OR REPLACE TRIGGER modify BEFORE INSERT OR UPDATE ON bodies FOR EACH ROW EXECUTE FUNCTION modify()"
        );
        superuser.batch_execute(&sql).unwrap();
        let modified = "SELECT coalesce(string_agg(c, ', ' ORDER BY c COLLATE \"C\"), '') FROM teamwork.trigger_modified_columns('bodies') c";
        let modified: String = superuser.query_one(modified, &[]).unwrap().get(0);
        assert_eq!(modified, columns, "{body}");
    }
    let other = "CREATE OR REPLACE TRIGGER modify AFTER INSERT ON bodies FOR EACH ROW EXECUTE FUNCTION modify();
                 CREATE TRIGGER foreign_code BEFORE INSERT ON bodies FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger(name, 'pg_catalog.english', name)";
    let count = "SELECT count(*) FROM teamwork.trigger_modified_columns('bodies')";
    superuser.batch_execute(other).unwrap();
    assert_eq!(database.count(count), 4);
    superuser.batch_execute("ALTER TABLE bodies DISABLE TRIGGER foreign_code").unwrap();
    assert_eq!(database.count(count), 0);
    superuser.batch_execute("CREATE RULE tell AS ON INSERT TO bodies DO ALSO NOTIFY told").unwrap();
    assert_eq!(database.count(count), 4);
}
