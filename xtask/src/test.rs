//! `cargo xtask test`: what has to pass before anything is called done, each step with its time.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use xtask::server::Server;
use xtask::setup::{self, Ready};
use xtask::toolchain::{self, Profile};
use xtask::workspace::workspace;
use xtask::{circles, lengths, process, schema, sql_files, suite};

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
    chance: Chance,
}

/// How much of the tests that go by chance; each has defaults of its own.
#[derive(clap::Args)]
struct Chance {
    /// How many kills, random tables or texts of a type: `kills`, `equality`, `values`
    #[arg(long, value_name = "N", requires = "name")]
    rounds: Option<u64>,
    /// How long: `storm`, `fuzz`
    #[arg(long, value_name = "N", requires = "name")]
    minutes: Option<u64>,
    /// The same again that a run has printed this number for
    #[arg(long, value_name = "N", requires = "name")]
    seed: Option<u64>,
}

impl Chance {
    /// As the database tests read them (`pgrx-tests/asked.rs`).
    fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        let asked = [
            ("TEAMWORK_ROUNDS", self.rounds),
            ("TEAMWORK_MINUTES", self.minutes),
            ("TEAMWORK_SEED", self.seed),
        ];
        asked.into_iter().filter_map(|(name, number)| Some((name, number?.to_string())))
    }

    /// Feeds the reader with broken files, for a minute unless more is asked for: half of the time with text, half of it with all formats.
    fn fuzz(&self) -> Result<()> {
        let seconds = 30 * self.minutes.unwrap_or(1);
        let mut test = toolchain::cargo();
        test.args([
            "test",
            "--package",
            "intake",
            "--test",
            "fuzz",
            "--test",
            "fuzz_formats",
            "--",
            "--nocapture",
        ]);
        test.envs(self.seed.map(|seed| ("INTAKE_FUZZ_SEED", seed.to_string())));
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
        Some("fuzz") => step("fuzz", || asked.chance.fuzz()),
        Some(name) if asked.accept => accept(name),
        Some(name) => run_named(name, asked),
    }
}

fn run_all(asked: &Asked) -> Result<()> {
    let ready = setup::ensure_for_tests()?;
    step("format", || run_cargo("fmt --all --check"))?;
    step("circles of files", || circles::check(workspace()))?;
    step("lengths", || lengths::check(workspace()))?;
    step("sql files", sql_files::check)?;
    // The tests of the extension are behind its feature pg_test; pg15 is its default.
    step("lint", || {
        run_cargo("clippy --workspace --all-targets --features teamwork/pg_test -- -D warnings")
    })?;
    // The extension's own come with the database tests.
    step("unit tests", || run_cargo("test --workspace --exclude teamwork"))?;
    step("fuzz", || asked.chance.fuzz())?;
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
        test.args(["pgrx", "test", &toolchain::feature()]).args(&asked.name).envs(asked.chance.variables()),
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
