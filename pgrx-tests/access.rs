//! What row-level security costs: one look-up of the team a statement, however many rows there are.

use crate::fixture::{self, Database};
use serde_json::Value;

#[test]
fn the_team_is_looked_up_once_per_statement_on_a_million_rows() {
    let database = Database::create(fixture::shared(), "initplan");
    let team = database.team(1);
    let admin = &team.admin;
    let rows = format!(
        "INSERT INTO transactions (amount, owner_id, admin_id) SELECT n, '{admin}', '{admin}' FROM generate_series(1, 1000000) n;
         ANALYZE transactions"
    );
    database.superuser().batch_execute(&rows).unwrap();
    let mut member = database.login(&team.manager);
    for statement in
        ["SELECT sum(amount) FROM transactions", "UPDATE transactions SET category = 'x' WHERE id % 1000 = 0"]
    {
        let plan: Value =
            member.query_one(&format!("EXPLAIN (ANALYZE, FORMAT JSON) {statement}"), &[]).unwrap().get(0);
        let loops = init_plan_loops(&plan[0]["Plan"]);
        assert!(!loops.is_empty() && loops.iter().all(|count| *count == 1), "{loops:?} loops in {plan:#}");
    }
    assert_eq!(fixture::number(&mut member, "SELECT count(*) FROM transactions"), 1_000_000);
}

/// How often each InitPlan below a node was run.
fn init_plan_loops(node: &Value) -> Vec<i64> {
    let own = (node["Parent Relationship"] == "InitPlan").then(|| node["Actual Loops"].as_i64()).flatten();
    let below = node["Plans"].as_array().into_iter().flatten().flat_map(init_plan_loops);
    own.into_iter().chain(below).collect()
}
