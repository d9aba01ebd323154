//! Delimiters that are rare: `~`, `^`, `:` and the like. They stand in texts as well, so that it takes more to believe in one.

use crate::dialect::Dialect;
use crate::limits::SAMPLE_BYTES;
use crate::record::{Record, RecordKind};
use crate::records::Records;
use crate::sniffer::sniff_dialect;

/// In order of preference. Points, hyphens, slashes and blanks are parts of dates, numbers and names.
const RARE: &[u8] = b"~^:!#$%&*+=?@\\`<>\x01\x1C\x1D\x1E\x1F";

/// Records of the sample that are looked at.
const RECORDS: usize = 200;

/// Names that must be known.
const KNOWN: usize = 2;

/// The dialect with a rare delimiter, if the usual ones make no sense of the first record: then it is one that splits all records
/// into as many cells, and the first of them into names, of which several are known.
pub(crate) fn rare_dialect(
    sample: &[u8],
    usual: Dialect,
    is_known: impl Fn(&str) -> bool,
) -> Option<Dialect> {
    if cells(&Records::new(sample, usual).next_record().ok()??).iter().any(|cell| is_known(cell)) {
        return None;
    }
    let end = sample.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(sample.len());
    let candidates = RARE.iter().filter(|delimiter| sample[..end].contains(delimiter));
    candidates.map(|delimiter| sniff_dialect(sample, Some(*delimiter))).find(|dialect| {
        let header = header_of_regular(sample, *dialect).unwrap_or_default();
        header.iter().filter(|cell| is_known(cell)).count() >= KNOWN
    })
}

/// The cells of the first record, if all have as many, and there are others.
fn header_of_regular(sample: &[u8], dialect: Dialect) -> Option<Vec<String>> {
    let mut records = Records::new(sample, dialect);
    let header = cells(&records.next_record().ok()??);
    let mut others = 0;
    while let Ok(Some(record)) = records.next_record()
        && others < RECORDS
    {
        if sample.len() >= SAMPLE_BYTES && record.is_cut_off(sample) {
            break;
        }
        if record.kind != RecordKind::Row || record.fields().len() != header.len() {
            if record.is_blank() {
                continue;
            }
            return None;
        }
        others += 1;
    }
    (others > 0).then_some(header)
}

fn cells(record: &Record<'_>) -> Vec<String> {
    record.fields().map(|field| String::from_utf8_lossy(field.bytes).trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(sample: &str) -> Option<char> {
        let usual = sniff_dialect(sample.as_bytes(), None);
        let is_known = |cell: &str| ["sku", "name", "price"].contains(&cell);
        Some(rare_dialect(sample.as_bytes(), usual, is_known)?.delimiter.into())
    }

    #[test]
    fn a_rare_delimiter_splits_all_records_and_known_names() {
        for expected in ['~', '^', ':', '!', '@', '\u{1}', '\u{1F}'] {
            let sample = "sku,note,name\n1,a,2\n\n2,\"b,c\",3\n".replace(',', &expected.to_string());
            assert_eq!(delimiter(&sample), Some(expected), "{expected:?}");
        }
        assert_eq!(delimiter("sku~name\nA~red, large\nB~blue, small\n"), Some('~'));
    }

    #[test]
    fn others_are_texts() {
        for sample in [
            "sku,name\nA:1,a:b\n",
            "name\nx: y\n",
            "sku~name\nA~a~b\n",
            "sku~color\nA~red\n",
            "sku~name\n",
            "when: today\nwho: me\n",
            "",
        ] {
            assert_eq!(delimiter(sample), None, "{sample}");
        }
    }
}
