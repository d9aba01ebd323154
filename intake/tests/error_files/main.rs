//! Refused rows go out, are mended, and come back: as what they were in their file, however that was written.

#[path = "../support/mod.rs"]
mod support;

mod lots;

use intake::*;
use lots::*;
use proptest::collection::vec;
use proptest::prelude::*;
use support::{Reading, try_read};

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
        let reason = format!(
            "pieces: {}{}",
            refusal.cells[0].message,
            error_file_mark(&locales.to_json(), dialect.is_export)
        );
        file += &error_file_record(&refusal.raw, read, &mapping.header, &[], &reason);
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn refused_rows_of_an_export_come_back_to_the_letter(
        lots in rows(),
        blank in vec(any::<bool>(), 20),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
    ) {
        // As an export writes it: nothing is NULL, and formulas have apostrophes.
        let note = |lot: &Lot, is_null: bool| match lot.note.as_str() {
            _ if is_null => String::new(),
            "" => "\"\"".to_owned(),
            note if is_formula(note) || looks_escaped(note) => quoted(&format!("'{note}"), delimiter).into_owned(),
            note => quoted(note, delimiter).into_owned(),
        };
        let row = |(number, (lot, is_null)): (usize, (&Lot, &bool))| {
            let cells = [format!("L{number}"), note(lot, *is_null), BAD.to_owned(), "1.250".to_owned()];
            cells.join(&delimiter.to_string()) + "\n"
        };
        let header = export_header(&["code", "note", "pieces", "price"], delimiter) + "\n";
        let file = header + &lots.iter().zip(&blank).enumerate().map(row).collect::<String>();
        let mended = error_file(&read(file.as_bytes(), ReadOptions::default())).replace(BAD, "7");
        let again = read(mended.as_bytes(), ReadOptions::default());
        prop_assert_eq!(&again.refused, &vec![], "{}", mended);
        for (row, (lot, is_null)) in lots.iter().zip(&blank).enumerate() {
            let expected = (!is_null).then_some(lot.note.as_str());
            prop_assert_eq!(again.value(row, "note"), expected, "{}\n{}", file, mended);
            prop_assert_eq!(again.value(row, "price"), Some("1.250"));
        }
    }
}

const ERRORS: &str = "code,pieces,price,sold_on,import_error\n";

#[test]
fn rows_of_several_error_files_are_not_read_in_one_way() {
    let rows = "A,1,\"1,250\",03/04/2024,\"x [read with decimal comma, dates dmy]\"\n\
                B,1,\"1,250\",03/04/2024,\"x [read with decimal point, dates mdy]\"\n\
                C,1,\"1,250\",03/04/2024,\n";
    let reading = read((ERRORS.to_owned() + rows).as_bytes(), ReadOptions::default());
    assert_eq!(reading.faults(), [(3, "22000")]);
    assert_eq!(reading.value(1, "price"), Some("1.250"));
    assert_eq!(reading.value(1, "sold_on"), Some("2024-04-03"));
}

#[test]
fn corrected_values_decide_what_was_a_guess() {
    let rows = "A,1,1,25/04/2024,\"x [read with decimal point?, dates mdy?]\"\nB,1,1,03/04/2024,\n";
    let reading = read((ERRORS.to_owned() + rows).as_bytes(), ReadOptions::default());
    assert_eq!(reading.value(1, "sold_on"), Some("2024-04-03"));
    let rows = "B,1,\"1,250\",03/04/2024,\"x [read with decimal comma?, dates dmy?]\"\n";
    let reading = read((ERRORS.to_owned() + rows).as_bytes(), ReadOptions::default());
    assert_eq!((reading.value(0, "price"), reading.value(0, "sold_on")), (Some("1.250"), Some("2024-04-03")));
    assert_eq!(reading.warnings().len(), 2);
}

#[test]
fn options_of_the_original_are_not_in_the_way() {
    let text = "code~note~import_error\nA~Лампа~no\n";
    for header in [Header::Absent, Header::Present, Header::Line(4)] {
        for delimiter in [None, Some(b'~'), Some(b';')] {
            let encoding = Some("windows-1251".to_owned());
            let options = ReadOptions { encoding, delimiter, header: Some(header), ..ReadOptions::default() };
            let reading = read(text.as_bytes(), options);
            assert_eq!((reading.rows.len(), reading.value(0, "note")), (1, Some("Лампа")));
        }
    }
}

#[test]
fn rows_of_an_error_file_are_data_whatever_they_look_like() {
    let rows = "# A,1,2,,x\nmany,lots,much,soon,x\n---,---,---,---,---\nTotal,1,2,,x\n";
    let reading = read((ERRORS.to_owned() + rows).as_bytes(), ReadOptions::default());
    assert_eq!((reading.rows.len(), reading.refused.len(), reading.skipped.count()), (2, 2, 0));
}

#[test]
fn files_of_strangers_are_no_exports() {
    for header in
        ["\"code\";note;price", "\"code\";\"note\";\"price\"", "code;note;price", "code;\"note\";price"]
    {
        let reading = read(format!("{header}\nA;=1;1.250\n").as_bytes(), ReadOptions::default());
        assert_eq!(reading.value(0, "price"), Some("1250"), "{header}");
    }
    let reading = read(b"code;note;\"price\"\nA;'=1;1.250\n", ReadOptions::default());
    assert_eq!((reading.value(0, "note"), reading.value(0, "price")), (Some("=1"), Some("1.250")));
}
