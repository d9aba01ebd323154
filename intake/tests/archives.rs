//! Archives: gzip, zstd and ZIP around files of any format.

mod support;

use flate2::Compression;
use flate2::write::GzEncoder;
use intake::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::{Cursor, Write};
use support::*;
use zip::write::SimpleFileOptions;

const TABLE: &str = "sku;quantity\nA1;5\nB2;many\nC3;7\n";

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes.as_ref()).expect("memory takes it");
    encoder.finish().expect("an archive")
}

fn zstd(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    compress_to_vec(bytes.as_ref(), CompressionLevel::Fastest)
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        archive.start_file(*name, SimpleFileOptions::default()).expect("a file");
        archive.write_all(content).expect("memory takes it");
    }
    archive.finish().expect("an archive").into_inner()
}

#[test]
fn what_is_in_an_archive_is_read_as_if_it_were_not() {
    let plain = read(TABLE);
    for (archive, bytes) in [
        ("gzip", gzip(TABLE)),
        ("gzip", [gzip("sku;quantity\nA1;5\n"), gzip("B2;many\nC3;7\n")].concat()),
        ("zstd", zstd(TABLE)),
        ("zstd", [zstd("sku;quantity\nA1;5\n"), zstd("B2;many\nC3;7\n")].concat()),
        ("zip", zip(&[("stock.csv", TABLE.as_bytes())])),
        (
            "zip",
            zip(&[
                ("__MACOSX/._stock.csv", b"\0"),
                ("export/.DS_Store", b"\0"),
                ("export/stock.csv", TABLE.as_bytes()),
            ]),
        ),
        ("zip", zip(&[("stock.csv.gz", &gzip(TABLE))])),
    ] {
        let reading = read(&bytes);
        assert_eq!((&reading.rows, &reading.lines), (&plain.rows, &plain.lines), "{archive}");
        assert_eq!(reading.refused, plain.refused);
        let Some(Event::Started { file: Some(file), .. }) = reading.started else { panic!("not started") };
        assert_eq!(file.to_json(), serde_json::json!({"format": "csv", "archive": archive}));
    }
}

#[test]
fn a_stored_file_is_read_too() {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file("stock.csv", stored).expect("a file");
    archive.write_all(TABLE.as_bytes()).expect("memory takes it");
    let bytes = archive.finish().expect("an archive").into_inner();
    assert_eq!(read(bytes).rows, read(TABLE).rows);
}

#[test]
fn several_files_are_listed() {
    let error = fail(zip(&[("a.csv", b"sku\n1\n"), ("b.csv", b"sku\n2\n")]), &spec());
    assert_eq!(
        (error.sqlstate(), error.to_string().as_str()),
        ("22P04", "file is a ZIP archive with 2 files")
    );
    assert_eq!(error.detail().as_deref(), Some("It has the files \"a.csv\", \"b.csv\"."));
    assert_eq!(fail(zip(&[("folder/.DS_Store", b"x")]), &spec()).to_string(), "file is empty");
}

#[test]
fn damage_is_told_and_leaves_nothing_unsaid() {
    let rows: String = (0..20_000).map(|row| format!("S-{row};{}\n", row * 7919 % 1000)).collect();
    let table = format!("sku;quantity\n{rows}");
    for bytes in [gzip(&table), zstd(&table), zip(&[("stock.csv", table.as_bytes())])] {
        let cut = &bytes[..bytes.len() - 1000];
        let error = fail(cut, &spec());
        assert_eq!(error.sqlstate(), "22P04", "{error}");
        assert!(error.to_string().ends_with("but damaged"), "{error}");
    }
    let mut flipped = zip(&[("stock.csv", table.as_bytes())]);
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    assert!(fail(flipped, &spec()).to_string().ends_with("but damaged"));
}

#[test]
fn bombs_and_archives_in_archives_are_refused() {
    let row = format!("A1;1;{}\n", "x".repeat(10_000));
    let bomb = gzip(format!("sku;quantity;name\n{}", row.repeat(9_000)));
    let (reading, result) = try_read(bomb.as_slice(), &spec());
    let error = result.expect_err("a bomb");
    assert_eq!(
        (error.sqlstate(), error.to_string().as_str()),
        ("54000", "file unpacks to far more than a table would")
    );
    assert!(!reading.rows.is_empty());
    let error = fail(gzip(gzip(gzip(TABLE))), &spec());
    assert_eq!(error.to_string(), "file is an archive in archives");
}

#[test]
fn json_in_an_archive_is_json() {
    let objects = "{\"sku\": \"A1\", \"quantity\": 5}\n{\"sku\": \"B2\", \"quantity\": 7}\n";
    let bytes = gzip(objects);
    assert!(may_be_json(&bytes, &ReadOptions::default()));
    assert!(!may_be_json(&gzip(TABLE), &ReadOptions::default()));
    assert!(may_be_json(&zip(&[("stock.jsonl", objects.as_bytes())]), &ReadOptions::default()));
    assert_eq!(read(bytes).rows, read(objects).rows);
}
