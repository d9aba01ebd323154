//! Files as people have them, each imported by a member, with the outcome that is right. `field/NAME.txt` has the cases of a kind;
//! `field/case.rs` says how they are written.

mod case;
mod outcome;

use crate::fixture::{self, Database, Team};
use case::Case;
use outcome::Outcome;
use postgres::Client;
use std::fmt::Write;

/// Tables as people have them besides the extension's own.
const TABLES: &str = "
    CREATE TABLE lots (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL, product text, best_before date,
        counted_at timestamptz, weight numeric(10, 3), active boolean, grade text CHECK (grade IN ('A', 'B', 'C')),
        price numeric(12, 2), pieces integer CHECK (pieces > 0), note text, tags text[]);
    CREATE TABLE orders (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text NOT NULL, customer text, total numeric(12, 2),
        placed_on date);
    CREATE TABLE readings (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, meter text NOT NULL, value numeric,
        taken_at timestamptz NOT NULL DEFAULT now());
    SELECT teamwork.protect_table('lots', key_columns => ARRAY['code']);
    SELECT teamwork.protect_table('orders', key_columns => ARRAY['number']);
    SELECT teamwork.protect_table('readings', key_columns => ARRAY['meter']);";

/// A test of each file of cases, by its name.
macro_rules! kinds {
    ($($name:ident),+) => {$(
        #[test]
        fn $name() {
            judge(stringify!($name), include_str!(concat!("field/", stringify!($name), ".txt")));
        }
    )+};
}

kinds!(
    defaults_take_no_columns_place,
    totals_and_data,
    encodings,
    keys_and_blanks,
    numbers_that_mean_something_else,
    numbers_of_the_world,
    dates_in_words,
    headers_below_titles,
    partial_files,
    names_of_columns,
    texts_for_null,
    rows_that_are_none,
    quotes_in_cells,
    messages,
    delimiters,
    mended_rows
);

/// Files of which only the beginning is looked at before they are read, with what matters behind it.
#[test]
fn the_ends_of_long_files_are_read_as_their_beginnings() {
    let database = Database::create(fixture::shared(), "field_long");
    let mut member = database.login(&database.team(1).manager);
    let import = |member: &mut Client, table: &str, csv: &str| -> String {
        let sql = "SELECT create_background_import_job($1, csv => $2)::text";
        let job: String = member.query_one(sql, &[&table, &csv]).unwrap().get(0);
        assert_eq!(fixture::outcome(member, &job), ("completed".to_owned(), None));
        job
    };
    let refused = |member: &mut Client, job: &str| -> Vec<(i64, String)> {
        let sql = "SELECT line, value FROM scheduled_job_errors WHERE job_id = $1::text::uuid ORDER BY line";
        member.query(sql, &[&job]).unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let days: String = (0..6_000).map(|n| format!("2024-03-{:02},Toll {n},-1.50\n", n % 28 + 1)).collect();
    let job =
        import(&mut member, "transactions", &format!("Date,Details,Amount\n{days}next week,Rent,-850\n"));
    assert_eq!(refused(&mut member, &job), [(6_002, "next week".to_owned())]);
    let today = "SELECT count(*) FROM transactions WHERE occurred_on > '2024-03-28' OR occurred_on IS NULL";
    assert_eq!(fixture::number(&mut member, today), 0);

    let stock = fixture::stock("L", 6_000);
    let total: i64 = (1..=6_000).map(|n| n % 500).sum();
    // A row with a key and a name is none of sums, whatever its number is.
    let job = import(&mut member, "inventory", &format!("{stock}L-sum,All of it,{total},1\n"));
    assert_eq!(refused(&mut member, &job), []);
    assert_eq!(fixture::number(&mut member, "SELECT count(*) FROM inventory"), 6_001);
    let job =
        import(&mut member, "inventory", &format!("{stock}Z-1,\"Tube 2\" wide\",7,1\nZ-2,Pipe,lots,1\n"));
    assert_eq!(refused(&mut member, &job), [(6_003, "lots".to_owned())]);
    let named = "SELECT count(*) FROM inventory WHERE sku = 'Z-1' AND name = 'Tube 2\" wide'";
    assert_eq!(fixture::number(&mut member, named), 1);
}

/// Imports each case's file for a team of its own, and compares. Says all that differs.
fn judge(name: &str, text: &str) {
    let database = Database::create(fixture::shared(), &format!("field_{name}"));
    database.superuser().batch_execute(TABLES).expect("the tables are protected");
    let cases = case::parse(text);
    let mut differences = String::new();
    for (case, team) in cases.iter().zip(1..) {
        let team: Team = database.team(team);
        let mut member = database.login(&team.manager);
        member.batch_execute("SET TimeZone TO 'UTC'").unwrap();
        for before in &case.before {
            import(&mut member, case, before);
        }
        let warned = preview(&mut member, case);
        let mut job = import(&mut member, case, &case.file);
        if let Some((wrong, right)) = &case.mend {
            let sql = "SELECT import_errors_csv($1::text::uuid)";
            let errors: String = member.query_one(sql, &[&job]).unwrap().get(0);
            assert!(errors.contains(wrong), "{}: {errors}", case.title);
            job = import(&mut member, case, errors.replace(wrong, right).as_bytes());
        }
        let outcome = Outcome::of(&mut member, case, &job);
        let (expected, got) = (case.expected.join("\n"), outcome.to_lines(case).join("\n"));
        if expected != got {
            write!(differences, "\n-- {}\nexpected\n{expected}\ngot\n{got}\n{}\n", case.title, outcome.error)
                .unwrap();
        }
        let is_previewed = case.mend.is_none() && outcome.is_completed();
        if is_previewed && warned.is_some_and(|warned| warned != outcome.warnings) {
            write!(differences, "\n-- {}\nthe preview warns of something else\n", case.title).unwrap();
        }
    }
    assert!(differences.is_empty(), "{name}{differences}");
    assert!(cases.len() >= 5, "{name} has too few cases");
}

/// Sends the bytes of a file as a member does, and waits for the end of the job.
fn import(member: &mut Client, case: &Case, file: &[u8]) -> String {
    let upload: String = member.query_one("SELECT create_upload('file.csv')::text", &[]).unwrap().get(0);
    member.execute("SELECT append_upload($1::text::uuid, $2)", &[&upload, &file]).unwrap();
    let sql = "SELECT create_background_import_job($1, upload_id => $2::text::uuid, mapping => $3, options => $4)::text";
    let job = member.query_one(sql, &[&case.table, &upload, &case.mapping, &case.options]);
    let job: String = job.unwrap_or_else(|error| panic!("{}: {error:?}", case.title)).get(0);
    fixture::outcome(member, &job);
    job
}

/// What a preview of the same file warns of; None if the file is no text, or cannot be read.
fn preview(member: &mut Client, case: &Case) -> Option<Vec<serde_json::Value>> {
    let csv = std::str::from_utf8(&case.file).ok().filter(|csv| !csv.contains('\0'))?;
    let sql = "SELECT preview_import($1, $2, $3, $4) -> 'warnings'";
    let row = member.query_one(sql, &[&case.table, &csv, &case.mapping, &case.options]).ok()?;
    let warnings: serde_json::Value = row.get(0);
    warnings.as_array().cloned()
}
