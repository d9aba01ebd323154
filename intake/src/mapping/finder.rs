//! Columns of a file by what a mapping calls them.

use super::name::key;
use std::collections::HashMap;

/// Finds a column spelled as in the file, or in another case, or at least of the same letters and digits. Of several
/// the first.
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
        // What has neither letters nor digits is not the same for that.
        finder.keys.remove("");
        finder
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let name = name.trim();
        let lowercase = || self.lowercase.get(&name.to_lowercase());
        self.exact.get(name).or_else(lowercase).or_else(|| self.keys.get(&key(name))).copied()
    }
}
