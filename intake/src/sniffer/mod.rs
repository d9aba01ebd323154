//! The sniffer: finds the dialect of a file by its first characters.

mod rare;
mod score;

use crate::dialect::{DELIMITERS, Dialect, Escape, Quote, is_delimiter};
use crate::limits::SAMPLE_BYTES;
use memchr::{memchr2, memmem};
pub(crate) use rare::rare_dialect;
use score::Score;

/// The dialect of a file, sniffed from the first characters of a file, in UTF-8. The delimiter is the one given, else
/// that of a `sep=` line, else the one that splits records best.
///
/// ```
/// use intake::{Quote, sniff_dialect};
///
/// let dialect = sniff_dialect(b"sku;price\n'A;1';1,50\n'A;2';2,50\n", None);
/// assert_eq!((dialect.delimiter, dialect.quote), (b';', Quote::Single));
/// ```
pub fn sniff_dialect(sample: &[u8], delimiter: Option<u8>) -> Dialect {
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
    let scored = candidates.into_iter().map(|dialect| (Score::of(sample, dialect), dialect)).rev();
    scored.max_by(|one, other| one.0.cmp(&other.0)).map_or(plain, |(_, dialect)| dialect)
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
pub(crate) fn announced_delimiter(sample: &[u8]) -> Option<u8> {
    let sample = sample.strip_prefix(b"\"").unwrap_or(sample);
    let (prefix, rest) = sample.split_at_checked(4)?;
    let (&delimiter, rest) = rest.split_first()?;
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    let alone = matches!(rest.first(), None | Some(b'\r' | b'\n'));
    (prefix.eq_ignore_ascii_case(b"sep=") && is_delimiter(delimiter) && alone).then_some(delimiter)
}

pub(crate) fn first_newline(sample: &[u8]) -> &'static str {
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
        sniff_dialect(sample.as_bytes(), None).delimiter.into()
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
        let sniffed = sniff_dialect(sample, None);
        assert_eq!((sniffed.delimiter, sniffed.sep_line), (b'|', true));
        let told = sniff_dialect(sample, Some(b','));
        assert_eq!((told.delimiter, told.sep_line), (b',', true));
        assert!(!sniff_dialect(b"sep=;x\n", None).sep_line);
    }

    #[test]
    fn the_first_newline_is_named() {
        assert_eq!(sniff_dialect(b"a\r\nb\n", None).newline, "\r\n");
        assert_eq!(sniff_dialect(b"a\rb\r", None).newline, "\r");
        assert_eq!(sniff_dialect(b"a", None).newline, "\n");
    }
}
