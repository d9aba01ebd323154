//! A server for tests, of which every byte is looked at in the end: what its log says is replayed and compared, heaps and B-trees are
//! searched for contradictions, pages compared with their checksums, and its messages for what a sound server never says.

use std::ops::Deref;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, ensure};

use super::template::Template;
use super::{Cluster, StopMode};
use crate::process;

/// A page is written to the log with each record that changes it, and compared when the record is replayed. All that
/// PostgreSQL can compare but hash indexes: their own record of a deletion fails.
const COMPARED: &str = "heap, heap2, btree, gin, gist, spgist, brin, sequence, generic";

/// What errors have that no sound server raises: `ERRCODE_INTERNAL_ERROR`, `ERRCODE_DATA_CORRUPTED`, `ERRCODE_INDEX_CORRUPTED`.
const CODES: [&str; 3] = [" XX000 ", " XX001 ", " XX002 "];
const LEVELS: [&str; 3] = [" WARNING:  ", " ERROR:  ", " FATAL:  "];

/// What a server does not say whose memory, locks and pins are looked after, and whose log and pages agree.
const COMPLAINTS: [&str; 6] =
    ["PANIC:  ", "TRAP: ", " leak: ", "problem in ", "past end of generated WAL", "inconsistent page found"];

/// What PostgreSQL itself says without anything being wrong. VACUUM of an SP-GiST index may come to an inner tuple that was moved on
/// and has become a placeholder meanwhile (`spgprocesspending` in `spgvacuum.c`); it goes by statements alone as well.
pub const HARMLESS: &str = "unexpected SPGiST tuple state: 3";

/// A cluster that is inspected when it is dropped, unless its test has failed already.
#[derive(Debug)]
pub struct Checked(Cluster);

impl Deref for Checked {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.0
    }
}

impl Checked {
    /// As [`Cluster::start`].
    pub fn start(name: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let compared = [("wal_consistency_checking", COMPARED)];
        Cluster::start_from(Template::Checksums, name, &[&compared, settings].concat()).map(Self)
    }

    /// As [`Cluster::standby`].
    pub fn standby(&self, name: &str) -> Result<Self> {
        self.0.standby(name).map(Self)
    }

    /// Fails where anything is wrong with what the server has written. The server is stopped afterwards.
    pub fn inspect(&self) -> Result<()> {
        self.replay()?;
        self.check_relations()?;
        self.stop(StopMode::Fast)?;
        process::read(self.server_program("pg_checksums").arg("--check").arg("--pgdata").arg(self.data()))?;
        let complaints = self.complaints();
        ensure!(complaints.is_empty(), "in the log of {}:\n{}", self.data().display(), complaints.join("\n"));
        Ok(())
    }

    /// Crashes the server, and has it recover. A standby does nothing else anyway.
    fn replay(&self) -> Result<()> {
        if self.postmaster_pid().is_ok() && !self.is_standby() {
            self.stop(StopMode::Immediate)?;
        }
        if self.postmaster_pid().is_err() {
            // What waits in its queues goes on waiting.
            self.start_with("-c teamwork.enabled=off")?;
        }
        Ok(())
    }

    fn check_relations(&self) -> Result<()> {
        let mut amcheck: Command = self.client_program("pg_amcheck");
        // Some databases have settings that would be in its way.
        amcheck.env("PGOPTIONS", "-c default_transaction_read_only=off -c client_min_messages=warning");
        amcheck.args(["--all", "--jobs=2", "--heapallindexed"]);
        if !self.is_standby() {
            amcheck.args(["--install-missing", "--parent-check", "--rootdescend"]);
        }
        process::read(&mut amcheck).map(drop).context("relations are corrupt")
    }

    fn is_standby(&self) -> bool {
        self.data().join("standby.signal").exists()
    }
}

impl Cluster {
    /// The lines of the log that tell of a fault.
    pub fn complaints(&self) -> Vec<String> {
        let has = |line: &str, any: &[&str]| any.iter().any(|it| line.contains(it));
        let is_complaint = |line: &&str| {
            has(line, &COMPLAINTS) || has(line, &CODES) && has(line, &LEVELS) && !line.contains(HARMLESS)
        };
        self.log().lines().filter(is_complaint).map(str::to_owned).collect()
    }
}

impl Drop for Checked {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.inspect().expect("the server is sound");
        }
    }
}
