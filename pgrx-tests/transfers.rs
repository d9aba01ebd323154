//! Teams that change hands while everybody works: no row, member, seat or job is left under an id that is no team's.

use crate::fixture::{self, Database, eventually, id, number};
use postgres::Client;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};
use std::time::{Duration, Instant};

const PEOPLE: u32 = 4;
const A_WHILE: Duration = Duration::from_secs(15);

/// What may become of a statement that meets a transfer: the key of the team is gone, a job runs, somebody waits for somebody, or the
/// caller is no admin any more.
const REFUSALS: [&str; 6] = ["23503", "55000", "40P01", "42501", "P0002", "23514"];

/// Whether the statement was carried out; anything else must be one of the refusals that are to be expected.
fn tried(client: &mut Client, sql: &str) -> bool {
    match client.batch_execute(sql) {
        Ok(()) => true,
        Err(error) => {
            let code = fixture::code(&error);
            assert!(REFUSALS.contains(&code.code()), "{sql}: {error:?}");
            false
        }
    }
}

fn hand_over(database: &Database, done: &AtomicBool) -> i64 {
    let people: Vec<String> = (0..PEOPLE).map(|person| id(1, person)).collect();
    let mut sessions: Vec<Client> = people.iter().map(|person| database.login(person)).collect();
    let (deadline, mut transfers) = (Instant::now() + A_WHILE, 0);
    while Instant::now() < deadline {
        for (n, session) in sessions.iter_mut().enumerate() {
            let successor = &people[(n + 1) % people.len()];
            transfers += i64::from(tried(session, &format!("SELECT transfer_team('{successor}')")));
        }
    }
    done.store(true, SeqCst);
    transfers
}

/// What a member does meanwhile: rows, now and then an import, and what only the admin may.
fn work(database: &Database, person: u32, done: &AtomicBool, rows: &AtomicI64, imported: &AtomicI64) {
    let mut session = database.login(&id(1, person));
    let mut n = 0;
    while !done.load(SeqCst) {
        n += 1;
        let insert = "INSERT INTO transactions (amount) VALUES (1), (2), (3)";
        rows.fetch_add(3 * i64::from(tried(&mut session, insert)), SeqCst);
        if n % 50 == 0 {
            let import = format!(
                "SELECT create_background_import_job('inventory', csv => E'sku,name\\nT{person}-{n},Lamp\\n')"
            );
            imported.fetch_add(i64::from(tried(&mut session, &import)), SeqCst);
            tried(&mut session, &format!("SELECT create_team_member('x{n}@example.com', 'X', 'staff')"));
            tried(&mut session, &format!("SELECT invite_team_member('y{n}@example.com', 'staff')"));
            tried(
                &mut session,
                "UPDATE transactions SET amount = amount + 1 WHERE id = (SELECT min(id) FROM transactions)",
            );
        }
    }
}

#[test]
fn nothing_is_left_behind_by_a_team_that_changes_hands_while_everybody_works() {
    let server = fixture::server("transfers");
    let database = Database::create(&server, "transfers");
    database.superuser().batch_execute("SELECT teamwork.set_role_limit('staff', 9)").unwrap();
    let team = database.team(1);
    let mut admin = database.login(&team.admin);
    for person in 2..PEOPLE {
        let member = id(1, person);
        admin
            .batch_execute(&format!(
                "SELECT create_team_member('s{person}@example.com', 'S', 'staff', '{member}')"
            ))
            .unwrap();
    }
    let (done, rows, imported) = (AtomicBool::new(false), AtomicI64::new(0), AtomicI64::new(0));
    let transfers = std::thread::scope(|scope| {
        for person in 0..PEOPLE {
            let (database, done, rows, imported) = (&database, &done, &rows, &imported);
            scope.spawn(move || work(database, person, done, rows, imported));
        }
        hand_over(&database, &done)
    });
    assert!(transfers > 3, "{transfers} transfers");

    let mut superuser = database.superuser();
    let waiting = "SELECT count(*) FROM scheduled_jobs WHERE status IN ('pending', 'processing')";
    eventually("the jobs end", || number(&mut superuser, waiting) == 0);
    let admins = "SELECT count(*) FROM user_profiles WHERE role = 'admin'";
    assert_eq!(number(&mut superuser, admins), 1);
    let places = "SELECT format('SELECT count(*) FROM %s WHERE %I NOT IN (SELECT id FROM user_profiles WHERE role = ''admin'')', target, name)
                  FROM teamwork.team_columns() UNION ALL
                  SELECT 'SELECT count(*) FROM user_profiles WHERE admin_id NOT IN (SELECT id FROM user_profiles WHERE role = ''admin'')'";
    for place in superuser.query(places, &[]).unwrap() {
        let stray: String = place.get(0);
        assert_eq!(number(&mut superuser, &stray), 0, "{stray}");
    }
    assert_eq!(number(&mut superuser, "SELECT count(*) FROM transactions"), rows.load(SeqCst));
    let others = superuser
        .query("SELECT status, error_message FROM scheduled_jobs WHERE status <> 'completed'", &[])
        .unwrap();
    assert!(others.is_empty(), "every import was finished: {others:?}");
    assert_eq!(number(&mut superuser, "SELECT count(*) FROM inventory"), imported.load(SeqCst));
    let seats = "SELECT count(*) FROM user_profiles p FULL JOIN teamwork.seats s ON (s.member_id, s.admin_id, s.role) = (p.id, p.admin_id, p.role)
                 WHERE (p.role <> 'admin') IS DISTINCT FROM (s.slot IS NOT NULL) AND s.invitation_id IS NULL";
    assert_eq!(number(&mut superuser, seats), 0, "each member has a seat");
}
