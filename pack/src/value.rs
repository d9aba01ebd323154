//! The stored form of a value.

use crate::{jsonb, numeric, time, varlena};
use intake::Decimal;
use std::collections::HashMap;
use std::sync::Arc;

/// How the values of a column are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// `text`; `character varying(n)` when `max_chars` is given, whose spaces beyond are cut off.
    Text {
        /// As declared.
        max_chars: Option<u32>,
    },
    /// `character(n)`: filled up with spaces.
    Char {
        /// As declared.
        chars: u32,
    },
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// Rounded to `scale` if the column says so.
    Numeric {
        /// Of `numeric(precision, scale)`.
        scale: Option<u16>,
    },
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `boolean`
    Bool,
    /// `date`
    Date,
    /// `timestamp without time zone`
    Timestamp,
    /// `timestamp with time zone`, of texts that name their zone. Without one it depends on the session.
    TimestampTz,
    /// `uuid`
    Uuid,
    /// `jsonb`
    Jsonb,
    /// An enumeration: the OID of each label in `pg_enum`.
    Enum {
        /// By label.
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

    /// Where a stored form of so many bytes may start: `typalign` in `pg_type.dat`, and `att_align_datum` in
    /// `tupmacs.h`.
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

    /// The stored form of a text that the type's input function takes; None when this crate cannot tell it.
    pub fn stored(&self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.write(text, &mut Scratch::default(), &mut bytes)?;
        Some(bytes)
    }

    /// Appends the stored form of a text that the type's input function takes, aligned; returns where it starts. None
    /// when this crate cannot tell it: the database has to.
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
            // No more than `pg_strtoint16` and its like in `numutils.c` take.
            Storage::Int2 => return Some(put(text.parse::<i16>().ok()?.to_ne_bytes(), out)),
            Storage::Int4 => return Some(put(text.parse::<i32>().ok()?.to_ne_bytes(), out)),
            Storage::Int8 => return Some(put(text.parse::<i64>().ok()?.to_ne_bytes(), out)),
            Storage::Float4 => return Some(put(float(text, text.parse::<f32>().ok()?)?.to_ne_bytes(), out)),
            Storage::Float8 => return Some(put(float(text, text.parse::<f64>().ok()?)?.to_ne_bytes(), out)),
            Storage::Date => return Some(put(time::days(text)?.to_ne_bytes(), out)),
            Storage::Timestamp => return Some(put(time::microseconds(text)?.to_ne_bytes(), out)),
            Storage::TimestampTz => return Some(put(time::microseconds_utc(text)?.to_ne_bytes(), out)),
            Storage::Enum { labels } => return Some(put(labels.get(text)?.to_ne_bytes(), out)),
            Storage::Bool => payload.push(boolean(text)?),
            // Of the forms that are read here `string_to_uuid` in `uuid.c` takes all but URNs, and reads them alike.
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

/// The one spelling that intake writes of the many that `boolin` in `bool.c` takes.
fn boolean(text: &str) -> Option<u8> {
    match text {
        "true" => Some(1),
        "false" => Some(0),
        _ => None,
    }
}

/// What Rust has read, unless it is infinity or zero because a number is out of range: `float4in` and
/// `float8in_internal_opt_error` in `float.c` refuse that.
fn float<F: Copy + Into<f64>>(text: &str, read: F) -> Option<F> {
    let float: f64 = read.into();
    let may_be_lost = float == 0.0 || float.is_infinite();
    let is_lost = may_be_lost && Decimal::parse(text).is_some_and(|number| number.is_lost_as(float));
    (!is_lost).then_some(read)
}

/// Appends a number, aligned to its size.
fn put<const N: usize>(bytes: [u8; N], out: &mut Vec<u8>) -> usize {
    let start = out.len().next_multiple_of(N);
    out.resize(start, 0);
    out.extend_from_slice(&bytes);
    start
}

/// Without the spaces that are too many; None if there is more than spaces (`varchar_input` in `varchar.c`).
fn fit(text: &str, max_chars: Option<u32>) -> Option<&str> {
    let Some(most) = max_chars.filter(|most| text.len() > *most as usize) else { return Some(text) };
    let end = text.char_indices().nth(most as usize).map_or(text.len(), |(end, _)| end);
    text[end..].bytes().all(|byte| byte == b' ').then(|| &text[..end])
}

/// `bpchar_input`.
fn pad(text: &str, chars: u32, payload: &mut Vec<u8>) -> Option<()> {
    let text = fit(text, Some(chars))?;
    payload.extend_from_slice(text.as_bytes());
    let missing = (chars as usize).saturating_sub(text.chars().count());
    payload.resize(payload.len() + missing, b' ');
    Some(())
}
