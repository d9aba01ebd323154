//! Which PostgreSQL a run is about. Each has a directory for its files and clusters, for pgrx's bindings to it and for what cargo
//! builds against it, so that going from one to another builds nothing anew.

use std::env;
use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::{Result, ensure};

use crate::workspace::workspace;

/// Tells the tests, which are processes of their own, by the server's name.
pub const VARIABLE: &str = "TEAMWORK_SERVER";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// Debian's own.
    Debian,
    /// Debian's source, built with assertions.
    Cassert,
}

static CURRENT: OnceLock<Server> = OnceLock::new();

impl Server {
    /// The one that this process is about: what was chosen, what the variable says, or Debian's.
    pub fn current() -> Self {
        *CURRENT.get_or_init(|| {
            let is_cassert = env::var(VARIABLE).is_ok_and(|name| name == Self::Cassert.name());
            if is_cassert { Self::Cassert } else { Self::Debian }
        })
    }

    /// Makes it the current one, before anything has asked.
    pub fn choose(self) -> Result<()> {
        ensure!(CURRENT.set(self).is_ok() || Self::current() == self, "another server is in use already");
        Ok(())
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Debian => "debian",
            Self::Cassert => "cassert",
        }
    }

    pub fn major(self) -> &'static str {
        "15"
    }

    /// What belongs to it is below. Debian's has `target` itself, where whoever types `cargo build` builds as well.
    pub fn dir(self) -> PathBuf {
        let target = workspace().join("target");
        match self {
            Self::Debian => target,
            Self::Cassert => target.join(self.name()),
        }
    }
}
