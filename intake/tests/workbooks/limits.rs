//! Large, damaged and protected workbooks.

use crate::made::*;
use crate::support::*;
use intake::*;

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
