//! Quotas under real concurrency: many sessions, every isolation level, never a seat too many.

use crate::fixture::{self, Database, id};
use postgres::error::SqlState;
use std::sync::Barrier;

const SESSIONS: u32 = 20;
const LEVELS: [&str; 3] = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];

/// Runs one statement in each of many sessions at the same moment, as the team's admin; returns how many succeeded. The
/// others were refused by the quota, or told to try again.
fn race(database: &Database, admin: &str, level: &str, statement: impl Fn(u32) -> String + Sync) -> usize {
    let start = Barrier::new(SESSIONS as usize);
    std::thread::scope(|scope| {
        let sessions: Vec<_> = (0..SESSIONS)
            .map(|session| {
                let (start, statement) = (&start, &statement);
                scope.spawn(move || {
                    let mut client = database.login(admin);
                    client
                        .batch_execute(&format!(
                            "BEGIN ISOLATION LEVEL {level}; SELECT get_current_user_role()"
                        ))
                        .unwrap();
                    start.wait();
                    let outcome = client
                        .batch_execute(&statement(session))
                        .and_then(|()| client.batch_execute("COMMIT"));
                    outcome.map_err(|error| fixture::code(&error))
                })
            })
            .collect();
        let outcomes: Vec<_> = sessions.into_iter().map(|session| session.join().unwrap()).collect();
        for refusal in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            let is_expected =
                [SqlState::CHECK_VIOLATION, SqlState::T_R_SERIALIZATION_FAILURE].contains(refusal);
            assert!(is_expected, "a session failed with {refusal:?} under {level}");
        }
        outcomes.iter().filter(|outcome| outcome.is_ok()).count()
    })
}

fn active_staff(database: &Database, admin: &str) -> i64 {
    database.count(&format!(
        "SELECT count(*) FROM user_profiles WHERE admin_id = '{admin}' AND role = 'staff' AND is_active"
    ))
}

#[test]
fn twenty_sessions_adding_staff_at_once_never_take_a_third_seat() {
    let database = Database::create(fixture::shared(), "quota_insert");
    for (n, level) in (1..).zip(LEVELS) {
        let team = database.team(n);
        let winners = race(&database, &team.admin, level, |session| {
            let member = id(n, 100 + session);
            format!("SELECT create_team_member('s{session}@example.com', 'Staff', 'staff', '{member}')")
        });
        assert_eq!(active_staff(&database, &team.admin), winners as i64, "{level}");
        assert!((1..=2).contains(&winners), "{winners} sessions won under {level}");
        // Whoever was only told to try again finds the seats that are left, and no more.
        let mut admin = database.login(&team.admin);
        for session in 0..SESSIONS {
            let member = id(n, 200 + session);
            let _ = admin.batch_execute(&format!(
                "SELECT create_team_member('r@example.com', 'R', 'staff', '{member}')"
            ));
        }
        assert_eq!(active_staff(&database, &team.admin), 2, "{level}");
    }
}

#[test]
fn twenty_sessions_reactivating_staff_at_once_never_take_a_third_seat() {
    let database = Database::create(fixture::shared(), "quota_reactivate");
    for (n, level) in (1..).zip(LEVELS) {
        let team = database.team(n);
        let mut admin = database.login(&team.admin);
        for session in 0..SESSIONS {
            let member = id(n, 100 + session);
            let sql = format!(
                "SELECT create_team_member('s@example.com', 'S', 'staff', '{member}');
                 SELECT deactivate_team_member('{member}')"
            );
            admin.batch_execute(&sql).unwrap();
        }
        let winners = race(&database, &team.admin, level, |session| {
            format!("SELECT reactivate_team_member('{}')", id(n, 100 + session))
        });
        assert_eq!(active_staff(&database, &team.admin), winners as i64, "{level}");
        assert!((1..=2).contains(&winners), "{winners} sessions won under {level}");
    }
}

#[test]
fn plain_inserts_race_like_the_function() {
    let database = Database::create(fixture::shared(), "quota_plain");
    let team = database.team(1);
    let winners = race(&database, &team.admin, "READ COMMITTED", |session| {
        let (member, admin) = (id(1, 100 + session), &team.admin);
        format!("INSERT INTO user_profiles (id, role, admin_id) VALUES ('{member}', 'staff', '{admin}')")
    });
    assert_eq!((winners, active_staff(&database, &team.admin)), (2, 2));
}
