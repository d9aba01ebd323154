//! The bulk path stores what the SQL path stores: the same files into the same tables of two databases, one of which has
//! `teamwork.bulk_imports` off. `cargo xtask test equality --rounds 500` asks for more of it.

mod case;
mod values;

use crate::asked;
use crate::fixture::{self, Database};
use case::Case;
use postgres::Client;

const ROUNDS: u64 = 30;

/// What the cases lean on.
const SURROUNDINGS: &str = "
CREATE EXTENSION amcheck;
CREATE EXTENSION pageinspect;
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE SEQUENCE free;
GRANT USAGE ON free TO authenticated;
CREATE DOMAIN even AS integer CHECK (VALUE % 2 = 0);
CREATE TABLE numbers (number integer PRIMARY KEY);
INSERT INTO numbers SELECT * FROM generate_series(0, 40000) n WHERE n % 1000 <> 5;
GRANT SELECT ON numbers TO authenticated;
CREATE TABLE all_numbers (number integer PRIMARY KEY);
INSERT INTO all_numbers SELECT generate_series(0, 40000);
CREATE TABLE keys (k varchar(9) COLLATE \"C\" PRIMARY KEY);
INSERT INTO keys SELECT 'k' || lpad(n::text, 6, '0') FROM generate_series(0, 40000) n WHERE n % 9000 <> 2;
CREATE TABLE team_numbers (admin_id uuid, number integer, PRIMARY KEY (admin_id, number));
INSERT INTO team_numbers SELECT '00000001-0000-4000-8000-000000000000', generate_series(0, 40000);
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number % 1000 = 5 THEN
        RETURN NULL;
    END IF;
    NEW.number := NEW.number + 1;
    RETURN NEW;
END $$;
CREATE TABLE told (what text);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.told VALUES (concat_ws(' ', TG_NAME, TG_TABLE_NAME, TG_OP, NEW.k, NEW.number));
    RETURN NULL;
END $$;
CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number % 9000 = 1234 THEN
        RAISE EXCEPTION '% is no good number', NEW.number;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION amend() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('UPDATE %s SET number = -number WHERE k = $1', TG_RELID::regclass) USING NEW.k;
    RETURN NULL;
END $$";

/// What an import has made of a table.
#[derive(PartialEq)]
struct Result {
    outcome: String,
    counts: Vec<i64>,
    refusals: Vec<String>,
    rows: Vec<String>,
    told: Vec<String>,
}

/// The two databases, and their managers.
struct Pair<'a> {
    bulk: &'a Database<'a>,
    sql: &'a Database<'a>,
}

#[test]
fn files_are_stored_alike_in_bulk_and_by_statements() {
    let rounds = asked::rounds().unwrap_or(ROUNDS);
    let (mut rng, seed) = asked::rng();
    println!("again with: cargo xtask test equality --rounds {rounds} --seed {seed}");
    let cluster = fixture::server_with("equality", &[("timezone", "Asia/Kathmandu")]);
    let [bulk, sql] = ["by_bulk", "by_statement"].map(|name| Database::create(&cluster, name));
    sql.superuser().batch_execute("ALTER DATABASE by_statement SET teamwork.bulk_imports = off").unwrap();
    cluster
        .psql("postgres", "SET allow_in_place_tablespaces = on; CREATE TABLESPACE aside LOCATION ''")
        .unwrap();
    for database in [&bulk, &sql] {
        database.team(1);
        database.superuser().batch_execute(SURROUNDINGS).unwrap();
    }
    let pair = Pair { bulk: &bulk, sql: &sql };
    let mut in_bulk = 0;
    for round in 0..rounds {
        let case = Case::throw(round, &mut rng);
        let described = format!("round {round} of seed {seed}: {} {}", case.ddl, case.options);
        in_bulk += u64::from(compare(&pair, &case, &described));
    }
    assert!(
        rounds < ROUNDS || in_bulk * 8 > rounds,
        "hardly any went in bulk: {in_bulk} of {rounds} in bulk; seed {seed}"
    );
}

/// Runs a case in both databases; whether rows went in bulk.
fn compare(pair: &Pair, case: &Case, described: &str) -> bool {
    let (with_bulk, path) = run(pair.bulk, case);
    let (without, other_path) = run(pair.sql, case);
    assert_same("outcome", &[with_bulk.outcome], &[without.outcome], described);
    assert_same("refusals", &with_bulk.refusals, &without.refusals, described);
    assert_same("rows", &with_bulk.rows, &without.rows, described);
    assert_same("calls of triggers", &with_bulk.told, &without.told, described);
    assert_eq!(with_bulk.counts, without.counts, "{described}");
    assert_eq!(other_path.in_bulk, 0, "{described}");
    println!("{}: {} of {} in bulk, {:?}", case.table, path.in_bulk, with_bulk.rows.len(), path.reasons);
    assert!(!case.needs_sql || path.in_bulk == 0, "in spite of an obstacle: {described}");
    let all = with_bulk.counts.first().copied().unwrap_or_default();
    assert!(!case.is_plain || path.in_bulk == all || !path.reasons.is_empty(), "{described}");
    if path.in_bulk == all && all + with_bulk.counts.get(1).copied().unwrap_or_default() > 0 {
        assert_same("stored bytes", &stored(pair.bulk, case), &stored(pair.sql, case), described);
    }
    check(pair.bulk, case, described);
    let drop = format!("DROP TABLE {}; TRUNCATE told", case.table);
    [pair.bulk, pair.sql].iter().for_each(|database| database.superuser().batch_execute(&drop).unwrap());
    path.in_bulk > 0
}

struct PathUsed {
    in_bulk: i64,
    reasons: Vec<String>,
}

fn run(database: &Database, case: &Case) -> (Result, PathUsed) {
    let mut superuser = database.superuser();
    superuser.batch_execute(&case.ddl).unwrap_or_else(|error| panic!("{error:?}: {}", case.ddl));
    let mut manager = database.login(&fixture::id(1, 1));
    if !case.existing.is_empty() {
        import(&mut manager, case, &case.existing, "{}");
    }
    let (job, outcome) = import(&mut manager, case, &case.file, &case.options);
    let report: serde_json::Value = superuser
        .query_one("SELECT coalesce(report, '{}') FROM scheduled_jobs WHERE id = $1::text::uuid", &[&job])
        .unwrap()
        .get(0);
    let counts = ["inserted", "updated", "unchanged", "refused", "skipped", "lines"];
    let counts = counts.iter().filter_map(|name| report[name].as_i64()).collect();
    let refusals =
        "SELECT concat_ws(' | ', line, column_name, code, value, message) FROM scheduled_job_errors
                    WHERE job_id = $1::text::uuid";
    let result = Result {
        outcome,
        counts,
        refusals: texts(&mut superuser, refusals, &[&job]),
        rows: texts(&mut superuser, &rows(&case.table), &[]),
        told: texts(&mut superuser, "SELECT what FROM told", &[]),
    };
    let reasons = report["path_reasons"].as_array().cloned().unwrap_or_default();
    let reasons = reasons.iter().filter_map(|reason| reason.as_str().map(str::to_owned)).collect();
    (result, PathUsed { in_bulk: report["in_bulk"].as_i64().unwrap_or_default(), reasons })
}

fn import(manager: &mut Client, case: &Case, file: &str, options: &str) -> (String, String) {
    let sql = "SELECT create_background_import_job($1, csv => $2, options => $3::text::jsonb)::text";
    let job: String = manager.query_one(sql, &[&case.table, &file, &options]).unwrap().get(0);
    let outcome = fixture::outcome(manager, &job);
    (job, format!("{outcome:?}"))
}

/// Sorted.
fn texts(client: &mut Client, sql: &str, parameters: &[&(dyn postgres::types::ToSql + Sync)]) -> Vec<String> {
    let rows = client.query(sql, parameters).unwrap_or_else(|error| panic!("{error:?}: {sql}"));
    let mut texts: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    texts.sort_unstable();
    texts
}

/// All but what differs from one import to the next.
fn rows(table: &str) -> String {
    format!(
        "SELECT j::text FROM (
             SELECT to_jsonb(t) - '{{id,created_at,updated_at,import_id,masked,token}}'::text[]
                 || jsonb_build_object('has_import', to_jsonb(t) ->> 'import_id' IS NOT NULL)
             FROM {table} t) r (j)"
    )
}

/// The tuples as they lie on the pages, attribute by attribute: their bytes, but of what differs anyway, and of a value out of
/// line its length.
fn stored(database: &Database, case: &Case) -> Vec<String> {
    let sql = format!(
        "SELECT concat_ws(' ', i.lp_len, i.t_hoff, i.t_bits, i.t_infomask & 7, i.t_infomask2 & 2047, (
             SELECT string_agg(CASE WHEN a.attname IN ('id', 'created_at', 'updated_at', 'import_id', 'token') OR a.atttypid = 'mood'::regtype THEN length(v.bytes)::text
                                    WHEN get_byte(v.bytes, 0) = 1 AND a.attlen = -1 AND length(v.bytes) = 18 THEN 'out of line'
                                    ELSE encode(v.bytes, 'hex') END, ',' ORDER BY v.number)
             FROM unnest(i.t_attrs) WITH ORDINALITY v (bytes, number)
             JOIN pg_attribute a ON a.attrelid = '{0}'::regclass AND a.attnum = v.number))
         FROM generate_series(0, pg_relation_size('{0}') / 8192 - 1) b,
              heap_page_item_attrs(get_raw_page('{0}', b::integer), '{0}'::regclass) i
         -- A batch that was tried in vain has left dead rows, and so has an update.
         WHERE i.t_attrs IS NOT NULL AND EXISTS (SELECT FROM {0} t WHERE t.ctid = format('(%s,%s)', b, i.lp)::tid)",
        case.table
    );
    texts(&mut database.superuser(), &sql, &[])
}

/// Heap and indexes are sound, and agree; all rows satisfy the constraints.
fn check(database: &Database, case: &Case, described: &str) {
    let mut superuser = database.superuser();
    let table = &case.table;
    let constraints = format!(
        "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE contype = 'c' AND conrelid = '{table}'::regclass"
    );
    for constraint in texts(&mut superuser, &constraints, &[]) {
        let broken = format!("SELECT count(*) FROM {table} WHERE NOT {constraint}");
        assert_eq!(fixture::number(&mut superuser, &broken), 0, "{constraint}: {described}");
    }
    let corrupt = format!(
        "SELECT c.oid::regclass || ': ' || v.msg FROM pg_class c, verify_heapam(c.oid) v
         WHERE c.relkind = 'r' AND c.relname LIKE '{table}%'"
    );
    assert_eq!(texts(&mut superuser, &corrupt, &[]), [""; 0], "{described}");
    let trees = format!(
        "SELECT bt_index_parent_check(c.oid, heapallindexed => true, rootdescend => true)::text FROM pg_index i
         JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam AND a.amname = 'btree'
         WHERE c.relkind = 'i' AND i.indrelid::regclass::text LIKE '{table}%'"
    );
    assert!(!texts(&mut superuser, &trees, &[]).is_empty(), "{described}");
    let count =
        format!("SELECT count(*) FROM {table} WHERE k BETWEEN 'k' AND 'l' OR k = 'k000007' OR k = 'k000003'");
    let by_scan = |client: &mut Client, off: &[&str], sql: &str| {
        off.iter().for_each(|way| client.batch_execute(&format!("SET enable_{way} = off")).unwrap());
        let count = fixture::number(client, sql);
        client.batch_execute("RESET ALL").unwrap();
        count
    };
    let one = format!("SELECT count(*) FROM {table} WHERE k = 'k000007'");
    for sql in [&count, &one] {
        let by_index = by_scan(&mut superuser, &["seqscan"], sql);
        let by_table = by_scan(&mut superuser, &["indexscan", "bitmapscan", "indexonlyscan"], sql);
        assert_eq!(by_index, by_table, "{described}");
    }
}

fn assert_same(what: &str, with_bulk: &[String], without: &[String], described: &str) {
    let lost: Vec<_> = without.iter().filter(|it| with_bulk.binary_search(it).is_err()).take(3).collect();
    let added: Vec<_> = with_bulk.iter().filter(|it| without.binary_search(it).is_err()).take(3).collect();
    let is_same = with_bulk == without;
    let (some, others) = (with_bulk.len(), without.len());
    assert!(
        is_same,
        "{what}: {some} in bulk, {others} by statements\nin bulk only {added:#?}\nby statements only {lost:#?}\n{described}"
    );
}
