//! What cells hold.

use crate::made::*;
use crate::support::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Style};

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
