//! The score of a dialect: how well it suits a sample.
//!
//! The measure is that of G. van den Burg, A. Nazábal and C. Sutton, "Wrangling messy CSV files by detecting row and
//! type patterns" (2019), in short: the share of records that have the usual number of fields, times the share of their
//! cells that look like something people write in a cell. It is taken over our own splitter, so that what is judged is
//! what will be read. `csv-nose` (W. García's measure, of the same kind) was judged: it splits by rules of its own,
//! knows no backslashes, `sep=` lines or comments, and brings a thread pool, which has no place in a server process.

use crate::dialect::{DELIMITERS, Dialect, Quote};
use crate::guess::{Guess, guess};
use crate::limits::SAMPLE_BYTES;
use crate::record::{Field, Record, RecordKind};
use crate::records::Records;

/// Records of the sample that count.
const RECORDS: usize = 200;

/// The greatest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Score {
    splits: bool,
    /// The two shares multiplied, in thousandths; less one for spaces that every cell begins with.
    share: usize,
    columns: usize,
}

/// One record of the sample.
struct RecordStats {
    fields: usize,
    /// Cells that look like cells.
    plausible: usize,
    /// Whether the splitter made sense of its quotes.
    tidy: bool,
    /// Cells behind the first that hold something, and those of them that begin with a space.
    behind: usize,
    spaced: usize,
    /// Some cell is quoted.
    quoted: bool,
}

impl Score {
    pub(super) fn of(sample: &[u8], dialect: Dialect) -> Score {
        let records = stats(sample, dialect);
        let columns = usual_width(&records);
        let alike: Vec<&RecordStats> =
            records.iter().filter(|record| record.tidy && record.fields == columns).collect();
        let plausible: usize = alike.iter().map(|record| record.plausible).sum();
        let cells = alike.len() * columns;
        let share = 1000 * alike.len() * plausible / (records.len() * cells).max(1);
        // Others than the usual quotes are text unless they are all over the file.
        let quotes = alike.iter().filter(|record| record.quoted).count();
        if dialect.quote != Quote::Double && 2 * quotes < alike.len() {
            return Score { splits: false, share: 0, columns: 0 };
        }
        let sum = |of: fn(&RecordStats) -> usize| alike.iter().map(|record| of(record)).sum::<usize>();
        let padded = alike.len() > 1 && sum(|record| record.behind) == sum(|record| record.spaced);
        Score { splits: columns > 1, share: share.saturating_sub(usize::from(padded)), columns }
    }
}

/// The number of fields that most records have; of equals the greater.
fn usual_width(records: &[RecordStats]) -> usize {
    let count = |width: usize| records.iter().filter(|record| record.fields == width).count();
    records.iter().map(|record| (count(record.fields), record.fields)).max().map_or(0, |(_, width)| width)
}

fn stats(sample: &[u8], dialect: Dialect) -> Vec<RecordStats> {
    let mut reader = Records::new(sample, dialect);
    let mut stats = Vec::with_capacity(RECORDS + 1);
    let mut first = dialect.sep_line;
    while stats.len() <= RECORDS
        && let Ok(Some(record)) = reader.next_record()
    {
        if sample.len() >= SAMPLE_BYTES && record.is_cut_off(sample) {
            return stats;
        }
        let announces = std::mem::take(&mut first);
        let comment = record.raw.starts_with(b"#") && record.fields().len() == 1;
        if !announces && !comment && !record.is_blank() {
            stats.push(RecordStats::of(&record, dialect));
        }
    }
    // The last record of a full sample may be cut off; a first record alone must do whatever its state.
    if stats.len() > 1 && (stats.len() > RECORDS || sample.len() >= SAMPLE_BYTES) {
        stats.pop();
    }
    stats
}

impl RecordStats {
    fn of(record: &Record<'_>, dialect: Dialect) -> RecordStats {
        let behind = || record.fields().skip(1).filter(|field| !field.bytes.is_empty());
        RecordStats {
            fields: record.fields().len(),
            plausible: record.fields().filter(|&field| is_plausible(field, dialect)).count(),
            tidy: record.kind == RecordKind::Row && !record.untidy,
            quoted: record.fields().any(|field| field.quoted),
            behind: behind().count(),
            spaced: behind().filter(|field| !field.quoted && field.bytes.starts_with(b" ")).count(),
        }
    }
}

/// Whether a cell holds one thing, with neither quotes around it nor delimiters of other dialects in it.
fn is_plausible(cell: Field<'_>, dialect: Dialect) -> bool {
    if cell.quoted {
        return true;
    }
    let Ok(text) = std::str::from_utf8(cell.bytes) else { return false };
    let begins = text.trim_start_matches(' ');
    if ["\"", "'", "“", "„"].into_iter().any(|quote| begins.starts_with(quote)) {
        return false;
    }
    let stray = |byte: u8| DELIMITERS.contains(&byte) && byte != dialect.delimiter;
    !text.bytes().any(stray) || guess(text) != Guess::Text
}
