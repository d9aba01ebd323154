//! A storm of SIGKILL: engine processes die at random instants, and the server with them, while a queue is worked off.
//! `cargo xtask test kills --rounds 1000 --seed 7` asks for more of it.

use crate::asked;
use crate::engine_processes;
use crate::fixture::{self, Database, TIMEOUT, eventually};
use fastrand::Rng;
use postgres::Client;
use std::time::Duration;
use xtask::cluster::Cluster;

/// How many kills, unless more are asked for.
const ROUNDS: u64 = 100;

/// Rows of a job; the largest are seldom finished between two kills.
const SIZES: [i32; 6] = [1, 1, 1, 60, 1_500, 20_000];

/// More are not waiting at a time, so that the storm ends soon after the last kill.
const BACKLOG: i64 = 40;

/// Job `n` brings `size` rows of amount `n`; every other one from a file. Innocent jobs die often here: as many attempts
/// as there can be.
const SUBMIT: &str = r#"
CREATE FUNCTION submit(n integer, size integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    upload uuid;
BEGIN
    IF n % 2 = 0 THEN
        upload := create_upload('kills.csv');
        PERFORM append_upload(upload, convert_to(E'amount\n' || repeat(n || E'\n', size), 'UTF8'));
    END IF;
    INSERT INTO scheduled_jobs (job_type, data_type, file_name, max_attempts, file_data)
    SELECT 'import', 'transactions', n::text, 20, CASE WHEN upload IS NULL
        THEN jsonb_build_object('records', jsonb_agg(jsonb_build_object('amount', n))) ELSE jsonb_build_object('upload_id', upload) END
    FROM generate_series(1, size);
END $$"#;

/// Jobs that ended otherwise than completed with their rows: none but those that were hit too often, and those brought
/// no rows.
const WRONG: &str = "
SELECT format('job %s of %s rows: %s (%s), says %s rows, brought %s', s.n, s.size, j.status, j.error_message, j.record_count, t.rows)
FROM sizes s JOIN scheduled_jobs j ON j.file_name = s.n::text
LEFT JOIN (SELECT amount::integer AS n, count(*) AS rows FROM transactions GROUP BY 1) t USING (n)
WHERE CASE j.status WHEN 'completed' THEN t.rows IS DISTINCT FROM s.size OR j.record_count IS DISTINCT FROM t.rows
                    WHEN 'failed' THEN t.rows IS NOT NULL OR j.error_message !~ '(^the worker ended before the job did|server.*crash|crash.*server)'
                    ELSE true END
ORDER BY s.n";

/// Jobs so far, and their sizes.
struct Queue<'a> {
    database: &'a Database<'a>,
    manager: String,
    sizes: Vec<i32>,
}

impl Queue<'_> {
    /// Some more jobs, unless enough are waiting; the connection that has made them.
    fn refill(&mut self, rng: &mut Rng) -> Client {
        let mut client = self.database.login(&self.manager);
        let waiting =
            "SELECT count(*) FROM (SELECT FROM scheduled_jobs WHERE status IN ('pending', 'processing')) j";
        while fixture::number(&mut client, waiting) < BACKLOG.min(10 + rng.u64(..60) as i64) {
            let size = *rng.choice(&SIZES).unwrap();
            self.sizes.push(size);
            client.execute("SELECT submit($1, $2)", &[&(self.sizes.len() as i32), &size]).unwrap();
        }
        client
    }
}

/// Kills one process of the engine, a random one; its kind.
fn kill_one(cluster: &Cluster, rng: &mut Rng) -> &'static str {
    let kinds = [
        engine_processes::LAUNCHER,
        engine_processes::SCHEDULER,
        engine_processes::WORKER,
        engine_processes::WORKER,
    ];
    loop {
        let kind = *rng.choice(&kinds).unwrap();
        let processes = engine_processes::of_kind(cluster, kind);
        if !processes.is_empty() && cluster.signal("KILL", rng.choice(&processes).unwrap().pid).is_ok() {
            return kind;
        }
    }
}

#[test]
fn no_row_is_lost_or_doubled_however_often_the_engine_is_killed() {
    let rounds = asked::rounds().unwrap_or(ROUNDS);
    let (mut rng, seed) = asked::rng();
    println!("{rounds} kills; again with: cargo xtask test kills --rounds {rounds} --seed {seed}");
    // Little to recover, little to allocate anew.
    let cluster = fixture::server_with("kills", &[("shared_buffers", "8MB"), ("max_connections", "20")]);
    let database = Database::create(&cluster, "kills");
    database.superuser().batch_execute(SUBMIT).unwrap();
    let mut queue = Queue { database: &database, manager: database.team(1).manager, sizes: Vec::new() };
    let mut kills = std::collections::BTreeMap::new();
    for round in 0..rounds {
        let mut client = queue.refill(&mut rng);
        std::thread::sleep(Duration::from_millis(rng.u64(..150)));
        *kills.entry(kill_one(&cluster, &mut rng)).or_insert(0) += 1;
        eventually("the server notices", || client.simple_query("").is_err());
        let back = cluster.connect_within("postgres", "postgres", TIMEOUT);
        assert!(back.is_ok(), "the server did not come back in round {round}; seed {seed}");
    }
    let mut superuser = database.superuser();
    engine_processes::await_drained(&mut superuser);
    judge(&mut superuser, &queue.sizes, seed);
    println!("{kills:?}, {} jobs", queue.sizes.len());
}

fn judge(superuser: &mut Client, sizes: &[i32], seed: u64) {
    let jobs = fixture::number(superuser, "SELECT count(*) FROM scheduled_jobs");
    assert_eq!(jobs, sizes.len() as i64, "jobs are lost; seed {seed}");
    superuser.batch_execute("CREATE TEMP TABLE sizes (n serial, size integer)").unwrap();
    superuser.execute("INSERT INTO sizes (size) SELECT * FROM unnest($1::integer[])", &[&sizes]).unwrap();
    let wrong = superuser.query(WRONG, &[]).unwrap();
    let wrong: Vec<String> = wrong.iter().map(|row| row.get(0)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}; seed {seed}");
    let strays = "SELECT count(*) FROM transactions WHERE amount::integer::text NOT IN (SELECT file_name FROM scheduled_jobs)";
    assert_eq!(fixture::number(superuser, strays), 0, "rows of no job; seed {seed}");
}
