//! The whole story of the product, told through connections that people could have: each step does something, asserts
//! what came of it, and on a loud stage prints the SQL that a person would type in psql with the answer to it.
//!
//! `cargo xtask demo` plays it for people, a test plays it quietly; a wrong outcome ends it with an error.

mod actor;
mod answer;
mod cast;
mod crash;
mod import;
mod later;
mod person;
mod scene;
mod sharing;
mod stage;
mod stock;
mod watch;

use anyhow::{Context, Result, ensure};

use crate::cluster::Cluster;

use scene::{DATABASE, Scene};
pub use stage::Stage;

type Step = fn(&mut Scene<'_>) -> Result<()>;

const STEPS: [(&str, Step); 9] = [
    ("An admin registers and fills the team", cast::fill_the_team),
    ("The third staff and the second manager are refused", cast::meet_the_quota),
    ("The team shares its transactions", sharing::share),
    ("Another team stays out, by every command", sharing::keep_out),
    ("The manager submits 100,000 rows and leaves", import::submit_and_watch),
    ("The team has the rows, the other team has nothing", import::look_around),
    ("The report: what was refused, and why", import::read_the_report),
    ("A job for later waits", later::wait),
    ("The worker is killed in mid-import", crash::kill_the_worker),
];

/// Plays every step in a database of its own, with the extension in `schema`. The server needs
/// `shared_preload_libraries = 'teamwork'`.
pub fn play(cluster: &Cluster, schema: &str, stage: &mut Stage) -> Result<()> {
    open(cluster, schema, stage)?;
    for (title, step) in STEPS {
        stage.title(title);
        let mut scene = Scene { cluster, stage };
        step(&mut scene)
            .with_context(|| format!("{title}\nThe server's last words:\n{}", cluster.log_tail(15)))?;
    }
    Ok(())
}

fn open(cluster: &Cluster, schema: &str, stage: &mut Stage) -> Result<()> {
    ensure!(
        schema.chars().all(|c| c.is_ascii_lowercase()),
        "the story wants a plain name for its schema: {schema}"
    );
    stage.title("A database, an extension");
    let elsewhere = schema != "public";
    stage.says("postgres", &format!("CREATE DATABASE {DATABASE}"));
    cluster.psql("postgres", &format!("CREATE DATABASE {DATABASE}"))?;
    if elsewhere {
        let path = format!("ALTER DATABASE {DATABASE} SET search_path = {schema}, public");
        cluster.psql(DATABASE, &format!("CREATE SCHEMA {schema}; {path}"))?;
    }
    let create = format!(
        "CREATE EXTENSION teamwork{}",
        if elsewhere { format!(" SCHEMA {schema}") } else { "".into() }
    );
    stage.says("postgres", &create);
    cluster.psql(DATABASE, &create).map(drop)
}
