//! One export: the rows that the job's creator may see, of one snapshot, as CSV in chunks. Rows are read as the creator,
//! chunks are written as the worker, in the caller's transaction; memory holds a chunk's worth of either.

mod csv;
mod file;
mod table;

use crate::creator::Creator;
use crate::failure::Failure;
use crate::job::{Claim, Outcome};
use crate::options::{self, ExportOptions};
use crate::pg::{self, setting_name};
use crate::progress::Progress;
use csv::Writer;
use file::File;
use serde_json::json;
use std::ffi::CStr;
use table::Table;

/// What values look like, whatever the server's settings are: an import of any server reads the same values back.
const FORMATS: [(&CStr, &CStr); 6] = [
    (setting_name::DATE_STYLE, c"ISO"),
    (setting_name::TIME_ZONE, c"UTC"),
    // The one style that reads the same under each of the others.
    (setting_name::INTERVAL_STYLE, c"iso_8601"),
    (setting_name::EXTRA_FLOAT_DIGITS, c"1"),
    (setting_name::BYTEA_OUTPUT, c"hex"),
    // Not a format: all rows are wanted, not the first ones soon.
    (setting_name::CURSOR_TUPLE_FRACTION, c"1"),
];

/// Rows of the first fetch; the later ones go by their size.
const FIRST_ROWS: usize = 100;
const MOST_ROWS: usize = 2_000;

pub fn run(claim: &Claim, progress: &impl Progress) -> Result<Outcome, Failure> {
    let creator = Creator::of(&claim.work)?;
    let options: ExportOptions = options::parse(&claim.work.options)?;
    let table = Table::load(&claim.work, &options)?;
    progress.expect(creator.act(|| table.count_rows()));
    let copy = pg::CopyProgress::of_export(table.oid);
    let mut writer = Writer::new(&table.columns, &options);
    let mut file = File::create(claim.job);
    let mut rows = creator.act_with(&FORMATS, || table.open());
    let mut at_once = FIRST_ROWS;
    loop {
        let written = writer.len();
        let count = creator.act_with(&FORMATS, || rows.for_each(at_once, |row| writer.write(row)));
        let bytes = writer.len() - written;
        file.append(&mut writer);
        progress.advance(writer.rows, 0, writer.rows);
        copy.report(file.bytes, writer.rows, 0);
        if count < at_once {
            break;
        }
        // A fetch is held in memory, so that large rows come few at a time.
        at_once = (count * file::CHUNK_BYTES / bytes.max(1)).clamp(1, MOST_ROWS);
        pg::check_for_interrupts();
    }
    file.finish(&mut writer);
    Ok(outcome(&table, &options, &writer, &file))
}

fn outcome(table: &Table, options: &ExportOptions, writer: &Writer, file: &File) -> Outcome {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let report = json!({
        "rows": writer.rows,
        "bytes": file.bytes,
        "chunks": file.chunks,
        "columns": columns,
        "delimiter": options.delimiter.as_char().to_string(),
        "escaped": writer.escaped,
    });
    Outcome { records: writer.rows, read: writer.rows, refused: 0, report }
}
