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
pub(super) fn pairs(names: &[Name], keys: &[String]) -> Vec<Pair> {
    let find = |wanted: &String| names.iter().position(|name| name.keys().any(|key| key == wanted));
    let pair = |it: &Opposites| {
        let to = keys.iter().position(|key| *key == it.target)?;
        let (minus, plus) = (find(&it.minus)?, find(&it.plus)?);
        (minus != plus).then_some(Pair { to, minus, plus })
    };
    OPPOSITES.iter().filter_map(pair).collect()
}

/// What two columns do to the one that both fill, if their names say so.
pub(super) fn signs(one: &str, other: &str) -> Option<(Sign, Sign)> {
    let (one, other) = (Name::of(one), Name::of(other));
    let is = |name: &Name, wanted: &String| name.keys().any(|key| key == wanted);
    OPPOSITES.iter().find_map(|it| match () {
        () if is(&one, &it.minus) && is(&other, &it.plus) => Some((Sign::Minus, Sign::Plus)),
        () if is(&one, &it.plus) && is(&other, &it.minus) => Some((Sign::Plus, Sign::Minus)),
        () => None,
    })
}
