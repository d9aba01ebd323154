//! A few JSON records, parsed: their keys and texts, which are to be known before the first is read.

use indexmap::IndexMap;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// The records of a JSON array.
///
/// ```
/// let parsed = intake::JsonRecords::of(r#"[{"sku": "A1"}, {"sku": "A2", "price": 1.50}]"#).expect("an array");
/// assert_eq!(parsed.keys, ["sku", "price"]);
/// assert_eq!(parsed.records[1], r#"{"sku": "A2", "price": 1.50}"#);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonRecords {
    /// Every key that some record has, by the first record that has it, then by its foremost place in a record.
    pub keys: Vec<String>,
    /// Their JSON texts.
    pub records: Vec<String>,
    /// Of the texts together.
    pub bytes: usize,
}

impl JsonRecords {
    /// None if the text is no JSON array. Records that are no objects have no keys.
    pub fn of(array: &str) -> Option<JsonRecords> {
        let texts: Vec<&RawValue> = serde_json::from_str(array).ok()?;
        let records: Vec<String> = texts.into_iter().map(|text| text.get().to_owned()).collect();
        let bytes = records.iter().map(String::len).sum();
        Some(JsonRecords { keys: keys(&records), records, bytes })
    }
}

/// The keys of an object, in their order; values are not looked at.
type Members = IndexMap<String, IgnoredAny>;

fn keys(records: &[String]) -> Vec<String> {
    let mut order = KeyOrder::default();
    records.iter().for_each(|record| order.add(record));
    order.finish()
}

/// Gathers the keys of records.
#[derive(Debug, Default)]
pub(crate) struct KeyOrder {
    records: usize,
    /// The first record that has a key, its foremost place in a record, and the key.
    order: Vec<(usize, usize, String)>,
    known: HashMap<String, usize>,
}

impl KeyOrder {
    /// Takes the keys of a record; one that is no object has none.
    pub(crate) fn add(&mut self, record: &str) {
        let members = serde_json::from_str::<Members>(record).unwrap_or_default();
        for (place, key) in members.into_keys().enumerate() {
            match self.known.get(&key) {
                Some(&at) => self.order[at].1 = self.order[at].1.min(place),
                None => {
                    self.known.insert(key.clone(), self.order.len());
                    self.order.push((self.records, place, key));
                }
            }
        }
        self.records += 1;
    }

    /// Every key, by the first record that has it, then by its foremost place in a record.
    pub(crate) fn finish(mut self) -> Vec<String> {
        self.order.sort_by_key(|(record, place, _)| (*record, *place));
        self.order.into_iter().map(|(_, _, key)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(array: &str) -> Vec<String> {
        JsonRecords::of(array).unwrap().keys
    }

    #[test]
    fn keys_come_by_the_first_record_that_has_them() {
        assert_eq!(keys(r#"[{"b": 1, "a": 2}, {"a": 1, "c": 2, "b": 3}]"#), ["b", "a", "c"]);
        assert_eq!(keys(r#"[{"a": 1, "b": 2, "c": 3}, {"c": 1}]"#), ["a", "c", "b"]);
        assert_eq!(keys(r#"[{"a": {"inner": 1}}, 5, ["x"], {"q\"": null}]"#), ["a", "q\""]);
    }

    #[test]
    fn records_are_kept_as_they_are_written() {
        let parsed = JsonRecords::of(r#"[ {"a": 1.50}, "ä" ]"#).unwrap();
        assert_eq!(parsed.records, [r#"{"a": 1.50}"#, r#""ä""#]);
        assert_eq!(parsed.bytes, 15);
    }

    #[test]
    fn what_is_no_array_has_no_records() {
        assert_eq!(JsonRecords::of("[]"), Some(JsonRecords::default()));
        assert!([r#"{"a": 1}"#, "5", "", "[1"].iter().all(|text| JsonRecords::of(text).is_none()));
    }
}
