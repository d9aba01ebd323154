//! Workbooks: `.xlsx` made by a library, `.ods` and `.xls` with the parts that programs write.

mod support;

use intake::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook, Worksheet, XlsxError};
use support::*;

type Made = Result<(), XlsxError>;

fn workbook(make: impl FnOnce(&mut Workbook) -> Made) -> Vec<u8> {
    let mut workbook = Workbook::new();
    make(&mut workbook).expect("a workbook");
    workbook.save_to_buffer().expect("its bytes")
}

fn sheet(make: impl FnOnce(&mut Worksheet) -> Made) -> Vec<u8> {
    workbook(|workbook| make(workbook.add_worksheet()))
}

fn rows(sheet: &mut Worksheet, first: u32, rows: &[&[&str]]) -> Made {
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

fn sheet_option(sheet: &str) -> Spec {
    Spec { reading: ReadOptions { sheet: Some(sheet.to_owned()), ..ReadOptions::default() }, ..spec() }
}

/// The sheet that was read, and its first column.
fn read_sheet(bytes: &[u8], spec: &Spec) -> (Option<String>, Vec<String>) {
    let (reading, result) = try_read(bytes, spec);
    result.expect("a readable workbook");
    let sheet = match &reading.started {
        Some(Event::Started { file: Some(file), .. }) => file.sheet.clone(),
        _ => None,
    };
    (sheet, reading.rows.iter().map(|row| row[0].clone().unwrap_or_default()).collect())
}

fn timed() -> Spec {
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

#[test]
fn cells_are_what_their_types_say() {
    let bytes = sheet(|sheet| {
        rows(sheet, 0, &[&["SKU", "Best before", "Counted at", "Active", "Qty", "Price"]])?;
        rows(sheet, 1, &[&["", "", "", "", "5", "1234.5"], &["", "", "", "", "7", "0.30000000000000004"]])?;
        let (day, time) =
            (Style::new().set_num_format("dd/mm/yy"), Style::new().set_num_format("yyyy-mm-dd hh:mm"));
        sheet.write_number_with_format(1, 0, 123.0, &Style::new().set_num_format("000000"))?;
        sheet.write_datetime_with_format(1, 1, &ExcelDateTime::from_ymd(2024, 4, 3)?, &day)?;
        sheet.write_datetime_with_format(
            1,
            2,
            &ExcelDateTime::from_ymd(2024, 4, 3)?.and_hms(10, 30, 0)?,
            &time,
        )?;
        sheet.write_boolean(1, 3, true)?;
        sheet.write_string(2, 0, "0012")?;
        sheet.write_string(2, 1, "31.12.2024")?;
        sheet.write_boolean(2, 3, false)?;
        Ok(())
    });
    let (reading, result) = try_read(bytes.as_slice(), &timed());
    result.expect("a readable workbook");
    assert_eq!(reading.refused, []);
    let row = |row: usize| reading.row(row).into_iter().map(|(_, value)| value).collect::<Vec<_>>();
    assert_eq!(row(0), ["000123", "2024-04-03", "2024-04-03 10:30:00", "true", "5", "1234.5"]);
    assert_eq!(row(1), ["0012", "2024-12-31", "∅", "false", "7", "0.3"]);
    assert_eq!(reading.lines, [2, 3]);
}

#[test]
fn both_systems_of_dates_are_read() {
    let dated = |is_1904: bool| {
        let bytes = sheet(|sheet| {
            rows(sheet, 0, &[&["SKU", "Best before"], &["A"]])?;
            sheet.write_number_with_format(1, 1, 40_000.0, &Style::new().set_num_format("yyyy-mm-dd"))?;
            Ok(())
        });
        let bytes = if is_1904 {
            with_part(&bytes, "xl/workbook.xml", "<workbookPr", "<workbookPr date1904=\"1\"")
        } else {
            bytes
        };
        let (reading, result) = try_read(bytes.as_slice(), &timed());
        result.expect("a readable workbook");
        reading.value(0, "best_before").map(str::to_owned)
    };
    assert_eq!(dated(false).as_deref(), Some("2009-07-06"));
    assert_eq!(dated(true).as_deref(), Some("2013-07-07"));
}

#[test]
fn numbers_are_not_read_as_a_country_writes_them() {
    // The texts of the column have decimal commas; the numbers are numbers.
    let bytes = sheet(|sheet| {
        rows(sheet, 0, &[&["SKU", "Price"], &["A", "1.125"], &["B", "12,50"], &["C", "1.234,50"]])
    });
    let (reading, _) = try_read(bytes.as_slice(), &timed());
    let prices: Vec<_> = (0..3).map(|row| reading.value(row, "unit_price")).collect();
    assert_eq!(prices, [Some("1.125"), Some("12.50"), Some("1234.50")]);
}

#[test]
fn the_sheet_with_the_data_is_found() {
    let bytes = workbook(|workbook| {
        rows(
            workbook.add_worksheet().set_name("Notes")?,
            0,
            &[&["Made by", "us"], &["for", "you"], &["on", "Monday"]],
        )?;
        rows(
            workbook.add_worksheet().set_name("Items")?,
            0,
            &[&["SKU", "Name", "Quantity"], &["A1", "Lamp", "5"]],
        )?;
        let hidden = workbook.add_worksheet().set_name("Old")?.set_hidden(true);
        rows(hidden, 0, &[&["SKU", "Name", "Quantity", "Price"], &["X", "Old lamp", "1", "2"]])
    });
    assert_eq!(read_sheet(&bytes, &spec()), (Some("Items".into()), vec!["A1".into()]));
    assert_eq!(read_sheet(&bytes, &sheet_option("old")), (Some("Old".into()), vec!["X".into()]));
    assert_eq!(read_sheet(&bytes, &sheet_option("2")), (Some("Items".into()), vec!["A1".into()]));
    let (reading, _) = try_read(bytes.as_slice(), &spec());
    assert_eq!(reading.warnings(), ["1 other sheet has rows, too, which were not read (1: Notes)"]);
    let error = fail(&bytes, &sheet_option("Stock"));
    assert_eq!(error.to_string(), "workbook has no sheet \"Stock\"");
    assert_eq!(error.detail().as_deref(), Some("The workbook has the sheets \"Notes\", \"Items\", \"Old\"."));
}

#[test]
fn titles_blank_rows_and_totals_are_no_data() {
    let bytes = sheet(|sheet| {
        sheet.merge_range(0, 0, 0, 2, "Stock of March", &Style::new())?;
        rows(
            sheet,
            3,
            &[
                &["SKU", "Name", "Quantity"],
                &["A1", "Lamp", "5"],
                &[],
                &["B2", "Bulb", "7"],
                &["", "Total", "12"],
            ],
        )
    });
    let reading = read(&bytes);
    assert_eq!(reading.lines, [5, 7]);
    assert_eq!(reading.skip_reasons(), ["1 blank line", "1 row of totals"]);
}

#[test]
fn a_sheet_may_begin_anywhere() {
    let bytes = sheet(|sheet| {
        for (row, cells) in [["SKU", "Name", "Quantity"], ["A1", "Lamp", "5"]].iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                sheet.write_string(row as u32 + 2, column as u16 + 1, *cell)?;
            }
        }
        Ok(())
    });
    let reading = read(&bytes);
    assert_eq!((reading.lines.as_slice(), reading.value(0, "name")), (&[4][..], Some("Lamp")));
    assert_eq!(reading.warnings(), Vec::<String>::new());
}

#[test]
fn a_header_of_two_rows_is_joined() {
    let bytes = sheet(|sheet| {
        let plain = Style::new();
        sheet.merge_range(0, 0, 1, 0, "SKU", &plain)?;
        sheet.merge_range(0, 1, 1, 1, "Name", &plain)?;
        sheet.merge_range(0, 2, 0, 3, "Main", &plain)?;
        sheet.merge_range(0, 4, 0, 5, "Mall", &plain)?;
        rows(
            sheet,
            1,
            &[
                &["", "", "Qty", "Min", "Qty", "Min"],
                &["A1", "Lamp", "5", "1", "3", "1"],
                &["B2", "Bulb", "7", "1", "2", "1"],
            ],
        )
    });
    let (reading, result) = try_read(bytes.as_slice(), &spec());
    result.expect("a readable workbook");
    let Some(Event::Started { mapping, .. }) = &reading.started else { panic!("it has not started") };
    assert_eq!(mapping.header, ["SKU", "Name", "Main Qty", "Main Min", "Mall Qty", "Mall Min"]);
    assert_eq!(reading.rows.len(), 2);
}

#[test]
fn cells_that_are_merged_over_rows_count_for_each_if_they_are_texts() {
    let bytes = sheet(|sheet| {
        rows(sheet, 0, &[&["SKU", "Name", "Quantity"], &["A1"], &["A2"], &["A3", "Bulb", "7"]])?;
        sheet.merge_range(1, 1, 2, 1, "Lamp", &Style::new())?;
        sheet.merge_range(1, 2, 2, 2, "", &Style::new())?;
        sheet.write_number(1, 2, 5.0)?;
        Ok(())
    });
    let reading = read(&bytes);
    let values = |column| (0..3).map(|row| reading.value(row, column)).collect::<Vec<_>>();
    assert_eq!(values("name"), [Some("Lamp"), Some("Lamp"), Some("Bulb")]);
    assert_eq!(values("quantity"), [Some("5"), None, Some("7")]);
    assert_eq!(
        reading.warnings(),
        [
            "2 cells are merged over several rows: a text or a date counts for each of them, a number for the first (2)"
        ]
    );
}

#[test]
fn hidden_rows_and_formulas_are_told() {
    let bytes = sheet(|sheet| {
        rows(
            sheet,
            0,
            &[&["SKU", "Name", "Quantity"], &["A1", "Lamp"], &["A2", "Bulb", "7"], &["A3", "Saw", "1"]],
        )?;
        sheet.write_formula(1, 2, Formula::new("=2+3").set_result("5"))?;
        sheet.set_row_hidden(2)?;
        Ok(())
    });
    let reading = read(&bytes);
    assert_eq!(reading.value(0, "quantity"), Some("5"));
    assert_eq!(reading.warnings(), ["1 hidden row was read like the others (3)"]);
    let without_value = with_part(&bytes, "xl/worksheets/sheet1.xml", "<v>5</v>", "");
    let reading = read(&without_value);
    assert_eq!(reading.value(0, "quantity"), None);
    assert_eq!(reading.warnings()[1], "1 formula has no value in the file, and counted as empty (2)");
}

#[test]
fn percentages_are_what_people_see() {
    let bytes = sheet(|sheet| {
        rows(sheet, 0, &[&["SKU", "Price"], &["A"]])?;
        sheet.write_number_with_format(1, 1, 0.075, &Style::new().set_num_format("0.0%"))?;
        Ok(())
    });
    let (reading, _) = try_read(bytes.as_slice(), &timed());
    assert_eq!(reading.value(0, "unit_price"), Some("7.5"));
    assert_eq!(
        reading.warnings(),
        ["1 value in column \"unit_price\" had a percent sign, which was dropped (2: 7.5%)"]
    );
}

#[test]
fn a_refused_row_is_a_record_of_its_cells() {
    let bytes = sheet(|sheet| {
        rows(
            sheet,
            0,
            &[&["SKU", "Name", "Quantity"], &["A1", "5\" pipe\nlong", "many"], &["A2", "Bulb", "7"]],
        )
    });
    let reading = read(&bytes);
    assert_eq!(reading.refused[0].line, 2);
    assert_eq!(reading.refused[0].raw, "\"A1\",\"5\"\" pipe\nlong\",\"many\"");
    assert_eq!(reading.lines, [3]);
}

#[test]
fn a_hundred_thousand_rows_are_read_in_little_memory() {
    let bytes = workbook(|workbook| {
        let sheet = workbook.add_worksheet();
        rows(sheet, 0, &[&["SKU", "Name", "Quantity"]])?;
        for row in 1..=100_000 {
            sheet.write_string(row, 0, format!("S-{row}"))?;
            sheet.write_string(row, 1, "Lamp")?;
            sheet.write_number(row, 2, row)?;
        }
        Ok(())
    });
    let mut most = 0;
    let mut rows = 0;
    read_file(bytes.as_slice(), &spec(), &mut |event| {
        if let Event::Batch(batch) = &event {
            rows += batch.rows();
            most = most.max(batch.rows());
            assert!(batch.bytes_consumed <= bytes.len() as u64);
        }
        std::ops::ControlFlow::Continue(Batch::default())
    })
    .expect("a readable workbook");
    assert_eq!((rows, most), (100_000, 1000));
}

#[test]
fn what_is_damaged_or_protected_says_so() {
    let bytes = sheet(|sheet| rows(sheet, 0, &[&["SKU", "Name"], &["A1", "Lamp"]]));
    let error = fail(&bytes[..bytes.len() / 2], &spec());
    assert_eq!(
        (error.sqlstate(), error.to_string().as_str()),
        ("22P04", "file is a ZIP archive, but damaged")
    );
    let error = fail(with_part(&bytes, "xl/worksheets/sheet1.xml", "<sheetData>", "<sheetData"), &spec());
    assert_eq!(error.to_string(), "file is an Excel workbook, but damaged");
    let error = fail(
        with_part(&bytes, "xl/sharedStrings.xml", "uniqueCount=\"4\"", "uniqueCount=\"4000000000\""),
        &spec(),
    );
    assert_eq!(error.to_string(), "file is an Excel workbook, but damaged");
    let error = fail(protected(), &spec());
    assert_eq!(error.to_string(), "file is an Excel workbook, protected with a password");
}

#[test]
fn a_workbook_takes_no_more_memory_than_it_may() {
    let bytes = sheet(|sheet| {
        for row in 0..20_000 {
            sheet.write_string(row, 0, format!("a text of its own: {row}"))?;
        }
        Ok(())
    });
    let reading = ReadOptions { memory: 1 << 20, ..ReadOptions::default() };
    let error = fail(&bytes, &Spec { reading, ..spec() });
    assert_eq!(
        (error.sqlstate(), error.to_string().as_str()),
        ("54000", "file takes more than 1 MB of memory to read")
    );
}

/// The workbook with a piece of one of its parts replaced.
fn with_part(bytes: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
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
fn protected() -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a file");
    for name in ["/EncryptionInfo", "/EncryptedPackage"] {
        file.create_stream(name).expect("a stream").write_all(&[1; 5000]).expect("its bytes");
    }
    file.into_inner().into_inner()
}
