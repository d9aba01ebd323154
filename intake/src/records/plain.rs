//! Fields without quotes, eight bytes at a time: what almost all of almost every file is.
//!
//! A search for the next delimiter costs a call per field, and fields are short. Here a word of eight bytes is compared
//! with delimiter and line ends at once, and the hits are taken from it one by one.

use crate::record::Span;

/// Where the fields without quotes end.
pub(super) enum Run {
    /// A record's end.
    RecordEnd(usize),
    /// The start of a field that has quotes, or whose end is not among the bytes.
    Field(usize),
}

const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;

/// The byte eight times.
const fn repeated(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// The highest bit of each byte of `word` that is zero, and no other.
const fn zeros(word: u64) -> u64 {
    !(((word & LOW) + LOW) | word | LOW)
}

/// Splits `bytes` from the start of a field on, as far as fields do not begin with `quote`.
#[inline]
pub(super) fn split(bytes: &[u8], from: usize, delimiter: u8, quote: u8, fields: &mut Vec<Span>) -> Run {
    let (delimiters, newline, carriage) = (repeated(delimiter), repeated(b'\n'), repeated(b'\r'));
    let mut start = from;
    if bytes.get(start) == Some(&quote) {
        return Run::Field(start);
    }
    let (words, _) = bytes.get(from..).unwrap_or_default().as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let mut hits = zeros(word ^ delimiters) | zeros(word ^ newline) | zeros(word ^ carriage);
        while hits != 0 {
            let at = from + index * 8 + hits.trailing_zeros() as usize / 8;
            hits &= hits - 1;
            fields.push(Span::raw(start, at));
            if bytes[at] != delimiter {
                return Run::RecordEnd(at);
            }
            start = at + 1;
            if bytes.get(start) == Some(&quote) {
                return Run::Field(start);
            }
        }
    }
    Run::Field(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_from_its_neighbours() {
        for byte in 0..=255_u8 {
            let word = u64::from_le_bytes([byte, b',', byte, 0x2B, 0x2D, 0xAC, byte, b',']);
            let expected: u64 = if byte == b',' { 0x8080_0000_0080_8080 } else { 0x8000_0000_0000_8000 };
            assert_eq!(zeros(word ^ repeated(b',')), expected, "{byte}");
        }
    }
}
