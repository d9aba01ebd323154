//! Texts of limited length, and UUIDs.

use crate::kind::Kind;
use crate::refusal::CellError;
use crate::sqlstate;
use uuid::Uuid;

#[inline]
pub(super) fn varchar<'t>(kind: &Kind, text: &'t str, max: Option<u32>) -> Result<&'t str, CellError> {
    let Some(max) = max.filter(|max| text.len() > *max as usize) else { return Ok(text) };
    let excess = text.char_indices().nth(max as usize).map_or("", |(end, _)| &text[end..]);
    // PostgreSQL cuts off spaces that are too many.
    if excess.bytes().all(|byte| byte == b' ') {
        return Ok(text);
    }
    let error = CellError::new(sqlstate::STRING_TOO_LONG, format!("value too long for type {kind}"));
    Err(error.suggest(format!("shorten to {max} characters")))
}

pub(super) fn push_uuid(kind: &Kind, text: &str, out: &mut String) -> Result<(), CellError> {
    let parsed = Uuid::try_parse(text).map_err(|_| CellError::invalid_syntax(kind, text))?;
    // Only the plain form is sure to be PostgreSQL's too.
    out.push_str(parsed.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    Ok(())
}
