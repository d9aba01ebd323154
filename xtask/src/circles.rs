//! Circles of files: files of a crate that use each other, directly or around. There must be none in [`FREE`].
//!
//! A file uses another if a path in it (`crate::`, `super::`, `self::`, a child's or an imported name) leads there.
//! Names are followed through re-exports to the file that defines them. `mod x;` and `pub use` are no use, and code
//! under `#[cfg(test)]` does not count.

mod modules;
mod paths;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use modules::{Graph, Modules};

/// The folders, each of a crate's sources, that must have no circle.
pub const FREE: [&str; 4] = ["intake/src", "pack/src", "src", "xtask/src"];

/// Fails if a folder of [`FREE`] has circles, and names the files of each in their order.
pub fn check(workspace: &Path) -> Result<()> {
    let mut found = Vec::new();
    for folder in FREE {
        let circles = circles(&workspace.join(folder))?;
        found.extend(circles.iter().map(|circle| format!("{folder}: {}", arrows(circle))));
    }
    ensure!(found.is_empty(), "files use each other in a circle:\n{}", found.join("\n"));
    Ok(())
}

/// The circles among the files below `folder`, which has a `lib.rs`: for each file that is in any, the shortest.
pub fn circles(folder: &Path) -> Result<Vec<Vec<PathBuf>>> {
    let graph = Modules::of_crate(folder)?.graph();
    let found: BTreeSet<_> = graph.keys().filter_map(|file| shortest(&graph, file)).map(canonical).collect();
    Ok(found.into_iter().collect())
}

/// The shortest way from a file back to it.
fn shortest(graph: &Graph, file: &PathBuf) -> Option<Vec<PathBuf>> {
    let mut ways = vec![vec![file.clone()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in way.last().and_then(|last| graph.get(last)).into_iter().flatten() {
                if next == file {
                    return Some(way);
                }
                if seen.insert(next) {
                    longer.push(way.iter().chain([next]).cloned().collect());
                }
            }
        }
        ways = longer;
    }
    None
}

/// The same circle, begun at the first of its files by name.
fn canonical(mut circle: Vec<PathBuf>) -> Vec<PathBuf> {
    let first = (0..circle.len()).min_by_key(|&index| &circle[index]).unwrap_or(0);
    circle.rotate_left(first);
    circle
}

/// `a.rs → b.rs → a.rs`
fn arrows(circle: &[PathBuf]) -> String {
    let files = circle.iter().chain(circle.first()).map(|file| file.display().to_string());
    files.collect::<Vec<_>>().join(" → ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// The circles of a crate with these files.
    fn circles_of(name: &str, files: &[(&str, &str)]) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("circles-{}-{name}", std::process::id()));
        for (file, text) in files {
            let file = folder.join(file);
            fs::create_dir_all(file.parent().expect("a file is in a folder")).expect("the folder is made");
            fs::write(file, text).expect("the file is written");
        }
        let found = circles(&folder);
        fs::remove_dir_all(&folder).expect("the folder is removed");
        found.expect("the crate can be read").iter().map(|circle| arrows(circle)).collect()
    }

    #[test]
    fn files_that_use_each_other_are_a_circle() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B; pub struct A(B);"),
            ("b.rs", "pub struct B; fn f() -> u8 { crate::c::C }"),
            ("c.rs", "pub const C: u8 = 1; fn g(_: &super::a::A) {}"),
        ];
        assert_eq!(circles_of("plain", &files), ["a.rs → b.rs → c.rs → a.rs"]);
    }

    #[test]
    fn a_name_leads_through_a_re_export_to_where_it_is_defined() {
        let files = [
            ("lib.rs", "mod a; mod parts;"),
            ("a.rs", "use crate::parts; pub fn a() { parts::part() }"),
            ("parts/mod.rs", "mod part; pub use part::*;"),
            ("parts/part.rs", "pub fn part() { println!(\"{:?}\", crate::a::a()) }"),
        ];
        assert_eq!(circles_of("re-export", &files), ["a.rs → parts/part.rs → a.rs"]);
    }

    #[test]
    fn a_parent_and_its_child_can_be_a_circle() {
        let files = [
            ("lib.rs", "mod a;"),
            ("a.rs", "mod child; use child::Child; pub struct Limit; pub fn a(_: Child) {}"),
            ("a/child.rs", "use super::Limit; pub struct Child(Limit);"),
        ];
        assert_eq!(circles_of("parent", &files), ["a/child.rs → a.rs → a/child.rs"]);
    }

    #[test]
    fn declarations_re_exports_and_tests_are_no_use() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
            ("a.rs", "use crate::B; pub struct A(B);"),
            ("b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }"),
        ];
        assert!(circles_of("no-use", &files).is_empty());
    }
}
