//! Without shared_preload_libraries everything but the worker works, and the extension says so.

use crate::engine_processes;
use crate::fixture::{self, Database};
use postgres::error::SqlState;
use std::sync::mpsc;

#[test]
fn without_preloading_all_but_the_worker_works_and_says_so() {
    let cluster = fixture::server_without_engine("unpreloaded", &[]);
    let database = Database::create(&cluster, "plain");
    let team = database.team(1);
    let mut manager = database.login(&team.manager);
    manager.batch_execute("INSERT INTO transactions (amount) VALUES (500.00)").unwrap();
    assert_eq!(fixture::number(&mut database.login(&team.admin), "SELECT count(*) FROM transactions"), 1);
    let preview = "SELECT (preview_import('transactions', E'amount\\n500\\nmany\\n') ->> 'insert')::bigint";
    assert_eq!(fixture::number(&mut manager, preview), 1);
    assert_eq!(fixture::number(&mut manager, "SELECT count(*) FROM transactions"), 1);

    let (sender, notices) = mpsc::channel();
    let mut config: postgres::Config = cluster.connection_string("plain", "postgres").parse().unwrap();
    config.notice_callback(move |notice| drop(sender.send(notice.message().to_owned())));
    let mut client = config.connect(postgres::NoTls).unwrap();
    client
        .batch_execute(&format!(
            r#"SET ROLE authenticated; SET request.jwt.claims = '{{"sub": "{}"}}'"#,
            team.manager
        ))
        .unwrap();
    let job = fixture::submit(&mut client, "sku,name\nA1,Lamp\n");
    let warning = notices.recv_timeout(fixture::TIMEOUT).expect("a warning is sent");
    assert_eq!(warning, "background jobs wait: teamwork is not in shared_preload_libraries");
    assert_eq!(
        database
            .count(&format!("SELECT count(*) FROM scheduled_jobs WHERE id = '{job}' AND status = 'pending'")),
        1
    );
}

#[test]
fn without_preloading_no_statement_shows_a_hidden_column() {
    let cluster = fixture::server_without_engine("unmasked", &[]);
    let database = Database::create(&cluster, "unmasked");
    let team = database.team(1);
    let wage = "INSERT INTO staff (full_name, salary) VALUES ('Ann', 3000)";
    database.login(&team.admin).batch_execute(wage).unwrap();
    let rule = "SELECT teamwork.set_table_rule('staff', 'manager', hidden_columns => '{salary}')";
    database.superuser().batch_execute(rule).unwrap();
    // The first statement of a session loads the library, too late for it to be masked: it is refused.
    let mut manager = database.login(&team.manager);
    let wages = "SELECT count(salary) FROM staff";
    let refused = manager.query_one(wages, &[]).expect_err("the column is named");
    assert_eq!(fixture::code(&refused), SqlState::INSUFFICIENT_PRIVILEGE);
    assert_eq!(fixture::number(&mut manager, wages), 0);
    assert_eq!(fixture::number(&mut database.login(&team.admin), wages), 1);
}

#[test]
fn without_preloading_a_session_runs_the_jobs() {
    let cluster = fixture::server_without_engine("by-hand", &[]);
    let database = Database::create(&cluster, "by_hand");
    let team = database.team(1);
    let mut manager = database.login(&team.manager);
    let good = fixture::submit(&mut manager, "sku,name\nA1,Lamp\nA2,Lantern\n");
    let bad = fixture::submit(&mut manager, "no,such,columns\n1,2,3\n");
    let later = fixture::submit(&mut manager, "sku,name\nA3,Light\n");
    let mut dba = database.superuser();
    assert_eq!(fixture::number(&mut dba, "SELECT teamwork.run_pending_jobs(2)::bigint"), 2);
    let status = |client: &mut postgres::Client, job: &str| -> String {
        client
            .query_one(&format!("SELECT status FROM scheduled_jobs WHERE id = '{job}'"), &[])
            .unwrap()
            .get(0)
    };
    let statuses = [&good, &bad, &later].map(|job| status(&mut manager, job));
    assert_eq!(statuses, ["completed", "failed", "pending"]);
    assert_eq!(fixture::number(&mut manager, "SELECT count(*) FROM inventory"), 2);

    // What is rolled back has not been run.
    dba.batch_execute("BEGIN; SELECT teamwork.run_pending_jobs(); ROLLBACK").unwrap();
    assert_eq!(status(&mut manager, &later), "pending");
    let error = dba
        .batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT teamwork.run_pending_jobs()")
        .unwrap_err();
    assert_eq!(fixture::code(&error).code(), "25000");
    dba.batch_execute("ROLLBACK").unwrap();
    assert_eq!(fixture::number(&mut dba, "SELECT teamwork.run_pending_jobs()::bigint"), 1);
    assert_eq!(status(&mut manager, &later), "completed");

    let error = manager.batch_execute("SELECT teamwork.run_pending_jobs()").unwrap_err();
    assert_eq!(fixture::code(&error).code(), "42501");
}

#[test]
fn two_sessions_run_each_job_once() {
    let cluster = fixture::server_without_engine("two-hands", &[]);
    let database = Database::create(&cluster, "two_hands");
    let mut manager = database.login(&database.team(1).manager);
    engine_processes::submit_small(&mut manager, 1, 100);
    let run = || {
        let mut client = database.superuser();
        // One transaction a call, so that the two alternate.
        (0..100)
            .map(|_| fixture::number(&mut client, "SELECT teamwork.run_pending_jobs(1)::bigint"))
            .sum::<i64>()
    };
    let ran: i64 = std::thread::scope(|scope| {
        [scope.spawn(run), scope.spawn(run)].map(|thread| thread.join().unwrap()).iter().sum()
    });
    assert_eq!(ran, 100);
    let once =
        "SELECT count(*) FROM (SELECT amount FROM transactions GROUP BY amount HAVING count(*) = 1) once";
    assert_eq!(fixture::number(&mut manager, once), 100);
}

/// The library is not there yet when a session sets what looks like a setting of its.
#[test]
fn nobody_says_that_rows_are_restored_before_the_library_is_loaded() {
    let cluster = fixture::server_without_engine("stamps", &[]);
    let database = Database::create(&cluster, "stamps");
    let team = database.team(1);
    let mut manager = database.login(&team.manager);
    manager.batch_execute("INSERT INTO transactions (amount) VALUES (1), (2)").unwrap();
    let stamped = "SELECT count(*) FROM transactions WHERE updated_at > '2020-01-01'";
    for is_member in [true, false] {
        let mut client = database.superuser();
        // No claims yet: to make the session a user's would load the library.
        let role = if is_member { "authenticated" } else { "service_role" };
        let table: u32 = client.query_one("SELECT 'transactions'::regclass::oid", &[]).unwrap().get(0);
        client.batch_execute(&format!("SET ROLE {role}; SET teamwork.table_under_undo = '{table}'")).unwrap();
        if is_member {
            let claims = format!(r#"SET request.jwt.claims = '{{"sub": "{}"}}'"#, team.manager);
            client.batch_execute(&claims).unwrap();
        }
        client
            .batch_execute("UPDATE transactions SET amount = amount + 1, updated_at = '2001-01-01'")
            .unwrap();
        assert_eq!(database.count(stamped), 2, "{role}");
    }
}
