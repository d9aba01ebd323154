//! How a file spells its records: delimiter, quote, escape and line end.

mod fit;

use fit::Fit;
use memchr::{memchr2, memmem};
use serde_json::{Value, json};

/// How much of a file the sniffer looks at.
pub const SAMPLE_BYTES: usize = 64 * 1024;

/// In order of preference among equals.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How a file spells its records, and where they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// As the WHATWG names it: `UTF-8`, `UTF-16LE`, `windows-1252`.
    pub encoding: &'static str,
    /// ASCII.
    pub delimiter: u8,
    pub quote: Quote,
    pub escape: Escape,
    /// Spaces before a field belong to the delimiter.
    pub padded: bool,
    /// The line end that the file uses first: `"\n"`, `"\r\n"` or `"\r"`. Reading takes all of them anywhere.
    pub newline: &'static str,
    /// The first line is Excel's `sep=;`, and no record.
    pub sep_line: bool,
    /// Whether a row names the columns.
    pub header: bool,
    /// Lines before that row, or before the first row of data: titles, comments, blank lines, the `sep=` line.
    pub skip: u64,
}

/// What stands around fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// `"…"`
    Double,
    /// `'…'`
    Single,
    /// `“…”`
    Curly,
    /// `„…“`
    Low,
}

impl Quote {
    const ALL: [Quote; 4] = [Quote::Double, Quote::Single, Quote::Curly, Quote::Low];

    pub(crate) fn open(self) -> &'static str {
        match self {
            Quote::Double => "\"",
            Quote::Single => "'",
            Quote::Curly => "“",
            Quote::Low => "„",
        }
    }

    pub(crate) fn close(self) -> &'static str {
        match self {
            Quote::Double => "\"",
            Quote::Single => "'",
            Quote::Curly => "”",
            Quote::Low => "“",
        }
    }
}

/// How a quote is written inside quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// Twice.
    Doubled,
    /// After a backslash, as a backslash itself is; or twice.
    Backslash,
}

impl Dialect {
    /// The delimiter and, for the rest, what RFC 4180 says.
    pub fn plain(delimiter: u8) -> Dialect {
        Dialect {
            encoding: "UTF-8",
            delimiter,
            quote: Quote::Double,
            escape: Escape::Doubled,
            padded: false,
            newline: "\n",
            sep_line: false,
            header: true,
            skip: 0,
        }
    }

    /// Sniffs from the first characters of a file, in UTF-8. The delimiter is the one given, else that of a `sep=` line,
    /// else the one that splits records best.
    pub fn sniff(sample: &[u8], delimiter: Option<u8>) -> Dialect {
        let sample = &sample[..sample.len().min(SAMPLE_BYTES)];
        let announced = announced_delimiter(sample);
        let plain =
            Dialect { newline: first_newline(sample), sep_line: announced.is_some(), ..Dialect::plain(b',') };
        let delimiters = match delimiter.or(announced) {
            Some(known) => vec![known],
            None => DELIMITERS.to_vec(),
        };
        let candidates = candidates(sample, &delimiters, plain);
        // `max_by` keeps the last of equals; the preferred one comes first.
        let fits = candidates.into_iter().map(|dialect| (Fit::of(sample, dialect), dialect)).rev();
        fits.max_by(|one, other| one.0.cmp(&other.0)).map_or(plain, |(_, dialect)| dialect)
    }

    /// Whether quotes and escapes are what RFC 4180 says.
    pub(crate) fn is_usual(&self) -> bool {
        self.quote == Quote::Double && self.escape == Escape::Doubled && !self.padded
    }

    /// How records are split, by what [`Dialect::to_json`] has written down.
    pub fn of_json(json: &Value) -> Dialect {
        let text = |key: &str| json[key].as_str().unwrap_or_default();
        let delimiter = text("delimiter").bytes().next().filter(|&byte| is_delimiter(byte)).unwrap_or(b',');
        let quote = Quote::ALL.into_iter().find(|quote| quote.open() == text("quote"));
        let escape = if text("escape") == "\\" { Escape::Backslash } else { Escape::Doubled };
        let padded = json["padded"] == true;
        Dialect { quote: quote.unwrap_or(Quote::Double), escape, padded, ..Dialect::plain(delimiter) }
    }

    /// `{"encoding", "delimiter", "quote", "escape", "newline", "header", "skip"}`, for reports, and `"padded"` where that is
    /// true.
    pub fn to_json(&self) -> Value {
        let mut dialect = json!({
            "encoding": self.encoding,
            "delimiter": char::from(self.delimiter).to_string(),
            "quote": self.quote.open(),
            "escape": if self.escape == Escape::Backslash { "\\" } else { self.quote.close() },
            "newline": self.newline,
            "header": self.header,
            "skip": self.skip,
        });
        if self.padded {
            dialect["padded"] = json!(true);
        }
        dialect
    }
}

/// Every dialect that the sample gives a reason to think of, the usual ones first.
fn candidates(sample: &[u8], delimiters: &[u8], plain: Dialect) -> Vec<Dialect> {
    let has = |needle: &str| memmem::find(sample, needle.as_bytes()).is_some();
    let mut found = Vec::new();
    for quote in Quote::ALL {
        let ascii = quote.open().len() == 1;
        if quote != Quote::Double && !has(quote.open()) {
            continue;
        }
        for escape in [Escape::Doubled, Escape::Backslash] {
            if escape == Escape::Backslash && !(ascii && has(&format!("\\{}", quote.open()))) {
                continue;
            }
            let usable = delimiters.iter().filter(|&&delimiter| quote.open().as_bytes() != [delimiter]);
            for &delimiter in usable {
                found.push(Dialect { delimiter, quote, escape, ..plain });
                if delimiter != b' ' && has(&format!("{} ", char::from(delimiter))) {
                    found.push(Dialect { delimiter, quote, escape, padded: true, ..plain });
                }
            }
        }
    }
    found
}

/// The delimiter that a first line such as `sep=;` names.
fn announced_delimiter(sample: &[u8]) -> Option<u8> {
    let sample = sample.strip_prefix(b"\"").unwrap_or(sample);
    let (prefix, rest) = sample.split_at_checked(4)?;
    let (&delimiter, rest) = rest.split_first()?;
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
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
            let sample = "sku,name,price\n1,a,2\n".replace(',', &expected.to_string());
            assert_eq!(delimiter(&sample), expected);
        }
    }

    #[test]
    fn decimal_commas_do_not_outvote_semicolons() {
        assert_eq!(delimiter("sku;price;cost\nA;1,50;1,20\nB;2,50;2\n"), ';');
        assert_eq!(delimiter("sku;price;note\nA;1,50\nB;2,50\nC;3,50;x\n"), ';');
        assert_eq!(delimiter("sku;price\nA;1,50\nB;2,50\n"), ';');
    }

    #[test]
    fn delimiters_inside_quotes_do_not_vote() {
        assert_eq!(delimiter("a,b\n\"x;y;z\",1\n\"x;y;z\",2\n"), ',');
    }

    #[test]
    fn text_with_commas_and_lists_with_semicolons_are_cells() {
        assert_eq!(delimiter("id\ttext\n1\tone, two\n2\tthree, four\n"), '\t');
        assert_eq!(delimiter("id,tags\n1,a;b\n2,c;d\n"), ',');
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
