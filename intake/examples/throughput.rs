//! How fast a file of inventory is read: `cargo run --release -p intake --example throughput [ROWS] [us|german]`.
//! Prints the processor's time (the machine may be busy with something else), where the system tells it.

use intake::{Batch, Column, Event, Kind, Spec, Table, read_file};
use std::fmt::Write;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rows = arguments.next().map_or(1_000_000, |rows| rows.parse().expect("a number of rows"));
    let file = match arguments.next().as_deref() {
        Some("german") => german(rows),
        _ => us(rows),
    };
    let (cpu, wall) = (cpu_time(), Instant::now());
    let accepted = read(&file);
    let wall = wall.elapsed();
    let seconds = cpu_time().zip(cpu).map_or(wall, |(after, before)| after - before).as_secs_f64();
    let megabytes = file.len() as f64 / 1e6;
    println!(
        "{accepted} rows, {megabytes:.0} MB: {seconds:.2} s of one core, {:.0} MB/s",
        megabytes / seconds
    );
}

fn read(file: &str) -> usize {
    let mut accepted = 0;
    let spec = Spec { batch_rows: 5_000, ..Spec::new(inventory()) };
    let result = read_file(file.as_bytes(), &spec, &mut |event| {
        if let Event::Batch(batch) = event {
            assert!(batch.refused.is_empty(), "{:?}", batch.refused[0]);
            accepted += batch.rows();
            black_box(batch);
        }
        ControlFlow::Continue(Batch::default())
    });
    result.expect("a readable file");
    accepted
}

fn inventory() -> Table {
    let text = |name| Column::new(name, Kind::Text { max_chars: None });
    let integer = |name| Column::new(name, Kind::Int4);
    let money = |name| Column::new(name, Kind::Numeric { precision: Some((12, 2)) });
    let columns = vec![
        text("sku").required(),
        text("name").required(),
        text("description"),
        text("category"),
        integer("quantity"),
        integer("quantity_on_order"),
        money("unit_price"),
        money("cost"),
        text("department_code"),
        text("unit_of_measure"),
        text("barcode"),
        text("location"),
        text("supplier"),
    ];
    Table { columns, attributes: None }
}

const HEADER: &str = "sku,name,description,category,quantity,quantity_on_order,unit_price,cost,department_code,\
                      unit_of_measure,barcode,location,supplier";

fn us(rows: u64) -> String {
    let words = |n| format!("Steel bolt {n},\"Bolt, galvanised\",Hardware");
    let price = |cents| format!("{}.{:02}", cents / 100, cents % 100);
    file(',', rows, words, price, price)
}

fn german(rows: u64) -> String {
    let words = |n| format!("Stahlbolzen {n};Bolzen, verzinkt;Eisen");
    let price = |cents| format!("1.{:03},{:02}", cents / 100, cents % 100);
    let cost = |cents| format!("{},{:02} €", cents / 100, cents % 100);
    file(';', rows, words, price, cost)
}

/// A header and a line for each number, with its words, its price and its cost.
fn file(
    delimiter: char,
    rows: u64,
    words: impl Fn(u64) -> String,
    price: impl Fn(u64) -> String,
    cost: impl Fn(u64) -> String,
) -> String {
    let d = delimiter;
    let mut file = format!("{}\n", HEADER.replace(',', d.encode_utf8(&mut [0; 4])));
    for n in 0..rows {
        let (words, price, cost) = (words(n), price(n * 37 % 100_000), cost(n * 29 % 90_000));
        let (quantity, ordered, department) = (n % 5000, n % 70, n % 40);
        let (shelf, place, supplier) = (n % 300, n % 50, n % 900);
        let line = writeln!(
            file,
            "SKU-{n:08}{d}{words}{d}{quantity}{d}{ordered}{d}{price}{d}{cost}{d}D{department:02}{d}EA{d}40{n:011}{d}\
             A-{shelf:03}-{place:02}{d}Acme {supplier}"
        );
        line.expect("a string takes everything");
    }
    file
}

/// What this thread has used of the processor, on Linux.
fn cpu_time() -> Option<Duration> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    statistics.split_ascii_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
