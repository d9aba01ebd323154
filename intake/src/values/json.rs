//! JSON documents, stored as they are written.

use crate::kind::Kind;
use crate::refusal::CellError;
use crate::sqlstate;
use memchr::memmem;
use serde::de::IgnoredAny;

pub(super) fn document<'t>(kind: &Kind, text: &'t str) -> Result<&'t str, CellError> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let place = format!("correct the JSON at line {}, column {}", error.line(), error.column());
        return Err(CellError::invalid_syntax(kind, text).suggest(place));
    }
    if escapes_nul(text) {
        return Err(no_nul());
    }
    Ok(text)
}

/// PostgreSQL's text, and with it jsonb, has no NUL.
pub(crate) fn no_nul() -> CellError {
    CellError::new(sqlstate::UNTRANSLATABLE, "unsupported Unicode escape sequence").suggest("remove \\u0000")
}

pub(crate) fn escapes_nul(text: &str) -> bool {
    let backslashes_before = |at: usize| text[..at].bytes().rev().take_while(|&byte| byte == b'\\').count();
    memmem::find_iter(text.as_bytes(), b"\\u0000").any(|at| backslashes_before(at) % 2 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_backslash_is_no_nul() {
        assert!(escapes_nul(r#""\u0000""#));
        assert!(escapes_nul(r#""\\\u0000""#));
        assert!(!escapes_nul(r#""\\u0000""#));
    }
}
