//! Access ends and changes with the next statement: of a session that is open, in whatever transaction, prepared or not.

use crate::fixture::{self, Database, Team, id};
use postgres::error::SqlState;
use postgres::{Client, SimpleQueryMessage, Statement};

const LOOK: &str = "SELECT count(*) FROM transactions";
const WHO: &str = "SELECT get_current_user_role()";

/// How a member's session is at the moment when the admin acts.
#[derive(Clone, Copy, Debug)]
struct Manner {
    /// None: each statement is a transaction of its own.
    level: Option<&'static str>,
    prepared: bool,
}

const MANNERS: [Manner; 6] = [
    Manner { level: None, prepared: false },
    Manner { level: None, prepared: true },
    Manner { level: Some("READ COMMITTED"), prepared: false },
    Manner { level: Some("READ COMMITTED"), prepared: true },
    Manner { level: Some("REPEATABLE READ"), prepared: false },
    Manner { level: Some("REPEATABLE READ"), prepared: true },
];

/// A member's open session.
struct Session {
    client: Client,
    look: Option<Statement>,
    who: Option<Statement>,
}

impl Session {
    fn open(database: &Database, member: &str, manner: Manner) -> Self {
        let mut client = database.login(member);
        let mut prepare = |sql| manner.prepared.then(|| client.prepare(sql).unwrap());
        let (look, who) = (prepare(LOOK), prepare(WHO));
        client.batch_execute("SET plan_cache_mode = force_generic_plan").unwrap();
        if let Some(level) = manner.level {
            client.batch_execute(&format!("BEGIN ISOLATION LEVEL {level}")).unwrap();
        }
        Self { client, look, who }
    }

    fn rows(&mut self) -> i64 {
        match &self.look {
            Some(look) => self.client.query_one(look, &[]).unwrap().get(0),
            None => plain(&mut self.client, LOOK).unwrap().parse().unwrap(),
        }
    }

    fn role(&mut self) -> Option<String> {
        match &self.who {
            Some(who) => self.client.query_one(who, &[]).unwrap().get(0),
            None => plain(&mut self.client, WHO),
        }
    }
}

/// The one value of a query by the simple protocol.
fn plain(client: &mut Client, sql: &str) -> Option<String> {
    let answers = client.simple_query(sql).unwrap();
    let row = answers.iter().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    row.expect("there is a row").get(0).map(str::to_owned)
}

/// A team with one staff member and three rows.
fn team_with_data(database: &Database, n: u32) -> (Team, String) {
    let team = database.team(n);
    let member = id(n, 2);
    let mut admin = database.login(&team.admin);
    let sql = format!(
        "SELECT create_team_member('s@example.com', 'S', 'staff', '{member}');
         INSERT INTO transactions (amount) VALUES (1), (2), (3)"
    );
    admin.batch_execute(&sql).unwrap();
    (team, member)
}

#[test]
fn the_next_statement_after_a_deactivation_sees_nothing() {
    let database = Database::create(fixture::shared(), "revoke");
    for (n, manner) in (1..).zip(MANNERS) {
        let (team, member) = team_with_data(&database, n);
        let mut admin = database.login(&team.admin);
        let mut session = Session::open(&database, &member, manner);
        for _ in 0..2 {
            assert_eq!((session.rows(), session.role().as_deref()), (3, Some("staff")), "{manner:?}");
            admin.batch_execute(&format!("SELECT deactivate_team_member('{member}')")).unwrap();
            assert_eq!(session.rows(), 0, "{manner:?}");
            assert_eq!(session.role(), None, "{manner:?}");
            admin.batch_execute(&format!("SELECT reactivate_team_member('{member}')")).unwrap();
        }
        assert_eq!(session.rows(), 3, "reactivated, {manner:?}");
        // Of a removal it is the same; and the first statement after it may well be a write.
        admin.batch_execute(&format!("SELECT remove_team_member('{member}')")).unwrap();
        let edited = session.client.execute("UPDATE transactions SET category = 'late'", &[]).unwrap();
        assert_eq!((edited, session.rows()), (0, 0), "{manner:?}");
        let refusal =
            session.client.batch_execute("INSERT INTO transactions (amount) VALUES (9)").unwrap_err();
        assert_eq!(fixture::code(&refusal), SqlState::INSUFFICIENT_PRIVILEGE, "{manner:?}");
    }
}

#[test]
fn a_role_counts_with_the_next_statement_after_its_change() {
    let database = Database::create(fixture::shared(), "role_change");
    for (n, manner) in (1..).zip(MANNERS) {
        let (team, member) = team_with_data(&database, n);
        let mut admin = database.login(&team.admin);
        let mut session = Session::open(&database, &member, manner);
        assert_eq!(session.role().as_deref(), Some("staff"), "{manner:?}");
        let manager = &team.manager;
        let sql = format!(
            "SELECT deactivate_team_member('{manager}');
             UPDATE user_profiles SET role = 'manager' WHERE id = '{member}'"
        );
        admin.batch_execute(&sql).unwrap();
        assert_eq!((session.role().as_deref(), session.rows()), (Some("manager"), 3), "{manner:?}");
        admin
            .batch_execute(&format!("UPDATE user_profiles SET role = 'staff' WHERE id = '{member}'"))
            .unwrap();
        assert_eq!(session.role().as_deref(), Some("staff"), "{manner:?}");
    }
}

#[test]
fn a_moved_member_and_a_team_without_admin_change_with_the_next_statement() {
    let database = Database::create(fixture::shared(), "moved");
    let mut superuser = database.superuser();
    for (n, manner) in (1..).step_by(2).zip(MANNERS) {
        let (team, member) = team_with_data(&database, n);
        let other = database.team(n + 1);
        let mut admin = database.login(&other.admin);
        admin.batch_execute("INSERT INTO transactions (amount) VALUES (7)").unwrap();
        let mut session = Session::open(&database, &member, manner);
        assert_eq!(session.rows(), 3, "{manner:?}");
        let mut set = |change: &str, of: &str| {
            superuser.batch_execute(&format!("UPDATE user_profiles SET {change} WHERE id = '{of}'")).unwrap();
        };
        set(&format!("admin_id = '{}'", other.admin), &member);
        assert_eq!(session.rows(), 1, "moved, {manner:?}");
        set(&format!("admin_id = '{}'", team.admin), &member);
        assert_eq!(session.rows(), 3, "moved back, {manner:?}");
        set("is_active = false", &team.admin);
        assert_eq!(session.rows(), 0, "the admin is inactive, {manner:?}");
        set("is_active = true", &team.admin);
        assert_eq!(session.rows(), 3, "the admin is back, {manner:?}");
    }
}

#[test]
fn a_deactivation_counts_when_it_commits_and_not_before() {
    let database = Database::create(fixture::shared(), "revoke_commit");
    for (n, end) in (1..).zip(["COMMIT", "ROLLBACK"]) {
        let (team, member) = team_with_data(&database, n);
        let mut admin = database.login(&team.admin);
        let mut session = Session::open(&database, &member, MANNERS[1]);
        assert_eq!(session.rows(), 3);
        admin.batch_execute(&format!("BEGIN; SELECT deactivate_team_member('{member}')")).unwrap();
        assert_eq!(session.rows(), 3, "not committed yet");
        assert_eq!(session.rows(), 3, "not committed yet, looked up again");
        admin.batch_execute(end).unwrap();
        assert_eq!(session.rows(), if end == "COMMIT" { 0 } else { 3 }, "{end}");
    }
}

/// However a change of a profile arrives: as a replica's, by TRUNCATE, and after triggers were off, as a restore leaves them.
#[test]
fn a_change_that_fires_no_ordinary_trigger_revokes_as_well() {
    let database = Database::create(fixture::shared(), "revoke_replica");
    let mut superuser = database.superuser();
    superuser
        .batch_execute(
            "ALTER TABLE user_profiles DISABLE TRIGGER ALL; ALTER TABLE user_profiles ENABLE TRIGGER ALL;
             SET session_replication_role = replica",
        )
        .unwrap();
    for (n, manner) in (1..).zip(MANNERS) {
        let (team, member) = team_with_data(&database, n);
        let mut session = Session::open(&database, &member, manner);
        let mut change = |sql: &str| superuser.batch_execute(sql).unwrap();
        assert_eq!(session.rows(), 3, "{manner:?}");
        change(&format!("UPDATE user_profiles SET is_active = false WHERE id = '{member}'"));
        assert_eq!((session.rows(), session.role()), (0, None), "deactivated, {manner:?}");
        change(&format!("UPDATE user_profiles SET is_active = true WHERE id = '{member}'"));
        assert_eq!(session.rows(), 3, "reactivated, {manner:?}");
        change(&format!("CREATE TABLE kept AS SELECT * FROM user_profiles WHERE id = '{}'", team.admin));
        change(&format!("DELETE FROM user_profiles WHERE id = '{}'", team.admin));
        assert_eq!(session.rows(), 0, "the admin is gone, {manner:?}");
        change("INSERT INTO user_profiles SELECT * FROM kept; DROP TABLE kept");
        assert_eq!(session.rows(), 3, "the admin is back, {manner:?}");
    }
    let mut session = Session::open(&database, &id(1, 2), MANNERS[1]);
    assert_eq!(session.role().as_deref(), Some("staff"));
    superuser.batch_execute("TRUNCATE user_profiles CASCADE").unwrap();
    assert_eq!(session.role(), None, "truncated");
    let complaints =
        "SELECT count(*) FROM teamwork.doctor() WHERE check_name = 'policies' AND status <> 'ok'";
    assert_eq!(database.count(complaints), 0, "doctor knows the triggers as they are");
}
