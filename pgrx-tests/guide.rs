//! The documents whose examples the tests run.

use std::path::Path;

/// A document of the repository, by its path.
pub fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands below a heading of the second level.
pub fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let below = document.split_once(&format!("\n## {heading}\n")).expect("the section is there").1;
    below.split_once("\n## ").map_or(below, |(section, _)| section)
}

/// The blocks of a kind, such as `sql`; at least one.
pub fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let opening = format!("```{kind}\n");
    let blocks: Vec<&str> =
        text.split(&opening).skip(1).map(|rest| rest.split_once("```").expect("the block ends").0).collect();
    assert!(!blocks.is_empty(), "no {kind} blocks");
    blocks
}
