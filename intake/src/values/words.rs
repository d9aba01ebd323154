//! Tables of words, and words as they are compared: without case, accents and signs between them.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The words of a table in `cldr/`, each with the key of its line.
pub(super) fn table(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let keyed = lines.filter_map(|line| line.split_once(':'));
    keyed.flat_map(|(key, words)| {
        words.split('|').map(str::trim).filter(|word| !word.is_empty()).map(move |word| (key, word))
    })
}

/// A word in lower case and without accents: `MÄRZ`, `März` and `marz` are the same.
pub(super) fn folded(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let letters = word.nfd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c));
    // These have no accent that could be taken off.
    letters
        .map(|c| match c {
            'ø' => 'o',
            'ł' => 'l',
            'ı' => 'i',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_and_accents() {
        for (word, plain) in
            [("MÄRZ", "marz"), ("sÍ", "si"), ("Lørdag", "lordag"), ("PAŹ", "paz"), ("HAYIR", "hayir")]
        {
            assert_eq!(folded(word), plain);
        }
        assert_eq!(folded("DOĞRU"), folded("doğru"));
    }

    #[test]
    fn a_table_has_a_key_and_words_on_each_line() {
        assert!(table("# about: it\na: x | y\nb:\nc: z\n").eq([("a", "x"), ("a", "y"), ("c", "z")]));
    }
}
