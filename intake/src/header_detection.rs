//! Finds the header of a file: titles above it, the row or rows that name the columns, and rows below it that are no
//! data.
//!
//! Like DuckDB's sniffer: a row is a header if its cells are text and the cells below are not. If all cells are text,
//! the first row is the header. Rows above it are titles only if they are much narrower than the table.

use crate::guess::{Guess, guess, guess_column};
use crate::record::{Record, RecordKind};
use crate::skipped::SkipReason;
use crate::units::is_unit;

/// A record of the sample, decoded.
#[derive(Debug)]
pub(crate) struct Row {
    line: u64,
    cells: Vec<String>,
    /// The splitter found its end.
    whole: bool,
    /// Begins with `#` outside quotes.
    hash: bool,
}

/// What is known of a file before its first record is read.
#[derive(Debug, Default)]
pub(crate) struct DetectedHeader {
    /// The line of the header or, without one, of the first row; 0 if the sample does not tell.
    pub(crate) first: u64,
    pub(crate) header: bool,
    /// Names above those of the header, for groups of columns; empty if there are none.
    pub(crate) groups: Vec<String>,
    /// Lines under the header that are no data.
    pub(crate) under: Vec<(u64, SkipReason)>,
    /// Comments stand among the rows of the sample.
    pub(crate) comments: bool,
    /// Columns that hold numbers.
    pub(crate) numbers: Vec<usize>,
}

impl Row {
    pub(crate) fn of(record: &Record<'_>) -> Row {
        let text = |bytes| String::from_utf8_lossy(bytes).trim().to_owned();
        Row {
            line: record.line,
            cells: record.fields().map(|field| text(field.bytes)).collect(),
            whole: !matches!(record.kind, RecordKind::Unclosed | RecordKind::TooLong),
            hash: record.raw.starts_with(b"#"),
        }
    }

    fn width(&self) -> usize {
        self.cells.len()
    }

    fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.is_empty()).count()
    }

    fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    fn is_text(&self) -> bool {
        self.cells.iter().all(|cell| matches!(guess(cell), Guess::Text | Guess::Empty))
    }

    /// Whether the row is a comment in a table of that width. A row that begins with `#` but is as wide as the table is
    /// data.
    fn is_comment(&self, width: usize) -> bool {
        let alone = self.filled() <= 1 && width > 1;
        self.hash && (alone || self.width() != width || self.cell(0).starts_with("#INFO"))
    }
}

impl DetectedHeader {
    /// Detects the header of a file that begins with `rows`. `header` says whether there is one, if the caller knows.
    pub(crate) fn of(rows: &[Row], header: Option<bool>) -> DetectedHeader {
        let width = usual_width(rows);
        let is_row = |row: &&Row| !row.whole || (row.filled() > 0 && !row.is_comment(width));
        let mut sample = SampleRows { rows: rows.iter().filter(is_row).collect(), width };
        let Some(mut top) = sample.top(header) else {
            return DetectedHeader { header: header.unwrap_or(true), ..DetectedHeader::default() };
        };
        let grouped = header != Some(false) && sample.is_group_row(top);
        let header = header.unwrap_or_else(|| grouped || sample.is_header(top));
        let mut detected = DetectedHeader { header, ..DetectedHeader::default() };
        if grouped {
            detected.groups = sample.rows[top].cells.clone();
            top += 1;
        }
        detected.first = sample.rows[top].line;
        sample.forget_repetitions(top);
        let mut body = top + usize::from(header);
        while header && let Some(why) = sample.skip_reason(body) {
            detected.under.push((sample.rows[body].line, why));
            body += 1;
        }
        detected.numbers = (0..width).filter(|&column| sample.kind(column, body).is_number()).collect();
        detected.comments = rows.iter().any(|row| row.is_comment(width));
        detected
    }
}

/// The number of cells that most rows have; the greater one of two that are equally frequent. Comments do not count.
fn usual_width(rows: &[Row]) -> usize {
    let filled = || rows.iter().filter(|row| row.filled() > 0);
    let mut widths: Vec<usize> = filled().filter(|row| !row.hash).map(Row::width).collect();
    if widths.is_empty() {
        widths.extend(filled().map(Row::width));
    }
    let greatest = widths.iter().copied().max().unwrap_or(0);
    let mut counts = vec![0; greatest + 1];
    widths.into_iter().for_each(|width| counts[width] += 1);
    (0..=greatest).max_by_key(|&width| counts[width]).unwrap_or(0)
}

/// The rows of the sample that are not blank, without comments.
struct SampleRows<'r> {
    rows: Vec<&'r Row>,
    width: usize,
}

impl SampleRows<'_> {
    /// Index of the first row that is no title.
    fn top(&self, header: Option<bool>) -> Option<usize> {
        let first = self.rows.first()?;
        let lone = first.filled() == 1;
        let narrow = |row: &&Row| {
            let (short, sparse) = (row.width() < self.width, row.filled() * 2 <= self.width);
            row.whole && (row.filled() <= 1 || if lone { short || sparse } else { short && sparse })
        };
        let top = self.rows.iter().position(|row| !narrow(row)).unwrap_or(0);
        let plain = lone && self.width > 1 && (first.width() < self.width || self.width > 2);
        let titled = match header {
            Some(false) => plain && self.rows[..top].iter().all(|row| row.filled() <= 1),
            // Such a row may also be a short row or a header. Only types, or a title alone in its row, tell.
            _ => (plain && self.rows[top].is_text()) || self.deviates(top),
        };
        let fits = self.rows[top].whole && self.rows[top].filled() * 2 > self.width;
        Some(if titled && fits { top } else { 0 })
    }

    /// Removes later repetitions of the header, which would make its columns text.
    fn forget_repetitions(&mut self, top: usize) {
        let (first, cells) = (self.rows[top].line, &self.rows[top].cells);
        self.rows.retain(|row| row.line <= first || row.cells != *cells);
    }

    /// What a column holds from a row on.
    fn kind(&self, column: usize, from: usize) -> Guess {
        guess_column(self.rows[from.min(self.rows.len())..].iter().map(|row| row.cell(column)))
    }

    /// For each column that is not text below a row: what the cell in that row is, and what the values below are.
    fn over_values(&self, row: usize) -> impl Iterator<Item = (Guess, Guess)> {
        let cells = (0..self.width).map(move |column| (guess(self.rows[row].cell(column)), column));
        cells
            .map(move |(cell, column)| (cell, self.kind(column, row + 1)))
            .filter(|(_, below)| !matches!(below, Guess::Text | Guess::Empty))
    }

    /// Whether some cell is text above values, and no cell is a value above values.
    fn deviates(&self, row: usize) -> bool {
        self.rows[row].whole
            && self.over_values(row).any(|(cell, _)| cell == Guess::Text)
            && self.over_values(row).all(|(cell, _)| matches!(cell, Guess::Text | Guess::Empty))
    }

    /// Whether a row may name the columns by its types. It may not if it has values above values, and no text above
    /// values.
    fn is_header(&self, row: usize) -> bool {
        let same = |(cell, below): (Guess, Guess)| {
            cell == below || (cell.is_number() && below.is_number()) || (is_time(cell) && is_time(below))
        };
        self.over_values(row).any(|(cell, _)| cell == Guess::Text) || !self.over_values(row).any(same)
    }

    /// Whether a row names groups of columns: it has gaps, and the row below it names all columns.
    fn is_group_row(&self, row: usize) -> bool {
        let Some(below) = self.rows.get(row + 1) else { return false };
        let upper = self.rows[row];
        upper.filled() < self.width
            && below.filled() == self.width
            && below.is_text()
            && self.deviates(row + 1)
    }

    fn skip_reason(&self, row: usize) -> Option<SkipReason> {
        // Only rows below can show what kind of value was due.
        if row + 1 >= self.rows.len() || !self.deviates(row) {
            return None;
        }
        let cells = || self.rows[row].cells.iter().filter(|cell| !cell.is_empty());
        let values = self.over_values(row).count();
        if cells().all(|cell| is_unit(cell)) {
            Some(SkipReason::Units)
        } else if values > 1 && self.over_values(row).all(|(cell, _)| cell == Guess::Text) && self.names(row)
        {
            Some(SkipReason::SecondHeader)
        } else {
            None
        }
    }

    /// Whether every column has a cell, all cells differ, and none has a digit.
    fn names(&self, row: usize) -> bool {
        let cells = &self.rows[row].cells;
        let once = |cell: &String| cells.iter().filter(|other| *other == cell).count() == 1;
        cells.len() == self.width
            && cells.iter().all(|cell| !cell.is_empty() && once(cell))
            && !cells.iter().any(|cell| cell.contains(|c: char| c.is_ascii_digit()))
    }
}

fn is_time(kind: Guess) -> bool {
    matches!(kind, Guess::Date | Guess::Timestamp)
}
