//! What the extension's SQL hands to its Rust: a column that is missing, of another type or NULL where a value must be is an error
//! that names it. It must not read as an empty queue.

use crate::fixture::{self, Database};

/// Puts a function of the same name in the place of one that the engine calls.
fn replace(database: &Database, name: &str, signature: &str, body: &str) {
    let mut superuser = database.superuser();
    superuser
        .batch_execute(&format!(
            "DO $$ DECLARE it CONSTANT regprocedure := (SELECT oid FROM pg_proc WHERE oid::regproc = 'teamwork.{name}'::regproc);
             BEGIN EXECUTE format('ALTER EXTENSION teamwork DROP FUNCTION %s', it); EXECUTE format('DROP FUNCTION %s', it); END $$;
             CREATE FUNCTION teamwork.{name}{signature} LANGUAGE sql AS $$ {body} $$"
        ))
        .unwrap();
}

/// What the engine says when it runs in a session.
fn fault(database: &Database) -> String {
    let error = database.superuser().batch_execute("SELECT teamwork.run_pending_jobs()").unwrap_err();
    let error = error.as_db_error().expect("the database says it");
    format!("{}: {}", error.message(), error.detail().unwrap_or_default())
}

#[test]
fn a_result_that_is_not_as_expected_is_an_error_that_names_the_column() {
    let cluster = fixture::server_with("results", &[("teamwork.enabled", "off")]);
    let database = Database::create(&cluster, "results");
    let running = |of_lease: &str, body: &str| {
        let signature = format!(
            "(OUT job_id uuid, OUT lease {of_lease}, OUT started_at timestamptz) RETURNS SETOF record"
        );
        replace(&database, "processing_jobs", &signature, body);
    };
    running("bigint", "SELECT gen_random_uuid(), NULL::bigint, now()");
    assert_eq!(fault(&database), "column \"lease\" of a result cannot be read: It is NULL.");

    let mut superuser = database.superuser();
    superuser.batch_execute("ALTER EXTENSION teamwork ADD FUNCTION teamwork.processing_jobs()").unwrap();
    running("text", "SELECT gen_random_uuid(), '7', now()");
    let of_another_type = fault(&database);
    assert!(of_another_type.starts_with("column \"lease\" of a result"), "{of_another_type}");

    superuser.batch_execute("ALTER EXTENSION teamwork ADD FUNCTION teamwork.processing_jobs()").unwrap();
    running("bigint", "SELECT gen_random_uuid(), 7::bigint, now() WHERE false");
    let candidates = "(last_team uuid, most integer) RETURNS uuid[]";
    replace(&database, "next_candidates", candidates, "SELECT ARRAY[gen_random_uuid()]");
    replace(&database, "claim_job", "(uuid[], integer, OUT job_id uuid)", "SELECT NULL::uuid");
    let missing = fault(&database);
    assert!(missing.starts_with("column \"tried\" of a result"), "{missing}");
}
