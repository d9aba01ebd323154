//! Finds the header of a file: titles above it, the row or rows that name the columns, and rows below it that are no
//! data.
//!
//! Like DuckDB's sniffer: a row is a header if its cells are text and the cells below are not. If all cells are text,
//! the first row is the header. Rows above it are titles only if they are much narrower than the table, or if they name
//! nothing and a row below them has names that are known.

use crate::guess::{Guess, guess, guess_column};
use crate::mapping::Vocabulary;
use crate::options::Header;
use crate::record::{Record, RecordKind};
use crate::skipped::SkipReason;
use crate::units::is_unit;
use std::cmp::Reverse;

/// Lines about a file that may stand above its header.
const MAX_ABOVE: usize = 60;

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
    /// The line that the header was said to be on.
    pub(crate) told: Option<u64>,
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
    /// Rows below the header are data, whatever they look like.
    pub(crate) is_own: bool,
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

    pub(crate) fn cells(&self) -> &[String] {
        &self.cells
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

    /// Whether each of its cells could name a column.
    fn is_named(&self) -> bool {
        self.cells.iter().all(|cell| cell.is_empty() || is_name(cell))
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
    /// It names the columns, and all lines under it are data.
    pub(crate) fn on_line(first: u64) -> DetectedHeader {
        DetectedHeader { first, header: true, is_own: true, ..DetectedHeader::default() }
    }

    /// Detects the header of a file that begins with `rows`. `header` says where it is, if the caller knows.
    pub(crate) fn of(rows: &[Row], header: Option<Header>, vocabulary: &Vocabulary) -> DetectedHeader {
        let told = match header {
            Some(Header::Line(line)) => Some(line),
            _ => None,
        };
        let header = header.map(|header| header != Header::Absent);
        let above = rows.partition_point(|row| told.is_some_and(|line| row.line < line));
        let detected = DetectedHeader::from(&rows[above..], header, told.is_some(), vocabulary);
        DetectedHeader { told, first: told.unwrap_or(detected.first), ..detected }
    }

    fn from(rows: &[Row], header: Option<bool>, is_first: bool, vocabulary: &Vocabulary) -> DetectedHeader {
        let width = usual_width(rows);
        let is_row = |row: &&Row| !row.whole || (row.filled() > 0 && !row.is_comment(width));
        let mut sample = SampleRows { rows: rows.iter().filter(is_row).collect(), width };
        let Some(mut top) = sample.top(header) else {
            return DetectedHeader { header: header.unwrap_or(true), ..DetectedHeader::default() };
        };
        let named = (header != Some(false)).then(|| sample.named(top, vocabulary)).flatten();
        top = if is_first { 0 } else { named.unwrap_or(top) };
        let header = header.or(named.map(|_| true));
        let grouped = header != Some(false) && !is_first && sample.is_group_row(top);
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

    /// Index of a row behind `top` that names columns of the vocabulary, if `top` does not: lines about the file may be
    /// as wide as its table. Such lines have cells that name nothing. Names without a meaning count as such
    /// only if no columns of values stand below them.
    fn named(&self, top: usize, vocabulary: &Vocabulary) -> Option<usize> {
        let known = |row: usize| self.rows[row].cells.iter().filter(|cell| vocabulary.knows(cell)).count();
        let (named, meant) = (self.rows[top].is_named(), known(top));
        if self.is_group_row(top) || (named && 2 * meant >= self.rows[top].filled()) {
            return None;
        }
        let fits = |row: &usize| {
            let it = self.rows[*row];
            it.whole && it.width() <= self.width && it.filled() * 2 > self.width && it.is_named()
        };
        let rows = (top + 1..self.rows.len().min(top + MAX_ABOVE)).filter(fits).map(|row| (known(row), row));
        let (most, row) = rows.max_by_key(|(known, row)| (*known, Reverse(*row)))?;
        let is_better = most > meant + usize::from(named) && most > 1;
        let is_header = is_better && self.deviates(row) && !(named && self.names_values_up_to(top, row));
        let groups = |above: &usize| self.rows[*above].is_named() && self.is_group_row(*above);
        is_header.then(|| Some(row - 1).filter(|above| *above > top && groups(above)).unwrap_or(row))
    }

    /// Whether a row has a name above values, going by the rows up to another one.
    fn names_values_up_to(&self, row: usize, end: usize) -> bool {
        (0..self.width).any(|column| {
            let below = guess_column(self.rows[row + 1..end].iter().map(|row| row.cell(column)));
            !self.rows[row].cell(column).is_empty() && !matches!(below, Guess::Text | Guess::Empty)
        })
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

/// Whether a text could be the name of a column. Numbers, dates, addresses, `key : value` and what has more digits than letters,
/// such as an account's number, are none.
fn is_name(cell: &str) -> bool {
    let is_pair = cell.split_once(':').is_some_and(|(key, value)| {
        !value.is_empty() && (key.ends_with(char::is_whitespace) || value.starts_with(char::is_whitespace))
    });
    let count = |of: fn(char) -> bool| cell.chars().filter(|c| of(*c)).count();
    let is_mostly_digits = count(char::is_numeric) > count(char::is_alphabetic);
    guess(cell) == Guess::Text
        && !is_pair
        && !cell.contains('@')
        && !is_mostly_digits
        && cell.contains(char::is_alphabetic)
}

fn is_time(kind: Guess) -> bool {
    matches!(kind, Guess::Date | Guess::Timestamp)
}
