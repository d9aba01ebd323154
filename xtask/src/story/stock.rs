//! The CSV that the story imports: inventory, with a column that no table has and, if wanted, bad rows of five kinds.

use std::fmt::Write;

/// One row in a hundred is bad, the first one being the 38th.
const EVERY: u64 = 100;
const FIRST: u64 = 37;

/// `rows` rows below a header; `bad` spoils one in a hundred. Every row has its own SKU, which starts with `prefix`.
pub fn csv(prefix: &str, rows: u64, bad: bool) -> String {
    let mut csv = String::from("sku,name,quantity,unit_price,cost,location,supplier,barcode,colour\n");
    for row in 0..rows {
        let kind = (bad && row % EVERY == FIRST).then_some(row / EVERY % 5);
        let name = if kind == Some(2) { String::new() } else { format!("\"Lamp, model {row}\"") };
        let quantity = match kind {
            Some(1) => "-5".to_owned(),
            Some(4) => "99999999999".to_owned(),
            _ => (row % 500).to_string(),
        };
        let price =
            if kind == Some(0) { "twelve".to_owned() } else { format!("{}.{:02}", row % 90 + 10, row % 100) };
        let extra = if kind == Some(3) { ",one,two" } else { "" };
        let (shelf, maker, code) = (row % 40, row % 7, 4_000_000_000_000 + row);
        // Writing to a String cannot fail.
        let _ = writeln!(
            csv,
            "{prefix}-{row:06},{name},{quantity},{price},7.50,Shelf {shelf},Maker {maker},{code},green{extra}"
        );
    }
    csv
}

/// The rows of `csv` that have to be refused.
pub fn bad_rows(rows: u64) -> u64 {
    (0..rows).filter(|row| row % EVERY == FIRST).count() as u64
}

/// The line of the file on which the first bad row stands: the header is line 1. Its price is a word.
pub const FIRST_BAD_LINE: u64 = FIRST + 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_in_a_hundred_is_bad_in_each_way_as_often() {
        assert_eq!(bad_rows(100_000), 1_000);
        let csv = csv("X", 1_000, true);
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 1_001);
        assert!(lines[FIRST_BAD_LINE as usize - 1].contains(",twelve,"));
        for (what, count) in [(",twelve,", 2), (",-5,", 2), (",,", 2), (",one,two", 2), (",99999999999,", 2)]
        {
            assert_eq!(lines.iter().filter(|line| line.contains(what)).count(), count, "{what}");
        }
    }
}
