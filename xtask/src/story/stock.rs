//! The CSV that the story imports: inventory, with a column that no table has and, if wanted, bad rows of five kinds.

use anyhow::Result;

/// One row in a hundred is bad, the first one being the 38th.
const EVERY: u64 = 100;
const FIRST: u64 = 37;

const HEADER: [&str; 9] =
    ["sku", "name", "quantity", "unit_price", "cost", "location", "supplier", "barcode", "colour"];

/// `rows` rows below a header; `bad` spoils one in a hundred. Every row has its own SKU, which starts with `prefix`.
pub fn csv(prefix: &str, rows: u64, bad: bool) -> Result<String> {
    // A row with more cells than columns is one of the bad kinds.
    let mut csv = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    csv.write_record(HEADER)?;
    for row in 0..rows {
        let kind = (bad && row % EVERY == FIRST).then_some(row / EVERY % 5);
        csv.write_record(record(prefix, row, kind))?;
    }
    Ok(String::from_utf8(csv.into_inner()?)?)
}

fn record(prefix: &str, row: u64, bad_kind: Option<u64>) -> Vec<String> {
    let mut cells = vec![
        format!("{prefix}-{row:06}"),
        format!("Lamp, model {row}"),
        (row % 500).to_string(),
        format!("{}.{:02}", row % 90 + 10, row % 100),
        "7.50".to_owned(),
        format!("Shelf {}", row % 40),
        format!("Maker {}", row % 7),
        (4_000_000_000_000 + row).to_string(),
        "green".to_owned(),
    ];
    match bad_kind {
        Some(0) => cells[3] = "twelve".to_owned(),
        Some(1) => cells[2] = "-5".to_owned(),
        Some(2) => cells[1].clear(),
        Some(3) => cells.extend(["one".to_owned(), "two".to_owned()]),
        Some(_) => cells[2] = "99999999999".to_owned(),
        None => {}
    }
    cells
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
        let csv = csv("X", 1_000, true).expect("the file is written");
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 1_001);
        assert!(lines[FIRST_BAD_LINE as usize - 1].contains(",twelve,"));
        for (what, count) in [(",twelve,", 2), (",-5,", 2), (",,", 2), (",one,two", 2), (",99999999999,", 2)]
        {
            assert_eq!(lines.iter().filter(|line| line.contains(what)).count(), count, "{what}");
        }
    }
}
