//! A job with a time waits for it.

use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::actor::Actor;
use super::person::MANAGER;
use super::scene::Scene;

const JOB: &str =
    "SELECT create_scheduled_job('import', 'inventory', now() + interval '2 seconds', 'later.csv',
    '{\"records\": [{\"sku\": \"LATER-1\", \"name\": \"A late lamp\", \"quantity\": 1}]}')";

pub fn wait(scene: &mut Scene<'_>) -> Result<()> {
    let mut manager = Actor::enter(scene.cluster, &MANAGER)?;
    let job = manager.ask(scene, JOB)?.value()?.to_owned();
    thread::sleep(Duration::from_secs(1));
    let status = manager.ask(scene, &format!("SELECT status FROM scheduled_jobs WHERE id = '{job}'"))?;
    ensure!(status.value()? == "pending", "the job is {} before its time", status.value()?);

    let status = manager.ask(scene, &format!("SELECT wait_for_job('{job}', '30 s')"))?;
    ensure!(status.value()? == "completed", "the job is {}", status.value()?);
    let waited = format!(
        "SELECT started_at >= scheduled_time AND started_at < scheduled_time + interval '1 second' FROM scheduled_jobs WHERE id = '{job}'"
    );
    ensure!(manager.look(&waited)?.value()? == "t", "the job did not start at its time");
    manager.counts(scene, 1, "SELECT sku, name FROM inventory WHERE sku = 'LATER-1'")
}
