//! `cargo xtask test`: what has to pass before anything is called done, each step with its time.

use std::fs;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use xtask::place::Place;
use xtask::setup::{self, Ready};
use xtask::{cluster, process, toolchain};

pub fn run(filter: Option<&str>) -> Result<()> {
    let ready = setup::ensure()?;
    sweep(&ready)?;
    if filter.is_none() {
        let place = &ready.place;
        step("format", cargo(place, "fmt --all --check"))?;
        // The tests of the extension are behind its feature pg_test; pg15 is its default.
        step(
            "lint",
            cargo(place, "clippy --workspace --all-targets --features teamwork/pg_test -- -D warnings"),
        )?;
        step("unit tests", cargo(place, "test --package intake --package xtask"))?;
    }
    step("database tests", database_tests(&ready.place, filter))
}

fn cargo(place: &Place, arguments: &str) -> Command {
    let mut cargo = toolchain::cargo(place);
    cargo.args(arguments.split(' '));
    cargo
}

fn database_tests(place: &Place, filter: Option<&str>) -> Command {
    let mut test = cargo(place, "pgrx test pg15");
    test.args(filter).arg("--pgdata").arg(toolchain::test_clusters(place));
    if place.account().switches() {
        test.args(["--runas", place.account().name()]);
    }
    test
}

fn step(title: &str, mut command: Command) -> Result<()> {
    println!("== {title}");
    let begun = Instant::now();
    let outcome = process::show(&mut command).with_context(|| format!("{title}: failed"));
    println!("== {title}: {} in {:.1?}", if outcome.is_ok() { "passed" } else { "FAILED" }, begun.elapsed());
    outcome
}

/// `cargo pgrx test` names its clusters after its process and leaves them behind when that is killed.
fn sweep(ready: &Ready) -> Result<()> {
    for entry in fs::read_dir(toolchain::test_clusters(&ready.place))? {
        let path = entry?.path();
        let owner = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix("15-"));
        if owner.is_some_and(|pid| !fs::exists(format!("/proc/{pid}")).unwrap_or(true)) {
            cluster::discard(&ready.place, &ready.prefix, &path)?;
        }
    }
    Ok(())
}
