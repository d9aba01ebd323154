//! PostgreSQL's own drivers, `pg_regress` and `pg_isolation_regress`, against a cluster of ours.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::cluster::Cluster;
use crate::process;
use crate::workspace::workspace;

#[derive(Clone, Copy, Debug)]
pub enum Driver {
    /// `sql/NAME.sql` and `expected/NAME.out`.
    Regress,
    /// `specs/NAME.spec` and `expected/NAME.out`: several sessions, step by step.
    Isolation,
}

impl Driver {
    fn program(self) -> &'static str {
        match self {
            Self::Regress => "regress/pg_regress",
            Self::Isolation => "isolation/pg_isolation_regress",
        }
    }

    fn files(self) -> (&'static str, &'static str) {
        match self {
            Self::Regress => ("sql", "sql"),
            Self::Isolation => ("specs", "spec"),
        }
    }
}

/// A directory of files and their expected output, and the driver that runs them.
pub struct Input {
    driver: Driver,
    dir: PathBuf,
}

impl Input {
    pub fn new(driver: Driver, dir: PathBuf) -> Self {
        Self { driver, dir }
    }

    /// The names of the files that contain `part`, in their order; `part` may end as the files do.
    pub fn named(&self, part: &str) -> Result<Vec<String>> {
        let (dir, extension) = self.driver.files();
        let dir = self.dir.join(dir);
        let part = part.strip_suffix(&format!(".{extension}")).unwrap_or(part);
        let mut names = Vec::new();
        for entry in fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))? {
            let path = entry?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            if path.extension() == Some(OsStr::new(extension)) && name.contains(part) {
                names.push(name.into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Runs the files of these names in the existing database `dbname`. Results are left in `target/pg_regress/CLUSTER/results`;
    /// where they differ from `expected`, the differences are the error.
    pub fn run(&self, cluster: &Cluster, dbname: &str, names: &[String]) -> Result<()> {
        ensure!(!names.is_empty(), "no files to run in {}", self.dir.display());
        let bench = cluster.place().dir().join("r").join(name_of(cluster));
        let kept = kept(cluster);
        clear(&kept)?;
        self.lay_out(cluster, names, &bench)?;
        let outcome = process::read(drive(self.driver, cluster, dbname, &bench).args(names));
        keep(&bench.join("out"), &kept)?;
        let Err(error) = outcome else { return clear(&bench) };
        let differences = fs::read_to_string(kept.join("regression.diffs")).unwrap_or_default();
        let here = differences
            .replace(&*bench.join("in").to_string_lossy(), &self.dir.to_string_lossy())
            .replace(&*bench.join("out").to_string_lossy(), &kept.to_string_lossy());
        bail!("{error:#}\n{here}")
    }

    /// Runs the files and makes what they print their expected output.
    pub fn accept(&self, cluster: &Cluster, dbname: &str, names: &[String]) -> Result<()> {
        // What differs is what is to be accepted. A driver that could not do its work has left no results.
        let outcome = self.run(cluster, dbname, names);
        let results = kept(cluster).join("results");
        let missing = names.iter().find(|name| !results.join(format!("{name}.out")).exists());
        if let Some(name) = missing {
            return outcome.with_context(|| format!("{name} has left no result"));
        }
        names.iter().try_for_each(|name| {
            let file = format!("{name}.out");
            let (printed, expected) = (fs::read(results.join(&file))?, self.dir.join("expected").join(&file));
            let is_known = fs::read(&expected).is_ok_and(|before| before == printed);
            println!("{name}: {}", if is_known { "as expected before" } else { "accepted" });
            fs::write(&expected, printed).with_context(|| format!("cannot write {}", expected.display()))
        })
    }

    /// The input is copied, as the account may not be able to enter the checkout; the output has to be its own.
    fn lay_out(&self, cluster: &Cluster, names: &[String], bench: &Path) -> Result<()> {
        clear(bench)?;
        let account = cluster.place().account();
        fs::create_dir_all(bench)?;
        process::read(Command::new("cp").arg("-rL").arg(&self.dir).arg(bench.join("in")))?;
        for name in names {
            let expected = bench.join(format!("in/expected/{name}.out"));
            if !expected.exists() {
                // The driver would stop here; so all that a new file prints is a difference.
                fs::write(expected, "")?;
            }
        }
        process::read(Command::new("chmod").args(["-R", "a+rX"]).arg(bench))?;
        account.own(&bench.join("out"))
    }
}

/// Suites run side by side, each on a cluster of its own.
fn name_of(cluster: &Cluster) -> &OsStr {
    cluster.socket_dir().file_name().unwrap_or(OsStr::new("cluster"))
}

fn kept(cluster: &Cluster) -> PathBuf {
    workspace().join("target/pg_regress").join(name_of(cluster))
}

fn clear(dir: &Path) -> Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))
}

fn drive(driver: Driver, cluster: &Cluster, dbname: &str, bench: &Path) -> Command {
    let prefix = cluster.prefix();
    let mut command = cluster.place().account().command(prefix.driver(driver.program()));
    command.arg("--use-existing").arg(format!("--dbname={dbname}")).arg("--user=postgres").arg("--port=5432");
    for (option, path) in [
        ("--bindir", prefix.bin()),
        ("--host", cluster.socket_dir().to_owned()),
        ("--inputdir", bench.join("in")),
        ("--outputdir", bench.join("out")),
    ] {
        command.arg(format!("{option}={}", path.display()));
    }
    command
}

fn keep(out: &Path, kept: &Path) -> Result<()> {
    fs::create_dir_all(kept)?;
    process::read(Command::new("cp").arg("-r").arg(out.join(".")).arg(kept)).map(drop)
}
