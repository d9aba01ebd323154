//! A logical subscriber: what its apply worker writes reaches the sessions that are open there.

use crate::fixture::{self, Database, eventually, id, number};

const TABLES: &str = "auth.users, user_profiles, transactions";
const LOOK: &str = "SELECT count(*) FROM transactions";

#[test]
fn a_member_who_is_deactivated_on_the_publisher_loses_access_on_the_subscriber() {
    let settings = [("wal_level", "logical")];
    let (publisher, subscriber) =
        (fixture::server_with("publisher", &settings), fixture::server_with("subscriber", &settings));
    let original = Database::create(&publisher, "shop");
    let copy = Database::create(&subscriber, "shop");
    let (team, member) = (original.team(1), id(1, 2));
    let mut admin = original.login(&team.admin);
    let hire = format!("SELECT create_team_member('s@example.com', 'S', 'staff', '{member}')");
    admin.batch_execute(&format!("{hire}; INSERT INTO transactions (amount) VALUES (1), (2), (3)")).unwrap();
    original.superuser().batch_execute(&format!("CREATE PUBLICATION shop FOR TABLE {TABLES}")).unwrap();
    let from = publisher.connection_string("shop", "postgres");
    let subscribe = format!("CREATE SUBSCRIPTION shop CONNECTION $${from}$$ PUBLICATION shop");
    copy.superuser().batch_execute(&subscribe).unwrap();

    let mut session = copy.login(&member);
    session.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").unwrap();
    eventually("the first copy arrives in the open session", || number(&mut session, LOOK) == 3);
    admin.batch_execute(&format!("SELECT deactivate_team_member('{member}')")).unwrap();
    eventually("the deactivation arrives", || number(&mut session, LOOK) == 0);
    admin.batch_execute(&format!("SELECT reactivate_team_member('{member}')")).unwrap();
    eventually("the reactivation arrives", || number(&mut session, LOOK) == 3);
    admin.batch_execute(&format!("SELECT transfer_team('{member}')")).unwrap();
    let role = "SELECT count(*) FROM profiles WHERE role = 'admin' AND id = auth.uid()";
    eventually("the transfer arrives", || number(&mut session, role) == 1);
    eventually("with the rows", || number(&mut session, LOOK) == 3);
    let mut former = copy.login(&team.admin);
    assert_eq!(number(&mut former, LOOK), 3);
    original.login(&team.admin).batch_execute("SELECT leave_team()").unwrap();
    eventually("the departure arrives", || number(&mut former, LOOK) == 0);
    copy.superuser().batch_execute("DROP SUBSCRIPTION shop").unwrap();
}
