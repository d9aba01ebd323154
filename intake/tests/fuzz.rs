//! Files broken at random, for as long as `INTAKE_FUZZ_SECONDS` says: nothing panics, no record is lost or counted
//! twice, and how the bytes arrive makes no difference. `INTAKE_FUZZ_SEED` plays the same files again.

mod support;

use fastrand::Rng;
use intake::*;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};
use support::*;

/// Files to start from: one for each thing that the reader knows about.
const SEEDS: [&str; 12] = [
    "sku,name,quantity,unit_price\nA1,Bolt,5,1.50\nA2,\"Nut, big\",6,2\n",
    "sep=;\r\nsku;name;quantity\r\nA1;\"a \"\"b\"\"\";5\r\n",
    "Stock\n\nsku,name,quantity\nA1,a,5\n# note\nsku,name,quantity\nA2,b,6\nTotal,,11\n",
    "#INFO,Version=1,,\nsku,name,quantity,unit_price\n,,(pcs),(EUR)\nA1,a,5,2\n",
    "'sku','name'\n'A1','it''s, so'\n",
    "“sku”,“name”\n“A1”,“a, b”\n",
    "„sku“;„name“\n„A1“;„a; b“\n",
    "sku,name\nA1,\"5\\\" pipe, long\"\nA2,\"c:\\\\x\"\n",
    "Item,,Stock,\nsku,name,quantity,unit_price\nA1,a,5,2\n",
    "A1\t5\t2024-01-01\nA2\t6\t2024-01-02\n",
    "sku, name, quantity\nA1, \"b, c\", 6\n",
    "sku|name\r\"a\nb\"|c\r\n\r\nA1|é😎\n",
];

/// What matters to some part of the reader.
const TOKENS: [&str; 34] = [
    "\"",
    "\"\"",
    "'",
    "“",
    "”",
    "„",
    "\\",
    "\\\"",
    ",",
    ";",
    "\t",
    "|",
    ", ",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "#",
    "#INFO",
    "sep=;\n",
    "Total",
    "sku,name\n",
    "\u{FEFF}",
    "\u{200B}",
    "\0",
    " ",
    "é",
    "😎",
    "0",
    "1,5",
    "(kg)",
    "{",
    "[",
    "<html",
];

fn broken(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = rng.choice(SEEDS).unwrap_or_default().as_bytes().to_vec();
    for _ in 0..rng.usize(0..12) {
        break_once(&mut bytes, rng);
    }
    match rng.u8(0..16) {
        0 => bytes = as_utf16(&bytes, u16::to_le_bytes),
        1 => bytes = as_utf16(&bytes, u16::to_be_bytes),
        _ => return bytes,
    }
    // The last one may be half a character.
    bytes.truncate(bytes.len() - usize::from(rng.bool() && !bytes.is_empty()));
    bytes
}

fn break_once(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let at = rng.usize(0..=bytes.len());
    let end = rng.usize(at..=bytes.len());
    match rng.u8(0..8) {
        0 => drop(bytes.drain(at..end.min(at + 8))),
        1 => bytes.truncate(at),
        2 => {
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
        3 => {
            let line = rng.choice(SEEDS).unwrap_or_default();
            bytes.splice(at..at, line.bytes());
        }
        4 if at < bytes.len() => bytes[at] = rng.u8(..),
        _ => {
            let token = rng.choice(TOKENS).unwrap_or_default();
            bytes.splice(at..at, token.bytes());
        }
    }
}

fn as_utf16(bytes: &[u8], order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).encode_utf16().flat_map(order).collect()
}

fn options(rng: &mut Rng) -> ReadOptions {
    let encodings = ["utf-8", "utf-16le", "windows-1252", "shift_jis", "gb18030", "iso-2022-jp"];
    ReadOptions {
        encoding: (rng.u8(0..8) == 0).then(|| rng.choice(encodings).unwrap_or_default().to_owned()),
        delimiter: (rng.u8(0..8) == 0).then(|| rng.choice(*b",;\t| :'#\\").unwrap_or(b',')),
        header: (rng.u8(0..4) == 0).then(|| Header::from(rng.bool())),
        is_text: rng.u8(0..8) == 0,
        ..ReadOptions::default()
    }
}

fn check(bytes: &[u8], options: &ReadOptions, rng: &mut Rng) {
    let spec = Spec {
        reading: options.clone(),
        batch_rows: rng.usize(1..5),
        mapping: sku_first(bytes, options),
        ..spec()
    };
    let (whole, result) = try_read(bytes, &spec);
    let sizes = (0..rng.usize(1..4)).map(|_| rng.usize(1..40)).collect();
    let (pieces, result_of_pieces) = try_read(Pieces::new(bytes, sizes), &spec);
    assert_eq!(whole, pieces);
    assert_eq!(format!("{result:?}"), format!("{result_of_pieces:?}"));
    if let (Some(dialect), true) = (whole.dialect(), result.is_ok()) {
        account(bytes, options, dialect, &whole);
    }
}

/// A mapping by which most files can be read, whatever their header.
fn sku_first(bytes: &[u8], options: &ReadOptions) -> Option<serde_json::Map<String, serde_json::Value>> {
    let file = CsvFile::open(bytes, options).ok()?;
    let name = file.columns().first()?.clone();
    Some([(name, "sku".into())].into_iter().collect())
}

/// Every record behind the header is inserted, refused or skipped, and every byte is read.
fn account(bytes: &[u8], options: &ReadOptions, dialect: Dialect, reading: &Reading) {
    // The names of the table's columns may have told another header.
    let header = dialect.header.then_some(Header::Line(dialect.skip + 1)).or(options.header);
    let options = &ReadOptions { header, ..options.clone() };
    let mut file = CsvFile::open(bytes, options).expect("it could be read");
    let mut lines = 0;
    while file.next_line().expect("bytes in memory").is_some() {
        lines += 1;
    }
    assert_eq!(reading.accounted(), lines);
    let mut fields = Fields::of(bytes.to_vec(), options).expect("it could be read");
    assert!(fields.all(|row| row.is_ok()));
    if ["UTF-8", "windows-1252", "UTF-16LE", "UTF-16BE"].contains(&dialect.encoding) {
        assert_eq!(reading.bytes_read, bytes.len() as u64);
    }
    if ["UTF-8", "windows-1252"].contains(&dialect.encoding) {
        // The mark is no part of the first record.
        let text = bytes
            .strip_prefix("\u{FEFF}".as_bytes())
            .filter(|_| dialect.encoding == "UTF-8")
            .unwrap_or(bytes);
        assert_eq!(lines, records_behind(text, dialect));
    }
}

fn records_behind(text: &[u8], dialect: Dialect) -> u64 {
    let first = dialect.skip + 1 + u64::from(dialect.header);
    let mut records = Records::new(text, dialect);
    let mut count = 0;
    while let Some(record) = records.next_record().expect("bytes in memory") {
        count += u64::from(record.line >= first);
    }
    count
}

fn from_environment(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

#[test]
fn broken_files_lose_nothing() {
    let time = Duration::from_secs(from_environment("INTAKE_FUZZ_SECONDS").unwrap_or(2));
    let seed = from_environment("INTAKE_FUZZ_SEED").unwrap_or_else(|| Rng::new().u64(..));
    println!("INTAKE_FUZZ_SEED={seed}");
    let (mut rng, begun, mut files) = (Rng::with_seed(seed), Instant::now(), 0_u64);
    while begun.elapsed() < time || files == 0 {
        let (bytes, options) = (broken(&mut rng), options(&mut rng));
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&bytes, &options, &mut rng)));
        if let Err(panic) = outcome {
            println!("seed {seed}, file {files}: \"{}\" with {options:?}", bytes.escape_ascii());
            resume_unwind(panic);
        }
        files += 1;
    }
    println!("{files} files");
}
