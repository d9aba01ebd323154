//! Finds the columns of a file by the names that a mapping has for them.

use super::name::{key, written_out};
use std::collections::HashMap;

/// Finds a column by its exact name, else in any case, else by letters and digits alone. The first of several wins.
pub(crate) struct Finder<'a> {
    exact: HashMap<&'a str, usize>,
    lowercase: HashMap<String, usize>,
    keys: HashMap<String, usize>,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(header: &'a [String]) -> Self {
        let mut finder = Finder { exact: HashMap::new(), lowercase: HashMap::new(), keys: HashMap::new() };
        for (index, name) in header.iter().enumerate() {
            finder.exact.entry(name).or_insert(index);
            finder.lowercase.entry(name.to_lowercase()).or_insert(index);
            finder.keys.entry(key(name)).or_insert(index);
        }
        for (index, name) in header.iter().enumerate() {
            written_out(name).into_iter().for_each(|key| {
                finder.keys.entry(key).or_insert(index);
            });
        }
        // Names without letters and digits are not equal.
        finder.keys.remove("");
        finder
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        let lowercase = || self.lowercase.get(&name.to_lowercase());
        let by_key = || self.keys.get(&key(name)).or_else(|| self.keys.get(&written_out(name)?));
        self.exact.get(name).or_else(lowercase).or_else(by_key).copied()
    }
}
