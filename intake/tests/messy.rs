//! Files as people send them: each kind of mess with the rows that come of it, the lines refused, and what is noted.

mod support;

use intake::*;
use support::*;

/// A file, and what an import into the inventory makes of it.
struct Case {
    mess: &'static str,
    input: Vec<u8>,
    /// `sku|name|quantity`, NULL as nothing.
    rows: &'static [&'static str],
    /// Lines and SQLSTATEs.
    refused: &'static [(u64, &'static str)],
    skipped: &'static [&'static str],
    warnings: &'static [&'static str],
}

fn case(mess: &'static str, input: impl AsRef<[u8]>, rows: &'static [&'static str]) -> Case {
    Case { mess, input: input.as_ref().to_vec(), rows, refused: &[], skipped: &[], warnings: &[] }
}

impl Case {
    fn refused(self, refused: &'static [(u64, &'static str)]) -> Self {
        Case { refused, ..self }
    }

    fn skipped(self, skipped: &'static [&'static str]) -> Self {
        Case { skipped, ..self }
    }

    fn warnings(self, warnings: &'static [&'static str]) -> Self {
        Case { warnings, ..self }
    }

    fn check(&self) {
        let (reading, result) = try_read(self.input.as_slice(), &spec());
        assert!(result.is_ok(), "{}: {result:?}", self.mess);
        let cell = |row, column: &str| {
            let known = reading.columns.iter().any(|name| name == column);
            known.then(|| reading.value(row, column)).flatten().unwrap_or_default().to_owned()
        };
        let rows: Vec<String> = (0..reading.rows.len())
            .map(|row| ["sku", "name", "quantity"].map(|it| cell(row, it)).join("|"))
            .collect();
        assert_eq!(rows, self.rows, "{}: rows", self.mess);
        assert_eq!(reading.faults(), self.refused, "{}: refusals", self.mess);
        assert_eq!(reading.skip_reasons(), self.skipped, "{}: skipped", self.mess);
        assert_eq!(reading.warnings(), self.warnings, "{}: warnings", self.mess);
        assert_eq!(reading.bytes_read, self.input.len() as u64, "{}: bytes", self.mess);
    }
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn check(cases: impl IntoIterator<Item = Case>) {
    cases.into_iter().for_each(|case| case.check());
}

#[test]
fn encodings() {
    let text = "sku\tname\nA1\tcafé 😎\n";
    check([
        case("UTF-8", text, &["A1|café 😎|"]),
        case("UTF-8 with a mark", format!("\u{FEFF}{text}"), &["A1|café 😎|"]),
        case("UTF-16 LE with a mark", utf16(&format!("\u{FEFF}{text}"), u16::to_le_bytes), &["A1|café 😎|"]),
        case("UTF-16 BE with a mark", utf16(&format!("\u{FEFF}{text}"), u16::to_be_bytes), &["A1|café 😎|"]),
        case("UTF-16 LE without", utf16(text, u16::to_le_bytes), &["A1|café 😎|"]),
        case("UTF-16 BE without", utf16(text, u16::to_be_bytes), &["A1|café 😎|"]),
        case("Windows-1252", b"sku,name\nA1,caf\xE9 5\x80\n", &["A1|café 5€|"])
            .warnings(&["the encoding was guessed: windows-1252 (2: café)"]),
        case("one bad byte among UTF-8", b"sku,name\nA1,caf\xC3\xA9\nA2,caf\xE9\n", &["A1|café|"])
            .refused(&[(3, "22021")]),
        case("a NUL", b"sku,name\nA1,a\0b\nA2,ok\n", &["A2|ok|"]).refused(&[(2, "22021")]),
    ]);
}

#[test]
fn half_a_surrogate_refuses_its_row_and_positions_are_those_of_the_file() {
    let mut input = utf16("\u{FEFF}sku,name\nA1,é😎\nA2,", u16::to_le_bytes);
    input.extend([0x00, 0xD8]);
    input.extend(utf16("\nA3,c\n", u16::to_le_bytes));
    let reading = read(&input);
    assert_eq!((reading.lines.as_slice(), reading.faults()), (&[2, 4][..], vec![(3, "22021")]));
    let refusal = &reading.refused[0];
    assert_eq!(refusal.cells[0].message, "invalid byte sequence for encoding \"UTF-16LE\"");
    assert_eq!(
        refusal.byte_offset,
        Some(2 + 2 * ("sku,name\n".len() + "A1,é".chars().count() + 2 + 1) as u64)
    );
    assert_eq!(reading.bytes_read, input.len() as u64);
}

#[test]
fn an_encoding_given_wins_and_must_be_one() {
    let told = |label: &str| Spec {
        reading: ReadOptions { encoding: Some(label.to_owned()), ..ReadOptions::default() },
        ..spec()
    };
    let name =
        |label| try_read(&b"sku,name\nA1,\xE9\n"[..], &told(label)).0.value(0, "name").map(str::to_owned);
    assert_eq!(name("windows-1251").as_deref(), Some("й"));
    assert_eq!(name("WIN1251").as_deref(), Some("й"));
    assert_eq!(name("iso-8859-1").as_deref(), Some("é"));
    assert_eq!(try_read(&b"sku,name\nA1,\xE9\n"[..], &told("utf-8")).0.faults(), [(2, "22021")]);
    let error = fail("sku\nA1\n", &told("klingon"));
    assert_eq!(
        (error.sqlstate(), error.to_string()),
        ("22023", "encoding \"klingon\" is not known".to_owned())
    );
}

#[test]
fn a_bad_byte_behind_the_sample_costs_its_row_alone() {
    let tidy = "A1,a\n".repeat(SAMPLE_BYTES / 5);
    let reading = read([b"sku,name\n", tidy.as_bytes(), b"B1,\xE9\nB2,b\n"].concat());
    assert_eq!(reading.faults(), [(SAMPLE_BYTES as u64 / 5 + 2, "22021")]);
    assert_eq!(reading.value(reading.rows.len() - 1, "sku"), Some("B2"));
}

#[test]
fn delimiters_and_quotes() {
    check([
        case("sep= line", "sep=;\nsku;name\nA1;a,b\n", &["A1|a,b|"]),
        case("semicolons", "sku;name;quantity\nA1;a, b;5\n", &["A1|a, b|5"]),
        case("tabs", "sku\tname\tquantity\nA1\ta, b\t5\nA2\tc; d\t6\n", &["A1|a, b|5", "A2|c; d|6"]),
        case("bars", "sku|name|quantity\nA1|a, b|5\n", &["A1|a, b|5"]),
        case("comma and space", "sku, name, quantity\nA1, a, 5\nA2, \"b, c\", 6\n", &["A1|a|5", "A2|b, c|6"]),
        case("a space before a cell", "sku,name\nA1, a\nA2,b\n", &["A1|a|", "A2|b|"]),
        case("single quotes", "'sku','name'\n'A1','a, b'\n'A2','it''s'\n", &["A1|a, b|", "A2|it's|"]),
        case("an apostrophe in front", "sku,name\nA1,'tis\nA2,'twas 'so\n", &["A1|'tis|", "A2|'twas 'so|"]),
        case(
            "a name in single quotes",
            "sku,name\nA1,'Best'\nA2,b\nA3,c\n",
            &["A1|'Best'|", "A2|b|", "A3|c|"],
        ),
        case("curly quotes", "sku,name\n“A1”,“a, b”\n“A2”,“c”\n", &["A1|a, b|", "A2|c|"]),
        case("low quotes", "sku;name\n„A1“;„a; b“\n„A2“;„c“\n", &["A1|a; b|", "A2|c|"]),
        case("curly quotes as text", "sku,name\nA1,the “best” one\n", &["A1|the “best” one|"]),
        case(
            "backslashes",
            "sku,name\nA1,\"a 5\\\" pipe, long\"\nA2,\"c:\\\\new\"\n",
            &["A1|a 5\" pipe, long|", "A2|c:\\new|"],
        ),
        case("a backslash as text", "sku,name\nA1,\"c:\\dir\\\"\nA2,\"d\"\n", &["A1|c:\\dir\\|", "A2|d|"]),
        case("line ends in quotes", "sku,name\r\nA1,\"a\nb\r\nc\"\r\nA2,d\r\n", &["A1|a\nb\r\nc|", "A2|d|"]),
        case("spaces behind a quote", "sku,name\n\"A1\" ,\"a\nb\"  \n", &["A1|a\nb|"]),
        case("a stray quote", "sku,name\nA1,5\" pipe\nA2,6\" pipe\n", &["A1|5\" pipe|", "A2|6\" pipe|"]),
        case("an unclosed quote", "sku,name\nA1,\"a\nA2,b\nA3,c\n", &["A2|b|", "A3|c|"])
            .refused(&[(2, "22P04")]),
        case("an empty cell in quotes", "sku,name,quantity\nA1,\"\",\"\"\n", &["A1||"]),
    ]);
}

#[test]
fn the_line_on_which_a_quote_opens_is_told() {
    let reading = read("sku,name,size\nA1,\"two\nlines\",\"open\nA2,b,c\n");
    let refusal = &reading.refused[0];
    assert_eq!((refusal.line, &*refusal.cells[0].code), (2, "22P04"));
    let suggestion = refusal.cells[0].suggestion.as_deref();
    assert_eq!(suggestion, Some("add the closing quote to the field that starts on line 3"));
    assert_eq!(reading.value(reading.rows.len() - 1, "sku"), Some("A2"));
}

#[test]
fn line_ends_and_ragged_rows() {
    check([
        case("CRLF with a bare LF", "sku,name\r\nA1,a\nA2,b\r\n", &["A1|a|", "A2|b|"]),
        case("LF with a bare CR", "sku,name\nA1,a\rA2,b\n", &["A1|a|", "A2|b|"]),
        case("CR alone", "sku,name\rA1,a\rA2,b\r", &["A1|a|", "A2|b|"]),
        case("an extra cell", "sku,name\nA1,a,x\nA2,b\n", &["A2|b|"]).refused(&[(2, "22P04")]),
        case("trailing delimiters", "sku,name\nA1,a,\nA2,b,,\n", &["A1|a|", "A2|b|"]),
        case("a short row", "sku,name,quantity\nA1,a,1\nA2,b\n", &["A1|a|1", "A2|b|"])
            .warnings(&["1 short row was filled up with NULL (3)"]),
        case("blank lines", "sku,name\n\nA1,a\n,\n  \n", &["A1|a|"]).skipped(&["3 blank line"]),
    ]);
}

#[test]
fn rows_around_the_data() {
    check([
        case("a title", "Stock report\n\nsku,name,quantity\nA1,a,5\n", &["A1|a|5"]),
        case(
            "titles as wide as the table",
            "Stock report,,,\nDate:,2024-03-01,,\n,,,\nsku,name,quantity,unit_price\nA1,a,5,2\n",
            &["A1|a|5"],
        ),
        case("comments", "# exported\n# by hand\nsku,name\nA1,a\n# end\n", &["A1|a|"])
            .skipped(&["1 comment"]),
        case("comments about semicolons", "# one\n# two\n# three\nsku;name\nA1;a\n", &["A1|a|"]),
        case("eBay's info", "#INFO,Version=1.0,,\nsku,name,quantity,C:Brand\nA1,a,5,X\n", &["A1|a|5"]),
        case("a sku with a hash", "sku,name\n#10,bolt\n#12,nut\n", &["#10|bolt|", "#12|nut|"]),
        case(
            "units",
            "sku,name,quantity,unit_price\n,,(pcs),(EUR)\nA1,a,5,2\nA2,b,6,3\n",
            &["A1|a|5", "A2|b|6"],
        )
        .skipped(&["1 row of units"]),
        case(
            "a second header",
            "sku,name,quantity,unit_price\nArticle,Title,Stock,Price\nA1,a,5,2\nA2,b,6,3\n",
            &["A1|a|5", "A2|b|6"],
        )
        .skipped(&["1 second header row"]),
        case("a row of group names", "Item,,Stock,\nsku,name,quantity,unit_price\nA1,a,5,2\n", &["A1|a|5"]),
    ]);
}

#[test]
fn headers_among_the_data() {
    check([
        case(
            "the header again",
            "sku,name,quantity\nA1,a,5\nsku,name,quantity\nA2,b,6\n",
            &["A1|a|5", "A2|b|6"],
        )
        .skipped(&["1 header row again"]),
        case(
            "the header again above the totals",
            "sku,name,quantity\nA1,a,5\nsku,name,quantity\nA2,b,6\nTotal,,11\n",
            &["A1|a|5", "A2|b|6"],
        )
        .skipped(&["1 header row again", "1 row of totals"]),
        case(
            "two tables, one below the other",
            "sku,name,quantity\nA1,a,5\n\nsupplier,phone,city\nS1,123,Rome\n",
            &["A1|a|5"],
        )
        .refused(&[(4, "22000"), (4, "22P02"), (5, "22P02")])
        .skipped(&["1 blank line"]),
        case(
            "two tables without a gap",
            "sku,name,quantity,unit_price\nA1,a,5,2\norder,customer,total,date\n1001,Ann,3,2024-01-01\n",
            &["A1|a|5"],
        )
        .refused(&[(3, "22000"), (3, "22P02"), (3, "22P02"), (4, "22P02")]),
        case("a second table that is wider", "sku,name\nA1,a\n\norder,customer,total\n", &["A1|a|"])
            .refused(&[(4, "22000"), (4, "22P04")])
            .skipped(&["1 blank line"]),
        case("a slip", "sku,name,quantity\nA1,a,5\nHat,blue,many\nA3,b,6\n", &["A1|a|5", "A3|b|6"])
            .refused(&[(3, "22P02")]),
        case(
            "a slip behind a gap",
            "sku,name,quantity\nA1,a,5\n\nA2,b,many\nA3,b,6\n",
            &["A1|a|5", "A3|b|6"],
        )
        .refused(&[(4, "22P02")])
        .skipped(&["1 blank line"]),
    ]);
}

#[test]
fn totals_below_the_data() {
    check([
        case("totals by label", "sku,name,quantity\nA1,a,5\nA2,b,6\nTotal,,11\n", &["A1|a|5", "A2|b|6"])
            .skipped(&["1 row of totals"]),
        case("totals without one", "sku,name,quantity\nA1,a,5\nA2,b,6\n,,11\n\n,,\n", &["A1|a|5", "A2|b|6"])
            .skipped(&["1 row of totals", "2 blank line"]),
        case("totals in German", "sku;name;quantity\nA1;a;5\nA2;b;6\nSumme:;;11\n", &["A1|a|5", "A2|b|6"])
            .skipped(&["1 row of totals"]),
        case("no sum", "sku,name,quantity\nA1,a,5\nTotal,b,6\n", &["A1|a|5", "Total|b|6"]),
        case(
            "a sum, not last",
            "sku,name,quantity\nA1,a,5\nTotal,,5\nA2,b,6\n",
            &["A1|a|5", "Total||5", "A2|b|6"],
        ),
    ]);
}

#[test]
fn totals_of_a_long_file() {
    let rows = "A1,a,1\n".repeat(100_001);
    for (last, skipped) in [("Total,,7", 1), (",,100001", 0), ("A1,Total,1", 0)] {
        let reading = read(format!("sku,name,quantity\n{rows}{last}\n"));
        assert_eq!(reading.skipped.count(), skipped, "{last}");
    }
}

#[test]
fn names_of_columns() {
    check([
        case("zero-width characters", "\u{200B}sku,na\u{200D}me\nA1,a\n", &["A1|a|"]),
        case("a name twice", "sku,name,name\nA1,a,b\n", &["A1|a|"])
            .warnings(&["a column with the name of another is called \"name_2\" (1)"]),
        case("no name", "sku,,name\nA1,x,a\n", &["A1|a|"])
            .warnings(&["a column without a name is called \"column_2\" (1)"]),
    ]);
    let sample = |text: &str| Sample::of(text.as_bytes(), &ReadOptions::default()).unwrap().header;
    let header = sample(",2023,,2024,\nSKU,Qty,Price,Qty,Price\nA1,1,2,3,4\n");
    assert_eq!(header, ["SKU", "2023 Qty", "2023 Price", "2024 Qty", "2024 Price"]);
    assert_eq!(sample("A1,5,2024-01-01\nA2,6,2024-01-02\n"), ["column_1", "column_2", "column_3"]);
    assert_eq!(sample("sku,name\nA1,a\n"), ["sku", "name"]);
}
