//! A file system that is soon full: in memory, of so many bytes, for a tablespace.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::packages::as_root;
use crate::place::Place;

#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// To be made before the server that uses it, so that it outlives that. Mounting takes root.
    pub fn mount(name: &str, bytes: u64) -> Result<Self> {
        let place = Place::find()?;
        let dir = place.dir().join("d").join(name);
        // What a killed run has left is in the way.
        let at = dir.display();
        let mount = format!(
            "mkdir -p '{at}' && (umount -q '{at}' || true) && mount -t tmpfs -o size={bytes} tmpfs '{at}'"
        );
        as_root(&mount).context("cannot mount a file system")?;
        place.account().own(&dir)?;
        Ok(Self(dir))
    }

    pub fn dir(&self) -> &Path {
        &self.0
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = as_root(&format!("umount '{}'", self.0.display()));
    }
}
