//! Texts, words and UUIDs.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What does not belong where it stands, now and then.
const ODD: [&str; 24] = [
    " ", "\t", "\n", "+", "-", "−", ".", ",", ":", "T", "Z", "0", "9", "'", "\"", "\\", "{", "}", "[", "e",
    "_", "٣", "\u{a0}", "\u{feff}",
];

/// One in ten with a character more or less.
pub fn spoiled(texts: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    let texts = texts.boxed();
    let spoil = |(text, place, odd, takes_one): (String, Index, &str, bool)| {
        let mut chars: Vec<String> = text.chars().map(String::from).collect();
        let place = place.index(chars.len() + 1);
        if takes_one && place < chars.len() {
            chars.remove(place);
        } else {
            chars.insert(place, odd.into());
        }
        chars.concat()
    };
    let spoilt = (texts.clone(), any::<Index>(), select(&ODD[..]), any::<bool>()).prop_map(spoil);
    prop_oneof![9 => texts, 1 => spoilt].boxed()
}

/// Among them some of about `chars` characters, and around the longest payload with a header of one byte.
pub fn texts(chars: usize) -> BoxedStrategy<String> {
    let filling = || select(&["x", "ä", "€", "😀", " ", "x\u{301}"][..]);
    let repeated = |lengths: std::ops::Range<usize>| {
        (filling(), lengths).prop_map(|(filling, length)| filling.repeat(length))
    };
    let around = chars.saturating_sub(4)..chars + 4;
    let trailing = ("[a-zß€]{0,12}", 0..chars + 9).prop_map(|(text, spaces)| text + &" ".repeat(spaces));
    let long = prop::collection::vec(any::<char>(), 600..3_000).prop_map(String::from_iter);
    prop_oneof![
        8 => "\\PC{0,12}",
        4 => any::<String>(),
        8 => repeated(around),
        8 => repeated(120..132),
        8 => repeated(25..45),
        4 => trailing,
        2 => select(&["NULL", "=\"0123\"", "=\"a\"\"b\"", "#N/A", " ", "\r\n", "\\N"][..]).prop_map(str::to_owned),
        1 => long,
    ]
    // PostgreSQL's text has no NUL, and intake refuses it before any column is asked.
    .prop_map(|text| text.replace('\0', ""))
    .boxed()
}

pub fn booleans() -> BoxedStrategy<String> {
    words(&[
        "true", "TRUE", "t", "tr", "yes", "y", "1", "on", "x", "ja", "false", "f", "no", "0", "off", "of",
        "o", "2",
    ])
}

/// One of the words, also in another case and with space around it.
pub fn words(words: &'static [&'static str]) -> BoxedStrategy<String> {
    let dressed = (select(words), select(&["", "", "", " ", "\n", "\u{200b}"][..]), 0..6u8).prop_map(
        |(word, space, case)| match case {
            0 => format!("{space}{}", word.to_uppercase()),
            1 => format!("{word}{space}"),
            _ => word.to_owned(),
        },
    );
    spoiled(dressed)
}

/// With hyphens where they belong and elsewhere, and in what people put around them.
pub fn uuids() -> BoxedStrategy<String> {
    let hyphens = prop_oneof![
        3 => Just(vec![8, 12, 16, 20]),
        1 => Just(Vec::new()),
        2 => prop::collection::vec(1..32usize, 0..6),
        2 => prop::sample::subsequence(vec![4, 8, 12, 16, 20, 24, 28], 0..7),
    ];
    let around = select(
        &[
            ("", ""),
            ("", ""),
            ("", ""),
            ("{", "}"),
            ("urn:uuid:", ""),
            ("URN:UUID:", ""),
            ("{", ""),
            (" ", "\n"),
            ("{urn:uuid:", "}"),
        ][..],
    );
    let uuid = ("[0-9a-f]{32}", hyphens, around, any::<bool>()).prop_map(
        |(digits, hyphens, (before, after), upper)| {
            let digits = if upper { digits.to_uppercase() } else { digits };
            let hyphen = |place| if hyphens.contains(&place) { "-" } else { "" };
            let body: String =
                digits.char_indices().map(|(place, digit)| format!("{}{digit}", hyphen(place))).collect();
            format!("{before}{body}{after}")
        },
    );
    spoiled(uuid)
}
