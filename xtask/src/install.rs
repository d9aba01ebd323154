//! `cargo xtask install` and `package`: cargo-pgrx with the machine prepared for it.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use xtask::{account, process, setup, toolchain};

pub fn install(pg_config: &Path) -> Result<()> {
    let mut install = pgrx("install", pg_config)?;
    install.arg("--release");
    if account::own_uid()? != 0 {
        install.arg("--sudo");
    }
    process::show(&mut install)
}

pub fn package(pg_config: &Path) -> Result<()> {
    process::show(&mut pgrx("package", pg_config)?)
}

fn pgrx(verb: &str, pg_config: &Path) -> Result<Command> {
    setup::ensure()?;
    let mut cargo = toolchain::cargo();
    // The bindings are made for that PostgreSQL, whose major version may be another than the tests'.
    cargo.args(["pgrx", verb, "--pg-config"]).arg(pg_config).env("PGRX_PG_CONFIG_PATH", pg_config);
    Ok(cargo)
}
