//! docs/adopting.md, statement by statement, on a database with teams of its own.

use crate::fixture::{self, Database, id, number};
use crate::guide;

const TABLES: [&str; 5] = ["user_profiles", "transactions", "inventory", "orders", "kpi_settings"];

/// The SQL of the guide's sections with these headings, in order.
fn steps(headings: [&str; 2]) -> String {
    let document = guide::read("docs/adopting.md");
    headings.map(|heading| guide::blocks(guide::section(&document, heading), "sql").concat()).concat()
}

fn adopt(name: &str, way: &str, schema: &str) {
    let cluster = fixture::server(name);
    cluster.psql("postgres", "CREATE DATABASE shop").unwrap();
    cluster.psql("shop", include_str!("adopting.sql")).unwrap();
    let database = Database { cluster: &cluster, name: "shop".to_owned() };
    let before = TABLES.map(|table| database.count(&format!("SELECT count(*) FROM {table}")));
    cluster.psql("shop", &steps([way, "The rows"])).unwrap_or_else(|error| panic!("{way}: {error:#}"));

    cluster.psql("shop", &format!("ALTER DATABASE shop SET search_path = {schema}, public")).unwrap();
    let after = TABLES.map(|table| database.count(&format!("SELECT count(*) FROM {table}")));
    assert_eq!(before, after, "rows of {TABLES:?}");
    sign_up_is_safe(&database, schema);
    nothing_goes_by_the_old_tables(&database);
    assert_eq!(database.count("SELECT count(*) FROM teamwork.doctor() WHERE status = 'fail'"), 0);
    let same_ids = "SELECT count(*) FROM transactions t JOIN legacy.transactions o USING (id, amount)";
    assert_eq!(database.count(same_ids), before[1]);

    // Ada's team sees its rows and Bob's order of the same number is his alone; everybody goes on working.
    let (mut manager, mut bob) = (database.login(&id(1, 1)), database.login(&id(2, 0)));
    let seen = |client: &mut postgres::Client| {
        ["transactions", "inventory", "orders"]
            .map(|table| number(client, &format!("SELECT count(*) FROM {table}")))
    };
    assert_eq!((seen(&mut manager), seen(&mut bob)), ([100, 60, 1], [1, 0, 1]));
    manager
        .batch_execute(
            "INSERT INTO transactions (amount) VALUES (1); INSERT INTO orders (number) VALUES ('A-2')",
        )
        .unwrap();
    let job = fixture::submit(&mut manager, "sku,name\nNEW-1,Lamp\n");
    assert_eq!(fixture::outcome(&mut manager, &job), ("completed".into(), None));
    let limit = format!("SELECT teamwork.role_limit('{}', 'staff')::bigint", id(1, 0));
    assert_eq!(database.count(&limit), 4, "a team that was larger may stay so");
    follow_accounts(&database);
}

/// What the guide says of `auth`, which was there before: profiles follow the addresses of accounts once its owner wants it.
fn follow_accounts(database: &Database) {
    let doctor = "SELECT count(*) FROM teamwork.doctor() WHERE check_name = 'auth' AND status <> 'ok'";
    assert_eq!(database.count(doctor), 1, "the statement is not run yet");
    let document = guide::read("docs/adopting.md");
    let statement = guide::blocks(guide::section(&document, "After it"), "sql").concat();
    let change = "SET ROLE auth_service; UPDATE auth.users SET email = 'max@new.example' WHERE id = ";
    let mut superuser = database.superuser();
    superuser.batch_execute(&format!("{statement}; {change} '{}'; RESET ROLE", id(1, 1))).unwrap();
    assert_eq!(database.count(doctor), 0);
    let followed = "SELECT count(*) FROM user_profiles WHERE email = 'max@new.example'";
    assert_eq!(number(&mut database.login(&id(1, 1)), followed), 1);
}

/// The guide's trigger function: whoever signs up is an admin, whatever the metadata say, unless an invitation waits.
fn sign_up_is_safe(database: &Database, schema: &str) {
    let makers = "SELECT count(*) FROM teamwork.doctor() WHERE check_name = 'adoption' AND detail ~ 'on auth.users runs'";
    assert_eq!(database.count(makers), 1, "the tutorial's function is named");
    let document = guide::read("docs/adopting.md");
    let safe = guide::blocks(guide::section(&document, "Sign-up"), "sql").concat();
    let safe = safe.replace("public.user_profiles", &format!("{schema}.user_profiles"));
    let safe = safe.replace("FUNCTION handle_new_user", "FUNCTION public.handle_new_user");
    let (ada, stranger, invited, later) = (id(1, 0), id(3, 0), id(3, 1), id(3, 2));
    let mut superuser = database.superuser();
    superuser.batch_execute(&safe).unwrap();
    assert_eq!(database.count(makers), 0, "the guide's function is not");
    database
        .login(&ada)
        .batch_execute("SELECT invite_team_member('new@example.com', 'manager')")
        .unwrap_err();
    superuser.batch_execute(&format!("SELECT teamwork.set_role_limit('manager', 9, '{ada}')")).unwrap();
    database.login(&ada).batch_execute("SELECT invite_team_member('new@example.com', 'manager')").unwrap();
    let sign_up = format!(
        r#"INSERT INTO auth.users (id, email, raw_user_meta_data, raw_app_meta_data) VALUES
            ('{stranger}', 'eve@example.com', '{{"full_name": "Eve", "role": "manager", "admin_id": "{ada}"}}', NULL),
            ('{invited}', 'New@example.com', '{{}}', NULL), ('{later}', NULL, NULL, '{{"profile": "later"}}')"#
    );
    superuser.batch_execute(&sign_up).unwrap();
    let alone = format!(
        "SELECT count(*) FROM user_profiles WHERE id = '{stranger}' AND role = 'admin' AND full_name = 'Eve'"
    );
    assert_eq!(database.count(&alone), 1);
    assert_eq!(
        database.count(&format!("SELECT count(*) FROM user_profiles WHERE id IN ('{invited}', '{later}')")),
        0
    );
    // A team that the old profiles do not know works with the project's own table.
    let mut eve = database.login(&stranger);
    eve.batch_execute("INSERT INTO orders (number) VALUES ('A-1')").unwrap();
    assert_eq!(number(&mut eve, "SELECT count(*) FROM orders"), 1);
}

/// The doctor names each policy, view and key that goes by the old tables; its fixes close them, and what crossed teams.
fn nothing_goes_by_the_old_tables(database: &Database) {
    let (member, mut superuser) = (id(1, 5), database.superuser());
    superuser
        .batch_execute(&format!("UPDATE user_profiles SET is_active = false WHERE id = '{member}'"))
        .unwrap();
    let read = |who: &str| number(&mut database.login(who), "SELECT count(*) FROM notifications");
    assert_eq!(read(&member), 1, "a deactivated member reads on by the old profiles");
    let named = |what: &str| {
        database.count(&format!(
            "SELECT count(*) FROM teamwork.doctor() WHERE check_name IN ('adoption', 'crossings') AND detail ~ '{what}'"
        ))
    };
    for what in [
        "policy \"members read\" of table (public.)?notifications",
        "view (public.)?faces",
        "notifications_team_fkey",
        "kpi_settings_pkey",
        "kpi_settings_order_id_fkey",
    ] {
        assert_eq!(named(what), 1, "{what}");
    }
    let document = guide::read("docs/adopting.md");
    let query = guide::blocks(guide::section(&document, "What still goes by the old tables"), "sql").concat();
    for row in superuser.query(&query, &[]).unwrap() {
        let fix: String = row.get("fix");
        superuser.batch_execute(&fix).unwrap_or_else(|error| panic!("{error:?}: {fix}"));
    }
    assert_eq!(superuser.query(&query, &[]).unwrap().len(), 0);
    assert_eq!((read(&member), read(&id(1, 1))), (0, 1));
    superuser
        .batch_execute(&format!("UPDATE user_profiles SET is_active = true WHERE id = '{member}'"))
        .unwrap();
    let mut bob = database.login(&id(2, 0));
    bob.batch_execute("INSERT INTO kpi_settings (key, target) VALUES ('margin', 30)").unwrap();
    assert_eq!(number(&mut bob, "SELECT count(*) FROM kpi_settings"), 1);
}

#[test]
fn a_database_with_teams_of_its_own_moves_in_place() {
    adopt("adopt-in-place", "In place", "public");
}

#[test]
fn a_database_with_teams_of_its_own_moves_to_another_schema() {
    adopt("adopt-app", "In another schema", "app");
}
