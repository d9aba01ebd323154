//! The access matrix: every kind of caller, every table and view, every command, every kind of row, against a model written
//! from the contract and apart from the policies.

mod model;
mod statements;

use crate::fixture::{self, Database};
use model::{
    A, Anon, CALLERS, COMMANDS, Caller, Insert, OWNERS, RELATIONS, RULES, Rule, ServiceRole, User,
    WithoutClaims,
};
use postgres::Client;
use std::fmt::Write;

fn connect(database: &Database, caller: Caller) -> Client {
    let mut client = database.superuser();
    let (role, claims) = match caller {
        Anon => ("anon", r#"{"role": "anon"}"#.to_owned()),
        WithoutClaims => ("authenticated", String::new()),
        User(person) => {
            ("authenticated", format!(r#"{{"role": "authenticated", "sub": "{}"}}"#, person.id()))
        }
        ServiceRole => ("service_role", r#"{"role": "service_role"}"#.to_owned()),
    };
    client.batch_execute(&format!("SET ROLE {role}; SET request.jwt.claims = '{claims}'")).unwrap();
    client
}

/// What becomes of a statement, which is undone.
fn attempt(client: &mut Client, sql: &str) -> String {
    let mut transaction = client.transaction().unwrap();
    match transaction.execute(sql, &[]) {
        // What is checked at commit counts, too.
        Ok(count) => match transaction.batch_execute("SET CONSTRAINTS ALL IMMEDIATE") {
            Ok(()) => model::rows(count),
            Err(error) => fixture::code(&error).code().to_owned(),
        },
        Err(error) => fixture::code(&error).code().to_owned(),
    }
}

fn compare(database: &Database, rules: &[Rule]) {
    statements::furnish(database);
    rules.iter().for_each(|rule| statements::set_rule(database, rule));
    let mut differences = String::new();
    for caller in CALLERS {
        let mut client = connect(database, caller);
        let mut try_one = |relation: &str, command, whose: &str, sql: &str, expected: &str| {
            let outcome = attempt(&mut client, sql);
            if outcome != expected {
                writeln!(
                    differences,
                    "{caller:?}: {command:?} {relation}, {whose}: {outcome}, not {expected}"
                )
                .unwrap();
            }
        };
        for (relation, command) in
            RELATIONS.iter().flat_map(|relation| COMMANDS.map(|command| (*relation, command)))
        {
            for owner in OWNERS {
                let expected = model::expected_under(rules, caller, relation, command, owner);
                let whose = format!("a row of {owner:?}");
                try_one(
                    relation,
                    command,
                    &whose,
                    &statements::statement(relation, command, owner),
                    expected,
                );
            }
            if command != Insert {
                let sql = statements::statement(relation, command, A);
                let (all, _) = sql.split_once(" WHERE ").unwrap();
                try_one(
                    relation,
                    command,
                    "all rows",
                    all,
                    &model::expected_of_all(rules, caller, relation, command),
                );
            }
        }
    }
    assert!(differences.is_empty(), "the access matrix differs from its model:\n{differences}");
}

/// A table or a view that is not in the matrix is not looked at.
fn assert_complete(database: &Database, schema: &str) {
    let sql = format!(
        "SELECT c.relname::text FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
         WHERE c.relkind IN ('r', 'v', 'p', 'm', 'f') AND c.relnamespace = '{schema}'::regnamespace"
    );
    for row in database.superuser().query(&sql, &[]).unwrap() {
        let relation: String = row.get(0);
        let is_known = RELATIONS.contains(&relation.as_str());
        assert!(is_known, "{relation} is not in the access matrix");
    }
}

#[test]
fn the_access_matrix_is_that_of_its_model_in_public() {
    let database = Database::create(fixture::shared(), "matrix");
    compare(&database, &[]);
    assert_complete(&database, "public");
}

#[test]
fn the_access_matrix_is_that_of_its_model_under_rules() {
    compare(&Database::create(fixture::shared(), "matrix_rules"), &RULES);
}

#[test]
fn the_access_matrix_is_that_of_its_model_in_a_schema_of_its_own() {
    let database = Database::create_in(fixture::shared(), "matrix_app", "app");
    compare(&database, &[]);
    assert_complete(&database, "app");
}
