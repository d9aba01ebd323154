//! Sessions that go by signed tokens, as they end: by the clock and by the key, in whatever transaction.

use crate::fixture::{self, Database, Team, eventually, number};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use postgres::Client;
use sha2::Sha256;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const KEY: &str = "a key of thirty-two bytes, or more";
const LOOK: &str = "SELECT count(*) FROM transactions";

/// A token that is valid for so long from now.
fn token(user: &str, validity: Duration, key: &str) -> String {
    let ends = (SystemTime::now() + validity).duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let claims = format!(r#"{{"sub": "{user}", "exp": {ends}}}"#);
    let signed =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg": "HS256"}"#), URL_SAFE_NO_PAD.encode(claims));
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap().chain_update(&signed);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// A team with one row, and a login role for people.
fn prepare(database: &Database) -> Team {
    let team = database.team(1);
    database.login(&team.admin).batch_execute("INSERT INTO transactions (amount) VALUES (1)").unwrap();
    let role = format!(
        "CREATE ROLE {0} LOGIN IN ROLE authenticated, teamwork_token_only; SELECT teamwork.set_token_key('{KEY}')",
        database.name
    );
    database.superuser().batch_execute(&role).unwrap();
    team
}

fn sign_in(database: &Database, token: &str) -> Client {
    let mut client = database.cluster.connect(&database.name, &database.name).unwrap();
    client.execute("SELECT teamwork.login($1)", &[&token]).unwrap();
    client
}

#[test]
fn a_session_is_nobodys_from_the_moment_its_token_expires() {
    let database = Database::create(fixture::shared(), "token_expiry");
    let team = prepare(&database);
    let mut session = sign_in(&database, &token(&team.manager, Duration::from_secs(3), KEY));
    session.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").unwrap();
    assert_eq!(number(&mut session, LOOK), 1);
    eventually("the token expires", || number(&mut session, LOOK) == 0);
}

#[test]
fn a_session_is_nobodys_when_the_key_of_its_token_is_taken_away() {
    let database = Database::create(fixture::shared(), "token_key");
    let team = prepare(&database);
    let (hour, new_key) = (Duration::from_secs(3600), "another key of thirty-two bytes or more");
    let mut session = sign_in(&database, &token(&team.manager, hour, KEY));
    let mut superuser = database.superuser();
    session.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").unwrap();
    assert_eq!(number(&mut session, LOOK), 1);
    // Both are good while keys change over.
    superuser.batch_execute(&format!("SELECT teamwork.set_token_key('{new_key}', 'new')")).unwrap();
    assert_eq!(number(&mut session, LOOK), 1);
    let mut later = sign_in(&database, &token(&team.manager, hour, new_key));
    superuser.batch_execute("SELECT teamwork.set_token_key(NULL)").unwrap();
    assert_eq!((number(&mut session, LOOK), number(&mut later, LOOK)), (0, 1));
    superuser.batch_execute(&format!("SELECT teamwork.set_token_key('{KEY}')")).unwrap();
    assert_eq!(number(&mut session, LOOK), 1, "the key is back");
}

#[test]
fn a_token_can_come_with_the_connection() {
    let database = Database::create(fixture::shared(), "token_option");
    let team = prepare(&database);
    let token = token(&team.manager, Duration::from_secs(3600), KEY);
    let connection = database.cluster.connection_string(&database.name, &database.name);
    let mut config: postgres::Config = connection.parse().unwrap();
    let mut session = config.options(&format!("-c teamwork.token={token}")).connect(postgres::NoTls).unwrap();
    assert_eq!(number(&mut session, LOOK), 1);
    session.batch_execute("DISCARD ALL").unwrap();
    assert_eq!(number(&mut session, LOOK), 1, "what came with the connection is its own");
}
