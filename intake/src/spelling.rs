//! Spellings of one key: records of several programs may have `SKU` and `sku`, and mean the same.

use std::collections::HashMap;

/// What spellings of a key share.
pub(crate) fn plain(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Keys by column: spellings of one key are one column unless a record has several of them. The most frequent spelling
/// comes first. `records` are keys of records, by their places in `keys`.
pub(crate) fn columns(keys: &[String], records: &[Vec<usize>]) -> Vec<Vec<String>> {
    let mut counts = vec![0; keys.len()];
    records.iter().flatten().for_each(|&key| counts[key] += 1);
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (index, key) in keys.iter().enumerate() {
        let plain = plain(key);
        match known.get(&plain).filter(|_| !plain.is_empty()) {
            Some(&group) => groups[group].push(index),
            None => {
                known.insert(plain, groups.len());
                groups.push(vec![index]);
            }
        }
    }
    let several =
        |group: &Vec<usize>| records.iter().any(|it| it.iter().filter(|key| group.contains(key)).count() > 1);
    let apart = |group: Vec<usize>| match group.len() > 1 && several(&group) {
        true => group.into_iter().map(|key| vec![key]).collect(),
        false => vec![group],
    };
    let mut columns: Vec<Vec<usize>> = groups.into_iter().flat_map(apart).collect();
    columns.sort_by_key(|group| group[0]);
    columns.iter_mut().for_each(|group| group.sort_by_key(|&key| std::cmp::Reverse(counts[key])));
    columns.into_iter().map(|group| group.into_iter().map(|key| keys[key].clone()).collect()).collect()
}
