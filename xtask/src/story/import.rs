//! A file of 100,000 rows, one in a hundred of them bad, imported while nobody is connected who has sent it.

use anyhow::{Context, Result, ensure};

use super::actor::Actor;
use super::person::{ADMIN, MANAGER, RIVAL, SECOND_STAFF, STAFF};
use super::scene::Scene;
use super::{stock, watch};

const FILE: &str = "stock.csv";
const LINES: u64 = 100_000;
/// The engine also looks at the table every five seconds: as much as that means that nobody woke it.
const BLINK_MS: i64 = 4_000;

/// Sends `csv` as one statement; a person would let psql read the file.
pub fn submit(scene: &Scene<'_>, actor: &mut Actor, file: &str, csv: &str) -> Result<String> {
    scene.stage.note(format!("in psql, {:.1} MB of text:  \\set csv `cat {file}`", csv.len() as f64 / 1e6));
    let call =
        |csv: &str| format!("create_background_import_job('inventory', csv => {csv}, file_name => '{file}')");
    scene.stage.says(actor.name(), &format!("SELECT {}", call(":'csv'")));
    let query = format!("SELECT {}::text", call("$1"));
    let job = actor.client().query_one(&query, &[&csv]).context("the job was not accepted")?.get(0);
    scene.stage.shows(&job);
    Ok(job)
}

pub fn submit_and_watch(scene: &mut Scene<'_>) -> Result<()> {
    let csv = stock::csv("LAMP", LINES, true)?;
    let mut admin = Actor::enter(scene.cluster, &ADMIN)?;
    let mut manager = Actor::enter(scene.cluster, &MANAGER)?;
    let job = submit(scene, &mut manager, FILE, &csv)?;
    let committed = admin.look("SELECT clock_timestamp()")?.value()?.to_owned();
    drop(manager);
    scene.stage.note("max is gone; ada watches from another connection");
    scene.stage.says(admin.name(), &watch::query(&job));
    let midway = watch::to_the_end(scene, &mut admin, &job, LINES)?;
    ensure!(midway > 0, "no progress was seen while the import ran");

    let delay = format!(
        "SELECT round(1000 * extract(epoch FROM started_at - timestamptz '{committed}')) FROM scheduled_jobs WHERE id = '{job}'"
    );
    let delay: i64 = admin.look(&delay)?.value()?.parse()?;
    ensure!(delay < BLINK_MS, "the worker started {delay} ms after the commit");
    scene.stage.note(format!("the worker had started {} ms after the commit", delay.max(0)));
    Ok(())
}

/// The job of this file, as a subquery.
fn job() -> String {
    format!("(SELECT id FROM scheduled_jobs WHERE file_name = '{FILE}')")
}

pub fn look_around(scene: &mut Scene<'_>) -> Result<()> {
    let inserted = (LINES - stock::bad_rows(LINES)).to_string();
    let count = "SELECT count(*) FROM inventory";
    let seen = Actor::introduce(scene, &STAFF)?.ask(scene, count)?;
    ensure!(seen.value()? == inserted, "the staff sees {} rows instead of {inserted}", seen.value()?);
    let first = "SELECT sku, name, quantity, unit_price, attributes->>'colour' AS colour\nFROM inventory WHERE sku = 'LAMP-000001'";
    let first = Actor::enter(scene.cluster, &SECOND_STAFF)?.ask(scene, first)?;
    ensure!(first.field(0, 1)? == "Lamp, model 1", "another name: {}", first.field(0, 1)?);
    ensure!(first.field(0, 4)? == "green", "the column without a home is lost");

    let mut rival = Actor::enter(scene.cluster, &RIVAL)?;
    for table in ["inventory", "scheduled_jobs", "background_imports", "scheduled_job_errors"] {
        let seen = rival.ask(scene, &format!("SELECT count(*) FROM {table}"))?;
        ensure!(seen.value()? == "0", "the other team sees {} rows of {table}", seen.value()?);
    }
    Ok(())
}

pub fn read_the_report(scene: &mut Scene<'_>) -> Result<()> {
    let mut manager = Actor::enter(scene.cluster, &MANAGER)?;
    let totals = format!(
        "SELECT status, report->>'lines' AS lines, report->>'inserted' AS inserted, report->>'refused' AS refused, record_count\nFROM scheduled_jobs WHERE file_name = '{FILE}'"
    );
    let totals = manager.ask(scene, &totals)?;
    let refused = stock::bad_rows(LINES);
    let inserted = LINES - refused;
    for (column, expected) in [LINES, inserted, refused, inserted].into_iter().enumerate() {
        let found = totals.field(0, column + 1)?;
        ensure!(found == expected.to_string(), "the report says {found} instead of {expected}:\n{totals}");
    }
    causes(scene, &mut manager, refused)?;
    first_refusals(scene, &mut manager)
}

fn causes(scene: &Scene<'_>, manager: &mut Actor, refused: u64) -> Result<()> {
    let causes = format!(
        "SELECT c.code, c.\"column\", c.count, c.line AS example_line\nFROM scheduled_jobs, jsonb_to_recordset(report->'causes') AS c(code text, \"column\" text, count bigint, line bigint)\nWHERE file_name = '{FILE}' ORDER BY c.line"
    );
    let causes = manager.ask(scene, &causes)?;
    ensure!(causes.rows() == 5, "{} causes instead of 5:\n{causes}", causes.rows());
    let counts = (0..5).map(|row| Ok(causes.field(row, 2)?.parse::<u64>()?)).sum::<Result<u64>>()?;
    ensure!(counts == refused, "the causes make {counts} rows instead of {refused}");
    let lines = manager
        .look(&format!("SELECT count(DISTINCT line) FROM scheduled_job_errors WHERE job_id = {}", job()))?;
    ensure!(
        lines.value()? == refused.to_string(),
        "{} lines have errors instead of {refused}",
        lines.value()?
    );
    Ok(())
}

fn first_refusals(scene: &Scene<'_>, manager: &mut Actor) -> Result<()> {
    let first = format!(
        "SELECT line, column_name, value, message FROM scheduled_job_errors\nWHERE job_id = {} ORDER BY line LIMIT 5",
        job()
    );
    let first = manager.ask(scene, &first)?;
    ensure!(first.rows() == 5, "{} refused rows instead of 5", first.rows());
    ensure!(
        first.field(0, 0)? == stock::FIRST_BAD_LINE.to_string(),
        "the first refused line is {}",
        first.field(0, 0)?
    );
    ensure!(first.field(0, 1)? == "unit_price", "its column is {}", first.field(0, 1)?);
    ensure!(first.field(0, 2)? == "twelve", "its value is {}", first.field(0, 2)?);
    for row in 0..5 {
        ensure!(!first.field(row, 3)?.is_empty(), "a row was refused without a reason");
    }
    Ok(())
}
