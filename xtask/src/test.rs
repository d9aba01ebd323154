//! `cargo xtask test`: what has to pass before anything is called done, each step with its time.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use xtask::server::Server;
use xtask::setup::{self, Ready};
use xtask::toolchain::{self, Profile};
use xtask::{process, schema, suite};

/// What to run, and how.
#[derive(clap::Args)]
pub struct Asked {
    /// Only the database tests, regression files and isolation specs whose names contain this; or `fuzz`
    name: Option<String>,
    /// Make what the regression files and isolation specs of that name print now their expected output; run nothing else
    #[arg(long, requires = "name")]
    accept: bool,
    /// Run the database tests, and nothing else, on a PostgreSQL with assertions, built from Debian's source at the first time
    #[arg(long, conflicts_with = "accept")]
    cassert: bool,
    #[command(flatten)]
    storm: Storm,
    #[command(flatten)]
    fuzz: Fuzz,
}

/// What the test `kills` does; it has defaults of its own.
#[derive(clap::Args)]
pub struct Storm {
    /// How many engine processes to kill
    #[arg(long, value_name = "N")]
    rounds: Option<u64>,
    /// The same kills again
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Storm {
    fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        let asked = [("TEAMWORK_KILL_ROUNDS", self.rounds), ("TEAMWORK_KILL_SEED", self.seed)];
        asked.into_iter().filter_map(|(name, number)| Some((name, number?.to_string())))
    }
}

/// How long the reader is fed with broken files, in minutes.
const FUZZ_MINUTES: u64 = 1;

/// What the test `fuzz` does.
#[derive(clap::Args)]
pub struct Fuzz {
    /// How long to feed the CSV reader with broken files
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
}

impl Fuzz {
    fn run(&self) -> Result<()> {
        let seconds = 60 * self.minutes.unwrap_or(FUZZ_MINUTES);
        let mut test = toolchain::cargo();
        test.args(["test", "--package", "intake", "--test", "fuzz", "--", "--nocapture"]);
        process::show(test.env("INTAKE_FUZZ_SECONDS", seconds.to_string()))
    }
}

pub fn run(asked: &Asked) -> Result<()> {
    if asked.cassert {
        Server::Cassert.choose()?;
    }
    match asked.name.as_deref() {
        None if asked.cassert => run_on_server(&setup::ensure_for_tests()?, asked),
        None => run_all(asked),
        Some("fuzz") => step("fuzz", || asked.fuzz.run()),
        Some(name) if asked.accept => accept(name),
        Some(name) => run_named(name, asked),
    }
}

fn run_all(asked: &Asked) -> Result<()> {
    let ready = setup::ensure_for_tests()?;
    step("format", || run_cargo("fmt --all --check"))?;
    // The tests of the extension are behind its feature pg_test; pg15 is its default.
    step("lint", || {
        run_cargo("clippy --workspace --all-targets --features teamwork/pg_test -- -D warnings")
    })?;
    // The extension's own come with the database tests.
    step("unit tests", || run_cargo("test --workspace --exclude teamwork"))?;
    step("fuzz", || asked.fuzz.run())?;
    run_on_server(&ready, asked)
}

fn run_on_server(ready: &Ready, asked: &Asked) -> Result<()> {
    install(ready)?;
    step("database tests", || run_database_tests(asked))
}

fn run_named(name: &str, asked: &Asked) -> Result<()> {
    let files = suite::files_named(name)?;
    install(&setup::ensure_for_tests()?)?;
    let is_test = is_database_test(name)?;
    ensure!(
        is_test || !files.is_empty(),
        "no database test, regression file or isolation spec has a name with {name} in it"
    );
    if is_test {
        step("database tests", || run_database_tests(asked))?;
    }
    files.iter().try_for_each(|files| step(files.title(), || files.run()))
}

fn accept(name: &str) -> Result<()> {
    let files = suite::files_named(name)?;
    ensure!(!files.is_empty(), "no regression file or isolation spec has a name with {name} in it");
    install(&setup::ensure_for_tests()?)?;
    files.iter().try_for_each(|files| step(files.title(), || files.accept()))
}

fn install(ready: &Ready) -> Result<()> {
    step("install", || toolchain::install_into(&ready.prefix, Profile::Dev))?;
    step("schema", || schema::check(&ready.prefix))
}

fn run_database_tests(asked: &Asked) -> Result<()> {
    let mut test = toolchain::cargo();
    process::show(
        test.args(["pgrx", "test", &toolchain::feature()]).args(&asked.name).envs(asked.storm.variables()),
    )
}

/// Whether the name of any database test contains this. The features are those that `cargo pgrx test` builds with.
fn is_database_test(name: &str) -> Result<bool> {
    let mut list = toolchain::cargo();
    list.args(["test", "--no-default-features", "--features", &format!("{} pg_test", toolchain::feature())]);
    list.args(["--", "--list", name]).stderr(Stdio::inherit());
    Ok(process::read(&mut list)?.lines().any(|line| line.ends_with(": test")))
}

fn run_cargo(arguments: &str) -> Result<()> {
    let mut cargo: Command = toolchain::cargo();
    process::show(cargo.args(arguments.split(' ')))
}

fn step(title: &str, action: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("== {title}");
    let begun = Instant::now();
    let outcome = action().with_context(|| format!("{title}: failed"));
    let verdict = if outcome.is_ok() { "passed" } else { "FAILED" };
    println!("== {title}: {verdict} in {:.1?}", begun.elapsed());
    outcome
}
