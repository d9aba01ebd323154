//! What a fresh machine lacks, step by step: a line for each step taken, none when there is nothing to do.

use anyhow::Result;

use crate::place::Place;
use crate::prefix::Prefix;
use crate::server::Server;
use crate::{cassert, debian, packages, toolchain};

/// A machine that can build the extension and run it.
pub struct Ready {
    pub place: Place,
    pub prefix: Prefix,
}

pub fn ensure() -> Result<Ready> {
    // First, as the packages bring the account.
    packages::ensure()?;
    prepare()
}

/// The same, with what only tests need.
pub fn ensure_for_tests() -> Result<Ready> {
    packages::ensure()?;
    // A machine that cannot have them fails the tests that need them, and runs the others.
    if let Err(error) = packages::ensure_for_tests() {
        println!("the tests of pg_cron or of clients will fail: {error:#}");
    }
    prepare()
}

fn prepare() -> Result<Ready> {
    let place = Place::find()?;
    if let Some(reason) = place.detour() {
        println!("{reason}: PostgreSQL lives in {}", place.dir().display());
    }
    let prefix = match Server::current() {
        Server::Debian => debian::ensure(&place)?,
        Server::Cassert => cassert::ensure(&place)?,
    };
    toolchain::ensure_home(&prefix)?;
    toolchain::ensure_cargo_pgrx()?;
    Ok(Ready { place, prefix })
}
