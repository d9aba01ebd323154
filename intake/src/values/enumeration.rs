//! Labels of enumerations. PostgreSQL takes them in their exact spelling only.

use crate::did_you_mean::suggestion;
use crate::kind::Kind;
use crate::refusal::{CellError, shortened};
use crate::sqlstate;

/// The text, if it is a label.
pub(super) fn label<'t>(kind: &Kind, labels: &[String], text: &'t str) -> Result<&'t str, CellError> {
    if labels.iter().any(|label| label == text) {
        return Ok(text);
    }
    // The server's own words.
    let message = format!("invalid input value for enum {kind}: \"{}\"", shortened(text));
    Err(CellError::new(sqlstate::INVALID_TEXT, message).suggest(suggestion(labels, text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_word_is_refused_as_the_server_would() {
        let labels = ["glad", "sad"].map(str::to_owned);
        let kind = Kind::Enum { name: "mood".into(), labels: labels.to_vec() };
        assert_eq!(label(&kind, &labels, "sad").ok(), Some("sad"));
        let error = label(&kind, &labels, "Glad").expect_err("another case is another label");
        assert_eq!(error.message, "invalid input value for enum mood: \"Glad\"");
        assert_eq!((&*error.code, error.suggestion.as_deref()), ("22P02", Some("write glad")));
    }
}
