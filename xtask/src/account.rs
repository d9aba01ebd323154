//! Who runs servers. PostgreSQL refuses root, so root hands over to `postgres`; anybody else runs them as is.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

#[derive(Clone, Debug)]
pub struct Account {
    name: String,
    uid: u32,
    gid: u32,
    /// We are root, and become the account through `runuser`.
    switches: bool,
}

impl Account {
    pub fn current() -> Result<Self> {
        let switches = own_uid()? == 0;
        let name =
            if switches { "postgres".to_owned() } else { process::read(Command::new("id").arg("-un"))? };
        let name = name.trim().to_owned();
        let number = |flag: &str| -> Result<u32> {
            let text = process::read(Command::new("id").args([flag, &name]))?;
            text.trim().parse().with_context(|| format!("id {flag} {name} said {text:?}"))
        };
        Ok(Self { uid: number("-u")?, gid: number("-g")?, name, switches })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// True where programs run as somebody else than we are.
    pub fn switches(&self) -> bool {
        self.switches
    }

    /// A command that runs as the account, in a directory that it can enter and with an environment that owes nothing
    /// to ours: a server under test must not see cargo's variables, RUST_BACKTRACE (pgrx 0.18 would write backtraces
    /// into DETAIL) or somebody's PGHOST.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = if self.switches {
            let mut runuser = Command::new("/usr/sbin/runuser");
            runuser.args(["-u", &self.name, "--"]).arg(program);
            runuser
        } else {
            Command::new(program)
        };
        command.current_dir("/").env_clear().env("PATH", PATH).env("LANG", "C.UTF-8").env("USER", &self.name);
        command
    }

    /// Whether the account can enter and list `dir`, whatever stands above it: asked of the kernel, not guessed.
    pub fn can_read(&self, dir: &Path) -> bool {
        let mut test = self.command("/usr/bin/test");
        test.arg("-r").arg(dir).arg("-a").arg("-x").arg(dir);
        test.status().is_ok_and(|status| status.success())
    }

    /// Makes `dir` if need be and gives it to the account.
    pub fn own(&self, dir: &Path) -> Result<()> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        if fs::metadata(dir)?.uid() != self.uid {
            chown(dir, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }
}

/// The user id of this process; `/proc/self` belongs to it.
pub fn own_uid() -> Result<u32> {
    Ok(fs::metadata("/proc/self")?.uid())
}
