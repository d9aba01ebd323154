//! True and false, in the words of many languages.

use super::words::{folded, table};
use crate::kind::Kind;
use crate::refusal::CellError;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What people and programs write besides the words of `cldr/answers.txt`.
const TRUE: [&str; 12] = ["true", "t", "y", "j", "s", "1", "on", "x", "active", "✓", "✔", "☑"];
const FALSE: [&str; 9] = ["false", "f", "n", "0", "off", "inactive", "✗", "✘", "☐"];

static WORDS: LazyLock<HashMap<String, bool>> = LazyLock::new(|| {
    let answers = table(include_str!("cldr/answers.txt")).map(|(key, word)| (folded(word), key == "true"));
    let marks = TRUE.into_iter().map(|word| (word, true)).chain(FALSE.into_iter().map(|word| (word, false)));
    answers.chain(marks.map(|(word, truth)| (word.to_owned(), truth))).collect()
});

pub(super) fn boolean(kind: &Kind, text: &str) -> Result<&'static str, CellError> {
    match WORDS.get(&folded(text)) {
        Some(true) => Ok("true"),
        Some(false) => Ok("false"),
        None => Err(CellError::invalid_syntax(kind, text).suggest("write true or false")),
    }
}

/// Whether a text is a word for true.
pub(crate) fn is_true(text: &str) -> bool {
    WORDS.get(&folded(text)) == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_true_and_false() {
        let mut truths: HashMap<String, &str> = HashMap::new();
        for (key, word) in table(include_str!("cldr/answers.txt")) {
            assert_eq!(*truths.entry(folded(word)).or_insert(key), key, "{word}");
        }
    }
}
