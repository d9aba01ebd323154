//! Names of months and of days of the week, in the languages of `cldr/months.txt`.

use super::words::{folded, table};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::LazyLock;

/// What a word may mean in a date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    /// From 1.
    pub(super) month: Option<u8>,
    /// A bit for each day that some language calls so, Monday first: `di` is Tuesday in German, Sunday in Polish.
    pub(super) weekdays: u8,
    /// It may stand between the others and means nothing.
    pub(super) is_filler: bool,
}

/// In their order, so that those with the same beginning stand together.
static WORDS: LazyLock<BTreeMap<String, Meaning>> = LazyLock::new(|| {
    let mut words: BTreeMap<String, Meaning> = BTreeMap::new();
    for (month, name) in table(include_str!("cldr/months.txt")) {
        words.entry(folded(name)).or_default().month = month.parse().ok();
    }
    for (day, name) in table(include_str!("cldr/weekdays.txt")) {
        // Of segunda-feira, both parts are words.
        let name = folded(name.strip_suffix("-feira").unwrap_or(name));
        words.entry(name).or_default().weekdays |= day.parse::<u8>().map_or(0, |day| 1 << (day - 1));
    }
    for (_, word) in table(include_str!("cldr/fillers.txt")).chain([("", "feira")]) {
        words.entry(folded(word)).or_default().is_filler = true;
    }
    words
});

/// What a word means, also if it is the beginning of a month's name: `Sept`, `Janu`.
pub(super) fn meaning(word: &str) -> Option<Meaning> {
    let word = folded(word);
    let known = WORDS.get(&word).copied();
    known.or_else(|| beginning(&word).map(|month| Meaning { month: Some(month), ..Meaning::default() }))
}

/// The only month whose names begin so.
fn beginning(word: &str) -> Option<u8> {
    let names = WORDS
        .range::<str, _>((Bound::Included(word), Bound::Unbounded))
        .take_while(|(name, _)| name.starts_with(word));
    let mut months = names.filter_map(|(_, meaning)| meaning.month);
    let first = months.next().filter(|_| word.len() >= 3)?;
    months.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_months() {
        let mut months: BTreeMap<String, &str> = BTreeMap::new();
        for (month, name) in table(include_str!("cldr/months.txt")) {
            assert_eq!(*months.entry(folded(name)).or_insert(month), month, "{name}");
        }
        assert_eq!(months.values().collect::<std::collections::HashSet<_>>().len(), 12);
    }

    #[test]
    fn a_beginning_is_a_month_if_there_is_no_other() {
        let month = |word| meaning(word).and_then(|meaning| meaning.month);
        assert_eq!((month("Janu"), month("septem"), month("MRZ")), (Some(1), Some(9), Some(3)));
        assert_eq!((month("ma"), month("foo"), month("j")), (None, None, None));
    }
}
