//! The stored form of a value.

use crate::{numeric, time};

/// How the values of a column are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// `text`; `character varying(n)` when `max_chars` is given, whose spaces beyond are cut off.
    Text {
        max_chars: Option<u32>,
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
    /// Of texts in UTC. The zone of others, if they name none, is the session's.
    TimestampTz,
    Uuid,
}

/// The longest payload that a one-byte header can tell.
const MOST_SHORT: usize = 126;

impl Storage {
    /// Where the stored form of a text may start. A varlena with a header of one byte starts anywhere.
    pub(crate) fn alignment(self, text: &str) -> usize {
        match self {
            Storage::Text { max_chars } if cut(text, max_chars).len() > MOST_SHORT => 4,
            Storage::Text { .. } | Storage::Numeric { .. } | Storage::Bool | Storage::Uuid => 1,
            Storage::Int2 => 2,
            Storage::Int4 | Storage::Float4 | Storage::Date => 4,
            Storage::Int8 | Storage::Float8 | Storage::Timestamp | Storage::TimestampTz => 8,
        }
    }

    pub(crate) fn is_varlena(self) -> bool {
        matches!(self, Storage::Text { .. } | Storage::Numeric { .. })
    }

    /// Whether the order of the values is that of their texts.
    pub(crate) fn is_textual(self) -> bool {
        matches!(
            self,
            Storage::Text { .. } | Storage::Date | Storage::Timestamp | Storage::TimestampTz | Storage::Uuid
        )
    }

    /// Appends the stored form of a text that the type's input function takes. False when this crate cannot tell it: the
    /// database has to.
    pub(crate) fn write(self, text: &str, scratch: &mut Vec<u8>, out: &mut Vec<u8>) -> bool {
        match self {
            Storage::Text { max_chars } => write_text(cut(text, max_chars), out),
            Storage::Numeric { scale } => {
                // Short numbers, which all but a few are, have a header of one byte.
                let start = out.len();
                out.push(0);
                let mut digits = std::mem::take(scratch);
                let is_written = numeric::write(text, scale, &mut digits, out);
                *scratch = digits;
                let payload = out.len() - start - 1;
                out[start] = short_header(payload);
                return is_written && payload <= MOST_SHORT;
            }
            Storage::Int2 => return put(text.parse::<i16>().map(i16::to_ne_bytes), out),
            Storage::Int4 => return put(text.parse::<i32>().map(i32::to_ne_bytes), out),
            Storage::Int8 => return put(text.parse::<i64>().map(i64::to_ne_bytes), out),
            Storage::Float4 => return put(text.parse::<f32>().map(f32::to_ne_bytes), out),
            Storage::Float8 => return put(text.parse::<f64>().map(f64::to_ne_bytes), out),
            Storage::Bool => out.push(u8::from(text == "true")),
            Storage::Date => return put(time::days(text).map(i32::to_ne_bytes).ok_or(()), out),
            Storage::Timestamp => return put(time::microseconds(text).map(i64::to_ne_bytes).ok_or(()), out),
            Storage::TimestampTz => {
                let moment = text.strip_suffix("+00").or(text.strip_suffix('Z')).and_then(time::microseconds);
                return put(moment.map(i64::to_ne_bytes).ok_or(()), out);
            }
            Storage::Uuid => {
                return put(uuid::Uuid::try_parse(text).map(uuid::Uuid::into_bytes), out);
            }
        }
        true
    }
}

fn put<const N: usize, E>(bytes: Result<[u8; N], E>, out: &mut Vec<u8>) -> bool {
    bytes.is_ok_and(|bytes| {
        out.extend_from_slice(&bytes);
        true
    })
}

fn cut(text: &str, max_chars: Option<u32>) -> &str {
    match max_chars {
        Some(most) if text.len() > most as usize => {
            text.char_indices().nth(most as usize).map_or(text, |(end, _)| &text[..end])
        }
        _ => text,
    }
}

/// A varlena, with a header of one byte or of four.
fn write_text(text: &str, out: &mut Vec<u8>) {
    if text.len() <= MOST_SHORT {
        out.push(short_header(text.len()));
    } else {
        out.extend_from_slice(&long_header(text.len()));
    }
    out.extend_from_slice(text.as_bytes());
}

/// `SET_VARSIZE_1B` of a payload of so many bytes.
fn short_header(payload: usize) -> u8 {
    let total = payload as u8 + 1;
    if cfg!(target_endian = "little") { total << 1 | 1 } else { total | 0x80 }
}

/// `SET_VARSIZE_4B`.
fn long_header(payload: usize) -> [u8; 4] {
    let total = payload as u32 + 4;
    if cfg!(target_endian = "little") { (total << 2).to_ne_bytes() } else { total.to_ne_bytes() }
}
