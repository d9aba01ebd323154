//! The stored form of a value.

use crate::{jsonb, numeric, time, varlena};
use std::collections::HashMap;
use std::sync::Arc;

/// How the values of a column are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// `text`; `character varying(n)` when `max_chars` is given, whose spaces beyond are cut off.
    Text {
        max_chars: Option<u32>,
    },
    /// `character(n)`: filled up with spaces.
    Char {
        chars: u32,
    },
    Int2,
    Int4,
    Int8,
    /// Rounded to `scale` if the column says so.
    Numeric {
        scale: Option<u16>,
    },
    Float4,
    Float8,
    Bool,
    Date,
    Timestamp,
    /// Of texts that name their zone. That of others is the session's.
    TimestampTz,
    Uuid,
    Jsonb,
    /// An enumeration: the OID of each label in `pg_enum`.
    Enum {
        labels: Arc<HashMap<String, u32>>,
    },
}

/// Memory that is used again from value to value.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    payload: Vec<u8>,
    digits: Vec<u8>,
}

impl Storage {
    pub(crate) fn is_varlena(&self) -> bool {
        matches!(self, Storage::Text { .. } | Storage::Char { .. } | Storage::Numeric { .. } | Storage::Jsonb)
    }

    /// Where a stored form of so many bytes may start.
    pub(crate) fn alignment(&self, bytes: usize) -> usize {
        match self {
            Storage::Bool | Storage::Uuid => 1,
            Storage::Int2 => 2,
            Storage::Int4 | Storage::Float4 | Storage::Date | Storage::Enum { .. } => 4,
            Storage::Int8 | Storage::Float8 | Storage::Timestamp | Storage::TimestampTz => 8,
            _ => varlena::alignment(bytes),
        }
    }

    /// The bytes of a value that the backend writes: a number or a UUID.
    pub(crate) fn room(&self) -> usize {
        if *self == Storage::Uuid { 16 } else { self.alignment(0) }
    }

    /// Whether the order of the values is that of their texts.
    pub(crate) fn is_textual(&self) -> bool {
        !matches!(
            self,
            Storage::Int2
                | Storage::Int4
                | Storage::Int8
                | Storage::Numeric { .. }
                | Storage::Float4
                | Storage::Float8
        )
    }

    /// Appends the stored form of a text that the type's input function takes, aligned; returns where it starts. None when
    /// this crate cannot tell it: the database has to.
    pub(crate) fn write(&self, text: &str, scratch: &mut Scratch, out: &mut Vec<u8>) -> Option<usize> {
        let Scratch { payload, digits } = scratch;
        payload.clear();
        match self {
            Storage::Text { max_chars } => {
                return Some(varlena::write(fit(text, *max_chars)?.as_bytes(), out));
            }
            Storage::Char { chars } => pad(text, *chars, payload)?,
            Storage::Numeric { scale } => numeric::write(text, *scale, digits, payload).then_some(())?,
            Storage::Jsonb => jsonb::write(text, digits, payload).then_some(())?,
            Storage::Int2 => return Some(put(text.parse::<i16>().ok()?.to_ne_bytes(), out)),
            Storage::Int4 => return Some(put(text.parse::<i32>().ok()?.to_ne_bytes(), out)),
            Storage::Int8 => return Some(put(text.parse::<i64>().ok()?.to_ne_bytes(), out)),
            Storage::Float4 => return Some(put(text.parse::<f32>().ok()?.to_ne_bytes(), out)),
            Storage::Float8 => return Some(put(text.parse::<f64>().ok()?.to_ne_bytes(), out)),
            Storage::Date => return Some(put(time::days(text)?.to_ne_bytes(), out)),
            Storage::Timestamp => return Some(put(time::microseconds(text)?.to_ne_bytes(), out)),
            Storage::TimestampTz => return Some(put(time::microseconds_utc(text)?.to_ne_bytes(), out)),
            Storage::Enum { labels } => return Some(put(labels.get(text)?.to_ne_bytes(), out)),
            Storage::Bool => payload.push(u8::from(text == "true")),
            Storage::Uuid => payload.extend_from_slice(uuid::Uuid::try_parse(text).ok()?.as_bytes()),
        }
        if self.is_varlena() {
            return Some(varlena::write(payload, out));
        }
        let start = out.len();
        out.extend_from_slice(payload);
        Some(start)
    }
}

/// Appends a number, aligned to its size.
fn put<const N: usize>(bytes: [u8; N], out: &mut Vec<u8>) -> usize {
    let start = out.len().next_multiple_of(N);
    out.resize(start, 0);
    out.extend_from_slice(&bytes);
    start
}

/// Without the spaces that are too many; None if there is more than spaces.
fn fit(text: &str, max_chars: Option<u32>) -> Option<&str> {
    let Some(most) = max_chars.filter(|most| text.len() > *most as usize) else { return Some(text) };
    let end = text.char_indices().nth(most as usize).map_or(text.len(), |(end, _)| end);
    text[end..].bytes().all(|byte| byte == b' ').then(|| &text[..end])
}

fn pad(text: &str, chars: u32, payload: &mut Vec<u8>) -> Option<()> {
    let text = fit(text, Some(chars))?;
    payload.extend_from_slice(text.as_bytes());
    let missing = (chars as usize).saturating_sub(text.chars().count());
    payload.resize(payload.len() + missing, b' ');
    Some(())
}
