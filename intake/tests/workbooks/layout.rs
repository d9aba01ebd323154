//! Where the table is, and what a sheet has besides.

use crate::made::*;
use crate::support::*;
use intake::*;
use rust_xlsxwriter::{Format as Style, Formula};

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
    let error = fail("sku,name\nA1,Lamp\n", &sheet_option("Stock"));
    assert_eq!((error.sqlstate(), error.to_string().as_str()), ("22023", "file is CSV, which has no sheets"));
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
