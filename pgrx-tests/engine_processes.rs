//! The engine's processes as a test sees and treats them, and work that keeps them busy.

use crate::fixture::{self, Database, eventually, number, submit};
use postgres::Client;
use xtask::cluster::{Cluster, Process};

/// Any process of the engine.
pub const ANY: &str = "teamwork ";
pub const LAUNCHER: &str = "teamwork launcher";
pub const SCHEDULER: &str = "teamwork scheduler";
pub const WORKER: &str = "teamwork worker";

/// Rows of `inventory` take their time, a hundredth of a second each.
pub const SLOW: &str = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION slow()";

/// The processes of a kind, as the kernel lists them.
pub fn of_kind(cluster: &Cluster, kind: &str) -> Vec<Process> {
    cluster.processes().into_iter().filter(|process| is_kind(&process.title, kind)).collect()
}

/// A child of the postmaster has `postgres: ` and its role as its title, or `postgres: NAME: ` and its role where the cluster has a
/// name, as a standby has. The postmaster's title is its command line, whose paths may contain anything.
fn is_kind(title: &str, kind: &str) -> bool {
    let Some(role) = title.strip_prefix("postgres: ") else { return false };
    role.starts_with(kind) || role.split_once(": ").is_some_and(|(_, role)| role.starts_with(kind))
}

/// An import of so many rows that has begun and is not at its end.
pub fn busy(database: &Database, rows: usize) -> (String, Client) {
    let mut manager = database.login(&database.team(1).manager);
    let job = submit(&mut manager, &fixture::stock("B", rows));
    await_start(&mut manager, &job);
    (job, manager)
}

/// Waits until some rows of an import are in.
pub fn await_start(client: &mut Client, job: &str) {
    let running = format!("SELECT count(*) FROM background_imports WHERE job_id = '{job}' AND rows_done > 0");
    eventually("the import has begun", || number(client, &running) == 1);
}

/// Whether a worker has claimed the job.
pub fn is_running(client: &mut Client, job: &str) -> bool {
    let sql = format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND status = 'processing'");
    number(client, &sql) == 1
}

/// Submits jobs of one row each, in one commit: the amounts from `first` on.
pub fn submit_small(client: &mut Client, first: i32, count: i32) {
    let sql = "INSERT INTO scheduled_jobs (job_type, data_type, file_data, max_attempts)
               SELECT 'import', 'transactions', jsonb_build_object('records', jsonb_build_array(jsonb_build_object('amount', n))), 20
               FROM generate_series($1::integer, $1 + $2 - 1) n";
    client.execute(sql, &[&first, &count]).expect("the jobs are accepted");
}

/// Waits until no job is left to run.
pub fn await_drained(client: &mut Client) {
    let open = "SELECT count(*) FROM scheduled_jobs WHERE status IN ('pending', 'processing')";
    eventually("every job has ended", || number(client, open) == 0);
}

/// Waits until the engine has left every database.
pub fn await_idle(cluster: &Cluster) {
    eventually("only the launcher is left", || {
        of_kind(cluster, SCHEDULER).is_empty() && of_kind(cluster, WORKER).is_empty()
    });
}

/// Waits until the engine has left this database.
pub fn await_away(database: &Database) {
    let here = "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'teamwork%' AND datname = current_database()";
    eventually("the engine has left", || database.count(here) == 0);
}

/// The lines of the server's log that contain the text.
pub fn lines_of_log(cluster: &Cluster, text: &str) -> Vec<String> {
    cluster.log().lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
}

#[test]
fn a_process_is_told_by_its_title_whatever_the_folder_is_called() {
    for title in ["postgres: teamwork launcher", "postgres: copy: teamwork launcher "] {
        assert!(is_kind(title, LAUNCHER) && is_kind(title, ANY) && !is_kind(title, WORKER), "{title}");
    }
    for title in [
        "/src/teamwork launcher/bin/postgres -D /src/teamwork launcher/data",
        "postgres: teamwork crew [local] idle",
    ] {
        assert!(!is_kind(title, LAUNCHER), "{title}");
    }
}
