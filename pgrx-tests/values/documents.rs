//! JSON documents.

use super::texts::spoiled;
use proptest::prelude::*;
use proptest::sample::select;

/// More members than `JB_OFFSET_STRIDE` twice.
const MOST_MEMBERS: usize = 70;

pub fn documents() -> BoxedStrategy<String> {
    let nested = leaf()
        .prop_recursive(4, 200, MOST_MEMBERS as u32, |inner| prop_oneof![array(&inner), object(&inner)]);
    let long = prop_oneof![
        (leaf(), 1..MOST_MEMBERS).prop_map(|(leaf, count)| format!("[{}]", vec![leaf; count].join(","))),
        prop::collection::vec(leaf(), 20..MOST_MEMBERS).prop_map(|leaves| format!("[{}]", leaves.join(", "))),
        prop::collection::vec((key(), leaf()), 10..MOST_MEMBERS).prop_map(object_of),
    ];
    let deep =
        (1..400usize, select(&[("[", "]"), ("{\"a\":", "}"), ("[1,", "]"), ("[{\"k\": ", "}]")][..]), leaf())
            .prop_map(|(depth, (open, close), leaf)| {
                format!("{}{leaf}{}", open.repeat(depth), close.repeat(depth))
            });
    spoiled(prop_oneof![4 => leaf(), 10 => nested, 5 => long, 1 => deep])
}

fn array(inner: &BoxedStrategy<String>) -> BoxedStrategy<String> {
    (prop::collection::vec(inner.clone(), 0..8), space())
        .prop_map(|(members, space)| format!("[{space}{}]", members.join(&format!("{space},"))))
        .boxed()
}

fn object(inner: &BoxedStrategy<String>) -> BoxedStrategy<String> {
    prop::collection::vec((key(), inner.clone()), 0..8).prop_map(object_of).boxed()
}

fn object_of(members: Vec<(String, String)>) -> String {
    let members: Vec<String> = members.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn space() -> impl Strategy<Value = &'static str> {
    select(&["", " ", "\n\t\r ", "\u{a0}"][..]).prop_filter("rarely", |space| !space.contains('\u{a0}'))
}

/// Many alike, and of the same length.
fn key() -> BoxedStrategy<String> {
    prop_oneof!["\"[ab]{0,2}\"", "\"[a-cä]{0,4}\"", "\"(\\\\u00e4|\\\\u0061|a|ä)\"", string()].boxed()
}

fn leaf() -> BoxedStrategy<String> {
    prop_oneof![
        3 => select(&["null", "true", "false", "[]", "{}", "\"\""][..]).prop_map(str::to_owned),
        3 => string(),
        4 => number(),
    ]
    .boxed()
}

fn number() -> BoxedStrategy<String> {
    prop_oneof![
        6 => "-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,8})?",
        1 => "-?[1-9][0-9]{0,300}(\\.[0-9]{1,90})?",
        1 => "-?0\\.0{0,300}[0-9]{1,9}",
        1 => "-?[1-9]0{0,300}",
        1 => "[1-9][0-9]{980,1020}",
    ]
    .boxed()
}

/// Escapes, and characters of one to four bytes; now and then half a surrogate.
fn string() -> BoxedStrategy<String> {
    let piece = prop_oneof![
        4 => "[ -~&&[^\"\\\\]]{0,9}",
        2 => "[äß€😀\u{7f}\u{85}\u{2028}]{1,3}",
        3 => select(&["\\n", "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\r", "\\t", "\\u00e4", "\\u20AC", "\\ud83d\\ude00", "\\uFFFF"][..])
            .prop_map(str::to_owned),
    ];
    let odd = select(
        &["\"\\u0000\"", "\"\\ud800\"", "\"\\ude00\\ud83d\"", "\"\\x\"", "\"\u{1}\"", "\"\\\\u0000\""][..],
    );
    prop_oneof![
        60 => prop::collection::vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat())),
        2 => "[a-zä]{100,140}".prop_map(|text| format!("\"{text}\"")),
        1 => odd.prop_map(str::to_owned),
    ]
    .boxed()
}
