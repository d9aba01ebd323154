//! Which delimiter, quote and line end a file uses.

use crate::record::RecordKind;
use crate::records::Records;
use memchr::memchr2;
use serde_json::{Value, json};

/// How much of a file the sniffer looks at.
pub const SAMPLE_BYTES: usize = 64 * 1024;

/// Records of the sample that vote for a delimiter.
const VOTERS: usize = 100;

/// In order of preference among equals.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How a file spells its records. `delimiter` and `quote` are ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    pub quote: u8,
    /// The line end that the file uses first: `"\n"`, `"\r\n"` or `"\r"`. Reading takes all of them anywhere.
    pub newline: &'static str,
    /// The first line is Excel's `sep=;`, and no record.
    pub sep_line: bool,
}

/// How well a delimiter splits the sample; the greatest wins.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    splits: bool,
    /// Records with as many fields as the first, in thousandths.
    consistent: usize,
    columns: usize,
}

impl Dialect {
    /// Sniffs from the first bytes of a file, at most [`SAMPLE_BYTES`], without its byte order mark. The
    /// delimiter is the one given, else that of a `sep=` line, else the one that splits records most evenly.
    pub fn sniff(sample: &[u8], delimiter: Option<u8>) -> Dialect {
        let announced = announced_delimiter(sample);
        let undecided = Dialect {
            delimiter: b',',
            quote: b'"',
            newline: first_newline(sample),
            sep_line: announced.is_some(),
        };
        let delimiter = delimiter.or(announced).unwrap_or_else(|| {
            let fit = |&delimiter: &u8| Fit::of(sample, Dialect { delimiter, ..undecided });
            // `max_by_key` keeps the last of equals; the preferred one comes first.
            DELIMITERS.into_iter().rev().max_by_key(fit).unwrap_or(b',')
        });
        Dialect { delimiter, ..undecided }
    }

    /// `{"delimiter": ";", "quote": "\"", "newline": "\r\n"}`, for the job's report.
    pub fn to_json(&self) -> Value {
        json!({
            "delimiter": char::from(self.delimiter).to_string(),
            "quote": char::from(self.quote).to_string(),
            "newline": self.newline,
        })
    }
}

impl Fit {
    fn of(sample: &[u8], dialect: Dialect) -> Fit {
        let counts = field_counts(sample, dialect);
        let columns = counts.first().copied().unwrap_or(0);
        let alike = counts.iter().filter(|&&count| count == columns).count();
        Fit { splits: columns > 1, consistent: alike * 1000 / counts.len().max(1), columns }
    }
}

fn field_counts(sample: &[u8], dialect: Dialect) -> Vec<usize> {
    let mut records = Records::new(sample, dialect);
    let mut counts = Vec::with_capacity(VOTERS + 1);
    while counts.len() <= VOTERS
        && let Ok(Some(record)) = records.next_record()
    {
        if record.kind == RecordKind::Row {
            counts.push(record.fields().len());
        }
    }
    // The last record of a full sample may be cut off; a first record alone must do whatever its state.
    if counts.len() > 1 && (counts.len() > VOTERS || sample.len() >= SAMPLE_BYTES) {
        counts.pop();
    }
    counts
}

/// The delimiter that a first line such as `sep=;` names.
fn announced_delimiter(sample: &[u8]) -> Option<u8> {
    let (prefix, rest) = sample.split_at_checked(4)?;
    let (&delimiter, rest) = rest.split_first()?;
    let alone = matches!(rest.first(), None | Some(b'\r' | b'\n'));
    (prefix.eq_ignore_ascii_case(b"sep=") && is_delimiter(delimiter) && alone).then_some(delimiter)
}

/// Whether a byte can stand between fields: ASCII, and neither part of words, a quote nor a line end.
pub(crate) fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && byte != 0 && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r')
}

fn first_newline(sample: &[u8]) -> &'static str {
    match memchr2(b'\n', b'\r', sample) {
        Some(at) if sample[at..].starts_with(b"\r\n") => "\r\n",
        Some(at) if sample[at] == b'\r' => "\r",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(sample: &str) -> char {
        Dialect::sniff(sample.as_bytes(), None).delimiter.into()
    }

    #[test]
    fn each_delimiter_is_found() {
        for expected in [',', ';', '\t', '|'] {
            assert_eq!(
                delimiter("sku,name,price\n1,a,2\n".replace(',', &expected.to_string()).as_str()),
                expected
            );
        }
    }

    #[test]
    fn decimal_commas_do_not_outvote_semicolons() {
        assert_eq!(delimiter("sku;price;cost\nA;1,50;1,20\nB;2,50;2\n"), ';');
        assert_eq!(delimiter("sku;price;note\nA;1,50\nB;2,50\nC;3,50;x\n"), ';');
    }

    #[test]
    fn delimiters_inside_quotes_do_not_vote() {
        assert_eq!(delimiter("a,b\n\"x;y;z\",1\n\"x;y;z\",2\n"), ',');
    }

    #[test]
    fn equals_go_to_more_columns_then_to_the_comma() {
        assert_eq!(delimiter("a;b,c;d\n1;2,3;4\n"), ';');
        assert_eq!(delimiter("a;b,c\n1;2,3\n"), ',');
        assert_eq!(delimiter("name\nx\n"), ',');
        assert_eq!(delimiter(""), ',');
    }

    #[test]
    fn a_sep_line_decides_and_an_option_overrules_it() {
        let sample = b"sep=|\na,b\n";
        let sniffed = Dialect::sniff(sample, None);
        assert_eq!((sniffed.delimiter, sniffed.sep_line), (b'|', true));
        let told = Dialect::sniff(sample, Some(b','));
        assert_eq!((told.delimiter, told.sep_line), (b',', true));
        assert!(!Dialect::sniff(b"sep=;x\n", None).sep_line);
    }

    #[test]
    fn the_first_newline_is_named() {
        assert_eq!(Dialect::sniff(b"a\r\nb\n", None).newline, "\r\n");
        assert_eq!(Dialect::sniff(b"a\rb\r", None).newline, "\r");
        assert_eq!(Dialect::sniff(b"a", None).newline, "\n");
    }
}
