//! docs/adopting.md, statement by statement, on a database with teams of its own.

use crate::fixture::{self, Database, id, number};
use crate::guide;

const TABLES: [&str; 4] = ["user_profiles", "transactions", "inventory", "orders"];

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
}

#[test]
fn a_database_with_teams_of_its_own_moves_in_place() {
    adopt("adopt-in-place", "In place", "public");
}

#[test]
fn a_database_with_teams_of_its_own_moves_to_another_schema() {
    adopt("adopt-app", "In another schema", "app");
}
