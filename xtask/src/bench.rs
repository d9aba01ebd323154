//! `cargo xtask bench`: measurements, never tests. Each is a ratio against a peer in the same run: rounds alternate between the
//! two, and the median of the rounds counts.

mod access;
mod import;
mod jobs;
mod readings;
mod rounds;

use anyhow::Result;
use clap::Subcommand;
use xtask::cluster::Cluster;
use xtask::setup;
use xtask::toolchain::{self, Profile};

#[derive(Subcommand)]
pub enum Subject {
    /// Row-level security against hand-written conditions, and against the policies that projects write
    Access,
    /// Imports against COPY, staging tables and loops
    Import {
        /// Only the cases with these letters, such as `ef`
        #[arg(long)]
        cases: Option<String>,
    },
    /// The job engine against graphile-worker, and against a page that asks every five seconds
    Jobs,
}

pub fn run(subject: Subject) -> Result<()> {
    let ready = setup::ensure()?;
    toolchain::install_into(&ready.prefix, Profile::Release)?;
    match subject {
        Subject::Access => access::run(&start(&[("shared_buffers", "1GB"), ("jit", "off")])?),
        Subject::Import { cases } => import::run(cases.as_deref()),
        Subject::Jobs => jobs::run(),
    }
}

/// A server with the extension's library in it.
fn start(settings: &[(&str, &str)]) -> Result<Cluster> {
    Cluster::start("bench", &[&[("shared_preload_libraries", "teamwork")], settings].concat())
}
