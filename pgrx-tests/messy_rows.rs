//! Messy files: rows that a unique index or a foreign key refuses are told apart from the rest, and keys that repeat are written
//! as often as it takes. With `teamwork.bulk_imports` off the outcome is the same.

use crate::bulk::in_bulk;
use crate::fixture::{self, Database, number, outcome, stock, submit};
use crate::triggers::refused;
use postgres::Client;

/// Goods of categories that members cannot see, with a barcode that no other team has either.
const GOODS: &str = "
CREATE TABLE categories (code text PRIMARY KEY);
ALTER TABLE categories ENABLE ROW LEVEL SECURITY;
INSERT INTO categories VALUES ('chairs'), ('lamps');
CREATE TABLE goods (id bigserial PRIMARY KEY, sku text NOT NULL, category text REFERENCES categories, barcode text UNIQUE);
SELECT teamwork.protect_table('goods', key_columns => $key$)";

/// Two databases that differ in whether rows go in bulk.
fn with_and_without_bulk(name: &str, key: &str, check: impl Fn(&Database, &mut Client, bool)) {
    for is_bulk in [true, false] {
        let name = format!("{name}_{is_bulk}");
        let database = Database::create(fixture::shared(), &name);
        let mut superuser = database.superuser();
        superuser.batch_execute(&GOODS.replace("$key$", key)).unwrap();
        let setting = format!("ALTER DATABASE {name} SET teamwork.bulk_imports = {is_bulk}");
        superuser.batch_execute(&setting).unwrap();
        check(&database, &mut database.login(&database.team(1).manager), is_bulk);
    }
}

/// `rows` goods; `row` says what SKU, category and barcode each has.
fn goods(rows: u32, row: impl Fn(u32) -> (String, &'static str, String)) -> String {
    let line = |n: u32| {
        let (sku, category, barcode) = row(n);
        format!("{sku},{category},{barcode}\n")
    };
    std::iter::once("sku,category,barcode\n".to_owned()).chain((0..rows).map(line)).collect()
}

fn import(client: &mut Client, file: &str) -> String {
    let sql = "SELECT create_background_import_job('goods', csv => $1)::text";
    client.query_one(sql, &[&file]).expect("the job is accepted").get(0)
}

#[test]
fn the_rows_that_keys_and_indexes_refuse_keep_no_others_from_going_in_bulk() {
    with_and_without_bulk("suspects", "'{}'", |database, manager, is_bulk| {
        let file = goods(25_000, |n| {
            let category = if n % 100 == 7 { "chiars" } else { "chairs" };
            let barcode = if n % 100 == 42 { n - 1 } else { n };
            (format!("S{n}"), category, format!("B{barcode}"))
        });
        let job = import(manager, &file);
        assert_eq!(in_bulk(manager, &job), if is_bulk { 24_500 } else { 0 });
        let of_every_hundred = |n: u32| (0..250).map(|at| i64::from(at * 100 + n + 2)).collect::<Vec<_>>();
        assert_eq!(refused(manager, &job, "23503"), of_every_hundred(7));
        assert_eq!(refused(manager, &job, "23505"), of_every_hundred(42));
        assert_eq!(number(manager, "SELECT count(*) FROM goods"), 24_500);
        let blamed = "SELECT string_agg(concat_ws(' ', line, code, column_name, value), '; ' ORDER BY line)
                      FROM scheduled_job_errors WHERE job_id = $1::text::uuid AND line < 100";
        let blamed: String = manager.query_one(blamed, &[&job]).unwrap().get(0);
        assert_eq!(blamed, "9 23503 category chiars; 44 23505 barcode B41");
        // What another team has nobody sees beforehand, and it is refused all the same.
        let mut stranger = database.login(&database.team(2).manager);
        let foreign =
            |n: u32| (format!("T{n}"), "lamps", format!("B{}", if n == 3_000 { 8 } else { n + 100_000 }));
        let job = import(&mut stranger, &goods(6_000, foreign));
        assert_eq!(outcome(&mut stranger, &job), ("completed".into(), None));
        assert_eq!(refused(&mut stranger, &job, "23505"), [3_002]);
        assert_eq!(number(&mut stranger, "SELECT count(*) FROM goods"), 5_999);
    });
}

#[test]
fn a_row_that_is_refused_leaves_its_key_to_the_next() {
    with_and_without_bulk("keys_left", "ARRAY['sku']", |_, manager, _| {
        // Of each key a row with a parent and one without, in turns; the barcode tells which.
        let file = goods(12_000, |n| {
            let (sku, is_orphan) = (n / 2, (n / 2 + n) % 2 == 0);
            (format!("S{sku}"), if is_orphan { "chiars" } else { "lamps" }, format!("B{n}"))
        });
        let job = import(manager, &file);
        assert_eq!(outcome(manager, &job), ("completed".into(), None));
        assert_eq!(refused(manager, &job, "23503").len(), 6_000);
        let good = "SELECT count(*) FROM goods
                    WHERE category = 'lamps' AND barcode = 'B' || 2 * substr(sku, 2)::integer + 1 - substr(sku, 2)::integer % 2";
        assert_eq!((number(manager, good), number(manager, "SELECT count(*) FROM goods")), (6_000, 6_000));
    });
}

#[test]
fn of_a_key_that_repeats_the_last_row_counts_and_few_versions_are_left() {
    with_and_without_bulk("repeats", "'{}'", |database, manager, is_bulk| {
        const ROWS: u32 = 6_000;
        let row = |n: u32| format!("R{},Name {},{}\n", n % 12, n / 36 % 2, n / 24);
        let file: String =
            std::iter::once("sku,name,quantity\n".to_owned()).chain((0..ROWS).map(row)).collect();
        let job = submit(manager, &file);
        assert_eq!(in_bulk(manager, &job), if is_bulk { 12 } else { 0 });
        let values = |n: u32| (n / 36 % 2, n / 24);
        let changes = (12..ROWS).filter(|n| values(*n) != values(n - 12)).count();
        let sql = format!(
            "SELECT report ->> 'inserted' || ' ' || (report ->> 'updated') || ' ' || (report ->> 'unchanged')
             FROM scheduled_jobs WHERE id = '{job}'"
        );
        let counts: String = manager.query_one(&sql, &[]).unwrap().get(0);
        assert_eq!(counts, format!("12 {changes} {}", ROWS as usize - 12 - changes));
        let last = "SELECT count(*) FROM inventory WHERE name = 'Name 0' AND quantity = 249";
        assert_eq!(number(manager, last), 12);
        let pages = database.count("SELECT pg_relation_size('inventory') / 8192");
        assert!(!is_bulk || pages <= 2, "{pages} pages");
        assert_eq!(number(manager, &format!("SELECT undo_import('{job}')")), 12);
        assert_eq!(number(manager, "SELECT count(*) FROM inventory"), 0);
    });
}

#[test]
fn known_rows_that_repeat_are_restored_by_undo() {
    let database = Database::create(fixture::shared(), "repeats_known");
    let mut manager = database.login(&database.team(1).manager);
    let first = submit(&mut manager, &stock("K", 4_000));
    assert_eq!(in_bulk(&mut manager, &first), 4_000);
    let line = |n: u32| format!("K-{:07},Again,{n}\n", n % 5 + 1);
    let again: String =
        std::iter::once("sku,name,quantity\n".to_owned()).chain((0..6_000).map(line)).collect();
    let second = submit(&mut manager, &again);
    assert_eq!(outcome(&mut manager, &second), ("completed".into(), None));
    let sum = "SELECT sum(quantity) FROM inventory WHERE name = 'Again'";
    assert_eq!(number(&mut manager, sum), (5_995..6_000).sum::<i64>());
    assert_eq!(number(&mut manager, &format!("SELECT undo_import('{second}')")), 5);
    let restored = "SELECT count(*) FROM inventory WHERE name = 'Product ' || quantity";
    assert_eq!(number(&mut manager, restored), 499, "numbers up to 499 are the row's own");
}

#[test]
fn a_label_that_an_enumeration_lacks_is_refused_with_what_was_meant() {
    let database = Database::create(fixture::shared(), "labels");
    let mut superuser = database.superuser();
    superuser
        .batch_execute(
            "CREATE TYPE mood AS ENUM ('glad', 'sad');
             CREATE TABLE guests (id bigserial PRIMARY KEY, name text, mood mood NOT NULL DEFAULT 'sad');
             SELECT teamwork.protect_table('guests')",
        )
        .unwrap();
    let mut manager = database.login(&database.team(1).manager);
    let sql = "SELECT create_background_import_job('guests', csv => E'name,mood\nA,Glad\nB,\nC, glad \nD,blue\n')::text";
    let refusals =
        "SELECT string_agg(concat_ws('|', line, column_name, value, code, message, suggestion), '; ' ORDER BY line)
         FROM scheduled_job_errors WHERE job_id = $1::text::uuid";
    let mut refused = || -> Option<String> {
        let job: String = manager.query_one(sql, &[]).unwrap().get(0);
        assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
        manager.query_one(refusals, &[&job]).unwrap().get(0)
    };
    let glad = "2|mood|Glad|22P02|invalid input value for enum public.mood: \"Glad\"|write glad";
    let blue = "5|mood|blue|22P02|invalid input value for enum public.mood: \"blue\"|write one of glad, sad";
    assert_eq!(refused(), Some(format!("{glad}; {blue}")));
    // The same worker knows at once.
    superuser.batch_execute("ALTER TYPE mood ADD VALUE 'blue'").unwrap();
    assert_eq!(refused(), Some(glad.to_owned()));
    let moods = "SELECT string_agg(name || mood::text, ' ' ORDER BY id) FROM guests";
    let moods: String = superuser.query_one(moods, &[]).unwrap().get(0);
    assert_eq!(moods, "Bsad Cglad Bsad Cglad Dblue");
}
