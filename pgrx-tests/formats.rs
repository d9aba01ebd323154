//! Files of other formats than CSV, sent as uploads by a member: workbooks, archives and JSON.

use crate::fixture::{self, Database, import_upload, number, outcome, peak_of_worker};
use flate2::Compression;
use flate2::write::GzEncoder;
use postgres::Client;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};
use std::io::Write;

const HEADER: [&str; 3] = ["SKU", "Name", "Quantity"];

fn workbook(make: impl FnOnce(&mut Workbook) -> Result<(), XlsxError>) -> Vec<u8> {
    let mut workbook = Workbook::new();
    make(&mut workbook).expect("a workbook");
    workbook.save_to_buffer().expect("its bytes")
}

/// The header and as many items from row `first` on.
fn stock(sheet: &mut Worksheet, first: u32, prefix: &str, items: u32) -> Result<(), XlsxError> {
    for (column, name) in (0..).zip(HEADER) {
        sheet.write_string(first, column, name)?;
    }
    for item in 1..=items {
        sheet.write_string(first + item, 0, format!("{prefix}-{item}"))?;
        sheet.write_string(first + item, 1, format!("Item {item}"))?;
        sheet.write_number(first + item, 2, item)?;
    }
    Ok(())
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("an archive")
}

/// A part of the report of a job, as text.
fn report(client: &mut Client, job: &str, path: &str) -> String {
    let sql = format!("SELECT report #>> '{path}' FROM scheduled_jobs WHERE id = '{job}'");
    client.query_one(&sql, &[]).unwrap().get::<_, Option<String>>(0).unwrap_or_default()
}

#[test]
fn a_workbook_is_imported_from_the_sheet_with_the_data() {
    let database = Database::create(fixture::shared(), "workbooks");
    let mut manager = database.login(&database.team(1).manager);
    let file = workbook(|workbook| {
        workbook.add_worksheet().set_name("Notes")?.write_string(0, 0, "Made on Monday")?;
        let sheet = workbook.add_worksheet().set_name("Stock")?;
        sheet.merge_range(0, 0, 0, 2, "Stock of March", &rust_xlsxwriter::Format::new())?;
        stock(sheet, 2, "S", 4)?;
        sheet.write_string(4, 2, "many")?;
        stock(workbook.add_worksheet().set_name("Mall")?, 0, "M", 2)
    });
    let job = import_upload(&mut manager, &file, "{}");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(report(&mut manager, &job, "{file}"), r#"{"sheet": "Stock", "format": "xlsx"}"#);
    assert_eq!(report(&mut manager, &job, "{warnings,0,kind}"), "other_sheets");
    assert_eq!(number(&mut manager, "SELECT sum(quantity) FROM inventory"), 1 + 3 + 4);
    let line = format!("SELECT line FROM scheduled_job_errors WHERE job_id = '{job}'");
    assert_eq!(number(&mut manager, &line), 5);
    // The refused row, mended.
    let sql = format!("SELECT import_errors_csv('{job}')");
    let errors: String = manager.query_one(&sql, &[]).unwrap().get(0);
    let job = import_upload(&mut manager, errors.replace("many", "2").as_bytes(), "{}");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(number(&mut manager, "SELECT sum(quantity) FROM inventory"), 1 + 2 + 3 + 4);
    let job = import_upload(&mut manager, &file, r#"{"sheet": "Mall"}"#);
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory WHERE sku LIKE 'M-%'"), 2);
}

#[test]
fn a_large_workbook_goes_in_bulk_and_takes_little_memory() {
    let cluster = fixture::server_with("workbook-memory", &[("shared_buffers", "1MB")]);
    let database = Database::create(&cluster, "workbook_memory");
    let mut manager = database.login(&database.team(1).manager);
    let file = workbook(|workbook| stock(workbook.add_worksheet(), 0, "L", 100_000));
    let job = import_upload(&mut manager, &file, "{}");
    let peak = peak_of_worker(&database, &job);
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(report(&mut manager, &job, "{in_bulk}"), "100000");
    assert!(peak > 0 && peak < 200 << 10, "{peak} KiB");
    // The same under a setting that it does not fit.
    fixture::configure(&cluster, "teamwork.workbook_memory", "1MB");
    let job = import_upload(&mut manager, &file, "{}");
    let (status, message) = outcome(&mut manager, &job);
    assert_eq!(status, "failed");
    assert!(message.unwrap_or_default().contains("takes more than 1 MB of memory"));
}

#[test]
fn archives_and_json_are_imported_with_every_key() {
    let database = Database::create(fixture::shared(), "archives");
    let mut manager = database.login(&database.team(1).manager);
    // The price is in the last record only.
    let early: String = (0..20_000)
        .map(|n| format!("{{\"sku\": \"J-{n}\", \"name\": \"Lamp\", \"quantity\": 1}}\n"))
        .collect();
    let lines =
        format!("{early}{{\"sku\": \"J-Z\", \"name\": \"Lamp\", \"quantity\": 1, \"unit_price\": 12.5}}\n");
    for (file, options) in [(gzip(&lines), "{}"), (lines.into_bytes(), r#"{"commit_every": 1000}"#)] {
        let job = import_upload(&mut manager, &file, options);
        assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
        assert_eq!(report(&mut manager, &job, "{file,format}"), "jsonl");
        assert_eq!(report(&mut manager, &job, "{refused}"), "0");
        assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory"), 20_001);
        assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory WHERE unit_price = 12.5"), 1);
        manager.batch_execute("DELETE FROM inventory").unwrap();
    }
    let job = import_upload(&mut manager, &gzip("sku;name;quantity\nA1;Lamp;5\n"), "{}");
    assert_eq!(outcome(&mut manager, &job), ("completed".into(), None));
    assert_eq!(report(&mut manager, &job, "{file,archive}"), "gzip");
    let mut cut = gzip(&fixture::stock("C", 5_000));
    cut.truncate(cut.len() / 2);
    let job = import_upload(&mut manager, &cut, "{}");
    let (status, message) = outcome(&mut manager, &job);
    assert_eq!(status, "failed");
    assert!(message.unwrap_or_default().starts_with("file is compressed with gzip, but damaged"));
    assert_eq!(number(&mut manager, "SELECT count(*) FROM inventory"), 1);
}

#[test]
fn anybody_may_ask_what_a_file_is() {
    let database = Database::create(fixture::shared(), "sniffed");
    let mut manager = database.login(&database.team(1).manager);
    let file = workbook(|workbook| stock(workbook.add_worksheet().set_name("Stock")?, 0, "S", 3));
    let sniffed: String =
        manager.query_one("SELECT sniff_file($1, 'stock.csv')::text", &[&file]).unwrap().get(0);
    for part in [
        r#""format": "xlsx""#,
        r#""named": "csv""#,
        r#""sheet": "Stock""#,
        r#""sheets": ["Stock"]"#,
        r#""columns": ["SKU", "Name", "Quantity"]"#,
        r#""types": ["text", "text", "integer"]"#,
    ] {
        assert!(sniffed.contains(part), "{part} is not in {sniffed}");
    }
}
