//! `cargo xtask demo`: the story of spec.md, told on a private server.

use anyhow::Result;
use xtask::cluster::Cluster;
use xtask::setup;
use xtask::story::{self, Stage};
use xtask::toolchain::{self, Profile};

pub fn run() -> Result<()> {
    let ready = setup::ensure()?;
    toolchain::install_into(&ready.prefix, Profile::Release)?;
    let cluster = Cluster::start("demo", &[("shared_preload_libraries", "teamwork")])?;
    story::play(&cluster, "public", &mut Stage::loud())?;
    drop(cluster);
    println!("\nThe server is stopped and its files are gone.");
    Ok(())
}
