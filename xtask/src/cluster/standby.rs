//! A second server that follows the first.

use anyhow::Result;

use super::Cluster;
use crate::process;

impl Cluster {
    /// A streaming standby of this server, which serves queries when this returns. A slot keeps what it has not seen yet.
    pub fn standby(&self, name: &str) -> Result<Self> {
        let standby = Self::prepare(name)?;
        process::read(self.place.account().command("mkdir").args(["-m", "700"]).arg(&standby.dir))?;
        let mut backup = self.client_program("pg_basebackup");
        backup.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--create-slot"]);
        backup.arg(format!("--slot={}", name.replace('-', "_"))).arg("--pgdata").arg(standby.data());
        process::read(&mut backup)?;
        // Comes after the primary's own settings in the copied file, and wins.
        standby.configure(&[])?;
        standby.start_again()?;
        Ok(standby)
    }

    /// Ends the standby's life as one; returns when it takes writes.
    pub fn promote(&self) -> Result<()> {
        process::read(&mut self.pg_ctl("promote")).map(drop)
    }
}
