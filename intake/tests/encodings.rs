//! Encodings that the bytes of a file tell, and those that are guessed.

mod support;

use encoding_rs::*;
use intake::EncodingBasis::{Bom, Content, Guess as Guessed, Option as Told};
use intake::*;
use support::*;

fn file(names: &str, encoding: &'static Encoding) -> Vec<u8> {
    let rows: String = names.split('|').enumerate().map(|(row, name)| format!("A{row},{name},1\n")).collect();
    encoding.encode(&format!("sku,name,quantity\n{rows}")).0.into_owned()
}

fn names(reading: &Reading) -> String {
    let name = |row| reading.value(row, "name").unwrap_or_default();
    (0..reading.rows.len()).map(name).collect::<Vec<_>>().join("|")
}

#[test]
fn other_alphabets_are_detected_and_that_it_was_a_guess_is_said() {
    for (encoding, text) in [
        (WINDOWS_1251, "Лампа настольная|Выключатель|Гвоздь"),
        (WINDOWS_1250, "łódka żółta|świeca|gruba ząbkowana|Gwóźdź"),
        (WINDOWS_1250, "příliš žluťoučký|šroub"),
        (WINDOWS_1253, "Λάμπα|Διακόπτης|Καρφί"),
        (WINDOWS_1254, "ışık|çay bardağı|şeker"),
        (WINDOWS_1255, "מנורה|מסמר"),
        (SHIFT_JIS, "電球|青いペンキ|ランプ"),
        (GBK, "台灯|螺丝刀|灯泡"),
        (BIG5, "檯燈|燈泡|螺絲起子"),
        (EUC_KR, "전구|램프|나사못"),
        (ISO_8859_2, "świeca|Škoda|źle"),
    ] {
        let reading = read(file(text, encoding));
        assert_eq!(names(&reading), text);
        let dialect = reading.dialect().unwrap();
        assert_eq!((dialect.encoding, dialect.encoding_basis), (encoding.name(), Guessed));
        let first = text.split(['|', ' ']).next().unwrap();
        let said = format!("the encoding was guessed: {} (2: {first})", encoding.name());
        assert_eq!(reading.warnings()[0], said);
    }
}

#[test]
fn a_few_western_letters_and_signs_are_western() {
    for text in [
        "café",
        "naïve",
        "£5",
        "Ø 5 mm",
        "±2 °C",
        "½ inch",
        "don’t",
        "the “x” one",
        "5 €",
        "Glühbirne|Größe",
        "Señor",
        "blåbær",
        "m² 5|20 µm",
        "crème brûlée",
        "ação",
    ] {
        let reading = read(file(text, WINDOWS_1252));
        assert_eq!((names(&reading).as_str(), reading.dialect().unwrap().encoding), (text, "windows-1252"));
        assert_eq!(reading.warnings().len(), 1);
    }
}

#[test]
fn the_euro_and_the_letters_of_latin_9_are_told_from_signs_of_1252() {
    for text in ["Cœur d'été|5,00 €".replace(',', "."), "12 €".into(), "œuf|bœuf".into()] {
        let reading = read(file(&text, ISO_8859_15));
        assert_eq!((names(&reading), reading.dialect().unwrap().encoding), (text, "ISO-8859-15"));
    }
}

#[test]
fn bytes_of_dos_are_no_windows_1252_in_silence() {
    for name in [&b"Gl\x81hbirne"[..], b"K\x84se", b"Br\x94tchen", b"caf\x82s", b"\x90lectrique"] {
        let reading = read([b"sku,name,quantity\nA,", name, b",1\n"].concat());
        let warnings = reading.warnings();
        assert!(warnings.len() == 1 && warnings[0].contains("cp850 or cp437"), "{warnings:?}");
    }
}

#[test]
fn what_an_encoding_is_known_by_is_told() {
    let basis = |bytes: &[u8], encoding: Option<&str>| {
        let options = ReadOptions { encoding: encoding.map(str::to_owned), ..ReadOptions::default() };
        CsvFile::open(bytes, &options).unwrap().dialect().encoding_basis
    };
    assert_eq!(basis(b"a,b\n1,2\n", None), Content);
    assert_eq!(basis("a,b\n1,é\n".as_bytes(), None), Content);
    assert_eq!(basis("\u{FEFF}a,b\n1,é\n".as_bytes(), None), Bom);
    assert_eq!(basis(b"a,b\n1,\xE9\n", None), Guessed);
    assert_eq!(basis(b"a,b\n1,\xE9\n", Some("windows-1252")), Told);
    let utf16: Vec<u8> = "a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(basis(&utf16, None), Content);
    let shown = CsvFile::open(&b"a\n\xE9\n"[..], &ReadOptions::default()).unwrap().dialect().to_json();
    assert_eq!(shown["encoding_basis"], "guess");
    let told = Spec {
        reading: ReadOptions { encoding: Some("windows-1251".into()), ..ReadOptions::default() },
        ..spec()
    };
    assert!(try_read(file("Лампа", WINDOWS_1251).as_slice(), &told).0.warnings().is_empty());
}

#[test]
fn characters_that_were_lost_or_encoded_twice_are_remarked() {
    for (name, warning) in [
        (
            "Gl\u{FFFD}hbirne",
            "1 row has U+FFFD, for characters that were lost before the file was sent (3: Gl\u{FFFD}hbirne)",
        ),
        ("GlÃ¼hbirne", "1 row has text that looks encoded twice (3: GlÃ¼hbirne)"),
        ("5 â‚¬", "1 row has text that looks encoded twice (3: â‚¬)"),
        ("Â£5", "1 row has text that looks encoded twice (3: Â£5)"),
        ("donâ€™t", "1 row has text that looks encoded twice (3: donâ€™t)"),
    ] {
        assert_eq!(read(format!("sku,name\nA,Größe\nB,{name}\n")).warnings(), [warning]);
    }
    for name in ["Glühbirne", "SÃO PAULO", "château", "Ålesund", "Âge", "ﬁn"] {
        assert!(read(format!("sku,name\nA,{name}\n")).warnings().is_empty(), "{name}");
    }
}

#[test]
fn utf_32_is_named() {
    let le = |text: &str| text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect::<Vec<_>>();
    let be = |text: &str| text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<_>>();
    for bytes in [
        le("\u{FEFF}sku,name\nA,ü\n"),
        be("\u{FEFF}sku,name\nA,ü\n"),
        le("sku,name\nA,b\n"),
        be("sku,name\n"),
        le("\u{FEFF}ü"),
    ] {
        assert_eq!(fail(bytes, &spec()).to_string(), "file is text in UTF-32, not CSV");
    }
}
