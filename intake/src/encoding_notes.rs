//! Remarks about the encoding of a file, and about text that went through a wrong one before.

use crate::encoding::{Detected, EncodingBasis, looks_like_dos};
use crate::notes::Notes;
use crate::remark::Remark;
use encoding_rs::WINDOWS_1252;
use memchr::memchr2;

/// What there is to remark about the start of a file: its bytes, and the text that they were decoded to.
pub(crate) fn remarks(bytes: &[u8], text: &[u8], detected: &Detected) -> Notes {
    let mut notes = Notes::default();
    if detected.basis != EncodingBasis::Guess {
        return notes;
    }
    let lines = (1..).zip(text.split(|&byte| byte == b'\n'));
    let mut not_ascii = lines.filter_map(|(line, text)| {
        let text = std::str::from_utf8(text).ok()?;
        Some((line, words(text).find(|word| !word.is_ascii())?))
    });
    let Some((line, word)) = not_ascii.next() else { return notes };
    let is_dos = detected.encoding == WINDOWS_1252 && looks_like_dos(bytes);
    let remark = if is_dos { Remark::DosEncoding } else { Remark::GuessedEncoding };
    notes.add("", remark(detected.encoding), line, Some(word));
    notes
}

/// Remarks that a record has characters that were lost before, or that look encoded twice.
#[inline]
pub(crate) fn remark_on_damage(record: &str, line: u64, notes: &mut Notes) {
    // The first bytes of U+FFFD and of what UTF-8 becomes in Windows-1252.
    if memchr2(0xEF, 0xC3, record.as_bytes()).is_some() {
        look_for_damage(record, line, notes);
    }
}

fn look_for_damage(record: &str, line: u64, notes: &mut Notes) {
    if let Some(word) = words(record).find(|word| word.contains('\u{FFFD}')) {
        notes.add("", Remark::Lost, line, Some(word));
    }
    if let Some(word) = words(record).find(|word| is_encoded_twice(word)) {
        notes.add("", Remark::EncodedTwice, line, Some(word));
    }
}

/// Whether the UTF-8 of a word was taken for Windows-1252.
fn is_encoded_twice(word: &str) -> bool {
    if !word.contains(['Ã', 'Â', 'â', 'Å', 'Ä']) {
        return false;
    }
    let (bytes, _, is_lossy) = WINDOWS_1252.encode(word);
    !is_lossy && std::str::from_utf8(&bytes).is_ok_and(|meant| meant.len() < word.len() && !meant.is_ascii())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', ',', ';', '|', '"', '\r', '\n']).filter(|word| !word.is_empty())
}
