//! Debian's PostgreSQL, copied.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::prefix::Prefix;
use crate::process;

/// Copies the system's PostgreSQL, again when its version or the list of its extensions has changed.
pub fn ensure(place: &Place) -> Result<Prefix> {
    let system = Prefix::of_system();
    let version = system.version()?;
    let contents = format!("{version}{}\n", extensions(&system)?.join(" "));
    Prefix::ensure(place, &contents, |prefix| {
        println!("copying {} to {}", version.trim(), place.dir().display());
        system.trees().iter().zip(prefix.trees()).try_for_each(|(from, to)| copy(from, &to))
    })
}

/// By their control files, in order.
fn extensions(system: &Prefix) -> Result<Vec<String>> {
    let dir = system.share().join("extension");
    let mut names = Vec::new();
    for file in fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))? {
        names.extend(file?.file_name().to_string_lossy().strip_suffix(".control").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a tree has a parent")?)?;
    process::show(Command::new("cp").args(["-a", "--reflink=auto"]).arg(from).arg(to))
}
