//! Labels of enumerations, which PostgreSQL takes to the letter.

use crate::error::{CellError, shortened, sqlstate};
use crate::table::Kind;
use strsim::normalized_damerau_levenshtein;

/// How alike a label must be to be meant: one letter in four may differ.
const LIKENESS: f64 = 0.75;

/// Labels that are listed when none is alike.
const LISTED: usize = 10;

/// The text, if it is a label.
pub(super) fn label<'t>(kind: &Kind, labels: &[String], text: &'t str) -> Result<&'t str, CellError> {
    if labels.iter().any(|label| label == text) {
        return Ok(text);
    }
    // The server's own words.
    let message = format!("invalid input value for enum {kind}: \"{}\"", shortened(text));
    Err(CellError::new(sqlstate::INVALID_TEXT, message).suggest(suggestion(labels, text)))
}

fn suggestion(labels: &[String], text: &str) -> String {
    let text = text.to_lowercase();
    let likeness = |label: &&String| normalized_damerau_levenshtein(&label.to_lowercase(), &text);
    let closest = labels.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    if let Some(closest) = closest.filter(|closest| likeness(closest) >= LIKENESS) {
        return format!("write {closest}");
    }
    let listed = labels.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let others = if labels.len() > LISTED { ", \u{2026}" } else { "" };
    format!("write one of {listed}{others}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_told_what_it_was_meant_to_be() {
        let labels = ["glad", "sad", "indifferent"].map(str::to_owned);
        let kind = Kind::Enum { name: "mood".into(), labels: labels.to_vec() };
        assert_eq!(label(&kind, &labels, "sad").ok(), Some("sad"));
        for (text, suggested) in [
            ("Glad", "write glad"),
            ("indiferrent", "write indifferent"),
            ("blue", "write one of glad, sad, indifferent"),
        ] {
            let error = label(&kind, &labels, text).expect_err(text);
            assert_eq!(error.message, format!("invalid input value for enum mood: \"{text}\""));
            assert_eq!((&*error.code, error.suggestion.as_deref()), ("22P02", Some(suggested)));
        }
    }
}
