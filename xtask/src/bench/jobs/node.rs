//! graphile-worker in a Node.js of its own, as npm installs both from the versions that `xtask/bench/graphile` pins.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use xtask::cluster::Cluster;
use xtask::workspace::workspace;
use xtask::{packages, process};

const FILES: [&str; 4] = [".npmrc", "package.json", "package-lock.json", "worker.mjs"];

/// Where the program and what it needs are installed.
pub struct Installed(PathBuf);

/// Beside the sources nothing is written: the files are copied below `target`, and installed there when they are new.
pub fn install() -> Result<Installed> {
    packages::ensure_npm()?;
    let (from, to) = (workspace().join("xtask/bench/graphile"), workspace().join("target/graphile"));
    fs::create_dir_all(&to)?;
    let is_new = |file: &str| fs::read(from.join(file)).ok() != fs::read(to.join(file)).ok();
    let is_stale = is_new("package-lock.json") || !to.join("node_modules/.package-lock.json").exists();
    for file in FILES {
        fs::copy(from.join(file), to.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    if is_stale {
        println!("installing graphile-worker");
        // The npm at hand may be older than the Node.js that the programs will run in.
        process::read(Command::new("npm").args(["ci", "--engine-strict=false"]).current_dir(&to))?;
    }
    Ok(Installed(to))
}

impl Installed {
    fn node(&self) -> PathBuf {
        self.0.join("node_modules/.bin/node")
    }

    /// Such as `graphile-worker 0.18.0 on Node.js v24.21.0`.
    pub fn versions(&self) -> Result<String> {
        #[derive(Deserialize)]
        struct Package {
            version: String,
        }
        let package = fs::read_to_string(self.0.join("node_modules/graphile-worker/package.json"))?;
        let worker = serde_json::from_str::<Package>(&package)?.version;
        let node = process::read(Command::new(self.node()).arg("--version"))?;
        Ok(format!("graphile-worker {worker} on Node.js {}", node.trim()))
    }

    /// Runs the worker until the value is dropped; returns when it listens for jobs.
    pub fn start(&self, cluster: &Cluster, database: &str, has_local_queue: bool) -> Result<Running> {
        let mut node = Command::new(self.node());
        node.arg("worker.mjs").args(has_local_queue.then_some("local-queue")).current_dir(&self.0);
        node.env("PGHOST", cluster.socket_dir()).env("PGPORT", xtask::cluster::PORT.to_string());
        node.env("PGUSER", "postgres").env("PGDATABASE", database).env_remove("DATABASE_URL");
        // A line for each job would be ours to read and its to write.
        node.env("NO_LOG_SUCCESS", "1");
        let log = fs::File::create(self.log())?;
        let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let output = child.stdout.take().context("Node.js has no output")?;
        let mut running = Running { child, lines: BufReader::new(output).lines(), log: self.log() };
        running.read()?;
        Ok(running)
    }

    fn log(&self) -> PathBuf {
        self.0.join("worker.log")
    }
}

/// The program; it ends with this value, and with our process, whose death ends its input.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    now: f64,
    starts: Vec<(i64, f64)>,
}

impl Running {
    /// What its clock says, in milliseconds.
    pub fn now(&mut self) -> Result<f64> {
        self.child.stdin.as_ref().context("Node.js has no input")?.write_all(b"\n")?;
        Ok(self.read()?.now)
    }

    /// Ends the program; returns the jobs that it has run, by number, with the instant each handler began, in milliseconds.
    pub fn stop(mut self) -> Result<Vec<(i64, f64)>> {
        drop(self.child.stdin.take());
        let starts = self.read()?.starts;
        ensure!(self.child.wait()?.success(), "Node.js failed: {}", said(&self.log));
        Ok(starts)
    }

    /// graphile-worker's own lines are not JSON.
    fn read(&mut self) -> Result<Said> {
        for line in &mut self.lines {
            if let Ok(said) = serde_json::from_str(&line?) {
                return Ok(said);
            }
        }
        let status = self.child.wait()?;
        Err(anyhow::anyhow!("Node.js ended ({status}): {}", said(&self.log)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn said(log: &Path) -> String {
    fs::read_to_string(log).unwrap_or_default()
}
