//! Finds the encoding of a file.
//!
//! It is told by a byte order mark, else by the NULs that UTF-16 puts beside ASCII, else by whether the bytes are UTF-8.
//! For other files `chardetng`, the detector of Firefox, weighs what the bytes rule out and how often letters follow one
//! another. For a few accented letters or signs between ASCII that is too little to go by, and so those of
//! Windows-1252, which Excel saves in Western countries, are taken as such. Whatever was guessed is said.

use crate::digits::is_digits;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

/// The encoding of that name: a label of the WHATWG's list, such as `utf-8`, `utf-16le`, `windows-1252` or `shift_jis`,
/// or PostgreSQL's `WIN…`. `iso-8859-1` is read as its superset Windows-1252.
pub(crate) fn named(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().to_ascii_lowercase();
    let windows = label.strip_prefix("win").filter(|page| is_digits(page));
    let encoding = match windows {
        Some(page) => Encoding::for_label(format!("windows-{page}").as_bytes()),
        None => Encoding::for_label_no_replacement(label.as_bytes()),
    };
    encoding.filter(|encoding| encoding.is_ascii_compatible() || [UTF_16LE, UTF_16BE].contains(encoding))
}

/// The encoding of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detected {
    pub(crate) encoding: &'static Encoding,
    pub(crate) basis: EncodingBasis,
    /// Length of the byte order mark.
    pub(crate) mark: usize,
}

/// What an encoding is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncodingBasis {
    /// The caller says so.
    Option,
    /// The input is text: whatever its bytes were, somebody has decoded them.
    Text,
    /// A byte order mark.
    Bom,
    /// The bytes are nothing else: UTF-8, ASCII, or UTF-16 by its NULs.
    #[default]
    Content,
    /// It suits the bytes best. Others suit them, too.
    Guess,
}

/// The encoding of a file that starts with `sample`. A byte order mark is never wrong: what is
/// `given` may be the encoding of the file that this one was made of.
pub(crate) fn detect(sample: &[u8], given: Given) -> Detected {
    let marked = Encoding::for_bom(sample);
    let (encoding, basis) = match (given, marked) {
        (Given::Text, _) => (UTF_8, EncodingBasis::Text),
        (_, Some((encoding, _))) => (encoding, EncodingBasis::Bom),
        (Given::Encoding(encoding), None) => (encoding, EncodingBasis::Option),
        (Given::Nothing, None) => by_content(sample),
    };
    let mark = marked.filter(|(of_mark, _)| *of_mark == encoding).map_or(0, |(_, mark)| mark);
    Detected { encoding, basis, mark }
}

/// What is known of an encoding beforehand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Given {
    Nothing,
    Encoding(&'static Encoding),
    /// It is UTF-8, whatever the file was in.
    Text,
}

impl Given {
    /// What is known if an encoding that was named is not to count.
    pub(crate) fn or_content(self) -> Given {
        if let Given::Encoding(_) = self { Given::Nothing } else { self }
    }
}

fn by_content(sample: &[u8]) -> (&'static Encoding, EncodingBasis) {
    match utf16_by_nuls(sample) {
        Some(utf16) => (utf16, EncodingBasis::Content),
        None if is_utf8(sample) => (UTF_8, EncodingBasis::Content),
        None => (guess(sample), EncodingBasis::Guess),
    }
}

/// UTF-16 has a NUL beside every ASCII character, and commas and line ends are such.
fn utf16_by_nuls(sample: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = sample.as_chunks::<2>();
    let high_first = pairs.iter().filter(|pair| pair[0] == 0 && pair[1] != 0).count();
    let low_first = pairs.iter().filter(|pair| pair[1] == 0 && pair[0] != 0).count();
    let plainly = |most: usize, least: usize| most * 5 > pairs.len() && least * 50 < most;
    if plainly(low_first, high_first) {
        Some(UTF_16LE)
    } else if plainly(high_first, low_first) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// A few bad bytes in a file of UTF-8 are damage, and their rows are refused. Read as anything else, all other rows
/// would be garbled.
fn is_utf8(sample: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in sample.utf8_chunks() {
        good += chunk.valid().chars().filter(|char| !char.is_ascii()).count();
        // The sample may end within a character.
        let cut_off = chunk.invalid().as_ptr_range().end == sample.as_ptr_range().end
            && std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
        bad += usize::from(!chunk.invalid().is_empty() && !cut_off);
    }
    bad <= good
}

/// The encoding that suits bytes best which are no UTF-8.
fn guess(sample: &[u8]) -> &'static Encoding {
    let western = if is_latin9(sample) { ISO_8859_15 } else { WINDOWS_1252 };
    let are_alone = places(sample).all(|it| it.before.is_ascii() && it.after.is_ascii());
    let is_western = |it: Place| it.is_western() || (western == ISO_8859_15 && it.is_latin9());
    if are_alone && (places(sample).all(is_western) || looks_like_dos(sample)) {
        return western;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    if encoding == WINDOWS_1252 { western } else { encoding }
}

/// A byte that is not ASCII, and its neighbours. Letters of other alphabets stand together; accents and signs are
/// mostly alone.
struct Place {
    before: u8,
    byte: u8,
    after: u8,
}

fn places(sample: &[u8]) -> impl Iterator<Item = Place> {
    let at = |index: usize| sample.get(index).copied().unwrap_or(b'\n');
    let high = sample.iter().enumerate().filter(|(_, byte)| !byte.is_ascii());
    high.map(move |(index, &byte)| Place { before: at(index.wrapping_sub(1)), byte, after: at(index + 1) })
}

impl Place {
    fn is_in_word(&self) -> bool {
        self.before.is_ascii_alphabetic() && self.after.is_ascii_alphabetic()
    }

    /// Whether it is a common accent or sign of Windows-1252 where such stand.
    fn is_western(&self) -> bool {
        match self.byte {
            // £ § ² ³ are letters elsewhere.
            0xA3 | 0xA7 | 0xB2 | 0xB3 => !self.after.is_ascii_alphabetic(),
            // ’ as in don’t.
            0x92 => true,
            // € “ ” – — ° ± µ · ¼ ½ ¾ and the like.
            0x80 | 0x91..=0x97 | 0xA0 | 0xA9 | 0xAB | 0xAE | 0xB0 | 0xB1 | 0xB5 | 0xB7 | 0xBB..=0xBE => {
                !self.is_in_word()
            }
            0xC0..=0xC5 | 0xC7..=0xCF | 0xD1..=0xD6 | 0xD8..=0xDC | 0xDF..=0xE2 | 0xE4..=0xEF => true,
            0xF1..=0xF4 | 0xF6 | 0xF8..=0xFC => true,
            _ => false,
        }
    }

    /// Whether it is the euro sign, œ, š or ž of ISO-8859-15, where Windows-1252 has ¤, a fraction and lone accents.
    fn is_latin9(&self) -> bool {
        match self.byte {
            0xA4 => !self.is_in_word(),
            0xA8 | 0xB8 | 0xBD => self.is_in_word(),
            _ => false,
        }
    }
}

fn is_latin9(sample: &[u8]) -> bool {
    places(sample).any(|it| it.is_latin9()) && !sample.iter().any(|byte| (0x80..=0x9F).contains(byte))
}

/// Whether bytes that are taken for Windows-1252 are more likely those of a page of DOS, such as cp850 and cp437: some
/// have no character there, or would be a quotation mark within a word.
pub(crate) fn looks_like_dos(sample: &[u8]) -> bool {
    places(sample).any(|it| match it.byte {
        0x81 | 0x8D | 0x8F | 0x90 | 0x9D => true,
        0x82 | 0x84 | 0x94 => it.is_in_word(),
        _ => false,
    })
}
