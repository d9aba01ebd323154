//! What stands around a text and is no part of it: blanks, and characters without width.

use crate::values::is_hidden;

/// The text without blanks and characters without width at its ends.
#[inline]
pub(crate) fn trimmed(text: &str) -> &str {
    let is_visible = |byte: u8| byte.wrapping_sub(b'!') <= b'~' - b'!';
    match text.as_bytes() {
        [] => text,
        [only] if is_visible(*only) => text,
        [first, .., last] if is_visible(*first) && is_visible(*last) => text,
        _ => without_outer(text),
    }
}

#[inline(never)]
fn without_outer(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// A character without width or, between left and right, without a place.
pub(crate) fn is_invisible(c: char) -> bool {
    is_hidden(c) || matches!(c, '\u{61C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_characters_without_width_are_taken_off_the_ends() {
        for (text, inner) in [
            ("a b", "a b"),
            (" a\t", "a"),
            ("\u{A0}a\u{3000}", "a"),
            ("\u{200B}\u{FEFF} a\u{AD}", "a"),
            ("\u{200E}a\u{202C}", "a"),
            ("\u{2067}é\u{2069}", "é"),
            (" \u{200B} ", ""),
            ("", ""),
        ] {
            assert_eq!(trimmed(text), inner);
        }
    }
}
