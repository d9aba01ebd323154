//! Ordinary clients, as people have them: drivers and ORMs that write whole rows, in scripts of `clients/`. Each is a login role of
//! its own, with the role and the claims of a manager; a colleague's row and one of its own are there.

use crate::fixture::{self, Database};
use std::path::Path;
use std::process::Command;

fn run(script: &str) {
    let database = Database::create(fixture::shared(), &format!("client_{script}"));
    let (team, other) = (database.team(1), database.team(2));
    let add = |person: &str, sku: &str, name: &str| {
        let row = "INSERT INTO inventory (sku, name) VALUES ($1, $2)";
        database.login(person).execute(row, &[&sku, &name]).expect("a row is added");
    };
    add(&team.admin, "SHARED", "Shared");
    add(&team.manager, "OWN", "Own");
    add(&other.admin, "SHARED", "Of another team");
    let login = format!("login_{script}");
    let role = format!("CREATE ROLE {login} LOGIN NOINHERIT IN ROLE authenticated");
    database.superuser().batch_execute(&role).expect("a login role is made");
    let output = Command::new("/usr/bin/python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("pgrx-tests/clients").join(format!("{script}.py")))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PGHOST", database.cluster.socket_dir())
        .env("PGPORT", "5432")
        .env("PGDATABASE", &database.name)
        .env("PGUSER", &login)
        .env("PERSON", &team.manager)
        .env("COLLEAGUE", &team.admin)
        .output()
        .expect("python3 is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        database.count(
            "SELECT count(*) FROM inventory WHERE name = 'Of another team' AND updated_at = created_at"
        ),
        1
    );
}

#[test]
fn psycopg_and_the_statements_of_postgrest_write_whole_rows() {
    run("psycopg");
}

#[test]
fn sqlalchemy_writes_whole_rows() {
    run("sqlalchemy_orm");
}

#[test]
fn django_writes_whole_rows() {
    run("django_orm");
}
