//! Cases, as they are written down:
//!
//! ```text
//! # What the file of cases is about. Lines that begin with # are comments.
//!
//! == what the case shows
//! into transactions
//! mapping {"Wert": "amount"}
//! options {"decimal": ","}
//! before
//! | a file that was imported before, with the same mapping and options
//! file in windows-1251
//! | Date,Amount
//! | 2024-03-04,5
//! | 2024-03-05,many
//! mend many => 5
//! expect
//! completed
//! rows occurred_on | amount
//! | 2024-03-04 | 5.00
//! refused line | column | value
//! | 3 | amount | many
//! warnings
//! | percent | amount
//! ```
//!
//! With `mend`, the file's error file is sent, in which one text takes the place of another; what becomes of that is expected.
//!
//! In the lines of files, `\t`, `\r`, `\s` (a blank), `\\`, `\xE4` (a byte) and `\u{200B}` stand for what they stand for elsewhere;
//! `\` at the end joins the next line. Rows come in the order in which they were made, NULL is `∅`, and only the columns that are
//! named count. A part that is left out is empty: no row, nothing refused, no warning. `failed` is followed by parts of the message.

use serde_json::Value;

#[derive(Default)]
pub struct Case {
    pub title: String,
    pub table: String,
    pub mapping: Option<Value>,
    pub options: Option<Value>,
    pub before: Vec<Vec<u8>>,
    pub file: Vec<u8>,
    /// What is put in the place of what in the error file, before that is sent.
    pub mend: Option<(String, String)>,
    /// As it is written, without blank lines.
    pub expected: Vec<String>,
}

impl Case {
    /// The columns of the rows that are expected; `id` of a case without rows.
    pub fn columns(&self) -> Vec<&str> {
        let named = self.expected.iter().find_map(|line| line.strip_prefix("rows ")).unwrap_or("id");
        named.split('|').map(str::trim).collect()
    }
}

pub fn parse(text: &str) -> Vec<Case> {
    let text = text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    text.split("\n== ").skip(1).map(parse_one).collect()
}

fn parse_one(text: &str) -> Case {
    let (head, expected) = text.split_once("\nexpect\n").expect("a case has an outcome");
    let expected = expected.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned);
    let mut lines = head.lines().peekable();
    let title = lines.next().expect("a case has a title").to_owned();
    let mut case = Case { title, expected: expected.collect(), ..Case::default() };
    while let Some(line) = lines.next() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let json = || serde_json::from_str(rest).unwrap_or_else(|error| panic!("{}: {error}", case.title));
        match word {
            "into" => case.table = rest.to_owned(),
            "mapping" => case.mapping = Some(json()),
            "options" => case.options = Some(json()),
            "file" | "before" => {
                let mut bytes = Vec::new();
                while let Some(line) = lines.next_if(|line| line.starts_with('|')) {
                    write_line(line, rest.strip_prefix("in "), &mut bytes);
                }
                if word == "file" { case.file = bytes } else { case.before.push(bytes) }
            }
            "mend" => {
                let (wrong, right) = rest.split_once(" => ").expect("what becomes of what");
                case.mend = Some((wrong.to_owned(), right.to_owned()));
            }
            "" => {}
            other => panic!("{}: {other} is no part of a case", case.title),
        }
    }
    case
}

/// Appends a line of a file in an encoding, UTF-8 if none is named.
fn write_line(line: &str, encoding: Option<&str>, bytes: &mut Vec<u8>) {
    let text = line.strip_prefix("| ").unwrap_or(&line[1..]);
    let mut rest = text.chars();
    let mut plain = String::new();
    let flush =
        |plain: &mut String, bytes: &mut Vec<u8>| bytes.extend(encoded(&std::mem::take(plain), encoding));
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match rest.next() {
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('s') => plain.push(' '),
            Some('x') => {
                flush(&mut plain, bytes);
                let digits: String = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).expect("a byte"));
            }
            Some('u') => {
                let digits: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                let code = u32::from_str_radix(&digits, 16).expect("a number");
                plain.push(char::from_u32(code).expect("a character"));
            }
            None => {
                flush(&mut plain, bytes);
                return;
            }
            Some(other) => plain.push(other),
        }
    }
    plain.push('\n');
    flush(&mut plain, bytes);
}

fn encoded(text: &str, encoding: Option<&str>) -> Vec<u8> {
    match encoding {
        None => text.as_bytes().to_vec(),
        Some("utf-16le") => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Some("utf-32le") => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        Some(label) => {
            let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).expect("a known encoding");
            let (bytes, _, is_lossy) = encoding.encode(text);
            assert!(!is_lossy, "{text} in {label}");
            bytes.into_owned()
        }
    }
}
