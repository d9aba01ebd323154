//! The first rows of a file as text, for suggested mappings, locales and previews.

use crate::dialect::Dialect;
use crate::guess::{Guess, guess_column};
use crate::header_detection::Row;
use crate::limits::SAMPLE_ROWS;
use crate::lines::{Line, Lines};
use crate::record::{Field, RecordKind};
use crate::records::Records;

/// The start of a file as text. Bytes that cannot be decoded are U+FFFD.
///
/// ```
/// use intake::{Guess, ReadOptions, Sample};
///
/// let sample = Sample::of(b"sku,price\nA1,1.50\nA2,2\n", &ReadOptions::default())?;
/// assert_eq!(sample.header, ["sku", "price"]);
/// assert_eq!(sample.guesses(), [Guess::Text, Guess::Numeric]);
/// # Ok::<(), intake::FileError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// The names of the file's columns, as [`CsvFile::columns`](crate::CsvFile::columns) has them.
    pub header: Vec<String>,
    /// The cells of the first data rows, at most 1000; a row is as long as it is in the file.
    pub rows: Vec<Vec<String>>,
    /// The same without the cells that are numbers and truth values by their type; None if there are no types.
    pub(crate) spelled: Option<Vec<Vec<String>>>,
}

impl Sample {
    /// The rows, of which only the cells count whose reading depends on a country.
    pub(crate) fn spelled_rows(&self) -> &[Vec<String>] {
        self.spelled.as_deref().unwrap_or(&self.rows)
    }

    /// What the columns seem to hold, one for each name of the header.
    pub fn guesses(&self) -> Vec<Guess> {
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        (0..self.header.len()).map(|column| guess_column(cells(column).map(String::as_str))).collect()
    }
}

/// The sample without its header. The last row of `text` is cut off unless that `is_all` of the file.
pub(crate) fn first_rows(mut lines: Lines<&[u8]>, text: &[u8], is_all: bool) -> Sample {
    let is_typed = lines.dialect().typed;
    let (mut rows, mut spelled) = (Vec::new(), Vec::new());
    while rows.len() <= SAMPLE_ROWS
        && let Ok(Some(line)) = lines.next()
    {
        let Line::Data(record) = line else { continue };
        if !is_all && record.is_cut_off(text) {
            break;
        }
        if record.kind == RecordKind::Row {
            let cell = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            rows.push(record.fields().map(|field| cell(field.bytes)).collect());
            if is_typed {
                let text = |field: Field<'_>| if field.quoted { cell(field.bytes) } else { String::new() };
                spelled.push(record.fields().map(text).collect());
            }
        }
    }
    for rows in [&mut rows, &mut spelled] {
        if !is_all {
            rows.pop();
        }
        rows.truncate(SAMPLE_ROWS);
    }
    Sample { header: Vec::new(), rows, spelled: is_typed.then_some(spelled) }
}

/// The records of a sample, for its header to be detected by. A record that is cut off is none of them, unless
/// there is no other.
pub(crate) fn read_rows(text: &[u8], dialect: Dialect, is_all: bool) -> Vec<Row> {
    let mut records = Records::new(text, dialect);
    let mut rows = Vec::new();
    while rows.len() <= SAMPLE_ROWS
        && let Ok(Some(record)) = records.next_record()
    {
        if !is_all && record.is_cut_off(text) {
            return rows;
        }
        if !(dialect.sep_line && record.line == 1) {
            rows.push(Row::of(&record));
        }
    }
    if !is_all && rows.len() > 1 {
        rows.pop();
    }
    rows
}
