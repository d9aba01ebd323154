//! What stands around a text and is no part of it: blanks, and characters without width.

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
    text.trim_matches(|c: char| c.is_whitespace() || is_hidden(c))
}

/// A character without width, which makes texts differ that look the same: joiners, soft hyphens, and the marks of
/// directions.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
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
