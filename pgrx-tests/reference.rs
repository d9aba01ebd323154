//! docs/reference.md says what the catalog says, with an example of everything; and what comments say of errors is true.

use crate::fixture::{self, Database, code, id, outcome, submit};
use std::collections::BTreeSet;

/// Errors that nothing raises in a test: values of 1 GB, and an `auth` schema of somebody else's.
const NOT_RAISED: [(&str, &str); 3] =
    [("create_team_member", "23503"), ("download_export", "54000"), ("import_errors_csv", "54000")];

#[test]
fn the_reference_is_what_the_catalog_makes_it() {
    let database = Database::create(fixture::shared(), "reference");
    if let Err(difference) = xtask::reference::check(&mut database.superuser()) {
        panic!("{difference:#}");
    }
}

/// People and jobs to put in for `$NAME`.
fn cast(database: &Database) -> Vec<(&'static str, String)> {
    let (team, other) = (database.team(1), database.team(2));
    let mut superuser = database.superuser();
    let staff = id(1, 2);
    let hire = format!("SELECT create_team_member('staff1@example.com', 'Staff', 'staff', '{staff}')");
    database.login(&team.admin).batch_execute(&hire).unwrap();
    let mut manager = database.login(&team.manager);
    let import = submit(&mut manager, "sku,name\nE1,One\n");
    let mut job = |sql: &str| -> String {
        manager.query_one(&format!("SELECT ({sql})::text"), &[]).expect("the job is accepted").get(0)
    };
    let export = job("create_export_job('inventory')");
    let later_export = job("create_scheduled_job('export', 'inventory', now() + interval '1 hour')");
    let records = r#"'{"records": [{"sku": "E2"}]}'"#;
    let later_import = job(&format!(
        "create_scheduled_job('import', 'inventory', now() + interval '1 hour', file_data => {records})"
    ));
    let quarantined = format!(
        "INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, status, crashes, file_data)
         VALUES ('{}', '{}', 'import', 'inventory', 'failed', 3, {records}) RETURNING id::text",
        team.admin, team.manager
    );
    let quarantined = superuser.query_one(&quarantined, &[]).unwrap().get(0);
    for job in [&import, &export] {
        assert_eq!(outcome(&mut manager, job), ("completed".into(), None));
    }
    vec![
        ("admin", team.admin),
        ("manager", team.manager),
        ("staff", staff),
        ("other", other.admin),
        ("import", import),
        ("export", export),
        ("later_import", later_import),
        ("later_export", later_export),
        ("quarantined", quarantined),
    ]
}

#[test]
fn every_error_that_a_comment_names_is_raised_and_no_other_is_tried() {
    let database = Database::create(fixture::shared(), "errors");
    let roles = "CREATE ROLE errors_person LOGIN IN ROLE authenticated;
        CREATE ROLE errors_analyst LOGIN IN ROLE authenticated, teamwork_token_only;
        GRANT EXECUTE ON FUNCTION teamwork.run_pending_jobs(integer) TO errors_analyst";
    database.superuser().batch_execute(roles).unwrap();
    let cast = cast(&database);
    let mut raised = BTreeSet::new();
    for block in include_str!("reference/errors.sql").split("\n-- ").skip(1) {
        let Some((head, statements)) = block.split_once('\n') else {
            panic!("a block without statements: {block}")
        };
        let [function, expected, actor] = head.split(' ').collect::<Vec<_>>()[..] else { continue };
        let mut client = match actor {
            "superuser" => database.superuser(),
            "nobody" => database.login(""),
            role if role.contains('_') => database.cluster.connect(&database.name, role).unwrap(),
            person => database.login(&cast.iter().find(|(name, _)| *name == person).expect("somebody").1),
        };
        // The longest names first: one may begin with another.
        let mut names: Vec<_> = cast.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let fill = |sql: String, (name, id): &(&str, String)| sql.replace(&format!("${name}"), id);
        let sql = names.into_iter().fold(statements.to_owned(), fill);
        let error = client.batch_execute(&sql).expect_err(head);
        assert_eq!(code(&error).code(), expected, "{head}: {error:?}");
        raised.insert((function.to_owned(), expected.to_owned()));
    }
    let named = xtask::reference::errors(&mut database.superuser()).unwrap();
    let not_raised = NOT_RAISED.map(|(function, code)| (function.to_owned(), code.to_owned()));
    let named: BTreeSet<_> = named.into_iter().filter(|error| !not_raised.contains(error)).collect();
    assert_eq!(raised, named);
}
