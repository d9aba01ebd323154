//! Refused rows go out, are mended, and come back: as what they were in their file, however that was written.

mod support;

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, UTF_16LE, WINDOWS_1251, WINDOWS_1252};
use intake::*;
use proptest::collection::vec;
use proptest::prelude::*;
use support::{Reading, try_read};

/// No value of any column. It is mended to 7.
const BAD: &str = "many";

fn lots() -> Table {
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
struct Lot {
    note: String,
    thousandths: i64,
    year: u16,
    day: u8,
    month: u8,
    active: bool,
    is_bad: bool,
}

/// How a file is written.
#[derive(Debug, Clone)]
struct Writing {
    delimiter: char,
    quotes: Quotes,
    comma: bool,
    order: DateOrder,
    newline: &'static str,
    encoding: &'static Encoding,
    /// Letters of the encoding.
    letters: &'static str,
    bom: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Quotes {
    WhereNeeded,
    Everywhere,
    Single,
}

impl Writing {
    fn number(&self, thousandths: i64) -> String {
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

    fn file(&self, lots: &[Lot]) -> Vec<u8> {
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
    fn options(&self) -> ReadOptions {
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

fn writing() -> impl Strategy<Value = Writing> {
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
fn rows() -> impl Strategy<Value = Vec<Lot>> {
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

fn read(bytes: &[u8], reading: ReadOptions) -> Reading {
    let (reading, result) = try_read(bytes, &Spec { reading, ..Spec::new(lots()) });
    result.expect("a readable file");
    reading
}

/// As `import_errors_csv()` writes it.
fn error_file(reading: &Reading) -> String {
    let Some(Event::Started { dialect: Some(dialect), mapping, locales, .. }) = &reading.started else {
        panic!("a file has begun")
    };
    // What a report keeps of it.
    let read = Dialect::of_json(&dialect.to_json());
    let mut file = if dialect.encoding == "UTF-8" { String::new() } else { "\u{FEFF}".to_owned() };
    file += &error_file_header(&mapping.header, dialect.delimiter);
    file += dialect.newline;
    for refusal in &reading.refused {
        let reason = format!("pieces: {}{}", refusal.cells[0].message, error_file_mark(&locales.to_json()));
        file += &error_file_record(&refusal.raw, read, &mapping.header, &reason);
        file += dialect.newline;
    }
    file
}

/// The values that a row must have, NULL as "∅".
fn expected(writing: &Writing, number: usize, lot: &Lot, is_through_quotes: bool) -> Vec<String> {
    let date = format!("2024-{:02}-{:02}", lot.month, lot.day);
    let keeps = |note: &&str| is_through_quotes || !["NULL", "#N/A"].contains(note);
    let note = Some(lot.note.as_str()).filter(|note| !note.is_empty()).filter(keeps);
    vec![
        format!("{}{number}", writing.letters),
        note.unwrap_or("∅").to_owned(),
        "7".to_owned(),
        Writing { comma: false, ..writing.clone() }.number(lot.thousandths),
        date.clone(),
        date + " 10:30:00",
        lot.active.to_string(),
        "B".to_owned(),
        "{x,\"y z\"}".to_owned(),
    ]
}

fn values(reading: &Reading) -> Vec<Vec<String>> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "∅".to_owned());
    reading.rows.iter().map(|row| row.iter().map(text).collect()).collect()
}

/// The cells of an error file, as a spreadsheet saves them.
fn saved(file: &str, from: char, to: char) -> String {
    let text = file.strip_prefix('\u{FEFF}').unwrap_or(file);
    let mut rows: Vec<csv::StringRecord> = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(from as u8)
        .from_reader(text.as_bytes())
        .into_records()
        .map(|row| row.expect("a record"))
        .collect();
    // Somebody sorts the rows.
    rows[1..].reverse();
    let mut writer = csv::WriterBuilder::new().delimiter(to as u8).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| if cell == BAD { "7" } else { cell })).expect("memory");
    }
    String::from_utf8(writer.into_inner().expect("memory")).expect("text")
}

fn mended(lots: &[Lot]) -> impl Iterator<Item = (usize, &Lot)> {
    lots.iter().enumerate().filter(|(_, lot)| lot.is_bad)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn mended_rows_are_what_their_file_meant(writing in writing(), lots in rows(), told_again: bool) {
        let reading = read(&writing.file(&lots), writing.options());
        prop_assert_eq!(reading.refused.len(), mended(&lots).count());
        let file = error_file(&reading).replace(BAD, "7");
        let options = if told_again { writing.options() } else { ReadOptions::default() };
        let again = read(file.as_bytes(), options);
        prop_assert_eq!(&again.refused, &vec![], "{}", file);
        let expected: Vec<_> = mended(&lots).map(|(number, lot)| expected(&writing, number, lot, true)).collect();
        prop_assert_eq!(values(&again), expected, "{}", file);
    }

    #[test]
    fn rows_mended_in_a_spreadsheet_are_what_their_file_meant(
        writing in writing(),
        lots in rows(),
        told_again: bool,
        saved_with in prop::sample::select(vec![',', ';', '\t']),
    ) {
        let reading = read(&writing.file(&lots), writing.options());
        let file = saved(&error_file(&reading), writing.delimiter, saved_with);
        let options = if told_again { writing.options() } else { ReadOptions::default() };
        let again = read(file.as_bytes(), options);
        prop_assert_eq!(&again.refused, &vec![], "{}", file);
        // A spreadsheet does not tell blanks and NULL in quotes from others.
        let blind = |note: &str| ["NULL", "#N/A", " a "].contains(&note);
        let expected = mended(&lots).map(|(number, lot)| expected(&writing, number, lot, false));
        let expected: Vec<_> = expected.collect();
        let rows = values(&again).into_iter().rev();
        for (row, (expected, (_, lot))) in rows.zip(expected.into_iter().zip(mended(&lots))) {
            if !blind(&lot.note) {
                prop_assert_eq!(row, expected, "{}", file);
            }
        }
        prop_assert_eq!(again.lines.len(), mended(&lots).count());
    }
}
