//! Quotas under real concurrency: many sessions, every isolation level, never a seat too many.

use crate::fixture::{self, Database, id};
use postgres::Client;
use postgres::error::SqlState;
use std::sync::{Barrier, Mutex};

const SESSIONS: u32 = 50;
const LEVELS: [&str; 3] = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];

/// One race at a time: the server has connections for one.
static TRACK: Mutex<()> = Mutex::new(());

/// Runs one statement in each of many sessions at the same moment; returns how many succeeded. The others were refused by
/// the quota, or told to try again; nobody was the victim of a deadlock.
fn race(connect: impl Fn() -> Client + Sync, level: &str, statement: impl Fn(u32) -> String + Sync) -> usize {
    race_refused_with(SqlState::CHECK_VIOLATION, |_| connect(), level, statement)
}

/// The same, where another error says that a session came too late. Sessions are told apart by their number.
fn race_refused_with(
    too_late: SqlState,
    connect: impl Fn(u32) -> Client + Sync,
    level: &str,
    statement: impl Fn(u32) -> String + Sync,
) -> usize {
    let _track = TRACK.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let start = Barrier::new(SESSIONS as usize);
    std::thread::scope(|scope| {
        let sessions: Vec<_> = (0..SESSIONS)
            .map(|session| {
                let (start, statement, connect) = (&start, &statement, &connect);
                scope.spawn(move || {
                    let mut client = connect(session);
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
            let is_expected = [&too_late, &SqlState::T_R_SERIALIZATION_FAILURE].contains(&refusal);
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
fn fifty_sessions_adding_staff_at_once_never_take_a_third_seat() {
    let database = Database::create(fixture::shared(), "quota_insert");
    for (n, level) in (1..).zip(LEVELS) {
        let team = database.team(n);
        let winners = race(
            || database.login(&team.admin),
            level,
            |session| {
                let member = id(n, 100 + session);
                format!("SELECT create_team_member('s{session}@example.com', 'Staff', 'staff', '{member}')")
            },
        );
        assert_eq!(active_staff(&database, &team.admin), winners as i64, "{level}");
        assert!((1..=2).contains(&winners), "{winners} sessions won under {level}");
        // Whoever was only told to try again finds the seats that are left, and no more.
        let mut admin = database.login(&team.admin);
        for session in 0..4 {
            let member = id(n, 200 + session);
            let _ = admin.batch_execute(&format!(
                "SELECT create_team_member('r{session}@example.com', 'R', 'staff', '{member}')"
            ));
        }
        assert_eq!(active_staff(&database, &team.admin), 2, "{level}");
    }
}

#[test]
fn fifty_sessions_reactivating_staff_at_once_never_take_a_third_seat() {
    let database = Database::create(fixture::shared(), "quota_reactivate");
    for (n, level) in (1..).zip(LEVELS) {
        let team = database.team(n);
        let mut admin = database.login(&team.admin);
        for session in 0..SESSIONS {
            let member = id(n, 100 + session);
            let sql = format!(
                "SELECT create_team_member('s{session}@example.com', 'S', 'staff', '{member}');
                 SELECT deactivate_team_member('{member}')"
            );
            admin.batch_execute(&sql).unwrap();
        }
        let winners = race(
            || database.login(&team.admin),
            level,
            |session| format!("SELECT reactivate_team_member('{}')", id(n, 100 + session)),
        );
        assert_eq!(active_staff(&database, &team.admin), winners as i64, "{level}");
        assert!((1..=2).contains(&winners), "{winners} sessions won under {level}");
    }
}

#[test]
fn fifty_sessions_making_managers_staff_at_once_never_take_a_third_seat() {
    let database = Database::create(fixture::shared(), "quota_role");
    for (n, level) in (1..).zip(LEVELS) {
        let team = database.team(n);
        let mut managers = format!("SELECT teamwork.set_role_limit('manager', 99, '{}');", team.admin);
        for session in 0..SESSIONS {
            let (member, admin) = (id(n, 100 + session), &team.admin);
            managers += &format!(
                "INSERT INTO user_profiles (id, role, admin_id) VALUES ('{member}', 'manager', '{admin}');"
            );
        }
        database.superuser().batch_execute(&managers).unwrap();
        let winners = race(
            || database.login(&team.admin),
            level,
            |session| {
                format!("UPDATE user_profiles SET role = 'staff' WHERE id = '{}'", id(n, 100 + session))
            },
        );
        assert_eq!(active_staff(&database, &team.admin), winners as i64, "{level}");
        assert!((1..=2).contains(&winners), "{winners} sessions won under {level}");
    }
}

/// Teams of two staff each, as many as it takes for one member per session; returns the members' teams.
fn full_teams(database: &Database, first: u32) -> Vec<String> {
    let mut sql = String::new();
    let teams: Vec<_> = (0..SESSIONS.div_ceil(2)).map(|team| id(first + team, 0)).collect();
    for (team, admin) in (first..).zip(&teams) {
        sql += &format!("INSERT INTO user_profiles (id, role) VALUES ('{admin}', 'admin');");
        for member in [id(team, 1), id(team, 2)] {
            sql += &format!(
                "INSERT INTO user_profiles (id, role, admin_id) VALUES ('{member}', 'staff', '{admin}');"
            );
        }
    }
    database.superuser().batch_execute(&sql).unwrap();
    teams
}

#[test]
fn fifty_sessions_moving_staff_into_one_team_at_once_never_take_a_third_seat() {
    let database = Database::create(fixture::shared(), "quota_move");
    for (n, level) in (1..).zip(LEVELS) {
        let target = database.team(n);
        let first = 1000 * n;
        full_teams(&database, first);
        let winners = race(
            || database.superuser(),
            level,
            |session| {
                let (member, admin) = (id(first + session / 2, 1 + session % 2), &target.admin);
                format!("UPDATE user_profiles SET admin_id = '{admin}' WHERE id = '{member}'")
            },
        );
        assert_eq!(active_staff(&database, &target.admin), winners as i64, "{level}");
        assert!((1..=2).contains(&winners), "{winners} sessions won under {level}");
    }
}

/// Everybody moves to the next team of a circle, so that each change of seats holds one team and waits for another.
#[test]
fn fifty_sessions_moving_staff_around_a_circle_of_teams_neither_deadlock_nor_pass_a_cap() {
    let database = Database::create(fixture::shared(), "quota_circle");
    for (n, level) in (1..).zip(LEVELS) {
        let first = 1000 * n;
        let teams = full_teams(&database, first);
        // A free seat, for somebody to begin.
        database
            .superuser()
            .batch_execute(&format!(
                "UPDATE user_profiles SET is_active = false WHERE id = '{}'",
                id(first, 1)
            ))
            .unwrap();
        for _ in 0..3 {
            race(
                || database.superuser(),
                level,
                |session| {
                    let next = &teams[(session as usize / 2 + 1) % teams.len()];
                    let member = id(first + session / 2, 1 + session % 2);
                    format!("UPDATE user_profiles SET admin_id = '{next}' WHERE id = '{member}'")
                },
            );
            let fullest = "SELECT max(n) FROM (SELECT count(*) AS n FROM user_profiles
                           WHERE role = 'staff' AND is_active GROUP BY admin_id) teams";
            assert!(database.count(fullest) <= 2, "{level}");
            let unseated = "SELECT count(*) FROM user_profiles p WHERE role <> 'admin' AND is_active IS DISTINCT FROM EXISTS (
                SELECT FROM teamwork.seats s WHERE (s.member_id, s.admin_id, s.role) = (p.id, p.admin_id, p.role))";
            assert_eq!(database.count(unseated), 0, "{level}");
        }
    }
}

#[test]
fn plain_inserts_race_like_the_function() {
    let database = Database::create(fixture::shared(), "quota_plain");
    for (n, level) in (1..).zip(LEVELS) {
        let team = database.team(n);
        let winners = race(
            || database.login(&team.admin),
            level,
            |session| {
                let (member, admin) = (id(n, 100 + session), &team.admin);
                format!(
                    "INSERT INTO user_profiles (id, role, admin_id) VALUES ('{member}', 'staff', '{admin}')"
                )
            },
        );
        assert_eq!(active_staff(&database, &team.admin), winners as i64, "{level}");
        assert!((1..=2).contains(&winners), "{winners} sessions won under {level}");
    }
}

#[test]
fn fifty_invitations_at_once_never_hold_a_third_seat() {
    let database = Database::create(fixture::shared(), "quota_invite");
    for (n, level) in (1..).zip(LEVELS) {
        let team = database.team(n);
        let winners = race(
            || database.login(&team.admin),
            level,
            |session| format!("SELECT invite_team_member('s{session}@example.com', 'staff')"),
        );
        let seats = format!(
            "SELECT count(*) FROM teamwork.seats WHERE admin_id = '{}' AND role = 'staff'",
            team.admin
        );
        assert_eq!(database.count(&seats), winners as i64, "{level}");
        assert!((1..=2).contains(&winners), "{winners} sessions won under {level}");
    }
}

#[test]
fn one_of_fifty_who_accept_one_invitation_at_once_joins() {
    let database = Database::create(fixture::shared(), "quota_accept");
    for (n, level) in (1..).zip(LEVELS) {
        let team = database.team(n);
        let token: String = database
            .login(&team.admin)
            .query_one("SELECT invite_team_member('new@example.com', 'staff')", &[])
            .unwrap()
            .get(0);
        let winners = race_refused_with(
            SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
            |session| database.login(&id(n, 100 + session)),
            level,
            |_| format!("SELECT accept_invitation('{token}')"),
        );
        assert_eq!((winners, active_staff(&database, &team.admin)), (1, 1), "{level}");
    }
}
