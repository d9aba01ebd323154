//! Imports against COPY of the same file into the same table, side by side on one server with fsync on: 1,000,000 rows, rounds that
//! alternate between the two, medians. An import is a job, from its submission to the moment its submitter is told; its file
//! is in an upload, COPY's beside the server. Before each, the table is emptied and a checkpoint taken.

mod case;
mod cost;
mod file;
mod peer;

use anyhow::{Result, ensure};
use postgres::Client;
use xtask::cluster::Cluster;

use super::readings::Readings;
use case::{CASES, Case};
use cost::{Cost, of_import, of_session};
use file::File;

const DATABASE: &str = "import";
const SETUP: &str = include_str!("import.sql");
const ROUNDS: usize = 5;

/// `letters`: those of the cases to measure, or all.
pub fn run(letters: Option<&str>) -> Result<()> {
    let settings = [
        ("fsync", "on"),
        ("shared_buffers", "256MB"),
        ("max_wal_size", "4GB"),
        ("teamwork.max_workers", "2"),
    ];
    let cluster = super::start(&settings)?;
    cluster.psql("postgres", &format!("CREATE DATABASE {DATABASE}"))?;
    cluster.psql(DATABASE, SETUP)?;
    let mut superuser = cluster.connect(DATABASE, "postgres")?;
    println!(
        "{:<52} {:>9} {:>9} {:>8} {:>8} {:>9} {:>9} {:>10}",
        "wall time; CPU of the backend; worker's peak",
        "teamwork",
        "peer",
        "ratio",
        "goal",
        "our CPU",
        "its CPU",
        "our peak"
    );
    for case in CASES.iter().filter(|case| letters.is_none_or(|letters| letters.contains(case.letter))) {
        measure(&cluster, &mut superuser, case)?;
    }
    Ok(())
}

fn measure(cluster: &Cluster, superuser: &mut Client, case: &Case) -> Result<()> {
    let file = File::lay(superuser, &cluster.data(), case.rows)?;
    let (mut ours, mut theirs): (Vec<Cost>, Vec<Cost>) = Default::default();
    for _ in 0..ROUNDS {
        reset(superuser, case)?;
        ours.push(of_import(cluster, DATABASE, case, &file)?);
        count(superuser, case)?;
        reset(superuser, case)?;
        theirs.push(of_session(cluster, DATABASE, &peer::statements(case, &file))?);
        count(superuser, case)?;
    }
    let median = |costs: &[Cost], figure: fn(&Cost) -> f64| {
        let mut readings = Readings::default();
        readings.extend(costs.iter().map(figure));
        readings.median()
    };
    let (wall, their_wall) = (median(&ours, |cost| cost.wall), median(&theirs, |cost| cost.wall));
    println!(
        "({}) {:<48} {:>7.2} s {:>7.2} s {:>7.2}x {:>7.1}x {:>7.2} s {:>7.2} s {:>6.0} MiB",
        case.letter,
        case.title,
        wall,
        their_wall,
        their_wall / wall,
        case.goal,
        median(&ours, |cost| cost.cpu),
        median(&theirs, |cost| cost.cpu),
        median(&ours, |cost| cost.peak),
    );
    Ok(())
}

/// A contender that loses rows is no contender.
fn count(superuser: &mut Client, case: &Case) -> Result<()> {
    let sql = format!("SELECT count(*) FROM {} WHERE admin_id::text LIKE '8%'", case.table);
    let rows: i64 = superuser.query_one(&sql, &[])?.get(0);
    ensure!(rows == case.rows as i64, "{}: {rows} rows", case.title);
    Ok(())
}

/// The table as each contender finds it.
fn reset(superuser: &mut Client, case: &Case) -> Result<()> {
    superuser.batch_execute(&format!("TRUNCATE {}", case.table))?;
    // Each by itself: VACUUM is in no transaction.
    case.before.split("; ").try_for_each(|statement| superuser.batch_execute(statement))?;
    Ok(superuser.batch_execute("CHECKPOINT")?)
}
