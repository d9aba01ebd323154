//! What a broken condition is called by people who do not read SQL.

use super::{Comparison, Condition};
use crate::did_you_mean;

/// Texts that a message lists.
const MAX_LISTED: usize = 10;

impl Condition {
    /// What a column must be, or may not be: `quantity may not be negative`.
    ///
    /// ```
    /// use intake::{Comparison, Condition};
    ///
    /// let condition = Condition::Number(Comparison::AtMost, 100);
    /// assert_eq!(condition.in_words("discount"), "discount may not be more than 100");
    /// ```
    pub fn in_words(&self, column: &str) -> String {
        use Comparison::{AtLeast, AtMost, LessThan, MoreThan};
        let rule = match self {
            Condition::Number(AtLeast, 0) => "may not be negative".to_owned(),
            Condition::Number(AtLeast, limit) => format!("may not be less than {limit}"),
            Condition::Number(MoreThan, limit) => format!("must be more than {limit}"),
            Condition::Number(AtMost, limit) => format!("may not be more than {limit}"),
            Condition::Number(LessThan, limit) => format!("must be less than {limit}"),
            Condition::Length(AtLeast, 1) | Condition::Length(MoreThan, 0) => "may not be empty".to_owned(),
            Condition::Length(AtLeast, limit) => format!("must have {} at least", characters(*limit)),
            Condition::Length(MoreThan, limit) => format!("must have more than {}", characters(*limit)),
            Condition::Length(AtMost, limit) => format!("may not have more than {}", characters(*limit)),
            Condition::Length(LessThan, limit) => format!("must have less than {}", characters(*limit)),
            Condition::OneOf(texts) => format!("must be {}", any_of(texts)),
            Condition::NoneOf(texts) => format!("may not be {}", any_of(texts)),
        };
        format!("{column} {rule}")
    }

    /// What to write instead of a text, in the imperative.
    pub(super) fn suggestion(&self, text: &str) -> String {
        use Comparison::{AtLeast, AtMost, LessThan, MoreThan};
        match self {
            Condition::Number(AtLeast, limit) => format!("write {limit} or more"),
            Condition::Number(MoreThan, limit) => format!("write more than {limit}"),
            Condition::Number(AtMost, limit) => format!("write {limit} or less"),
            Condition::Number(LessThan, limit) => format!("write less than {limit}"),
            Condition::Length(AtMost | LessThan, _) => "write less".to_owned(),
            Condition::Length(AtLeast | MoreThan, _) => "write more".to_owned(),
            Condition::OneOf(texts) => did_you_mean::suggestion(texts, text),
            Condition::NoneOf(_) => "write something else".to_owned(),
        }
    }
}

fn characters(count: i64) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}

fn any_of(texts: &[String]) -> String {
    let named = |text: &String| if text.is_empty() { "empty".to_owned() } else { text.clone() };
    let listed = texts.iter().take(MAX_LISTED).map(named).collect::<Vec<_>>().join(", ");
    let others = if texts.len() > MAX_LISTED { ", \u{2026}" } else { "" };
    let one_of = if texts.len() > 1 { "one of " } else { "" };
    format!("{one_of}{listed}{others}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_has_words() {
        use Comparison::{AtLeast, AtMost, LessThan, MoreThan};
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        for (condition, words, suggestion) in [
            (Condition::Number(AtLeast, 0), "v may not be negative", "write 0 or more"),
            (Condition::Number(AtLeast, 5), "v may not be less than 5", "write 5 or more"),
            (Condition::Number(MoreThan, 0), "v must be more than 0", "write more than 0"),
            (Condition::Number(AtMost, 9), "v may not be more than 9", "write 9 or less"),
            (Condition::Number(LessThan, 9), "v must be less than 9", "write less than 9"),
            (Condition::Length(MoreThan, 0), "v may not be empty", "write more"),
            (Condition::Length(AtLeast, 2), "v must have 2 characters at least", "write more"),
            (Condition::Length(AtMost, 1), "v may not have more than 1 character", "write less"),
            (Condition::OneOf(texts(&["A", "B"])), "v must be one of A, B", "write A"),
            (Condition::NoneOf(texts(&[""])), "v may not be empty", "write something else"),
        ] {
            assert_eq!(
                (condition.in_words("v").as_str(), condition.suggestion("a").as_str()),
                (words, suggestion)
            );
        }
    }
}
