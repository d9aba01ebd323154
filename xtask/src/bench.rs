//! `cargo xtask bench`: measurements, never tests. Each is a ratio against a peer in the same run: rounds alternate between the
//! two, and the median of the rounds counts.

mod access;
mod rounds;

use anyhow::Result;
use clap::ValueEnum;
use xtask::cluster::Cluster;
use xtask::setup;
use xtask::toolchain::{self, Profile};

#[derive(Clone, Copy, ValueEnum)]
pub enum Subject {
    /// Row-level security against hand-written conditions, and against the policies that projects write
    Access,
}

pub fn run(subject: Subject) -> Result<()> {
    let ready = setup::ensure()?;
    toolchain::install_into(&ready.prefix, Profile::Release)?;
    let settings = [("shared_preload_libraries", "teamwork"), ("shared_buffers", "1GB"), ("jit", "off")];
    let cluster = Cluster::start("bench", &settings)?;
    match subject {
        Subject::Access => access::run(&cluster),
    }
}
