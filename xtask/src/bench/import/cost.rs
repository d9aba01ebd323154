//! What a contender takes: time, and what its process used.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use postgres::Client;
use xtask::cluster::Cluster;

use super::case::Case;
use super::file::File;

const MEMBER: &str = "80000001-0000-4000-8000-000000000000";
/// Of the kernel's clock: 100 a second on every Linux that PostgreSQL runs on.
const TICK: f64 = 0.01;

pub struct Cost {
    /// Seconds from the first statement to the last one's answer.
    pub wall: f64,
    /// Seconds that the process, all its threads, had a core.
    pub cpu: f64,
    /// MiB that the process held of its own at most.
    pub peak: f64,
}

/// Statements of a superuser's session, as policies keep COPY from everybody else.
pub fn of_session(cluster: &Cluster, database: &str, statements: &[String]) -> Result<Cost> {
    let mut client = cluster.connect(database, "postgres")?;
    client.batch_execute(&format!("SET request.jwt.claims = '{{\"sub\": \"{MEMBER}\"}}'"))?;
    let pid = client.query_one("SELECT pg_backend_pid()", &[])?.get::<_, i32>(0);
    let begun = Instant::now();
    for statement in statements {
        client.batch_execute(statement)?;
    }
    let wall = begun.elapsed().as_secs_f64();
    let used = Used::by(pid)?;
    Ok(Cost { wall, cpu: used.cpu, peak: used.peak })
}

/// A member's job, from its submission to the moment when the member is told of its end.
pub fn of_import(cluster: &Cluster, database: &str, case: &Case, file: &File) -> Result<Cost> {
    let mut member = cluster.connect(database, "postgres")?;
    let mut observer = cluster.connect(database, "postgres")?;
    member.batch_execute(&format!(
        "SET ROLE authenticated; SET request.jwt.claims = '{{\"sub\": \"{MEMBER}\"}}'"
    ))?;
    let begun = Instant::now();
    let sql = "SELECT create_background_import_job($1, upload_id => $2::text::uuid, options => $3::text::jsonb)::text";
    let job: String = member.query_one(sql, &[&case.table, &file.upload, &case.options])?.get(0);
    let status: String = member.query_one(&format!("SELECT wait_for_job('{job}', '10 min')"), &[])?.get(0);
    let wall = begun.elapsed().as_secs_f64();
    // It waits for another job for a second.
    let used = Used::by(worker(&mut observer)?)?;
    let sql = "SELECT coalesce(error_message, report::text) FROM scheduled_jobs WHERE id = $1::text::uuid";
    let report: String = observer.query_one(sql, &[&job])?.get(0);
    ensure!(status == "completed" && report.contains("\"refused\": 0"), "{}: {status}, {report}", case.title);
    await_leave(&mut observer)?;
    Ok(Cost { wall, cpu: used.cpu, peak: used.peak })
}

fn worker(observer: &mut Client) -> Result<i32> {
    let sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'teamwork worker'";
    Ok(observer.query_one(sql, &[]).context("one worker")?.get(0))
}

/// The next import's worker shall be a new one, whose figures are its own.
fn await_leave(observer: &mut Client) -> Result<()> {
    while worker(observer).is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Ok(())
}

/// What a process used so far, as the kernel counts.
struct Used {
    cpu: f64,
    peak: f64,
}

impl Used {
    fn by(pid: i32) -> Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // Behind the name, which may hold anything: utime and stime are the 12th and 13th.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|ticks| ticks.parse::<f64>().ok());
        let cpu = (ticks(11).context("utime")? + ticks(12).context("stime")?) * TICK;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let kilobytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<f64>().ok()
        };
        // Shared buffers are everybody's.
        let peak = kilobytes("VmHWM:").context("VmHWM")? - kilobytes("RssShmem:").context("RssShmem")?;
        Ok(Self { cpu, peak: peak / 1024.0 })
    }
}
