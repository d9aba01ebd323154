//! graphile-worker: a job is a task that inserts a row. It works as the database's owner, so that no policy slows it down.

use anyhow::{Context, Result};
use xtask::cluster::Cluster;

use super::DATABASE;
use super::clock;
use super::contender::{Contender, Starts};
use super::node::{Installed, Running};

pub struct Graphile<'a> {
    cluster: &'a Cluster,
    installed: &'a Installed,
    /// Fetches and completes jobs by the hundred, instead of one by one as it does by default.
    has_local_queue: bool,
    running: Option<Running>,
}

impl<'a> Graphile<'a> {
    /// Has it lay out its schema.
    pub fn new(cluster: &'a Cluster, installed: &'a Installed, has_local_queue: bool) -> Result<Self> {
        let mut running = installed.start(cluster, DATABASE, has_local_queue)?;
        clock::check("Node.js", || running.now())?;
        running.stop()?;
        Ok(Self { cluster, installed, has_local_queue, running: None })
    }
}

impl Contender for Graphile<'_> {
    fn submit(&self) -> &'static str {
        "SELECT submit_to_graphile($1)"
    }

    fn submit_many(&self) -> &'static str {
        "SELECT submit_many_to_graphile($1, $2)"
    }

    fn is_done(&self) -> &'static str {
        "SELECT NOT EXISTS (SELECT FROM graphile_worker._private_jobs)"
    }

    fn start(&mut self) -> Result<()> {
        self.running = Some(self.installed.start(self.cluster, DATABASE, self.has_local_queue)?);
        Ok(())
    }

    fn stop(&mut self) -> Result<Starts> {
        Ok(self.running.take().context("it does not run")?.stop()?.into_iter().collect())
    }
}
