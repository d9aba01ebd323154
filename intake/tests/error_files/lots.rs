//! Tables of lots, and the files that people write of them.

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, UTF_16LE, WINDOWS_1251, WINDOWS_1252};
use intake::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// No value of any column. It is mended to 7.
pub const BAD: &str = "many";

pub fn lots() -> Table {
    let label = |name: &str| name.to_owned();
    let text = Kind::Text { max_chars: None };
    let columns = vec![
        Column::new("code", text.clone()).required(),
        Column::new("note", text),
        Column::new("pieces", Kind::Int4),
        Column::new("price", Kind::Numeric { precision: Some((12, 3)) }),
        Column::new("sold_on", Kind::Date),
        Column::new("counted_at", Kind::TimestampTz),
        Column::new("active", Kind::Bool),
        Column::new("grade", Kind::Enum { name: "grade".into(), labels: ["A", "B"].map(label).to_vec() }),
        Column::new("tags", Kind::Other),
    ];
    Table { columns, attributes: None }
}

/// A row of it, before anybody has written it down.
#[derive(Debug, Clone)]
pub struct Lot {
    pub note: String,
    pub thousandths: i64,
    pub year: u16,
    pub day: u8,
    pub month: u8,
    pub active: bool,
    pub is_bad: bool,
}

/// How a file is written.
#[derive(Debug, Clone)]
pub struct Writing {
    pub delimiter: char,
    pub quotes: Quotes,
    pub comma: bool,
    pub order: DateOrder,
    pub newline: &'static str,
    pub encoding: &'static Encoding,
    /// Letters of the encoding.
    pub letters: &'static str,
    pub bom: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quotes {
    WhereNeeded,
    Everywhere,
    Single,
}

impl Writing {
    pub fn number(&self, thousandths: i64) -> String {
        let sign = if thousandths < 0 { "-" } else { "" };
        let number = thousandths.abs();
        let mark = if self.comma { ',' } else { '.' };
        format!("{sign}{}{mark}{:03}", number / 1000, number % 1000)
    }

    fn date(&self, lot: &Lot) -> String {
        let Lot { year, month, day, .. } = *lot;
        match self.order {
            DateOrder::Dmy => format!("{day:02}/{month:02}/{year}"),
            DateOrder::Mdy => format!("{month:02}/{day:02}/{year}"),
            DateOrder::Ymd => format!("{:02}/{month:02}/{day:02}", year % 100),
        }
    }

    fn cells(&self, number: usize, lot: &Lot) -> Vec<String> {
        vec![
            format!("{}{number}", self.letters),
            lot.note.clone(),
            if lot.is_bad { BAD.to_owned() } else { "7".to_owned() },
            self.number(lot.thousandths),
            self.date(lot),
            self.date(lot) + " 10:30",
            if lot.active { "yes" } else { "no" }.to_owned(),
            "B".to_owned(),
            "{x,\"y z\"}".to_owned(),
        ]
    }

    pub fn file(&self, lots: &[Lot]) -> Vec<u8> {
        let names = lots_header().iter().map(|name| (*name).to_owned()).collect();
        let rows = lots.iter().enumerate().map(|(number, lot)| self.cells(number, lot));
        let rows: Vec<Vec<String>> = std::iter::once(names).chain(rows).collect();
        let cell = |cell: &String| match self.quotes {
            Quotes::Single => format!("'{}'", cell.replace('\'', "''")),
            Quotes::WhereNeeded => quoted(cell, self.delimiter).into_owned(),
            Quotes::Everywhere => format!("\"{}\"", cell.replace('"', "\"\"")),
        };
        let delimiter = self.delimiter.to_string();
        let line =
            |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(&delimiter) + self.newline;
        let text = rows.iter().map(line).collect::<String>();
        let text = if self.bom { format!("\u{FEFF}{text}") } else { text };
        if self.encoding == UTF_16LE {
            return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        }
        self.encoding.encode(&text).0.into_owned()
    }

    /// What must be said of such a file.
    pub fn options(&self) -> ReadOptions {
        let is_told = ![UTF_8, UTF_16LE].contains(&self.encoding);
        ReadOptions {
            encoding: is_told.then(|| self.encoding.name().to_owned()),
            delimiter: (!",;\t|".contains(self.delimiter)).then_some(self.delimiter as u8),
            ..ReadOptions::default()
        }
    }
}

fn lots_header() -> [&'static str; 9] {
    ["code", "note", "pieces", "price", "sold_on", "counted_at", "active", "grade", "tags"]
}

pub fn writing() -> impl Strategy<Value = Writing> {
    let encodings = vec![
        (UTF_8, "ü", false),
        (UTF_8, "ü", true),
        (UTF_16LE, "ü", true),
        (WINDOWS_1252, "é", false),
        (WINDOWS_1251, "Роз", false),
        (SHIFT_JIS, "テレビ", false),
    ];
    let quotes = vec![Quotes::WhereNeeded, Quotes::Everywhere, Quotes::Single];
    (
        prop::sample::select(vec![',', ';', '\t', '|', '~', '^', ':', '!']),
        prop::sample::select(quotes),
        any::<bool>(),
        prop::sample::select(DateOrder::ALL.to_vec()),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
        prop::sample::select(encodings),
    )
        .prop_map(|(delimiter, quotes, comma, order, newline, (encoding, letters, bom))| Writing {
            delimiter,
            quotes,
            comma,
            order,
            newline,
            encoding,
            letters,
            bom,
        })
}

/// Rows of which the first decides how numbers and dates are read, and is never refused.
pub fn rows() -> impl Strategy<Value = Vec<Lot>> {
    let note = prop::sample::select(vec![
        "",
        "a",
        "a;b",
        "a, b",
        "say \"a\"",
        "two\nlines",
        " a ",
        "NULL",
        "#N/A",
        "=1+1",
        "'=1",
        "-",
        "+49 170",
        "@x",
        "'a",
        "~",
        "it's",
        "# a",
        "true",
        "2024",
        "[read with decimal comma]",
    ]);
    let lot = (note, -9_999_999..9_999_999i64, 1..=12u8, 1..=12u8, any::<bool>(), any::<bool>());
    let lot = lot.prop_map(|(note, thousandths, day, month, active, is_bad)| {
        let note = note.to_owned();
        Lot { note, thousandths, year: 2024, day, month, active, is_bad }
    });
    let first = Lot {
        note: "first".to_owned(),
        thousandths: 500,
        year: 1999,
        day: 25,
        month: 3,
        active: true,
        is_bad: false,
    };
    vec(lot, 2..12).prop_map(move |mut lots| {
        lots[0].is_bad = true;
        lots.insert(0, first.clone());
        lots
    })
}
