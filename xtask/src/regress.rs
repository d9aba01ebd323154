//! PostgreSQL's own drivers, `pg_regress` and `pg_isolation_regress`, against a cluster of ours.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::cluster::Cluster;
use crate::place::workspace;
use crate::process;

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

    fn input(self) -> (&'static str, &'static str) {
        match self {
            Self::Regress => ("sql", "sql"),
            Self::Isolation => ("specs", "spec"),
        }
    }
}

/// Runs `tests`, or all of `input` in the order of their names, in the existing database `dbname`. Results are left in
/// `target/pg_regress/CLUSTER-INPUT/results`; where they differ from `expected`, the differences are the error.
pub fn run(driver: Driver, cluster: &Cluster, dbname: &str, input: &Path, tests: &[&str]) -> Result<()> {
    let tests =
        if tests.is_empty() { all(driver, input)? } else { tests.iter().map(|t| t.to_string()).collect() };
    ensure!(!tests.is_empty(), "no tests in {}", input.display());
    let label = input.file_name().context("the input is a directory with a name")?;
    // Named after the cluster as well, so that suites can run side by side.
    let cluster_name = cluster.socket_dir().file_name().unwrap_or(OsStr::new("cluster"));
    let label = format!("{}-{}", cluster_name.display(), label.display());
    let bench = cluster.place().dir().join("r").join(&label);
    lay_out(cluster, input, &bench)?;
    let outcome = process::read(drive(driver, cluster, dbname, &bench).args(&tests));
    let kept = workspace().join("target/pg_regress").join(&label);
    keep(&bench.join("out"), &kept)?;
    let Err(error) = outcome else { return clear(&bench) };
    let differences = fs::read_to_string(kept.join("regression.diffs")).unwrap_or_default();
    let here = differences
        .replace(&*bench.join("in").to_string_lossy(), &input.to_string_lossy())
        .replace(&*bench.join("out").to_string_lossy(), &kept.to_string_lossy());
    bail!("{error:#}\n{here}")
}

fn all(driver: Driver, input: &Path) -> Result<Vec<String>> {
    let (dir, extension) = driver.input();
    let dir = input.join(dir);
    let entries = fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let tests = paths.iter().filter(|path| path.extension() == Some(OsStr::new(extension)));
    let mut names: Vec<_> =
        tests.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect();
    names.sort();
    Ok(names)
}

/// The input is copied, as the account may not be able to enter the checkout; the output has to be its own.
fn lay_out(cluster: &Cluster, input: &Path, bench: &Path) -> Result<()> {
    clear(bench)?;
    let account = cluster.place().account();
    fs::create_dir_all(bench)?;
    process::read(Command::new("cp").arg("-rL").arg(input).arg(bench.join("in")))?;
    process::read(Command::new("chmod").args(["-R", "a+rX"]).arg(bench))?;
    account.own(&bench.join("out"))
}

fn clear(bench: &Path) -> Result<()> {
    if bench.exists() { fs::remove_dir_all(bench).context("cannot clear the bench") } else { Ok(()) }
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
    let _ = fs::remove_dir_all(kept);
    fs::create_dir_all(kept)?;
    process::read(Command::new("cp").arg("-r").arg(out.join(".")).arg(kept)).map(drop)
}
