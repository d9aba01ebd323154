//! What isolation costs: 1,000,000 rows, 2,500 teams, one of which holds a fifth of all rows. The same rows stand in three tables:
//! protected by the extension, unprotected with the team written into each query by hand, and protected as projects do it:
//! `owner_id = auth.uid() OR admin_id = helper()` with a PL/pgSQL helper and no index on either column.

use anyhow::Result;
use postgres::{Client, Statement};
use xtask::cluster::Cluster;

use super::rounds::medians;

const DATABASE: &str = "access";
const SETUP: &str = include_str!("access.sql");
/// A team of 400 rows, the n-th of which the set-up makes.
const TEAM: &str = "00000001-0000-4000-8000-000000000000";

struct Case {
    title: &'static str,
    /// $TABLE is the table, $TEAM a condition on the team, or true.
    query: &'static str,
    /// Executions a round, against the extension and the hand-written peer.
    often: usize,
    /// What has to be so before and after, such as no index scans.
    settings: &'static str,
    /// The ratio to the hand-written query that we mean to keep.
    goal: f64,
    against_projects: bool,
}

const CASES: [Case; 4] = [
    Case {
        title: "aggregate of a team's 400 rows",
        query: "SELECT count(*), sum(amount) FROM $TABLE WHERE $TEAM",
        often: 400,
        settings: "",
        goal: 1.15,
        against_projects: true,
    },
    Case {
        title: "newest 20 rows",
        query: "SELECT id, amount FROM $TABLE WHERE $TEAM ORDER BY created_at DESC LIMIT 20",
        often: 800,
        settings: "",
        goal: 1.2,
        against_projects: true,
    },
    Case {
        title: "scan of the whole table",
        query: "SELECT count(*) FROM $TABLE WHERE $TEAM AND amount >= 0",
        often: 3,
        settings: "SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off",
        goal: 1.05,
        against_projects: false,
    },
    Case {
        title: "INSERT of 100,000 rows",
        query: "INSERT INTO $TABLE (amount, owner_id, admin_id) SELECT n, '$ME', '$ME' FROM generate_series(1, 100000) n",
        often: 1,
        settings: "",
        goal: 1.3,
        against_projects: false,
    },
];

pub fn run(cluster: &Cluster) -> Result<()> {
    cluster.psql("postgres", &format!("CREATE DATABASE {DATABASE}"))?;
    println!("laying out three times 1,000,000 rows");
    cluster.psql(DATABASE, SETUP)?;
    println!(
        "{:<32} {:>12} {:>12} {:>8} {:>8} {:>12} {:>8}",
        "", "teamwork", "by hand", "ratio", "goal", "projects", "ratio"
    );
    for case in &CASES {
        measure(cluster, case)?;
    }
    rule_cost(cluster)?;
    statement_cost(cluster)?;
    call_cost(cluster)
}

/// The same queries on a table that has a rule for the caller's role, against the table without one: it forbids a command and
/// hides a column, which the last query reads.
fn rule_cost(cluster: &Cluster) -> Result<()> {
    let reading = Case {
        title: "newest 20 rows, hidden column too",
        query: "SELECT id, amount, description FROM $TABLE WHERE $TEAM ORDER BY created_at DESC LIMIT 20",
        ..CASES[1]
    };
    println!("{:<38} {:>9} {:>12} {:>8} {:>8}", "", "a rule", "none", "ratio", "goal");
    for case in [&CASES[0], &CASES[1], &reading] {
        let mut ruled = prepared(cluster, case, "under_a_rule", "true")?;
        let mut free = prepared(cluster, case, "transactions", "true")?;
        let times = medians(vec![
            Box::new(|| repeat(&mut ruled, case.often)),
            Box::new(|| repeat(&mut free, case.often)),
        ])?;
        let [ruled, free] = [0, 1].map(|index: usize| times[index].as_secs_f64() * 1e6 / case.often as f64);
        println!("{:<38} {ruled:>6.1} µs {free:>9.1} µs {:>7.2}x {:>8}", case.title, ruled / free, "1.05x");
    }
    Ok(())
}

fn measure(cluster: &Cluster, case: &Case) -> Result<()> {
    let mut ours = prepared(cluster, case, "transactions", "true")?;
    let mut by_hand = prepared(cluster, case, "by_hand", &format!("admin_id = '{TEAM}'"))?;
    let times = medians(vec![
        Box::new(|| repeat(&mut ours, case.often)),
        Box::new(|| repeat(&mut by_hand, case.often)),
    ])?;
    let each = |index: usize| times[index].as_secs_f64() * 1e6 / case.often as f64;
    let projects = if case.against_projects { Some(time_projects(cluster, case)?) } else { None };
    println!(
        "{:<32} {:>9.1} µs {:>9.1} µs {:>7.2}x {:>8} {:>12} {:>8}",
        case.title,
        each(0),
        each(1),
        each(0) / each(1),
        format!("{:.2}x", case.goal),
        projects.map_or_else(String::new, |time| format!("{time:.0} µs")),
        projects.map_or_else(String::new, |time| format!("{:.0}x", time / each(0))),
    );
    Ok(())
}

/// In microseconds; once a round is enough.
fn time_projects(cluster: &Cluster, case: &Case) -> Result<f64> {
    let mut theirs = prepared(cluster, case, "as_projects_do", "true")?;
    let times = medians(vec![Box::new(|| repeat(&mut theirs, 1))])?;
    Ok(times[0].as_secs_f64() * 1e6)
}

type Prepared = (Client, Statement);

fn prepared(cluster: &Cluster, case: &Case, table: &str, team: &str) -> Result<Prepared> {
    let mut client = cluster.connect(DATABASE, "postgres")?;
    client.batch_execute(case.settings)?;
    client.batch_execute(&format!(
        "SET ROLE authenticated; SET request.jwt.claims = '{{\"sub\": \"{TEAM}\"}}'"
    ))?;
    let query = case.query.replace("$TABLE", table).replace("$TEAM", team).replace("$ME", TEAM);
    let statement = client.prepare(&query)?;
    Ok((client, statement))
}

/// In one transaction that is rolled back, so that no round finds what an earlier one has inserted.
fn repeat((client, statement): &mut Prepared, often: usize) -> Result<()> {
    let mut transaction = client.transaction()?;
    for _ in 0..often {
        transaction.query(&*statement, &[])?;
    }
    transaction.rollback().map_err(Into::into)
}

/// What row-level security adds to a statement that does next to nothing: prepared, in a loop of the server's, as the noise of a
/// client's round trips is larger than that.
fn statement_cost(cluster: &Cluster) -> Result<()> {
    const TIMES: f64 = 40_000.0;
    let statements = "DO $$ BEGIN FOR i IN 1..40000 LOOP PERFORM amount FROM $TABLE WHERE id = 1 AND $TEAM; END LOOP; END $$";
    let case =
        Case { title: "", query: statements, often: 1, settings: "", goal: 0.0, against_projects: false };
    let mut ours = prepared(cluster, &case, "transactions", "true")?;
    let mut by_hand = prepared(cluster, &case, "by_hand", &format!("admin_id = '{TEAM}'"))?;
    let times = medians(vec![Box::new(|| repeat(&mut ours, 1)), Box::new(|| repeat(&mut by_hand, 1))])?;
    let [ours, by_hand] = [0, 1].map(|index: usize| times[index].as_secs_f64() * 1e6 / TIMES);
    println!(
        "one row by its key, a statement: {ours:.1} µs, {by_hand:.1} µs by hand: {:+.1} µs (goal: 10 µs)",
        ours - by_hand
    );
    Ok(())
}

/// The function alone, called a million times by one statement, less what counting a million rows costs.
fn call_cost(cluster: &Cluster) -> Result<()> {
    let case = |query| Case { title: "", query, often: 1, settings: "", goal: 0.0, against_projects: false };
    let calls = "SELECT count(get_current_user_admin_id()) FROM generate_series(1, 1000000)";
    let mut calls = prepared(cluster, &case(calls), "", "")?;
    let mut counting =
        prepared(cluster, &case("SELECT count(n) FROM generate_series(1, 1000000) n"), "", "")?;
    let times = medians(vec![Box::new(|| repeat(&mut calls, 1)), Box::new(|| repeat(&mut counting, 1))])?;
    let each = (times[0].as_secs_f64() - times[1].as_secs_f64()) * 1e6 / 1e6;
    println!("get_current_user_admin_id(): {each:.2} µs a call (goal: 0.50 µs)");
    Ok(())
}
