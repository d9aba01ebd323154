//! A job has its creator's claims and no others, whatever the database, the role or the session says of a request: in the names of
//! today and in those that old PostgREST and Supabase used.

use crate::fixture::{self, Database, id, number, outcome};
use postgres::Client;
use xtask::cluster::Cluster;

/// What a stranger's request would leave behind, `{}` being the stranger.
const REQUEST: [(&str, &str); 7] = [
    ("request.jwt.claims", r#"{"sub": "{}", "role": "service_role", "email": "stranger@example.com"}"#),
    ("request.jwt.claim", r#"{"sub": "{}"}"#),
    ("request.jwt.claim.sub", "{}"),
    ("request.jwt.claim.role", "service_role"),
    ("Request.JWT.Claim.Email", "stranger@example.com"),
    ("request.jwt.claim.app_metadata", r#"{"team": "{}"}"#),
    ("request.headers", r#"{"authorization": "{}"}"#),
];

/// What a trigger sees of the caller.
const SEEN: &str = "CREATE TABLE seen (what text); GRANT INSERT ON seen TO authenticated;
    CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO public.seen VALUES (concat_ws(' ', auth.uid(), auth.role(), auth.email(), get_current_user_admin_id(),
            current_setting('request.jwt.claim', true), current_setting('request.jwt.claim.app_metadata', true), current_setting('request.headers', true)));
        RETURN NULL;
    END $$;
    CREATE TRIGGER see AFTER INSERT ON inventory FOR EACH ROW EXECUTE FUNCTION see()";

/// Two teams, of which the second has rows; sessions of the database are the second manager's, unless they say otherwise.
fn haunted<'a>(cluster: &'a Cluster, name: &str) -> Database<'a> {
    let database = Database::create(cluster, name);
    let stranger = database.team(2).manager;
    let mut other = database.login(&stranger);
    other.batch_execute("INSERT INTO inventory (sku, name) VALUES ('S-1', 'Secret')").unwrap();
    database.team(1);
    let mut superuser = database.superuser();
    superuser.batch_execute(SEEN).unwrap();
    for (setting, value) in REQUEST {
        let value = value.replace("{}", &stranger);
        superuser.batch_execute(&format!("ALTER DATABASE {name} SET \"{setting}\" = '{value}'")).unwrap();
    }
    database
}

/// A session of the first team's manager, for whom no single claim speaks.
fn manager(database: &Database) -> Client {
    let mut client = database.superuser();
    let claims = format!("SELECT teamwork.login_as('{}')", id(1, 1));
    client.batch_execute(&claims).unwrap();
    client
}

/// An import and an export of the manager's, which `run` has run.
fn assert_the_creators(database: &Database, run: impl Fn()) {
    let mut manager = manager(database);
    let import = fixture::submit(&mut manager, "sku,name\nA-1,Lamp\n");
    run();
    assert_eq!(outcome(&mut manager, &import), ("completed".into(), None));
    let export: String =
        manager.query_one("SELECT create_export_job('inventory')::text", &[]).unwrap().get(0);
    run();
    assert_eq!(outcome(&mut manager, &export), ("completed".into(), None));
    let seen: Vec<String> = database
        .superuser()
        .query("SELECT what FROM seen", &[])
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(seen, [format!("{} authenticated {}   ", id(1, 1), id(1, 0))]);
    let file: String =
        manager.query_one("SELECT download_export($1::text::uuid)", &[&export]).unwrap().get(0);
    assert!(file.contains("Lamp") && !file.contains("Secret"), "{file}");
    let own = format!(
        "SELECT count(*) FROM inventory WHERE owner_id = '{}' AND admin_id = '{}'",
        id(1, 1),
        id(1, 0)
    );
    assert_eq!(database.count(&own), 1);
}

#[test]
fn a_job_of_the_engine_has_its_creators_claims_and_no_others() {
    assert_the_creators(&haunted(fixture::shared(), "haunted_engine"), || {});
}

#[test]
fn a_job_that_a_session_runs_has_its_creators_claims_and_no_others() {
    let cluster = fixture::server_with("claims", &[("teamwork.enabled", "off")]);
    let database = haunted(&cluster, "haunted_session");
    assert_the_creators(&database, || {
        number(&mut database.superuser(), "SELECT teamwork.run_pending_jobs()::bigint");
    });
}

#[test]
fn a_session_that_goes_by_a_token_runs_nobodys_jobs() {
    let database = Database::create(fixture::shared(), "token_runner");
    database.superuser().batch_execute(
        "CREATE ROLE token_runner LOGIN IN ROLE teamwork_token_only; GRANT USAGE ON SCHEMA teamwork TO token_runner;
         GRANT EXECUTE ON FUNCTION teamwork.run_pending_jobs(integer) TO token_runner",
    ).unwrap();
    let mut client = database.cluster.connect("token_runner", "token_runner").unwrap();
    let error = client.batch_execute("SELECT teamwork.run_pending_jobs()").unwrap_err();
    assert_eq!(fixture::code(&error).code(), "55000");
}
