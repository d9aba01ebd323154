//! Pairs of columns that fill one of the table together, as `Debit` and `Credit` do.

use super::destination::Sign;
use super::name::{Name, key};
use std::sync::LazyLock;

/// The names of two columns of which each row fills one.
struct Opposites {
    /// The [`key`] of the table's column.
    target: String,
    minus: String,
    plus: String,
}

/// Two columns of a file that fill one of the table.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    /// Index in the table's columns.
    pub(super) to: usize,
    pub(super) minus: usize,
    pub(super) plus: usize,
}

static OPPOSITES: LazyLock<Vec<Opposites>> = LazyLock::new(|| {
    let lines = include_str!("opposites.txt").lines().filter(|line| !line.starts_with('#'));
    let pair = |line: &str| {
        let (target, names) = line.split_once(": ")?;
        let (minus, plus) = names.split_once(" | ")?;
        Some(Opposites { target: key(target), minus: key(minus), plus: key(plus) })
    };
    lines.filter_map(pair).collect()
});

/// The pairs of a file, for a table whose columns have these keys.
pub(super) fn pairs(header: &[String], keys: &[String]) -> Vec<Pair> {
    let names: Vec<Vec<String>> = header.iter().map(|name| spellings(name)).collect();
    let find = |wanted: &String| names.iter().position(|name| name.contains(wanted));
    let pair = |it: &Opposites| {
        let to = keys.iter().position(|key| *key == it.target)?;
        let (minus, plus) = (find(&it.minus)?, find(&it.plus)?);
        (minus != plus).then_some(Pair { to, minus, plus })
    };
    OPPOSITES.iter().filter_map(pair).collect()
}

/// What two columns do to the one that both fill, if their names say so.
pub(super) fn signs(one: &str, other: &str) -> Option<(Sign, Sign)> {
    let (one, other) = (spellings(one), spellings(other));
    OPPOSITES.iter().find_map(|it| match () {
        () if one.contains(&it.minus) && other.contains(&it.plus) => Some((Sign::Minus, Sign::Plus)),
        () if one.contains(&it.plus) && other.contains(&it.minus) => Some((Sign::Plus, Sign::Minus)),
        () => None,
    })
}

/// The keys of a name, also of one that ends with a currency: `Debit EUR`, `Belastung in CHF`.
fn spellings(name: &str) -> Vec<String> {
    let mut keys: Vec<String> = Name::of(name).keys().map(str::to_owned).collect();
    let is_code = |word: &str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    if let Some((rest, _)) = name.trim().rsplit_once([' ', '_']).filter(|(_, last)| is_code(last)) {
        keys.push(key(rest.strip_suffix(" in").unwrap_or(rest)));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_line_of_the_list_is_understood_and_there_once() {
        let lines = include_str!("opposites.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(OPPOSITES.len(), lines);
        let mut seen = HashSet::new();
        for Opposites { target, minus, plus } in OPPOSITES.iter() {
            assert!(!minus.is_empty() && !plus.is_empty() && minus != plus);
            assert!(seen.insert((target, minus, plus)), "{minus}, {plus}");
        }
    }
}
