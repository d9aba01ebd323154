//! SIGKILL at the worst moment: every connection of the server breaks, no row is lost and none is there twice.

use std::time::Duration;

use anyhow::{Result, bail, ensure};

use super::actor::Actor;
use super::person::ADMIN;
use super::scene::{DATABASE, Scene};
use super::{import, stock, watch};

/// Enough to be caught in the middle.
const ROWS: u64 = 300_000;
const RECOVERY: Duration = Duration::from_secs(60);

const WORKER: &str = "SELECT pid FROM pg_stat_activity
WHERE backend_type LIKE 'teamwork%worker%' AND datname = current_database() AND query LIKE 'import into inventory%'";

pub fn kill_the_worker(scene: &mut Scene<'_>) -> Result<()> {
    let mut admin = Actor::enter(scene.cluster, &ADMIN)?;
    let job = import::submit(scene, &mut admin, "crash.csv", &stock::csv("CRASH", ROWS, false)?)?;
    kill_midway(scene, &mut admin, &job)?;
    drop(admin);

    scene.stage.note("PostgreSQL restarts itself after such a death");
    scene.cluster.connect_within(DATABASE, "postgres", RECOVERY)?;
    let mut admin = Actor::enter(scene.cluster, &ADMIN)?;
    scene.stage.says(admin.name(), &watch::query(&job));
    watch::to_the_end(scene, &mut admin, &job, ROWS)?;

    let rows =
        admin.ask(scene, "SELECT count(*), count(DISTINCT sku) FROM inventory WHERE sku LIKE 'CRASH-%'")?;
    let expected = ROWS.to_string();
    ensure!(
        rows.field(0, 0)? == expected && rows.field(0, 1)? == expected,
        "not every row exactly once:\n{rows}"
    );
    let attempts = admin.ask(
        scene,
        &format!("SELECT status, attempts, record_count FROM scheduled_jobs WHERE id = '{job}'"),
    )?;
    ensure!(attempts.field(0, 1)?.parse::<u32>()? >= 2, "the job was not tried again:\n{attempts}");
    Ok(())
}

fn kill_midway(scene: &Scene<'_>, admin: &mut Actor, job: &str) -> Result<()> {
    let mut superuser = scene.superuser()?;
    let done = watch::until("the import has begun", || {
        let now = watch::moment(admin, job)?;
        if !matches!(now.status.as_str(), "pending" | "processing") {
            bail!("the import is {} before it could be killed", now.status);
        }
        Ok((now.done > 0).then_some(now.done))
    })?;
    let workers = superuser.query(WORKER, &[])?;
    let [worker] = workers.as_slice() else { bail!("{} workers run the import", workers.len()) };
    let pid: i32 = worker.get(0);
    scene.cluster.signal("KILL", u32::try_from(pid)?)?;
    scene.stage.says("postgres", WORKER);
    scene.stage.shows(format!("$ kill -9 {pid}    # {done} of {ROWS} rows are in"));
    // Until the server has noticed, its old connections still work, and so would ours.
    watch::until("the server notices", || Ok(superuser.simple_query("SELECT 1").is_err().then_some(())))
}
