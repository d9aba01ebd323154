//! initdb once, copy ever after: a copy takes a tenth of the time.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Result, ensure};

use crate::place::Place;
use crate::prefix::Prefix;
use crate::process;

/// The directory of all of them.
pub const NAME: &str = "templates";

/// What a data directory is copied from.
#[derive(Clone, Copy, Debug)]
pub enum Template {
    /// As Debian makes it.
    Plain,
    /// With checksums of its pages.
    Checksums,
}

impl Template {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Checksums => "checksums",
        }
    }

    /// Makes `dir` with a fresh data directory in it, both the account's alone.
    pub fn copy(self, place: &Place, prefix: &Prefix, dir: &Path) -> Result<()> {
        let template = place.dir().join("c").join(NAME).join(self.name());
        self.ensure_made(place, prefix, &template)?;
        let account = place.account();
        process::read(account.command("mkdir").args(["-m", "700"]).arg(dir))?;
        let mut copy = account.command("cp");
        process::read(copy.args(["-a", "--reflink=auto"]).arg(template).arg(dir.join("data"))).map(drop)
    }

    fn ensure_made(self, place: &Place, prefix: &Prefix, template: &Path) -> Result<()> {
        /// Tests of one process start their clusters at the same time.
        static MAKING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = MAKING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if template.exists() {
            return Ok(());
        }
        let account = place.account();
        process::read(account.command("mkdir").arg("-p").arg(place.dir().join("c").join(NAME)))?;
        let draft = template.with_extension(std::process::id().to_string());
        let mut initdb = account.command(prefix.program("initdb"));
        initdb.args([
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--username=postgres",
        ]);
        if let Self::Checksums = self {
            initdb.arg("--data-checksums");
        }
        process::read(initdb.arg("--pgdata").arg(&draft))?;
        // Under its name only when complete. Another process may have been faster: its template is as good.
        if fs::rename(&draft, template).is_err() {
            ensure!(template.exists(), "cannot make {}", template.display());
            process::read(account.command("rm").arg("-rf").arg(&draft))?;
        }
        Ok(())
    }
}
