//! A private copy of Debian's PostgreSQL. Its tree is relocatable: `pg_config` and the server find SHAREDIR and
//! PKGLIBDIR relative to their own binaries. So the extension is installed into the copy, never into the system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::place::Place;
use crate::process;

pub const MAJOR: &str = "15";
/// What makes up an installation, below `/` and below the place alike.
const TREES: [&str; 3] = ["usr/lib/postgresql/15", "usr/share/postgresql/15", "usr/include/postgresql/15"];

#[derive(Clone, Debug)]
pub struct Prefix {
    dir: PathBuf,
}

impl Prefix {
    /// The copy that `ensure` has made.
    pub fn find(place: &Place) -> Result<Self> {
        let prefix = Self::below(place);
        ensure!(
            stamp(place).exists() && prefix.pg_config().exists(),
            "no PostgreSQL under {}: run `cargo xtask test`, which sets it up",
            place.dir().display()
        );
        Ok(prefix)
    }

    /// Copies the system's PostgreSQL, again when its version or the list of its extensions has changed.
    pub fn ensure(place: &Place) -> Result<Self> {
        let prefix = Self::below(place);
        let version = system_version()?;
        let contents = format!("{version}{}\n", system_extensions()?.join(" "));
        if fs::read_to_string(stamp(place)).is_ok_and(|copied| copied == contents) {
            return Ok(prefix);
        }
        println!("copying {} to {}", version.trim(), place.dir().display());
        let _ = fs::remove_file(stamp(place));
        for tree in TREES {
            copy(&Path::new("/").join(tree), &place.dir().join(tree))?;
        }
        prefix.open_up()?;
        prefix.verify()?;
        // Old templates would do, but not one of another catalog version.
        place.account().command("rm").arg("-rf").arg(place.dir().join("c/templates")).status()?;
        fs::write(stamp(place), contents)?;
        Ok(prefix)
    }

    fn below(place: &Place) -> Self {
        Self { dir: place.dir().to_owned() }
    }

    pub fn bin(&self) -> PathBuf {
        self.dir.join(TREES[0]).join("bin")
    }

    pub fn share(&self) -> PathBuf {
        self.dir.join(TREES[1])
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    pub fn pg_config(&self) -> PathBuf {
        self.program("pg_config")
    }

    /// A driver of PostgreSQL's test suites, such as `regress/pg_regress`.
    pub fn driver(&self, path: &str) -> PathBuf {
        self.dir.join(TREES[0]).join("lib/pgxs/src/test").join(path)
    }

    /// Lets every account read what was copied or installed, whatever our umask is.
    pub fn open_up(&self) -> Result<()> {
        process::show(Command::new("chmod").args(["-R", "a+rX"]).arg(self.dir.join("usr")))
    }

    fn verify(&self) -> Result<()> {
        for what in ["--sharedir", "--pkglibdir", "--includedir-server"] {
            let path = process::read(Command::new(self.pg_config()).arg(what))?;
            ensure!(
                Path::new(path.trim()).starts_with(&self.dir),
                "the copied pg_config {what} points out of the copy: {path}"
            );
        }
        Ok(())
    }
}

fn stamp(place: &Place) -> PathBuf {
    place.dir().join("copied-version")
}

fn system_version() -> Result<String> {
    let server = Path::new("/").join(TREES[0]).join("bin/postgres");
    process::read(Command::new(server).arg("--version"))
}

/// By their control files, in order.
fn system_extensions() -> Result<Vec<String>> {
    let dir = Path::new("/").join(TREES[1]).join("extension");
    let mut names = Vec::new();
    for file in fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))? {
        names.extend(file?.file_name().to_string_lossy().strip_suffix(".control").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to.parent().context("a tree has a parent")?)?;
    process::show(Command::new("cp").args(["-a", "--reflink=auto"]).arg(from).arg(to))
}
