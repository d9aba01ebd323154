//! A last row that sums up the others.
//!
//! Numbers are read here byte by byte, by both decimal marks at once and with whatever stands around them: every row of
//! a file is summed up before anybody knows its locale. A cell that is misread costs a note, no value.

use crate::record::{Field, Record};

/// Columns summed at most: a row of totals has all of them or, seldom, some.
const COLUMNS: usize = 4;

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
    pub(crate) fn of(columns: impl Iterator<Item = usize>) -> Self {
        let sum = |column| Sum { column, so_far: Reading::default() };
        Sums { columns: columns.take(COLUMNS).map(sum).collect(), rows: 0 }
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

    /// Whether a record after those added is their total: its first cell is empty or says so, and a number in it is the
    /// sum of its column, where that is known. Nothing says "total" about a single row but the word.
    pub(crate) fn are_total(&self, record: &Record<'_>) -> bool {
        let blank = |field: &Field<'_>| field.bytes.trim_ascii().is_empty();
        let Some(first) = record.fields().find(|field| !blank(field)) else { return false };
        let labelled = is_label(first.bytes);
        if self.rows > ROWS {
            return labelled;
        }
        let headless = record.field(0).is_some_and(|field| blank(&field));
        (labelled || (headless && self.rows > 1)) && self.columns.iter().any(|sum| sum.is_total(record))
    }
}

impl Sum {
    fn is_total(&self, record: &Record<'_>) -> bool {
        let number = record.field(self.column).and_then(|field| Reading::of(field.bytes));
        number.is_some_and(|number| number.point == self.so_far.point || number.comma == self.so_far.comma)
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
                b' ' | b')' | b'$' | b'+' | b'\'' | 0x80.. => {}
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
