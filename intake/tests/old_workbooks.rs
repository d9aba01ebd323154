//! `.ods` and `.xls`, with the parts that programs write.

mod support;

use intake::*;
use std::io::{Cursor, Write};
use support::*;
use zip::write::SimpleFileOptions;

fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\" xmlns:style=\"s\">\
         <office:automatic-styles><style:style style:name=\"ta2\"><style:table-properties table:display=\"false\"/></style:style>\
         </office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in
        [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", &content)]
    {
        archive.start_file(name, SimpleFileOptions::default()).expect("a part");
        archive.write_all(text.as_bytes()).expect("memory takes it");
    }
    archive.finish().expect("an archive").into_inner()
}

fn text(cell: &str) -> String {
    format!("<table:table-cell office:value-type=\"string\"><text:p>{cell}</text:p></table:table-cell>")
}

fn row(cells: &[String]) -> String {
    format!("<table:table-row>{}</table:table-row>", cells.concat())
}

fn header() -> String {
    row(&["SKU", "Name", "Quantity", "Price"].map(text))
}

fn number(kind: &str, value: &str) -> String {
    format!(
        "<table:table-cell office:value-type=\"{kind}\" office:value=\"{value}\"><text:p>shown</text:p></table:table-cell>"
    )
}

#[test]
fn cells_of_an_opendocument_sheet_are_what_their_types_say() {
    let comment = "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>a note</text:p></office:annotation>\
                   <text:p>Lamp &amp; <text:span>shade</text:span></text:p><text:p>two<text:s text:c=\"2\"/>lines</text:p></table:table-cell>";
    let bytes = ods(&format!(
        "<table:table table:name=\"Items\">{}{}{}</table:table>",
        header(),
        row(&[text("A1"), comment.to_owned(), number("float", "5"), number("currency", "12.5")]),
        row(&[text("A2"), text("Bulb"), number("float", "7"), number("percentage", "0.05")]),
    ));
    let reading = read(bytes);
    assert_eq!(reading.value(0, "name"), Some("Lamp & shade\ntwo  lines"));
    assert_eq!((reading.value(0, "quantity"), reading.value(0, "unit_price")), (Some("5"), Some("12.5")));
    assert_eq!(reading.value(1, "unit_price"), Some("5"));
    assert_eq!(reading.lines, [2, 3]);
}

#[test]
fn repeated_cells_and_rows_take_no_memory() {
    let blank = "<table:table-cell table:number-columns-repeated=\"16380\"/>";
    let many = format!(
        "<table:table-row table:number-rows-repeated=\"1000\">{}{}{}{blank}</table:table-row>",
        text("A1"),
        text("Lamp"),
        number("float", "5"),
    );
    let rest = format!("<table:table-row table:number-rows-repeated=\"1047575\">{blank}</table:table-row>");
    let bytes = ods(&format!("<table:table table:name=\"Items\">{}{many}{rest}</table:table>", header()));
    let reading = read(bytes);
    assert_eq!((reading.rows.len(), reading.accounted()), (1000, 1000));
    // The same in every cell of a sheet: a row after the other, until the reader has seen enough.
    let full = concat!(
        "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell table:number-columns-repeated=\"16384\" ",
        "office:value-type=\"string\"><text:p>x</text:p></table:table-cell></table:table-row>"
    );
    let bytes = ods(&format!("<table:table table:name=\"Items\">{full}</table:table>"));
    let mut batches = 0;
    let spec =
        Spec { reading: ReadOptions { header: Some(Header::Absent), ..ReadOptions::default() }, ..spec() };
    let mapping = Some([("column_1".to_owned(), "sku".into())].into_iter().collect());
    let result = read_file(bytes.as_slice(), &Spec { mapping, ..spec }, &mut |event| {
        batches += usize::from(matches!(event, Event::Batch(_)));
        if batches < 3 {
            std::ops::ControlFlow::Continue(Batch::default())
        } else {
            std::ops::ControlFlow::Break(())
        }
    });
    assert!(result.is_ok() && batches == 3, "{result:?}");
}

#[test]
fn hidden_sheets_hidden_rows_and_merged_cells_are_told() {
    let merged =
        text("Lamp").replacen("<table:table-cell", "<table:table-cell table:number-rows-spanned=\"2\"", 1);
    let hidden_row = row(&[text("A3"), text("Saw"), number("float", "1")]).replacen(
        "<table:table-row",
        "<table:table-row table:visibility=\"filter\"",
        1,
    );
    let bytes = ods(&format!(
        "<table:table table:name=\"Old\" table:style-name=\"ta2\">{}{}</table:table><table:table table:name=\"Items\">{}{}{}{hidden_row}</table:table>",
        header(),
        row(&[text("X"), text("Old lamp")]),
        header(),
        row(&[text("A1"), merged, number("float", "5")]),
        row(&[text("A2"), "<table:covered-table-cell/>".to_owned(), number("float", "6")]),
    ));
    let reading = read(bytes);
    let names: Vec<_> = (0..3).map(|row| reading.value(row, "name")).collect();
    assert_eq!(names, [Some("Lamp"), Some("Lamp"), Some("Saw")]);
    assert_eq!(
        reading.warnings(),
        [
            "1 hidden row was read like the others (4)",
            "1 cell is merged over several rows: a text or a date counts for each of them, a number for the first (2)"
        ]
    );
}

/// An old workbook with one sheet, of the records that calamine and we look at: [MS-XLS].
fn xls(sheet_records: &[(u16, Vec<u8>)], globals: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let record = |(kind, data): &(u16, Vec<u8>)| {
        [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
    };
    let bof = |of: u8| (0x0809_u16, [0, 6, of, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0].to_vec());
    let end = (0x000A_u16, Vec::new());
    let name = b"Items";
    let sheet_at =
        |at: u32| (0x0085_u16, [&at.to_le_bytes()[..], &[0, 0, name.len() as u8, 0], name].concat());
    let head = |at: u32| -> Vec<u8> {
        let all = [vec![bof(5)], globals.to_vec(), vec![sheet_at(at), end.clone()]].concat();
        all.iter().flat_map(record).collect()
    };
    let at = head(0).len() as u32;
    let sheet = [vec![bof(16)], sheet_records.to_vec(), vec![end.clone()]].concat();
    let mut stream: Vec<u8> = [head(at), sheet.iter().flat_map(record).collect()].concat();
    stream.resize(stream.len().max(4096), 0);
    let mut file =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).expect("a file");
    file.create_stream("/Workbook").expect("a stream").write_all(&stream).expect("its bytes");
    file.into_inner().into_inner()
}

fn label(row: u16, column: u16, text: &str) -> (u16, Vec<u8>) {
    let place =
        [row, column, 0, text.len() as u16].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>();
    (0x0204, [place, vec![0], text.as_bytes().to_vec()].concat())
}

fn value(row: u16, column: u16, style: u16, value: f64) -> (u16, Vec<u8>) {
    let place = [row, column, style].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>();
    (0x0203, [place, value.to_le_bytes().to_vec()].concat())
}

/// A style with a format of that number.
fn style(format: u16) -> (u16, Vec<u8>) {
    let mut data = vec![0; 20];
    data[2..4].copy_from_slice(&format.to_le_bytes());
    (0x00E0, data)
}

#[test]
fn an_old_excel_workbook_is_read() {
    let cells = [
        label(0, 0, "SKU"),
        label(0, 1, "Name"),
        label(0, 2, "Quantity"),
        label(0, 3, "Price"),
        label(1, 0, "A1"),
        label(1, 1, "Lamp"),
        value(1, 2, 0, 5.0),
        value(1, 3, 1, 0.075),
    ];
    let bytes = xls(&cells, &[style(0), style(10)]);
    let reading = read(&bytes);
    assert_eq!(
        reading.row(0)[..4],
        [("sku", "A1"), ("name", "Lamp"), ("quantity", "5"), ("unit_price", "7.5")]
    );
    let sniffed = sniff_file(&bytes, &ReadOptions::default()).expect("a workbook");
    assert_eq!((sniffed.file.format.code(), sniffed.sheets), ("xls", vec!["Items".to_owned()]));
}

#[test]
fn an_old_workbook_may_not_ask_for_more_memory_than_it_may_take() {
    let dimensions = |rows: u32| {
        let data = [
            &0_u32.to_le_bytes()[..],
            &rows.to_le_bytes(),
            &0_u16.to_le_bytes(),
            &256_u16.to_le_bytes(),
            &[0, 0],
        ];
        (0x0200_u16, data.concat())
    };
    let far = [label(0, 0, "SKU"), label(65_535, 255, "x")];
    for records in [vec![dimensions(u32::MAX)], far.to_vec()] {
        let reading = ReadOptions { memory: 64 << 20, ..ReadOptions::default() };
        let error = fail(xls(&records, &[]), &Spec { reading, ..spec() });
        assert_eq!(error.to_string(), "file takes more than 64 MB of memory to read");
    }
}

#[test]
fn an_old_workbook_with_a_password_says_so() {
    let error = fail(xls(&[label(0, 0, "SKU")], &[(0x002F, vec![1, 0, 1, 0, 1, 0])]), &spec());
    assert_eq!(
        error.to_string(),
        "file is an Excel workbook of the old format (.xls), protected with a password"
    );
}
