//! What is asked of each contender, and how its answer is timed.

use std::collections::HashMap;
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use postgres::Client;
use xtask::cluster::Cluster;

use super::super::readings::Readings;
use super::DATABASE;
use super::clock;

/// The one member of the one team.
const MEMBER: &str = "00000001-0000-4000-8000-000000000000";
/// How often the server is asked whether all is done: one part in a hundred of what is measured, and little work.
const LOOK: Duration = Duration::from_millis(10);
const TIMEOUT: Duration = Duration::from_secs(300);

/// An engine, and how to speak to it. Jobs have numbers; each inserts a row that bears its number.
pub trait Contender {
    /// Submits job $1, as a member, in a transaction of its own; returns the transaction's number as text.
    fn submit(&self) -> &'static str;
    /// Submits jobs $1 to $2, as a member.
    fn submit_many(&self) -> &'static str;
    /// Whether every job has ended.
    fn is_done(&self) -> &'static str;
    fn start(&mut self) -> Result<()>;
    /// Stops the engine; returns when the work of each job began, in milliseconds since 1970.
    fn stop(&mut self) -> Result<Starts>;
}

pub type Starts = HashMap<i64, f64>;

/// All rounds of one contender; milliseconds and jobs per second.
#[derive(Default)]
pub struct Measured {
    pub sent_to_start: Readings,
    pub commit_to_start: Readings,
    pub commit_to_row: Readings,
    pub throughput: Readings,
}

/// A job that was submitted alone.
pub struct Submitted {
    number: i64,
    sent: f64,
    transaction: String,
}

/// The submitting client, and the one that looks on.
pub struct Bench {
    member: Client,
    observer: Client,
    next: i64,
    random: u64,
}

impl Bench {
    pub fn new(cluster: &Cluster) -> Result<Self> {
        let mut observer = observe(cluster)?;
        let sql = observer.prepare("SELECT extract(epoch FROM clock_timestamp())::float8 * 1e3")?;
        clock::check("the server", || Ok(observer.query_one(&sql, &[])?.get(0)))?;
        Ok(Self { member: sign_in(cluster)?, observer, next: 1, random: 0x9e37_79b9_7f4a_7c15 })
    }

    pub fn tidy(&mut self) -> Result<()> {
        for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
            self.observer.batch_execute(statement)?;
        }
        Ok(())
    }

    /// Submits jobs one at a time, each after a random pause, and waits until all are done. The submitting session does not wait for
    /// the disk: the server stamps a commit before that wait, which would count for the engine though it is the client's, and the
    /// same for all.
    pub fn submit_singly(
        &mut self,
        contender: &dyn Contender,
        count: i64,
        pause: Range<Duration>,
    ) -> Result<Vec<Submitted>> {
        self.member.batch_execute("SET synchronous_commit = off")?;
        let statement = self.member.prepare(contender.submit())?;
        let mut submitted = Vec::new();
        for number in self.numbers(count) {
            thread::sleep(pause.start + (pause.end - pause.start).mul_f64(self.random()));
            let sent = clock::now();
            let transaction = self.member.query_one(&statement, &[&number])?.get(0);
            submitted.push(Submitted { number, sent, transaction });
        }
        self.member.batch_execute("RESET synchronous_commit")?;
        self.wait(contender)?;
        Ok(submitted)
    }

    /// Commits jobs all at once; the time from sending the commit to the end of the last job.
    pub fn drain(&mut self, contender: &dyn Contender, count: i64) -> Result<Duration> {
        let numbers = self.numbers(count);
        let mut transaction = self.member.transaction()?;
        transaction.query(contender.submit_many(), &[&numbers.start, &(numbers.end - 1)])?;
        let begun = Instant::now();
        transaction.commit()?;
        self.wait(contender)?;
        let elapsed = begun.elapsed();
        let sql = "SELECT count(*) FROM transactions WHERE description::bigint BETWEEN $1 AND $2";
        let rows: i64 = self.observer.query_one(sql, &[&numbers.start, &(numbers.end - 1)])?.get(0);
        ensure!(rows == count, "{count} jobs left {rows} rows");
        Ok(elapsed)
    }

    fn wait(&mut self, contender: &dyn Contender) -> Result<()> {
        let is_done = self.observer.prepare(contender.is_done())?;
        let deadline = Instant::now() + TIMEOUT;
        while !self.observer.query_one(&is_done, &[])?.get::<_, bool>(0) {
            ensure!(Instant::now() < deadline, "jobs are left after {TIMEOUT:?}");
            thread::sleep(LOOK);
        }
        Ok(())
    }

    pub fn add_latencies(
        &mut self,
        submitted: &[Submitted],
        starts: &Starts,
        measured: &mut Measured,
    ) -> Result<()> {
        let commits = self.commits(submitted)?;
        for job in submitted {
            let start = starts.get(&job.number).with_context(|| format!("job {} never began", job.number))?;
            let (commit, row) = commits.get(&job.number).context("a job left no row")?;
            measured.sent_to_start.push(start - job.sent);
            measured.commit_to_start.push(start - commit);
            measured.commit_to_row.push(row - commit);
        }
        Ok(())
    }

    /// When the server committed each job, and the row that the job inserted.
    fn commits(&mut self, submitted: &[Submitted]) -> Result<HashMap<i64, (f64, f64)>> {
        let numbers: Vec<i64> = submitted.iter().map(|job| job.number).collect();
        let transactions: Vec<&str> = submitted.iter().map(|job| job.transaction.as_str()).collect();
        let sql = "SELECT s.number, extract(epoch FROM pg_xact_commit_timestamp(s.xid::xid8::xid))::float8 * 1e3,
                          extract(epoch FROM pg_xact_commit_timestamp(t.xmin))::float8 * 1e3
                   FROM unnest($1::bigint[], $2::text[]) s (number, xid) JOIN transactions t ON t.description = s.number::text";
        let rows = self.observer.query(sql, &[&numbers, &transactions])?;
        Ok(rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect())
    }

    fn numbers(&mut self, count: i64) -> Range<i64> {
        let first = self.next;
        self.next += count;
        first..self.next
    }

    /// From 0 to 1; the same in every run (Marsaglia's xorshift).
    fn random(&mut self) -> f64 {
        for shift in [13, -7, 17_i32] {
            let shifted = if shift > 0 { self.random << shift } else { self.random >> -shift };
            self.random ^= shifted;
        }
        (self.random >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A client with the role and the claims of the member.
pub fn sign_in(cluster: &Cluster) -> Result<Client> {
    let mut client = observe(cluster)?;
    client.batch_execute(&format!(
        "SET ROLE authenticated; SET request.jwt.claims = '{{\"sub\": \"{MEMBER}\", \"role\": \"authenticated\"}}'"
    ))?;
    Ok(client)
}

pub fn observe(cluster: &Cluster) -> Result<Client> {
    cluster.connect(DATABASE, "postgres")
}
