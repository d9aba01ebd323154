//! Workbooks, archives and JSON files broken at random, for as long as `INTAKE_FUZZ_SECONDS` says: nothing panics, no row is
//! lost or counted twice, and how the bytes arrive makes no difference. `INTAKE_FUZZ_SEED` plays the same files again.

mod support;

use fastrand::Rng;
use flate2::Compression;
use flate2::write::GzEncoder;
use intake::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::env;
use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};
use support::*;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const CSV: &str = "sku,name,quantity\nA1,Lamp,5\nA2,Bulb,many\n";
const LINES: &str =
    "{\"sku\": \"A1\", \"quantity\": 5}\n{\"sku\": \"A2\", \"name\": \"B]}\\\"\"}\n{\"sku\": 3}\n";
const ARRAY: &str =
    "[\n {\"sku\": \"A1\", \"quantity\": 5},\n {\"sku\": \"A2\", \"tags\": [1, {\"a\": \"}\"}]}\n]\n";
const FIXED: &str =
    "SKU   Name        Qty\nA1    Desk lamp     5\nB22   Bulb         12\nC3    Saw           7\n";

/// What matters to some part of a workbook, or of JSON.
const TOKENS: [&str; 24] = [
    "<",
    ">",
    "\"",
    "</c>",
    "<v>",
    "</v>",
    "<row r=\"9\">",
    " r=\"ZZZ9\"",
    " r=\"A0\"",
    " t=\"s\"",
    " s=\"99\"",
    "99999999999",
    "-1",
    "<f>",
    "&amp;",
    "&#x0;",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\\",
    "\n",
    "  ",
];

fn workbook() -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for name in ["Items", "Notes"] {
        let sheet = workbook.add_worksheet().set_name(name).expect("a sheet");
        for (row, cells) in
            [["SKU", "Name", "Quantity"], ["A1", "Lamp", "5"], ["A2", "Bulb", "7"]].iter().enumerate()
        {
            for (column, cell) in cells.iter().enumerate() {
                sheet.write_string(row as u32, column as u16, *cell).expect("a cell");
            }
        }
        sheet.write_number(3, 2, 7.5).expect("a cell");
        sheet.merge_range(5, 0, 6, 0, "x", &rust_xlsxwriter::Format::new()).expect("cells");
        sheet.set_row_hidden(2).expect("a row");
    }
    workbook.save_to_buffer().expect("its bytes")
}

fn opendocument() -> Vec<u8> {
    let content = "<?xml version=\"1.0\"?><office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body>\
        <table:table table:name=\"Items\"><table:table-row><table:table-cell office:value-type=\"string\"><text:p>SKU</text:p>\
        </table:table-cell><table:table-cell office:value-type=\"string\"><text:p>Quantity</text:p></table:table-cell></table:table-row>\
        <table:table-row table:number-rows-repeated=\"3\"><table:table-cell office:value-type=\"string\"><text:p>A&amp;1</text:p>\
        </table:table-cell><table:table-cell office:value-type=\"float\" office:value=\"5\"/></table:table-row></table:table>\
        </office:body></office:document-content>";
    packed(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
    ])
}

/// An old workbook whose stream has a sheet with a text and a number.
fn old_workbook() -> Vec<u8> {
    let record =
        |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat();
    let bof = |of: u8| record(0x0809, &[0, 6, of, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let globals = |at: u32| {
        let sheet = [&at.to_le_bytes()[..], &[0, 0, 1, 0, b'S']].concat();
        [bof(5), record(0x00E0, &[0; 20]), record(0x0085, &sheet), record(0x000A, &[])].concat()
    };
    let label = |row: u8, column: u8, text: &[u8]| {
        record(0x0204, &[&[row, 0, column, 0, 0, 0, text.len() as u8, 0, 0][..], text].concat())
    };
    let number = [&[1, 0, 1, 0, 0, 0][..], &5.0_f64.to_le_bytes()].concat();
    let rows =
        [label(0, 0, b"SKU"), label(0, 1, b"Quantity"), label(1, 0, b"A1"), record(0x0203, &number)].concat();
    let sheet = [bof(16), record(0x0200, &[0; 14]), rows, record(0x000A, &[])].concat();
    let mut stream = [globals(globals(0).len() as u32), sheet].concat();
    stream.resize(4096, 0);
    let mut file =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new())).expect("a file");
    file.create_stream("/Workbook").expect("a stream").write_all(&stream).expect("its bytes");
    file.into_inner().into_inner()
}

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        archive.start_file(*name, SimpleFileOptions::default()).expect("a file");
        archive.write_all(content).expect("memory takes it");
    }
    archive.finish().expect("an archive").into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("an archive")
}

/// The archive with one of its files broken within, so that it unpacks.
fn broken_within(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let broken = rng.usize(0..archive.len());
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a file");
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("its content");
        if index == broken {
            break_bytes(&mut content, rng);
        }
        files.push((file.name().expect("a name").into_owned(), content));
    }
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    packed(&files)
}

fn break_bytes(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..rng.usize(0..6) {
        let at = rng.usize(0..=bytes.len());
        let end = rng.usize(at..=bytes.len());
        match rng.u8(0..6) {
            0 => drop(bytes.drain(at..end.min(at + 12))),
            1 => bytes.truncate(at),
            2 if at < bytes.len() => bytes[at] = rng.u8(..),
            3 => {
                let piece = bytes[at..end.min(at + 200)].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => drop(bytes.splice(at..at, rng.choice(TOKENS).unwrap_or_default().bytes())),
        }
    }
}

/// The files to start from, and whether they are ZIP archives.
fn seeds() -> Vec<(Vec<u8>, bool)> {
    vec![
        (workbook(), true),
        (opendocument(), true),
        (packed(&[("stock.csv", CSV.as_bytes())]), true),
        (old_workbook(), false),
        (gzip(CSV.as_bytes()), false),
        (gzip(LINES.as_bytes()), false),
        (compress_to_vec(CSV.as_bytes(), CompressionLevel::Fastest), false),
        (LINES.into(), false),
        (ARRAY.into(), false),
        (FIXED.into(), false),
    ]
}

fn check(bytes: &[u8], rng: &mut Rng) {
    let reading = ReadOptions { memory: 64 << 20, ..ReadOptions::default() };
    let keys = json_keys(bytes, &reading).ok().flatten();
    let column = keys
        .as_ref()
        .and_then(|keys| keys.first().cloned())
        .or_else(|| sniff_file(bytes, &reading).ok().and_then(|sniffed| sniffed.columns.first().cloned()));
    let mapping = column.map(|name| [(name, "sku".into())].into_iter().collect());
    let spec = Spec { reading, keys, mapping, batch_rows: rng.usize(1..5), ..spec() };
    let (whole, result) = try_read(bytes, &spec);
    let sizes = (0..rng.usize(1..4)).map(|_| rng.usize(1..4000)).collect();
    let (pieces, result_of_pieces) = try_read(Pieces::new(bytes, sizes), &spec);
    assert_eq!(whole, pieces);
    assert_eq!(format!("{result:?}"), format!("{result_of_pieces:?}"));
    // No line is there twice, unless several records of JSON stand on it.
    let mut lines = whole.lines.clone();
    lines.extend(whole.refused.iter().map(|refusal| refusal.line));
    let count = lines.len();
    lines.sort_unstable();
    lines.dedup();
    assert!(spec.keys.is_some() || lines.len() == count, "{lines:?}");
}

fn from_environment(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn broken_files_of_all_formats_lose_nothing() {
    let time = Duration::from_secs(from_environment("INTAKE_FUZZ_SECONDS").unwrap_or(2));
    let seed = from_environment("INTAKE_FUZZ_SEED").unwrap_or_else(|| Rng::new().u64(..));
    println!("INTAKE_FUZZ_SEED={seed}");
    let (mut rng, begun, mut files, seeds) = (Rng::with_seed(seed), Instant::now(), 0_u64, seeds());
    while begun.elapsed() < time || files < seeds.len() as u64 {
        let (bytes, is_archive) = &seeds[files as usize % seeds.len()];
        let bytes = if *is_archive && rng.u8(0..4) > 0 {
            broken_within(bytes, &mut rng)
        } else {
            let mut bytes = bytes.clone();
            break_bytes(&mut bytes, &mut rng);
            bytes
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&bytes, &mut rng)));
        if let Err(panic) = outcome {
            let path = env::temp_dir().join(format!("intake-fuzz-{seed}-{files}"));
            std::fs::write(&path, &bytes).expect("a place for the file");
            println!("seed {seed}, file {files}: {}", path.display());
            resume_unwind(panic);
        }
        files += 1;
    }
    println!("{files} files");
}
