//! Suggests a label for a word that a column does not take.

use strsim::normalized_damerau_levenshtein;

/// How similar a label must be to be suggested: one letter in four may differ.
const MIN_SIMILARITY: f64 = 0.75;

/// Labels that are listed when none is similar.
const MAX_LISTED: usize = 10;

/// What to write instead of `text`.
pub(crate) fn suggestion(labels: &[String], text: &str) -> String {
    let text = text.trim().to_lowercase();
    let similarity = |label: &&String| normalized_damerau_levenshtein(&label.to_lowercase(), &text);
    let closest = labels.iter().max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
    if let Some(closest) = closest.filter(|closest| similarity(closest) >= MIN_SIMILARITY) {
        return format!("write {closest}");
    }
    let listed = labels.iter().take(MAX_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let others = if labels.len() > MAX_LISTED { ", \u{2026}" } else { "" };
    format!("write one of {listed}{others}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_told_what_it_was_meant_to_be() {
        let labels = ["glad", "sad", "indifferent"].map(str::to_owned);
        for (text, suggested) in [
            ("Glad", "write glad"),
            (" sad ", "write sad"),
            ("indiferrent", "write indifferent"),
            ("blue", "write one of glad, sad, indifferent"),
        ] {
            assert_eq!(suggestion(&labels, text), suggested);
        }
    }
}
