//! Statements that change the seats of several teams: they lock the teams in one order, whatever the order of their rows.

use crate::fixture::{self, Database, eventually, id};
use postgres::Client;

/// Admins of four teams; a member's team is the first part of their id.
const ADMINS: [u32; 4] = [1, 2, 3, 4];

fn ids(members: [(u32, u32); 3]) -> String {
    members.map(|(team, person)| format!("'{}'", id(team, person))).join(", ")
}

fn insertion(members: [(u32, u32); 3]) -> String {
    let rows = members.map(|(team, person)| format!("('{}', 'staff', '{}')", id(team, person), id(team, 0)));
    format!("INSERT INTO user_profiles (id, role, admin_id) VALUES {}", rows.join(", "))
}

/// A superuser who finds rows in the order in which they were inserted.
fn superuser(database: &Database) -> Client {
    let mut client = database.superuser();
    client.batch_execute("SET enable_indexscan = off; SET enable_bitmapscan = off").unwrap();
    client
}

/// Two statements meet teams 1 and 2 in opposite order, each of them stopped half-way by a third session that holds another
/// team of theirs. Returns what becomes of them.
fn collide(database: &Database, statements: [String; 2]) -> [Result<(), postgres::Error>; 2] {
    let mut third = database.superuser();
    let hold = format!(
        "BEGIN; SELECT FROM user_profiles WHERE id IN ('{}', '{}') FOR NO KEY UPDATE",
        id(3, 0),
        id(4, 0)
    );
    third.batch_execute(&hold).unwrap();
    std::thread::scope(|scope| {
        let sessions = statements.map(|statement| {
            let mut client = superuser(database);
            scope.spawn(move || client.batch_execute(&statement))
        });
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("both wait", || database.count(waiting) == 2);
        third.batch_execute("COMMIT").unwrap();
        sessions.map(|session| session.join().unwrap())
    })
}

#[test]
fn statements_that_meet_teams_in_opposite_order_do_not_deadlock() {
    let database = Database::create(fixture::shared(), "moves");
    let admins = ADMINS.map(|team| format!("('{}', 'admin')", id(team, 0))).join(", ");
    let set_up = format!(
        "SELECT teamwork.set_role_limit('staff', 99); INSERT INTO user_profiles (id, role) VALUES {admins}"
    );
    database.superuser().batch_execute(&set_up).unwrap();
    let (one, other) = ([(1, 2), (3, 2), (2, 2)], [(2, 3), (4, 2), (1, 3)]);
    let all = |statement: &dyn Fn([(u32, u32); 3], u32) -> String| [statement(one, 3), statement(other, 4)];
    for (what, statements) in [
        ("creation", all(&|members, _| insertion(members))),
        (
            "deactivation",
            all(&|members, _| {
                format!("UPDATE user_profiles SET is_active = false WHERE id IN ({})", ids(members))
            }),
        ),
        (
            "reactivation",
            all(&|members, _| {
                format!("UPDATE user_profiles SET is_active = true WHERE id IN ({})", ids(members))
            }),
        ),
        ("removal", all(&|members, _| format!("DELETE FROM user_profiles WHERE id IN ({})", ids(members)))),
        ("creation anew", all(&|members, _| insertion(members))),
        (
            "move",
            all(&|members, team| {
                format!(
                    "UPDATE user_profiles SET admin_id = '{}' WHERE id IN ({})",
                    id(team, 0),
                    ids(members)
                )
            }),
        ),
    ] {
        for outcome in collide(&database, statements) {
            outcome.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        }
        let unseated = "SELECT count(*) FROM user_profiles p WHERE role <> 'admin' AND is_active IS DISTINCT FROM EXISTS (
            SELECT FROM teamwork.seats s WHERE (s.member_id, s.admin_id, s.role) = (p.id, p.admin_id, p.role))";
        assert_eq!(database.count(unseated), 0, "{what}");
    }
    assert_eq!(database.count("SELECT count(*) FROM teamwork.seats"), 6);
}
