//! A PostgreSQL of ours, laid out below a place as Debian's is below `/`. Such a tree is relocatable: `pg_config` and the server
//! find SHAREDIR and PKGLIBDIR relative to their own binaries. The extension is installed there, never into the system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::place::Place;
use crate::process;
use crate::server::Server;

#[derive(Clone, Debug)]
pub struct Prefix {
    dir: PathBuf,
    major: &'static str,
}

impl Prefix {
    /// Below `/`, where Debian's packages are.
    pub fn of_system() -> Self {
        Self { dir: "/".into(), major: Server::Debian.major() }
    }

    /// What `ensure` has made.
    pub fn find(place: &Place) -> Result<Self> {
        let prefix = Self::below(place);
        ensure!(
            stamp(place).exists() && prefix.pg_config().exists(),
            "no PostgreSQL under {}: run `cargo xtask test`, which sets it up",
            place.dir().display()
        );
        Ok(prefix)
    }

    /// Has `lay_out` fill the directory that it is given, unless that was done for the same `contents` before.
    pub fn ensure(place: &Place, contents: &str, lay_out: impl FnOnce(&Self) -> Result<()>) -> Result<Self> {
        let prefix = Self::below(place);
        if fs::read_to_string(stamp(place)).is_ok_and(|there| there == contents) {
            return Ok(prefix);
        }
        let _ = fs::remove_file(stamp(place));
        let _ = fs::remove_dir_all(place.dir().join("usr"));
        lay_out(&prefix)?;
        prefix.open_up()?;
        prefix.verify()?;
        // Old templates would do, but not one of another catalog version.
        place.account().command("rm").arg("-rf").arg(place.dir().join("c/templates")).status()?;
        fs::write(stamp(place), contents)?;
        Ok(prefix)
    }

    fn below(place: &Place) -> Self {
        Self { dir: place.dir().to_owned(), major: Server::current().major() }
    }

    /// What stands for `/`.
    pub fn root(&self) -> &Path {
        &self.dir
    }

    /// What makes up the installation, the same below every root.
    pub fn trees(&self) -> [PathBuf; 3] {
        ["lib", "share", "include"].map(|part| self.tree(part))
    }

    fn tree(&self, part: &str) -> PathBuf {
        self.dir.join("usr").join(part).join("postgresql").join(self.major)
    }

    pub fn bin(&self) -> PathBuf {
        self.tree("lib").join("bin")
    }

    pub fn share(&self) -> PathBuf {
        self.tree("share")
    }

    /// Where loadable modules are.
    pub fn modules(&self) -> PathBuf {
        self.tree("lib").join("lib")
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    pub fn pg_config(&self) -> PathBuf {
        self.program("pg_config")
    }

    /// A driver of PostgreSQL's test suites, such as `regress/pg_regress`.
    pub fn driver(&self, path: &str) -> PathBuf {
        self.modules().join("pgxs/src/test").join(path)
    }

    /// The server's name and version, in its own words.
    pub fn version(&self) -> Result<String> {
        process::read(Command::new(self.program("postgres")).arg("--version"))
    }

    /// Lets every account read what was laid out or installed, whatever our umask is.
    pub fn open_up(&self) -> Result<()> {
        process::show(Command::new("chmod").args(["-R", "a+rX"]).arg(self.dir.join("usr")))
    }

    fn verify(&self) -> Result<()> {
        for what in ["--sharedir", "--pkglibdir", "--includedir-server"] {
            let path = process::read(Command::new(self.pg_config()).arg(what))?;
            ensure!(
                Path::new(path.trim()).starts_with(&self.dir),
                "the pg_config of {} points elsewhere with {what}: {path}",
                self.dir.display()
            );
        }
        Ok(())
    }
}

fn stamp(place: &Place) -> PathBuf {
    place.dir().join("laid-out")
}
