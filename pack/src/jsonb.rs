//! `jsonb`, as `convertToJsonb` in `jsonb_util.c` lays it out: containers, each of a header, an entry for every member,
//! and the members. They are aligned from the beginning of the payload on, wherever that is stored.
//!
//! No crate writes this layout; serde_json parses the text. It does so one container at a time, by `RawValue`: a number
//! must keep the digits that it is written with, and of equal keys all have to be looked at, which no map of serde
//! keeps.

use crate::{numeric, varlena};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

// Of a container's header, beside the number of its members: `JB_FSCALAR`, `JB_FOBJECT`, `JB_FARRAY` in `jsonb.h`.
const SCALAR: u32 = 0x1000_0000;
const OBJECT: u32 = 0x2000_0000;
const ARRAY: u32 = 0x4000_0000;

// Of a member's entry, beside its length or where it ends: `JENTRY_ISNUMERIC` and so on, `JENTRY_HAS_OFF`.
const STRING: u32 = 0;
const NUMERIC: u32 = 0x1000_0000;
const FALSE: u32 = 0x2000_0000;
const TRUE: u32 = 0x3000_0000;
const NULL: u32 = 0x4000_0000;
const CONTAINER: u32 = 0x5000_0000;
const HAS_END: u32 = 0x8000_0000;

/// What an entry has room for, in bytes: `JENTRY_OFFLENMASK`.
const MAX_BYTES: usize = 0x0FFF_FFFF;
/// Text of at most so many bytes makes no entry overflow, and no container have more members than PostgreSQL allows
/// (`JSONB_MAX_ELEMS` and `JSONB_MAX_PAIRS` in `jsonb_util.c`): a member takes at least two bytes.
const MAX_TEXT: usize = MAX_BYTES / 8;
/// Of every so many members the entry says where they end rather than how long they are (`JB_OFFSET_STRIDE`).
const STRIDE: usize = 32;
/// The longest number that is written here, in digits.
const MAX_DIGITS: usize = 1_000;
/// How many containers deep a document may be here. Each takes a stretch of the thread's stack; PostgreSQL's own limit
/// is that of its (`check_stack_depth`).
const MAX_DEPTH: usize = 64;
/// `padBufferToInt`.
const ALIGN: usize = 4;

/// Appends the payload (no varlena header) of a document to `out`, which is empty. False for what only the database can
/// store or refuse: numbers with an exponent, NUL in strings, text that is no JSON, more than is usual of anything.
pub(crate) fn write(text: &str, digits: &mut Vec<u8>, out: &mut Vec<u8>) -> bool {
    let Some(text) = Some(text).filter(|text| text.len() < MAX_TEXT) else { return false };
    let Ok(document) = serde_json::from_str::<&RawValue>(text) else { return false };
    let is_container = document.get().starts_with(['{', '[']);
    let written = if is_container {
        value(document, MAX_DEPTH, digits, out).map(drop)
    } else {
        array(&[document], ARRAY | SCALAR, 0, digits, out)
    };
    written.is_some()
}

/// Appends a value, of at most so many containers in each other, and returns its entry: its kind and its length with
/// the padding before it.
fn value(json: &RawValue, depth: usize, digits: &mut Vec<u8>, out: &mut Vec<u8>) -> Option<u32> {
    let (text, start) = (json.get(), out.len());
    let kind = match text.as_bytes().first()? {
        b'{' => object(text, depth.checked_sub(1)?, digits, out).map(|()| CONTAINER)?,
        b'[' => {
            let members: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            array(&members, ARRAY, depth.checked_sub(1)?, digits, out).map(|()| CONTAINER)?
        }
        b'"' => string(&serde_json::from_str::<String>(text).ok()?, out)?,
        b'n' => NULL,
        b't' => TRUE,
        b'f' => FALSE,
        _ => number(text, digits, out)?,
    };
    Some(kind | (out.len() - start) as u32)
}

fn string(text: &str, out: &mut Vec<u8>) -> Option<u32> {
    out.extend_from_slice(text.as_bytes());
    (!text.contains('\0')).then_some(STRING)
}

fn number(text: &str, digits: &mut Vec<u8>, out: &mut Vec<u8>) -> Option<u32> {
    pad(out);
    let start = out.len();
    out.extend_from_slice(&[0; varlena::LONG]);
    let is_written = text.len() <= MAX_DIGITS && numeric::write(text, None, digits, out);
    let header = varlena::long_header(out.len() - start - varlena::LONG);
    out[start..start + varlena::LONG].copy_from_slice(&header);
    is_written.then_some(NUMERIC)
}

fn array(
    members: &[&RawValue],
    kind: u32,
    depth: usize,
    digits: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let mut entries = Entries::begin(kind | members.len() as u32, members.len(), out);
    for member in members {
        let entry = value(member, depth, digits, out)?;
        entries.add(entry, out);
    }
    Some(())
}

/// The keys, by length and then by their bytes, and then the values; of equal keys the last counts
/// (`uniqueifyJsonbObject`).
fn object(text: &str, depth: usize, digits: &mut Vec<u8>, out: &mut Vec<u8>) -> Option<()> {
    let Members(mut members) = serde_json::from_str(text).ok()?;
    members.reverse();
    members.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    for pair in members.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        // What does not count has to be valid all the same.
        value(pair[1].1, depth, digits, &mut Vec::new())?;
    }
    members.dedup_by(|other, first| other.0 == first.0);
    let mut entries = Entries::begin(OBJECT | members.len() as u32, 2 * members.len(), out);
    for (key, _) in &members {
        let kind = string(key, out)?;
        entries.add(kind | key.len() as u32, out);
    }
    for (_, member) in members {
        let entry = value(member, depth, digits, out)?;
        entries.add(entry, out);
    }
    Some(())
}

/// The members of an object as they come, equal keys and all.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(Vec::new()))
    }
}

impl<'t> Visitor<'t> for Members<'t> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some(member) = map.next_entry()? {
            self.0.push(member);
        }
        Ok(self)
    }
}

/// The entries of a container, filled in one by one.
struct Entries {
    /// Where they begin.
    start: usize,
    count: usize,
    /// Where the latest member ends, counted from the first.
    end: u32,
}

impl Entries {
    /// Appends the header and room for so many entries.
    fn begin(header: u32, count: usize, out: &mut Vec<u8>) -> Self {
        pad(out);
        out.extend_from_slice(&header.to_ne_bytes());
        let start = out.len();
        out.resize(start + count * size_of::<u32>(), 0);
        Entries { start, count: 0, end: 0 }
    }

    fn add(&mut self, entry: u32, out: &mut [u8]) {
        let (kind, len) = (entry & !(MAX_BYTES as u32), entry & MAX_BYTES as u32);
        self.end += len;
        let entry = if self.count.is_multiple_of(STRIDE) { kind | self.end | HAS_END } else { entry };
        let place = self.start + self.count * size_of::<u32>();
        out[place..place + size_of::<u32>()].copy_from_slice(&entry.to_ne_bytes());
        self.count += 1;
    }
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(ALIGN), 0);
}

#[cfg(test)]
mod tests {
    fn packed(text: &str) -> Option<String> {
        let mut out = Vec::new();
        super::write(text, &mut Vec::new(), &mut out)
            .then(|| out.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    // Of PostgreSQL 15 on a little-endian machine, as pageinspect shows a row of one jsonb column: SELECT t_data FROM
    // heap_page_items(get_raw_page('t', 0)), without the header of one byte. The database tests compare more of them.
    #[cfg(target_endian = "little")]
    #[test]
    fn documents_are_laid_out_as_postgresql_does() {
        for (text, bytes) in [
            ("{}", "00000020"),
            ("null", "01000050000000c0"),
            (
                r#"{"aa": 1, "b": "x", "b": "ä"}"#,
                "020000200100008002000000020000000b000010626161c3a40000002000000000800100",
            ),
            (
                r#"[true, -12.50, [false, "a\nb"], {"k": null}]"#,
                "04000040000000b00a000010110000500e0000502800000000a10c008813000002000040000000a003000000610a62000100002001000080000000406b",
            ),
        ] {
            assert_eq!(packed(text).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn what_only_the_database_can_judge_is_left_to_it() {
        for text in [
            "",
            "{",
            "1e5",
            r#""\u0000""#,
            r#""\ud800""#,
            r#"{"a": 1E400}"#,
            "[1,]",
            r#"{"a": "\ud800", "a": 1}"#,
        ] {
            assert_eq!(packed(text), None, "{text}");
        }
    }

    #[test]
    fn no_document_is_too_deep_for_the_stack() {
        let nested = |open: &str, close: &str, depth| open.repeat(depth) + "1" + &close.repeat(depth);
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            assert!(packed(&nested(open, close, super::MAX_DEPTH)).is_some());
            assert_eq!(packed(&nested(open, close, super::MAX_DEPTH + 1)), None);
            assert_eq!(packed(&nested(open, close, 100_000)), None);
        }
    }
}
