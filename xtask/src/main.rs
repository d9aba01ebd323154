//! `cargo xtask`: see `cargo xtask help`.

#![deny(unsafe_code)]

mod bench;
mod demo;
mod install;
mod test;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use xtask::toolchain::{self, Profile};
use xtask::{reference, schema, setup};

/// What there is to do with teamwork. Each command first installs what the machine lacks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Play the whole story on a private PostgreSQL and leave nothing running
    Demo,
    /// Run every check and every suite
    Test(test::Asked),
    /// Measure against peers, side by side in one run
    Bench {
        #[command(subcommand)]
        subject: bench::Subject,
    },
    /// Write sql/teamwork.sql anew, after a change of the schema
    Schema,
    /// Write docs/reference.md anew, after a change of a COMMENT or an example
    Reference,
    /// Build for release and install into a PostgreSQL of this machine
    Install {
        /// That PostgreSQL's pg_config
        #[arg(long, default_value = "/usr/lib/postgresql/15/bin/pg_config")]
        pg_config: PathBuf,
    },
    /// Build for release and lay out the files of a package under target/release
    Package {
        /// The pg_config of the PostgreSQL to build for
        #[arg(long, default_value = "/usr/lib/postgresql/15/bin/pg_config")]
        pg_config: PathBuf,
    },
}

fn main() -> Result<()> {
    match Task::parse() {
        Task::Demo => demo::run(),
        Task::Test(asked) => test::run(&asked),
        Task::Bench { subject } => bench::run(subject),
        Task::Schema => write_schema(),
        Task::Reference => write_reference(),
        Task::Install { pg_config } => install::install(&pg_config),
        Task::Package { pg_config } => install::package(&pg_config),
    }
}

fn write_schema() -> Result<()> {
    let ready = setup::ensure()?;
    toolchain::install_into(&ready.prefix, Profile::Dev)?;
    schema::update(&ready.prefix)
}

fn write_reference() -> Result<()> {
    let ready = setup::ensure()?;
    toolchain::install_into(&ready.prefix, Profile::Dev)?;
    reference::update()
}
