//! Reads JSON files: an array of objects, or one object after the other, as JSON Lines has them.

use crate::batch::Emit;
use crate::content::{Content, Opened, Position, Text};
use crate::error::FileError;
use crate::file_description::FileDescription;
use crate::format::Format;
use crate::json_records::KeyOrder;
use crate::json_texts::{JsonText, JsonTexts};
use crate::objects::read_json_texts;
use crate::options::ReadOptions;
use crate::spec::Spec;
use serde_json::{Map, Value};
use std::io::Read;

/// The keys of the records of a JSON file, to be given to a [`Spec`]; None of any other file. It reads the whole file: a key
/// may be in its last record only.
///
/// ```
/// use intake::{ReadOptions, json_keys};
///
/// let file = "{\"sku\": \"A1\"}\n{\"sku\": \"A2\", \"price\": 2}\n";
/// let keys = json_keys(file.as_bytes(), &ReadOptions::default())?;
/// assert_eq!(keys, Some(vec!["sku".to_owned(), "price".to_owned()]));
/// assert_eq!(json_keys(&b"sku,price\n"[..], &ReadOptions::default())?, None);
/// # Ok::<(), intake::FileError>(())
/// ```
pub fn json_keys(input: impl Read, options: &ReadOptions) -> Result<Option<Vec<String>>, FileError> {
    let Content::Text(text) = Opened::of(Box::new(input), options)?.content else { return Ok(None) };
    if text.json().is_none() {
        return Ok(None);
    }
    let text = text.into_json();
    let start = text.decoded.clone();
    let mut keys = KeyOrder::default();
    for record in JsonTexts::new(text.decode(), &start) {
        if let Ok(record) = record?.text {
            keys.add(&record);
        }
    }
    Ok(Some(keys.finish()))
}

/// Whether a file that begins so may be JSON, in an archive or not. It is a cheap question before [`json_keys`].
pub fn may_be_json(start: &[u8], options: &ReadOptions) -> bool {
    let names_json =
        |name: &[u8]| [&b".json"[..], b".jsonl", b".ndjson"].iter().any(|end| name.ends_with(end));
    match Format::of_bytes(start) {
        // The name of the first file in it.
        Some(Format::Zip) => start.get(26..28).is_some_and(|length| {
            let end = 30 + usize::from(u16::from_le_bytes([length[0], length[1]]));
            start.get(30..end).is_some_and(names_json)
        }),
        Some(format) if !format.is_archive() => false,
        // An archive may break off here, as this is its beginning.
        _ => Opened::of(Box::new(start), options).map_or(true, |opened| match opened.content {
            Content::Text(text) => text.json().is_some(),
            Content::Workbook(..) => false,
        }),
    }
}

/// Reads the records of a JSON file. Without the keys of the whole file, those of its beginning are taken, and a record
/// with others is refused.
pub(crate) fn read_json(
    text: Text<'_>,
    description: FileDescription,
    position: Position,
    spec: &Spec,
    emit: Emit<'_>,
) -> Result<(), FileError> {
    let text = text.into_json();
    let start = text.decoded.clone();
    let keys = spec.keys.clone().unwrap_or_else(|| keys_of_start(&start));
    let is_plain = description.is_plain();
    let texts = JsonTexts::new(text.decode(), &start);
    let mut consumed = |text: &JsonText| if is_plain { text.end } else { position.get() };
    read_json_texts(&keys, Some(description), texts, &mut consumed, spec, emit)
}

/// The keys of the records that begin a text.
pub(crate) fn keys_of_start(start: &[u8]) -> Vec<String> {
    let mut keys = KeyOrder::default();
    let records = JsonTexts::new(start, start).filter_map(|record| record.ok()?.text.ok());
    records.for_each(|record| keys.add(&record));
    keys.finish()
}

/// The values of those records by their keys, as texts.
pub(crate) fn texts_of_start(start: &[u8], keys: &[String]) -> Vec<Vec<String>> {
    let records = JsonTexts::new(start, start).filter_map(|record| record.ok()?.text.ok());
    let members = records.filter_map(|record| serde_json::from_str::<Map<String, Value>>(&record).ok());
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    members.map(|members| keys.iter().map(|key| text(members.get(key))).collect()).collect()
}
