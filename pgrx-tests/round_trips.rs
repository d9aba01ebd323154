//! What goes out comes back as it was: exports, and refused rows that were mended.

use crate::fixture::{self, Database, number, outcome};
use postgres::Client;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// Cells that are read otherwise in the files of strangers.
const TEXTS: [&str; 32] = [
    "",
    " ",
    "a",
    " a ",
    "NULL",
    "#N/A",
    "null",
    "=1+1",
    "'=1",
    "''=1",
    "'a",
    "+49 170",
    "-",
    "- a dash",
    "@x",
    "=\"0123\"",
    "a;b",
    "a,b",
    "a|b\tc",
    "say \"a\"",
    "two\nlines",
    "\ttab",
    "\r",
    "# a comment",
    "---|---",
    "Total",
    "(kg)",
    "1,250",
    "03/04/2024",
    "\u{FEFF}x",
    "\u{200B}",
    "ü",
];

#[derive(Debug)]
struct Lot {
    text: &'static str,
    note: Option<&'static str>,
    weight: Option<i64>,
    day: Option<i32>,
    active: Option<bool>,
    tags: Vec<&'static str>,
}

fn lots() -> impl Strategy<Value = Vec<Lot>> {
    let text = || prop::sample::select(TEXTS.to_vec());
    let parts = (
        text(),
        prop::option::of(text()),
        prop::option::of(-9_999_999..9_999_999i64),
        prop::option::of(-30_000..30_000),
        any::<Option<bool>>(),
        vec(text(), 0..3),
    );
    let lot = parts.prop_map(|(text, note, weight, day, active, tags)| Lot {
        text,
        note,
        weight,
        day,
        active,
        tags,
    });
    vec(lot, 1..20)
}

fn options() -> impl Strategy<Value = Value> {
    let delimiter = prop::sample::select(vec![",", ";", "\t", "|"]);
    let formulas = prop::sample::select(vec!["escape", "keep"]);
    (delimiter, formulas, any::<bool>()).prop_map(
        |(delimiter, formulas, bom)| json!({"delimiter": delimiter, "formulas": formulas, "bom": bom}),
    )
}

struct Store<'a> {
    database: Database<'a>,
    manager: Client,
}

impl<'a> Store<'a> {
    fn create(name: &str) -> Self {
        let database = Database::create(fixture::shared(), name);
        database
            .superuser()
            .batch_execute(
                "CREATE TYPE grade AS ENUM ('A', 'b c');
                 CREATE TABLE lots (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL, note text,
                     weight numeric(10,3), pieces integer, best_before date, counted_at timestamptz, active boolean,
                     tags text[], grade grade, share double precision);
                 SELECT teamwork.protect_table('lots', key_columns => ARRAY['code']);
                 GRANT USAGE ON TYPE grade TO authenticated",
            )
            .unwrap();
        let manager = database.login(&database.team(1).manager);
        Self { database, manager }
    }

    fn fill(&mut self, lots: &[Lot]) {
        self.empty();
        for (number, lot) in lots.iter().enumerate() {
            let (number, weight) = (number as i32, lot.weight.map(|weight| weight.to_string()));
            let sql = "INSERT INTO lots (code, note, weight, pieces, best_before, counted_at, active, tags, grade, share)
                       VALUES ($1 || $2::int, $3, $4::text::numeric / 1000, $2, DATE '2000-01-01' + $5::int,
                           TIMESTAMPTZ '2000-01-01 12:34:56.789+00' + make_interval(days => $5), $6, $7,
                           CASE WHEN $6 THEN 'A'::grade ELSE 'b c' END, $4::text::float8 / 7e9)";
            let Lot { text, note, day, active, tags, .. } = lot;
            self.manager.execute(sql, &[text, &number, note, &weight, day, active, tags]).unwrap();
        }
    }

    fn empty(&mut self) {
        self.manager.batch_execute("DELETE FROM lots").unwrap();
    }

    fn rows(&mut self) -> Vec<String> {
        let sql = "SELECT (to_jsonb(l) - '{id,created_at,updated_at,import_id}'::text[])::text FROM lots l ORDER BY code";
        self.manager.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    }

    fn export(&mut self, options: &Value) -> String {
        let sql = "SELECT create_export_job('lots', options => $1::text::jsonb)::text";
        let job: String = self.manager.query_one(sql, &[&options.to_string()]).unwrap().get(0);
        assert_eq!(outcome(&mut self.manager, &job), ("completed".into(), None));
        self.manager.query_one(&format!("SELECT download_export('{job}')"), &[]).unwrap().get(0)
    }

    /// Imports a file as its bytes; returns the job.
    fn import(&mut self, file: &[u8], options: &Value) -> String {
        let upload: String =
            self.manager.query_one("SELECT create_upload('f.csv')::text", &[]).unwrap().get(0);
        self.manager.execute("SELECT append_upload($1::text::uuid, $2)", &[&upload, &file]).unwrap();
        let sql = "SELECT create_background_import_job('lots', upload_id => $1::text::uuid, options => $2::text::jsonb)::text";
        self.manager.query_one(sql, &[&upload, &options.to_string()]).unwrap().get(0)
    }

    fn report(&mut self, job: &str) -> Value {
        assert_eq!(outcome(&mut self.manager, job), ("completed".into(), None));
        let sql = format!("SELECT report::text FROM scheduled_jobs WHERE id = '{job}'");
        serde_json::from_str(self.manager.query_one(&sql, &[]).unwrap().get(0)).unwrap()
    }

    /// Corrects the refused rows of a job, and sends them again.
    fn mend(&mut self, job: &str, wrong: &str, right: &str, options: &Value) -> Value {
        self.report(job);
        let sql = format!("SELECT import_errors_csv('{job}')");
        let file: String = self.manager.query_one(&sql, &[]).unwrap().get(0);
        assert!(file.contains(wrong), "{file}");
        let job = self.import(file.replace(wrong, right).as_bytes(), options);
        let report = self.report(&job);
        assert_eq!(report["refused"], 0, "{file}\n{report}");
        report
    }

    fn value(&mut self, column: &str, code: &str) -> String {
        let sql = format!("SELECT {column}::text FROM lots WHERE code = '{code}'");
        self.manager.query_one(&sql, &[]).unwrap().get(0)
    }
}

#[test]
fn an_export_comes_back_to_the_letter() {
    let mut store = Store::create("exports_again");
    let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
    let store = std::cell::RefCell::new(&mut store);
    TestRunner::new(config)
        .run(&(lots(), options()), |(lots, options)| {
            let mut store = store.borrow_mut();
            store.fill(&lots);
            let (before, file) = (store.rows(), store.export(&options));
            let job = store.import(file.as_bytes(), &json!({}));
            let report = store.report(&job);
            prop_assert_eq!(&report["unchanged"], &json!(lots.len()), "{}\n{}", file, report);
            // And into an empty table.
            store.empty();
            let job = store.import(file.as_bytes(), &json!({"on_conflict": "error"}));
            let report = store.report(&job);
            prop_assert_eq!(&report["inserted"], &json!(lots.len()), "{}\n{}", file, report);
            prop_assert_eq!(store.rows(), before, "{}", file);
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_export_with_semicolons_has_decimal_points() {
    let mut store = Store::create("exports_semicolons");
    store
        .manager
        .batch_execute("INSERT INTO lots (code, weight) VALUES ('A', 1.25), ('B', 2.5), ('C', 12.125)")
        .unwrap();
    for (formulas, added) in [("escape", "3.125"), ("keep", "3.250")] {
        let options = json!({"delimiter": ";", "formulas": formulas, "columns": ["code", "weight"]});
        let file = store.export(&options);
        assert_eq!(file, "code;\"weight\"\nA;1.250\nB;2.500\nC;12.125\n");
        // Somebody writes another row, with an editor.
        let job = store.import((file + "D;" + added + "\n").as_bytes(), &json!({}));
        let report = store.report(&job);
        assert_eq!(report["locale"]["weight"]["basis"], "export");
        assert_eq!((&report["refused"], &report["warnings"]), (&json!(0), &json!([])));
        assert_eq!(store.value("weight", "A"), "1.250");
        assert_eq!(store.value("weight", "D"), added);
        store.manager.batch_execute("DELETE FROM lots WHERE code = 'D'").unwrap();
    }
    // A spreadsheet of Europe drops the quotes, and writes commas.
    let job = store.import(b"code;weight\r\nA;1,5\r\nB;7,125\r\n", &json!({}));
    assert_eq!(store.report(&job)["locale"]["weight"]["decimal"], ",");
}

#[test]
fn mended_rows_keep_the_order_of_their_dates() {
    let mut store = Store::create("mended_dates");
    let file = "code,best_before,pieces\nA,13/02/2024,1\nB,03/04/2024,many\nC,25/04/2024,3\n";
    let job = store.import(file.as_bytes(), &json!({}));
    let report = store.mend(&job, ",many,", ",2,", &json!({}));
    assert_eq!(report["locale"]["best_before"], json!({"date_order": "dmy", "basis": "error file"}));
    assert_eq!(report["warnings"], json!([]));
    assert_eq!(store.value("best_before", "B"), "2024-04-03");
}

#[test]
fn mended_rows_of_another_encoding_and_delimiter_come_back_with_or_without_the_options() {
    let mut store = Store::create("mended_encodings");
    let file = in_windows_1251("code~note~pieces\nA~Лампа~5\nB~Розетка двойная~many\n");
    let told = json!({"encoding": "windows-1251", "delimiter": "~"});
    for options in [json!({}), told.clone()] {
        store.empty();
        let job = store.import(&file, &told);
        let report = store.mend(&job, "~many~", "~7~", &options);
        assert_eq!(report["dialect"]["encoding_basis"], "bom");
        assert_eq!(
            (store.value("note", "B"), store.value("pieces", "B")),
            ("Розетка двойная".into(), "7".into())
        );
    }
}

/// Windows-1251, whose letters stand in the order of Unicode's.
fn in_windows_1251(text: &str) -> Vec<u8> {
    let byte = |c: char| if c.is_ascii() { c as u8 } else { (c as u32 - 'А' as u32 + 0xC0) as u8 };
    text.chars().map(byte).collect()
}

#[test]
fn mended_records_are_spelled_as_their_columns_were_read() {
    let mut store = Store::create("mended_records");
    let records = json!([
        {"code": "A", "weight": "1,5", "pieces": 1, "note": "NULL"},
        {"code": "B", "weight": 1.25, "pieces": "many", "note": "NULL"},
        {"code": "C", "weight": "1,250", "pieces": "many", "note": "=1"},
    ]);
    let sql = "SELECT create_background_import_job('lots', records => $1::text::jsonb)::text";
    let job: String = store.manager.query_one(sql, &[&records.to_string()]).unwrap().get(0);
    store.mend(&job, ",many,", ",2,", &json!({}));
    for code in ["B", "C"] {
        assert_eq!(store.value("weight", code), "1.250");
    }
    assert_eq!((store.value("note", "B"), store.value("note", "C")), ("NULL".into(), "=1".into()));
    assert_eq!(number(&mut store.database.superuser(), "SELECT count(*) FROM lots"), 3);
}
