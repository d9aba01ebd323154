//! The page that the extension takes the place of: it asks for pending jobs every five seconds and runs them itself.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use postgres::Client;
use xtask::cluster::Cluster;

use super::contender::{Bench, Contender, Measured, Starts, observe, sign_in};

pub const INTERVAL: Duration = Duration::from_secs(5);
/// Enough to show what waiting is like: each costs seconds.
pub const JOBS: i64 = 12;
const PAUSE: std::ops::Range<Duration> = Duration::from_secs(0)..Duration::from_secs(5);

pub fn measure(bench: &mut Bench, cluster: &Cluster) -> Result<Measured> {
    let mut measured = Measured::default();
    let mut page = Page(observe(cluster)?);
    let mut browser = sign_in(cluster)?;
    let is_closed = AtomicBool::new(false);
    thread::scope(|scope| -> Result<()> {
        let asking = scope.spawn(|| keep_asking(&mut browser, &is_closed));
        let submitted = bench.submit_singly(&page, JOBS, PAUSE);
        is_closed.store(true, SeqCst);
        asking.join().map_err(|_| anyhow!("the page panicked"))??;
        bench.add_latencies(&submitted?, &page.stop()?, &mut measured)
    })?;
    Ok(measured)
}

fn keep_asking(browser: &mut Client, is_closed: &AtomicBool) -> Result<()> {
    let mut next = Instant::now();
    while !is_closed.load(SeqCst) {
        if Instant::now() < next {
            thread::sleep(Duration::from_millis(20));
            continue;
        }
        next += INTERVAL;
        let claim = "UPDATE polled_jobs SET status = 'processing', started_at = clock_timestamp() WHERE status = 'pending'
                     RETURNING n";
        for job in browser.query(claim, &[])? {
            let number: i64 = job.get(0);
            browser.execute(INSERT, &[&number])?;
            browser.execute("UPDATE polled_jobs SET status = 'completed' WHERE n = $1", &[&number])?;
        }
    }
    Ok(())
}

const INSERT: &str = "INSERT INTO transactions (type, category, amount, description, occurred_on)
    SELECT r.type, r.category, r.amount, r.description, r.occurred_on
    FROM polled_jobs j CROSS JOIN jsonb_populate_record(NULL::transactions, j.record) r WHERE j.n = $1";

struct Page(Client);

impl Contender for Page {
    fn submit(&self) -> &'static str {
        "INSERT INTO polled_jobs (n, record) VALUES ($1, bench_record($1)) RETURNING pg_current_xact_id()::text"
    }

    fn submit_many(&self) -> &'static str {
        "INSERT INTO polled_jobs (n, record) SELECT n, bench_record(n) FROM generate_series($1::bigint, $2) n"
    }

    fn is_done(&self) -> &'static str {
        "SELECT NOT EXISTS (SELECT FROM polled_jobs WHERE status <> 'completed')"
    }

    fn start(&mut self) -> Result<()> {
        Ok(())
    }

    fn stop(&mut self) -> Result<Starts> {
        let sql = "SELECT n, extract(epoch FROM started_at)::float8 * 1e3 FROM polled_jobs";
        Ok(self.0.query(sql, &[])?.iter().map(|row| (row.get(0), row.get(1))).collect())
    }
}
