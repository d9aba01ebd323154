//! What a job costs: one row inserted in the background, by the extension's engine, by graphile-worker (a queue in the same
//! database, its workers in Node.js), and by a page that asks every five seconds. One cluster, one database, one table that all
//! of them fill; rounds alternate between the contenders, and while one is measured the others are stopped. Commits reach the
//! disk (fsync and synchronous_commit are on, but for the client that submits single jobs), and each engine runs four jobs at a time.
//!
//! The server says when a transaction was committed (`track_commit_timestamp`), for each contender alike. A job's work starts
//! with the transaction that inserts its row (teamwork), with the first statement of the task's handler (graphile-worker), with the
//! claim (the page). By `started_at`, the claim before its commit, the extension would look better than that.

mod clock;
mod contender;
mod graphile;
mod node;
mod page;
mod table;
mod teamwork;

use std::time::Duration;

use anyhow::Result;

use contender::{Bench, Contender, Measured};
use graphile::Graphile;
use teamwork::Teamwork;

const DATABASE: &str = "jobs";
const SETUP: &str = include_str!("jobs.sql");
const SETTINGS: [(&str, &str); 5] = [
    ("fsync", "on"),
    ("track_commit_timestamp", "on"),
    ("teamwork.max_workers", "4"),
    ("shared_buffers", "256MB"),
    ("jit", "off"),
];
const ROUNDS: usize = 5;
/// Jobs a round before anything is measured.
const WARM_UP: i64 = 500;
/// Jobs a round that are submitted one at a time, each after a pause.
const SINGLE: i64 = 200;
/// Long enough that most jobs find an engine with nothing to do, short enough that it stays.
const PAUSE: std::ops::Range<Duration> = Duration::from_millis(5)..Duration::from_millis(30);
/// Jobs a round that are committed at once.
const QUEUED: i64 = 5_000;

pub fn run() -> Result<()> {
    let installed = node::install()?;
    let cluster = super::start(&SETTINGS)?;
    cluster.psql("postgres", &format!("CREATE DATABASE {DATABASE}"))?;
    cluster.psql(DATABASE, SETUP)?;
    println!("teamwork against {}", installed.versions()?);
    let mut bench = Bench::new(&cluster)?;
    let mut contenders: [Box<dyn Contender>; 3] = [
        Box::new(Teamwork::new(&cluster)?),
        Box::new(Graphile::new(&cluster, &installed, false)?),
        Box::new(Graphile::new(&cluster, &installed, true)?),
    ];
    let mut measured: [Measured; 3] = Default::default();
    for round in 1..=ROUNDS {
        for (contender, measured) in contenders.iter_mut().zip(&mut measured) {
            bench.run_round(contender.as_mut(), measured)?;
        }
        let drained = measured.each_ref().map(|measured| format!("{:.0}", measured.throughput.latest()));
        println!("round {round} of {ROUNDS}: {} jobs per second", drained.join(", "));
    }
    println!("{} jobs of a page that asks every {} s", page::JOBS, page::INTERVAL.as_secs());
    let page = page::measure(&mut bench, &cluster)?;
    table::print(&measured, &page);
    Ok(())
}

impl Bench {
    fn run_round(&mut self, contender: &mut dyn Contender, measured: &mut Measured) -> Result<()> {
        // Nobody's round pays for what another has left behind.
        self.tidy()?;
        contender.start()?;
        self.drain(contender, WARM_UP)?;
        let submitted = self.submit_singly(contender, SINGLE, PAUSE)?;
        measured.throughput.push(QUEUED as f64 / self.drain(contender, QUEUED)?.as_secs_f64());
        let starts = contender.stop()?;
        self.add_latencies(&submitted, &starts, measured)
    }
}
