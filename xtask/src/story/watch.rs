//! Following a job from another connection while it runs, by the view that is made for it.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::actor::Actor;
use super::scene::Scene;

const TIMEOUT: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(5);

/// A job as one moment shows it.
pub struct Moment {
    pub status: String,
    pub done: u64,
    pub refused: u64,
    /// The progress bar as the view draws it.
    pub bar: String,
}

/// What a person would type to see it: `\watch 0.5` repeats it in psql.
pub fn query(job: &str) -> String {
    format!(
        "SELECT status, rows_done, refused, progress, rows_per_second, time_left\nFROM background_imports WHERE job_id = '{job}'"
    )
}

pub fn moment(watcher: &mut Actor, job: &str) -> Result<Moment> {
    let seen = watcher.look(&query(job))?;
    let number = |column| seen.field(0, column).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let text = |column| seen.field(0, column).unwrap_or_default().to_owned();
    Ok(Moment { status: text(0), done: number(1), refused: number(2), bar: text(3) })
}

/// Draws a bar until the job has ended; returns at how many moments it was seen with a part of its rows done.
pub fn to_the_end(scene: &mut Scene<'_>, watcher: &mut Actor, job: &str, total: u64) -> Result<u64> {
    let bar = scene.stage.bar(total);
    let deadline = Instant::now() + TIMEOUT;
    let mut midway = 0;
    loop {
        let now = moment(watcher, job)?;
        bar.set_position(now.done);
        bar.set_message(format!("{} refused", now.refused));
        scene.stage.draws(&bar, &now.bar);
        match now.status.as_str() {
            "completed" => break,
            "pending" | "processing" => midway += u64::from(now.done > 0 && now.done < total),
            other => bail!("the job is {other}: {}", why(watcher, job)),
        }
        ensure!(Instant::now() < deadline, "the job is still {} after {TIMEOUT:?}", now.status);
        thread::sleep(PAUSE);
    }
    bar.finish();
    Ok(midway)
}

fn why(watcher: &mut Actor, job: &str) -> String {
    let said = watcher.look(&format!("SELECT error_message FROM scheduled_jobs WHERE id = '{job}'"));
    said.and_then(|answer| Ok(answer.value()?.to_owned())).unwrap_or_default()
}

/// Waits for something that another connection will see in a moment.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + TIMEOUT;
    while Instant::now() < deadline {
        if let Some(seen) = look()? {
            return Ok(seen);
        }
        thread::sleep(PAUSE);
    }
    bail!("{what}: not within {TIMEOUT:?}")
}
