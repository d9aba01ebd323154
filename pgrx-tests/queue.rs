//! The queue: whose turn it is, how many at a time, again and again, and forgotten in the end.

use crate::engine_processes::submit_small;
use crate::fixture::{self, Database, eventually, id, move_clock, number, outcome};
use postgres::Client;
use std::time::Duration;
use xtask::cluster::Cluster;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn switch_engine(cluster: &Cluster, to: &str) {
    fixture::configure(cluster, "teamwork.enabled", to);
}

fn all_done(database: &Database) -> bool {
    database.count("SELECT count(*) FROM scheduled_jobs WHERE status <> 'completed'") == 0
}

#[test]
fn a_team_with_one_job_waits_for_one_turn_of_a_team_with_many() {
    let cluster = fixture::server_with("fair", &[("teamwork.max_workers", "1")]);
    let database = Database::create(&cluster, "fair");
    let (big, small) = (database.team(1), database.team(2));
    switch_engine(&cluster, "off");
    submit_small(&mut database.login(&big.manager), 1, 500);
    submit_small(&mut database.login(&small.manager), 1, 1);
    let rush = r#"INSERT INTO scheduled_jobs (job_type, data_type, priority, file_data) VALUES ('import', 'transactions', 100, '{"records": [{"amount": 1}]}')"#;
    database.login(&big.manager).batch_execute(rush).unwrap();
    switch_engine(&cluster, "on");
    eventually("all jobs are done", || all_done(&database));
    let place = |condition: &str| {
        database.count(&format!(
            "SELECT place FROM (SELECT rank() OVER (ORDER BY started_at) AS place, j.* FROM scheduled_jobs j) j WHERE {condition} LIMIT 1"
        ))
    };
    let small_team = &small.admin;
    assert!(place(&format!("organization_id = '{small_team}'")) <= 2, "teams take turns");
    assert!(place("priority = 100") <= 2, "within a team, priority counts");
}

#[test]
fn a_team_runs_no_more_jobs_at_a_time_than_it_may() {
    let settings = [("teamwork.max_workers", "4"), ("teamwork.max_jobs_per_team", "2")];
    let cluster = fixture::server_with("capped", &settings);
    let database = Database::create(&cluster, "capped");
    // Counts those that run beside the job, itself among them.
    let slow = "CREATE TABLE seen (running bigint); GRANT INSERT ON seen TO authenticated;
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_sleep(0.02);
            INSERT INTO seen SELECT count(*) FROM scheduled_jobs WHERE status = 'processing';
            RETURN NEW;
        END $$;
        CREATE TRIGGER slow BEFORE INSERT ON transactions FOR EACH ROW EXECUTE FUNCTION slow()";
    database.superuser().batch_execute(slow).unwrap();
    for n in [1, 2] {
        submit_small(&mut database.login(&database.team(n).manager), 1, 40);
    }
    eventually("all jobs are done", || all_done(&database));
    // The trigger looks as the creator, who sees the own team's jobs.
    assert_eq!(database.count("SELECT max(running) FROM seen"), 2);
}

#[test]
fn an_old_snapshot_that_keeps_dead_rows_does_not_hold_up_the_queue() {
    let database = Database::create(fixture::shared(), "old_snapshot");
    let mut manager = database.login(&database.team(1).manager);
    let mut reader = database.superuser();
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM scheduled_jobs").unwrap();
    for n in 1..=3 {
        let begun = std::time::Instant::now();
        submit_small(&mut manager, 1, 1_000);
        eventually("all jobs are done", || all_done(&database));
        println!("a thousand jobs beside {} thousand dead rows took {:?}", n - 1, begun.elapsed());
    }
    assert_eq!(number(&mut manager, "SELECT count(*) FROM transactions"), 3_000);
    assert_eq!(
        number(&mut reader, "SELECT count(*) FROM scheduled_jobs"),
        0,
        "the snapshot is as old as it was"
    );
}

#[test]
fn a_repeated_job_comes_again_at_its_times_and_catches_up_on_none() {
    let cluster = fixture::server("repeated");
    let database = Database::create(&cluster, "repeated");
    let mut manager = database.login(&database.team(1).manager);
    let sql = r#"INSERT INTO scheduled_jobs (job_type, data_type, repeat_every, file_data)
                 VALUES ('import', 'transactions', '1 day', '{"records": [{"amount": 1}]}') RETURNING id::text"#;
    let first: String = manager.query_one(sql, &[]).unwrap().get(0);
    assert_eq!(outcome(&mut manager, &first), ("completed".into(), None));
    let mut completed = |count: i64| {
        let sql = "SELECT count(*) FROM scheduled_jobs WHERE status = 'completed'";
        eventually("the next one is done", || number(&mut manager, sql) == count);
    };
    move_clock(&cluster, DAY);
    completed(2);
    // A week without anybody: one of the missed times is made up for, and the next is in the future.
    move_clock(&cluster, 7 * DAY);
    completed(3);
    let next = "SELECT count(*) FROM scheduled_jobs WHERE status = 'pending' AND scheduled_time > teamwork.engine_time()
                AND scheduled_time <= teamwork.engine_time() + interval '1 day' AND waits_until = scheduled_time";
    assert_eq!(database.count(next), 1);

    let cancel = "SELECT count(*) FROM scheduled_jobs WHERE status = 'pending' AND cancel_job(id)";
    assert_eq!(number(&mut manager, cancel), 1);
    assert_eq!(
        database.count("SELECT count(*) FROM scheduled_jobs WHERE status = 'pending'"),
        0,
        "cancelled for good"
    );
}

#[test]
fn what_cannot_be_repeated_says_so_and_undoes_nothing() {
    let database = Database::create(fixture::shared(), "unrepeatable");
    let mut manager = database.login(&database.team(1).manager);
    let sql = "SELECT create_upload('once.csv')::text";
    let upload: String = manager.query_one(sql, &[]).unwrap().get(0);
    manager.batch_execute(&format!("SELECT append_upload('{upload}', E'amount\\n5\\n')")).unwrap();
    let vanish = format!(
        "CREATE FUNCTION vanish() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
         $$ BEGIN UPDATE teamwork.uploads SET organization_id = (SELECT id FROM user_profiles WHERE role = 'admin' AND id <> NEW.admin_id)
                  WHERE id = '{upload}'; RETURN NEW; END $$;
         CREATE TRIGGER vanish BEFORE INSERT ON transactions FOR EACH ROW EXECUTE FUNCTION vanish()"
    );
    database.team(2);
    database.superuser().batch_execute(&vanish).unwrap();
    let sql = format!(
        r#"INSERT INTO scheduled_jobs (job_type, data_type, repeat_every, file_data)
           VALUES ('import', 'transactions', '1 day', '{{"upload_id": "{upload}"}}') RETURNING id::text"#
    );
    let job: String = manager.query_one(&sql, &[]).unwrap().get(0);
    let (status, message) = outcome(&mut manager, &job);
    assert_eq!(status, "completed");
    assert!(message.unwrap_or_default().starts_with("the job is not repeated: upload"));
    assert_eq!(number(&mut manager, "SELECT count(*) FROM transactions"), 1);
}

#[test]
fn ended_jobs_are_forgotten_with_their_sources_and_waiting_ones_are_not() {
    let cluster = fixture::server_with("retention", &[("teamwork.retention", "10d")]);
    let database = Database::create(&cluster, "retention");
    let mut manager = database.login(&database.team(1).manager);
    let job = fixture::submit(&mut manager, "sku,name,quantity\nK1,Key,1\nK2,Knot,-1\n");
    assert_eq!(outcome(&mut manager, &job).0, "completed");
    let later = r#"SELECT create_scheduled_job('import', 'transactions', now() + interval '1 year',
                   file_data => '{"records": [{"amount": 1}]}')"#;
    manager.batch_execute(later).unwrap();
    let kept = "SELECT count(*) FROM (SELECT id::text FROM scheduled_jobs UNION ALL SELECT id::text FROM scheduled_job_errors
                UNION ALL SELECT id::text FROM teamwork.uploads UNION ALL SELECT upload_id::text FROM teamwork.upload_chunks
                UNION ALL SELECT email FROM teamwork.invitations) kept";
    let invite = "SELECT invite_team_member('x@example.com', 'staff'), cancel_invitation('x@example.com')";
    database.login(&id(1, 0)).batch_execute(invite).unwrap();
    let look = |age: Duration| {
        move_clock(&cluster, age);
        fixture::configure(&cluster, "teamwork.poll_interval", "100ms");
    };
    look(9 * DAY);
    let job = fixture::submit(&mut manager, "sku,name\nK3,Knob\n");
    assert_eq!(outcome(&mut manager, &job).0, "completed");
    assert_eq!(
        database.count(kept),
        9,
        "two jobs with their files, one refusal, the job for later and an ended invitation"
    );
    // The engine is nine days ahead; both jobs ended by the wall clock today.
    move_clock(&cluster, 2 * DAY);
    eventually("all but the job for later is forgotten", || database.count(kept) == 1);
    assert_eq!(database.count("SELECT count(*) FROM inventory"), 2, "what was imported stays");
}

#[test]
fn scheduled_jobs_joins_supabases_publication_whenever_that_is_made() {
    let cluster = fixture::shared();
    let sql = "SELECT count(*) FROM pg_publication_tables WHERE pubname = 'supabase_realtime' AND tablename = 'scheduled_jobs'";
    cluster.psql("postgres", "CREATE DATABASE realtime").unwrap();
    cluster.psql("realtime", "CREATE PUBLICATION supabase_realtime; CREATE EXTENSION teamwork").unwrap();
    assert_eq!(cluster.psql("realtime", sql).unwrap().trim(), "1");
    cluster
        .psql("realtime", "DROP PUBLICATION supabase_realtime; CREATE PUBLICATION supabase_realtime")
        .unwrap();
    assert_eq!(cluster.psql("realtime", sql).unwrap().trim(), "1");
}

#[test]
fn who_has_left_the_team_hears_no_more_of_its_jobs() {
    let database = Database::create(fixture::shared(), "channel");
    let team = database.team(1);
    let mut admin = database.login(&team.admin);
    let mut manager = database.login(&team.manager);
    let channel =
        |client: &mut Client| -> String { client.query_one("SELECT job_channel()", &[]).unwrap().get(0) };
    let before = channel(&mut manager);
    assert_eq!(channel(&mut admin), before, "one channel a team");
    manager.batch_execute(&format!("LISTEN {before}")).unwrap();
    admin.batch_execute(&format!("SELECT deactivate_team_member('{}')", team.manager)).unwrap();
    let after = channel(&mut admin);
    assert_ne!(after, before);
    let job = fixture::submit(&mut admin, "sku,name\nC1,Cup\n");
    assert_eq!(outcome(&mut admin, &job).0, "completed");
    let heard = fixture::heard(&mut manager, 1);
    assert_eq!(heard, ["channel_renewed"]);
    let nothing: Option<String> = manager.query_one("SELECT job_channel()", &[]).unwrap().get(0);
    assert_eq!(nothing, None);
}
