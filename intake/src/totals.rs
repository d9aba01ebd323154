//! A last row that sums up the others.
//!
//! Numbers are read here byte by byte, by both decimal marks at once and with whatever stands around them: every row of
//! a file is summed up before anybody knows its locale.
//!
//! A row is data if it has a text of its own: a name, a code, a date. Only rows that have none are compared with sums.

use crate::record::Record;
use crate::units::is_unit;

/// Columns summed at most.
const COLUMNS: usize = 8;

/// Rows summed up. In longer files that would cost too much, and only the label tells.
const ROWS: u64 = 100_000;

/// Decimal places that a sum keeps.
const PLACES: usize = 6;

/// Of ten.
const POWERS: [i128; PLACES + 1] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/// Labels of a row of totals, in lower case.
const LABELS: [&str; 16] = [
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "somme",
    "total général",
    "totaal",
    "totale",
    "suma",
    "razem",
    "soma",
    "итого",
];

/// The sums of the columns that hold numbers.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    columns: Vec<Sum>,
    /// All columns that hold numbers, summed or not.
    numbers: Vec<usize>,
    rows: u64,
}

#[derive(Debug)]
struct Sum {
    column: usize,
    so_far: Reading,
}

/// A number read with a decimal point, and read with a decimal comma; in millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Reading {
    point: i128,
    comma: i128,
}

impl Sums {
    /// Of those columns of the file; of the first few, if they are many.
    pub(crate) fn of(numbers: &[usize]) -> Self {
        let sum = |column: &usize| Sum { column: *column, so_far: Reading::default() };
        Sums { columns: numbers.iter().take(COLUMNS).map(sum).collect(), numbers: numbers.to_vec(), rows: 0 }
    }

    pub(crate) fn add(&mut self, record: &Record<'_>) {
        self.rows += 1;
        if self.rows > ROWS {
            return;
        }
        for sum in &mut self.columns {
            let number = record.field(sum.column).and_then(|field| Reading::of(field.bytes));
            if let Some(Reading { point, comma }) = number {
                sum.so_far.point = sum.so_far.point.saturating_add(point);
                sum.so_far.comma = sum.so_far.comma.saturating_add(comma);
            }
        }
    }

    /// Whether a record after those added is their total: it has no text but a label and units, every number in it is
    /// the sum of its column as far as that is known, and not all are zero. Without a label its first cell is empty.
    /// Nothing says "total" about a single row but the word.
    pub(crate) fn are_total(&self, record: &Record<'_>) -> bool {
        let mut texts = record.fields().enumerate().filter(|(_, field)| !field.bytes.trim_ascii().is_empty());
        let Some((first, field)) = texts.next() else { return false };
        let labelled = is_label(field.bytes);
        let is_value = |(column, cell): (usize, &[u8])| self.is_numeric(column) && has_digits(cell);
        let has_text = (!labelled && !is_value((first, field.bytes)))
            || texts
                .any(|(column, field)| !is_value((column, field.bytes)) && !is_unit_of_bytes(field.bytes));
        if has_text || !(labelled || (first > 0 && self.rows > 1)) {
            return false;
        }
        self.rows > ROWS && labelled || self.rows <= ROWS && self.match_all(record)
    }

    fn is_numeric(&self, column: usize) -> bool {
        self.numbers.contains(&column)
    }

    /// Whether all numbers of a record are the sums of their columns, and one at least is not zero.
    fn match_all(&self, record: &Record<'_>) -> bool {
        let cell = |sum: &Sum| record.field(sum.column).map_or(&[][..], |field| field.bytes);
        let mut filled = self.columns.iter().filter(|sum| has_digits(cell(sum)));
        let is_zero = |sum: &Sum| sum.so_far == Reading::default();
        filled.clone().any(|sum| !is_zero(sum)) && filled.all(|sum| sum.is_total(cell(sum)))
    }
}

impl Sum {
    fn is_total(&self, cell: &[u8]) -> bool {
        let is_sum = |number: Reading| number.point == self.so_far.point || number.comma == self.so_far.comma;
        Reading::of(cell).is_some_and(is_sum)
    }
}

impl Reading {
    /// None for what is no number of at most 18 digits. Signs of currency and groups do not count.
    fn of(cell: &[u8]) -> Option<Self> {
        let (mut digits, mut count, mut negative) = (0_i64, 0_usize, false);
        let (mut point, mut comma) = (None, None);
        for &byte in cell {
            match byte {
                b'0'..=b'9' if count < 18 => {
                    digits = digits * 10 + i64::from(byte - b'0');
                    count += 1;
                }
                b'.' => point = Some(count),
                b',' => comma = Some(count),
                b'-' | b'(' => negative = true,
                b' ' | b')' | b'$' | b'%' | b'+' | b'\'' | 0x80.. => {}
                _ => return None,
            }
        }
        let signed = i128::from(if negative { -digits } else { digits });
        let scaled = |separator: Option<usize>| {
            let decimals = count - separator.unwrap_or(count);
            PLACES.checked_sub(decimals).map_or(0, |places| signed * POWERS[places])
        };
        (count > 0).then(|| Reading { point: scaled(point), comma: scaled(comma) })
    }
}

fn has_digits(cell: &[u8]) -> bool {
    cell.iter().any(u8::is_ascii_digit)
}

fn is_unit_of_bytes(cell: &[u8]) -> bool {
    is_unit(String::from_utf8_lossy(cell).trim())
}

fn is_label(cell: &[u8]) -> bool {
    let text = String::from_utf8_lossy(cell).to_lowercase();
    LABELS.contains(&text.trim().trim_end_matches(':').trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(cell: &str) -> Option<(i128, i128)> {
        Reading::of(cell.as_bytes()).map(|reading| (reading.point, reading.comma))
    }

    #[test]
    fn a_number_is_read_in_both_ways() {
        assert_eq!(reading("12"), Some((12_000_000, 12_000_000)));
        assert_eq!(reading("1.50"), Some((1_500_000, 150_000_000)));
        assert_eq!(reading("1,234.5").map(|it| it.0), Some(1_234_500_000));
        assert_eq!(reading("1.234,5").map(|it| it.1), Some(1_234_500_000));
        assert_eq!(reading("(3)"), reading("-3"));
        assert_eq!(reading("€ 3"), reading("3"));
        assert_eq!((reading("n/a"), reading(""), reading("-")), (None, None, None));
    }

    #[test]
    fn labels_are_known_by_the_whole_cell() {
        assert!(is_label(b" Grand Total: ") && is_label("ИТОГО".as_bytes()));
        assert!(!is_label(b"Total body lotion"));
    }
}
