//! `cargo xtask test`: what has to pass before anything is called done, each step with its time.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use xtask::toolchain::{self, Profile};
use xtask::{process, schema, setup};

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

pub fn run(filter: Option<&str>, storm: &Storm, fuzz: &Fuzz) -> Result<()> {
    if filter == Some("fuzz") {
        return step("fuzz", || fuzz.run());
    }
    let ready = setup::ensure_for_tests()?;
    if filter.is_none() {
        step("format", || run_cargo("fmt --all --check"))?;
        // The tests of the extension are behind its feature pg_test; pg15 is its default.
        step("lint", || {
            run_cargo("clippy --workspace --all-targets --features teamwork/pg_test -- -D warnings")
        })?;
        // The extension's own come with the database tests.
        step("unit tests", || run_cargo("test --workspace --exclude teamwork"))?;
        step("fuzz", || fuzz.run())?;
    }
    step("install", || toolchain::install_into(&ready.prefix, Profile::Dev))?;
    step("schema", || schema::check(&ready.prefix))?;
    step("database tests", || {
        let mut test = toolchain::cargo();
        process::show(test.args(["pgrx", "test", "pg15"]).args(filter).envs(storm.variables()))
    })
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
