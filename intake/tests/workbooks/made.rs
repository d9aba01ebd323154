//! Workbooks to read, and readings of them.

use crate::support::*;
use intake::*;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

pub type Made = Result<(), XlsxError>;

pub fn workbook(make: impl FnOnce(&mut Workbook) -> Made) -> Vec<u8> {
    let mut workbook = Workbook::new();
    make(&mut workbook).expect("a workbook");
    workbook.save_to_buffer().expect("its bytes")
}

pub fn sheet(make: impl FnOnce(&mut Worksheet) -> Made) -> Vec<u8> {
    workbook(|workbook| make(workbook.add_worksheet()))
}

pub fn rows(sheet: &mut Worksheet, first: u32, rows: &[&[&str]]) -> Made {
    for (row, cells) in (first..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column, number)?,
                Err(_) if cell.is_empty() => continue,
                Err(_) => sheet.write_string(row, column, *cell)?,
            };
        }
    }
    Ok(())
}

pub fn sheet_option(sheet: &str) -> Spec {
    Spec { reading: ReadOptions { sheet: Some(sheet.to_owned()), ..ReadOptions::default() }, ..spec() }
}

/// The sheet that was read, and its first column.
pub fn read_sheet(bytes: &[u8], spec: &Spec) -> (Option<String>, Vec<String>) {
    let (reading, result) = try_read(bytes, spec);
    result.expect("a readable workbook");
    let sheet = match &reading.started {
        Some(Event::Started { file: Some(file), .. }) => file.sheet.clone(),
        _ => None,
    };
    (sheet, reading.rows.iter().map(|row| row[0].clone().unwrap_or_default()).collect())
}

pub fn timed() -> Spec {
    let text = |name| Column::new(name, Kind::Text { max_chars: None });
    let columns = vec![
        text("sku").required(),
        Column::new("best_before", Kind::Date),
        Column::new("counted_at", Kind::Timestamp),
        Column::new("active", Kind::Bool),
        Column::new("quantity", Kind::Int4),
        Column::new("unit_price", Kind::Numeric { precision: Some((12, 2)) }),
    ];
    Spec::new(Table { columns, attributes: None })
}

/// The workbook with a piece of one of its parts replaced.
pub fn with_part(bytes: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut old = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let mut entry = old.by_index(index).expect("a part");
        let name = entry.name().expect("a name").into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("its content");
        if name == part {
            let text = String::from_utf8(content).expect("XML");
            assert!(text.contains(from), "{from} is not in {text}");
            content = text.replace(from, to).into_bytes();
        }
        new.start_file(name, zip::write::SimpleFileOptions::default()).expect("a new part");
        new.write_all(&content).expect("its content");
    }
    new.finish().expect("an archive").into_inner()
}

/// As Excel wraps a workbook with a password.
pub fn protected() -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a file");
    for name in ["/EncryptionInfo", "/EncryptedPackage"] {
        file.create_stream(name).expect("a stream").write_all(&[1; 5000]).expect("its bytes");
    }
    file.into_inner().into_inner()
}
