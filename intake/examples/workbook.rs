//! How fast a workbook is read, beside calamine's bare reading of the same cells, in turns:
//! `cargo run --release -p intake --example workbook [ROWS]`. The workbook is `.xlsx`, with twelve columns.
//! The memory is the most that this process has used after each reading, where the system tells it.

use calamine::{Reader, Xlsx};
use intake::{Batch, Column, Event, Kind, Spec, Table, read_file};
use rust_xlsxwriter::{Workbook, XlsxError};
use std::env::{args, temp_dir};
use std::hint::black_box;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::process::Command;
use std::time::Instant;

const ROUNDS: usize = 3;
const NAMES: [&str; 12] = [
    "sku",
    "name",
    "description",
    "category",
    "quantity",
    "reorder_level",
    "unit_price",
    "cost",
    "barcode",
    "location",
    "supplier",
    "unit_of_measure",
];

/// The workbook is made by a process of its own, whose memory does not count.
fn main() {
    let rows = args().nth(1).map_or(250_000, |rows| rows.parse().expect("a number of rows"));
    let path = temp_dir().join(format!("intake-{rows}.xlsx"));
    if args().nth(2).as_deref() == Some("make") {
        return workbook(rows).and_then(|mut workbook| workbook.save(&path)).expect("a workbook");
    }
    let program = std::env::current_exe().expect("this program");
    let made = Command::new(program).args([&rows.to_string(), "make"]).status().expect("a process");
    assert!(made.success());
    let file = std::fs::read(&path).expect("the workbook");
    println!("{rows} rows, {:.0} MB; {} before", file.len() as f64 / 1e6, peak());
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(timed(|| assert_eq!(read(&file), rows as usize)));
        let memory = peak();
        bare.push(timed(|| assert_eq!(read_bare(&file), (rows as usize + 1) * NAMES.len())));
        println!("intake {:.2} s, calamine {:.2} s; {memory}", ours[ours.len() - 1], bare[bare.len() - 1]);
    }
    let (ours, bare) = (median(ours), median(bare));
    println!(
        "median: {:.0} rows a second; calamine alone {:.0}; {:.2} of its speed",
        f64::from(rows) / ours,
        f64::from(rows) / bare,
        bare / ours
    );
}

fn workbook(rows: u32) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(NAMES) {
        sheet.write_string(0, column, name)?;
    }
    for row in 1..=rows {
        for (column, name) in (0..).zip(NAMES) {
            match name {
                "quantity" | "reorder_level" => sheet.write_number(row, column, row % 500)?,
                "unit_price" | "cost" => sheet.write_number(row, column, f64::from(row % 9000) / 100.0)?,
                "category" | "location" | "supplier" | "unit_of_measure" => {
                    sheet.write_string(row, column, format!("{name} {}", row % 40))?
                }
                _ => sheet.write_string(row, column, format!("{name} {row} of the workbook"))?,
            };
        }
    }
    Ok(workbook)
}

fn read(file: &[u8]) -> usize {
    let kind = |name: &str| match name {
        "quantity" | "reorder_level" => Kind::Int4,
        "unit_price" | "cost" => Kind::Numeric { precision: Some((12, 2)) },
        _ => Kind::Text { max_chars: None },
    };
    let columns = NAMES.iter().map(|name| Column::new(*name, kind(name))).collect();
    let spec = Spec { batch_rows: 5_000, ..Spec::new(Table { columns, attributes: None }) };
    let mut accepted = 0;
    let result = read_file(file, &spec, &mut |event| {
        if let Event::Batch(batch) = event {
            accepted += batch.rows();
            black_box(batch);
        }
        ControlFlow::Continue(Batch::default())
    });
    result.expect("a readable workbook");
    accepted
}

/// Cells, one after the other, and nothing done with them.
fn read_bare(file: &[u8]) -> usize {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(file)).expect("a workbook");
    let sheet = workbook.sheet_names()[0].clone();
    let mut cells = workbook.worksheet_cells_reader(&sheet).expect("a sheet");
    let mut count = 0;
    while let Some(cell) = cells.next_cell().expect("a cell") {
        black_box(cell);
        count += 1;
    }
    count
}

fn timed(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    peak.map_or_else(String::new, |line| line.split_whitespace().collect::<Vec<_>>().join(" "))
}
