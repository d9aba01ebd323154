//! A storm over one table with an index of every type: imports in bulk whose keys overlap, statements, VACUUM FREEZE, indexes that
//! come and go concurrently, cancelled, terminated and killed processes, and a standby that follows. In the end both servers are
//! sound to the last page and hold the same. `cargo xtask test storm --minutes 10` asks for more of it.

mod actors;
mod trouble;

use crate::asked;
use crate::engine_processes;
use crate::fixture::{self, Database, TIMEOUT, eventually, number};
use crate::soundness::{assert_same_rows, assert_sound};
use actors::Actor;
use fastrand::Rng;
use postgres::Client;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};
use xtask::cluster::{Checked, HARMLESS};

/// How long, unless more is asked for.
const MINUTES: u64 = 1;

/// Every type of index, and of B-trees those that appending has rules about: descending, covering, of patterns, of a collation in
/// which different texts are equal, of few values.
const TABLE: &str = r#"
CREATE EXTENSION amcheck; CREATE EXTENSION btree_gist; CREATE EXTENSION pg_trgm;
CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, k text NOT NULL, n integer, note text, tags jsonb,
                     label text COLLATE blind);
SELECT teamwork.protect_table('things', key_columns => ARRAY['k']);
CREATE INDEX by_n ON things (n);
CREATE INDEX by_n_back ON things (n DESC NULLS LAST);
CREATE INDEX by_note ON things (note);
CREATE INDEX by_pattern ON things (k text_pattern_ops);
CREATE INDEX by_label ON things (label);
CREATE INDEX covering ON things (k) INCLUDE (n);
CREATE INDEX by_hash ON things USING hash (k);
CREATE INDEX by_gin ON things USING gin (tags);
CREATE INDEX by_trigram ON things USING gin (note gin_trgm_ops);
CREATE INDEX by_gist ON things USING gist (n, note);
CREATE INDEX by_spgist ON things USING spgist (k);
CREATE INDEX by_brin ON things USING brin (n)"#;

/// How far the standby may fall behind, in bytes of the log, which the primary keeps for it: it replays slower than all of them write.
const MOST_BEHIND: i64 = 1 << 30;

const BEHIND: &str =
    "SELECT coalesce(max(pg_current_wal_lsn() - restart_lsn), 0)::bigint FROM pg_replication_slots";

/// Rows that completed imports have put into the table past the executor.
const IN_BULK: &str = "SELECT coalesce(sum((report ->> 'in_bulk')::bigint), 0)::bigint FROM scheduled_jobs WHERE status = 'completed'";

/// What the actors share.
pub struct Storm<'a> {
    database: &'a Database<'a>,
    standby: &'a Checked,
    manager: String,
    is_over: AtomicBool,
    /// Errors that no storm explains.
    surprises: Mutex<Vec<String>>,
    /// How often each actor has done what it does, and was hindered.
    deeds: [(AtomicU64, AtomicU64); Actor::ALL.len()],
}

#[test]
fn a_storm_leaves_primary_and_standby_sound_and_alike() {
    let minutes = asked::minutes().unwrap_or(MINUTES);
    let (mut rng, seed) = asked::rng();
    println!("{minutes} minutes; again with: cargo xtask test storm --minutes {minutes} --seed {seed}");
    let settings = [
        ("shared_buffers", "16MB"),
        ("max_wal_size", "256MB"),
        ("wal_compression", "lz4"),
        ("teamwork.max_workers", "3"),
    ];
    let primary = fixture::server_with("storm", &settings);
    let database = Database::create(&primary, "storm");
    let manager = database.team(1).manager;
    database.superuser().batch_execute(TABLE).unwrap();
    let standby = primary.standby("storm-standby").expect("a standby follows");
    let storm = Storm {
        database: &database,
        standby: &standby,
        manager,
        is_over: AtomicBool::new(false),
        surprises: Mutex::default(),
        deeds: Default::default(),
    };
    thread::scope(|scope| {
        for actor in Actor::ALL {
            let (storm, rng) = (&storm, rng.fork());
            scope.spawn(move || storm.act(actor, rng));
        }
        thread::sleep(Duration::from_secs(60 * minutes));
        storm.is_over.store(true, Relaxed);
    });
    println!("done and hindered: {}", storm.tell());
    assert_eq!(*storm.surprises.lock().unwrap(), [""; 0], "seed {seed}");
    storm.deeds.iter().zip(Actor::ALL).for_each(|((done, _), actor)| {
        assert!(done.load(Relaxed) > 0, "{actor:?} has done nothing; seed {seed}");
    });
    storm.wait_until_quiet();
    assert_sound(&database, "things");
    let copy = Database { cluster: &standby, name: database.name.clone() };
    assert_same_rows(&database, &copy);
}

impl Storm<'_> {
    /// Until the storm is over; whatever it hinders is begun anew.
    fn act(&self, actor: Actor, mut rng: Rng) {
        let (done, hindered) = &self.deeds[actor as usize];
        while !self.is_over.load(Relaxed) {
            match actor.act(self, &mut rng) {
                Ok(()) => done.fetch_add(1, Relaxed),
                Err(error) => {
                    self.judge(actor, &error);
                    hindered.fetch_add(1, Relaxed)
                }
            };
        }
    }

    /// Connections end, transactions meet, and who is cancelled says so. Nothing else may come of it.
    fn judge(&self, actor: Actor, error: &postgres::Error) {
        /// Classes of SQLSTATE: connection, integrity, rollback, resources that are in use, intervention by an operator.
        const EXPECTED: [&str; 5] = ["08", "23", "40", "55", "57"];
        let is_expected =
            error.code().is_none_or(|code| EXPECTED.iter().any(|class| code.code().starts_with(class)))
                || error.as_db_error().is_some_and(|error| error.message() == HARMLESS);
        if !is_expected {
            self.surprises.lock().unwrap().push(format!("{actor:?}: {error:?}"));
        }
    }

    /// A connection of its own, as soon as the server takes one; None when the storm is over first.
    fn connect(&self, user: Option<&str>) -> Result<Client, postgres::Error> {
        let mut client = self
            .database
            .cluster
            .connect_within(&self.database.name, "postgres", TIMEOUT)
            .expect("the server is back");
        if let Some(user) = user {
            let claims = format!(r#"{{"sub": "{user}", "role": "authenticated"}}"#);
            client.batch_execute(&format!("SET ROLE authenticated; SET request.jwt.claims = '{claims}'"))?;
        }
        Ok(client)
    }

    /// Every job ends, and the standby has all of it.
    fn wait_until_quiet(&self) {
        let mut superuser = self.connect(None).unwrap();
        engine_processes::await_drained(&mut superuser);
        fixture::configure(self.database.cluster, "teamwork.enabled", "off");
        let in_bulk = number(&mut superuser, IN_BULK);
        println!("{in_bulk} rows in bulk");
        assert!(in_bulk > 0);
        let end: String = superuser.query_one("SELECT pg_current_wal_flush_lsn()::text", &[]).unwrap().get(0);
        let mut reader = self.standby.connect_within(&self.database.name, "postgres", TIMEOUT).unwrap();
        let has_come = format!("SELECT count(*) FROM pg_last_wal_replay_lsn() at WHERE at >= '{end}'");
        eventually("the standby has come to the end", || number(&mut reader, &has_come) == 1);
    }

    fn tell(&self) -> String {
        let told = Actor::ALL.iter().zip(&self.deeds);
        let told = told.map(|(actor, (done, hindered))| {
            format!("{actor:?} {}/{}", done.load(Relaxed), hindered.load(Relaxed))
        });
        told.collect::<Vec<_>>().join(", ")
    }

    /// Waits until the standby is not too far behind, unless the storm is over.
    fn await_standby(&self, client: &mut Client) -> Result<(), postgres::Error> {
        while client.query_one(BEHIND, &[])?.get::<_, i64>(0) > MOST_BEHIND && !self.is_over.load(Relaxed) {
            self.rest(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Waits a while, unless the storm is over.
    fn rest(&self, duration: Duration) {
        let end = Instant::now() + duration;
        while Instant::now() < end && !self.is_over.load(Relaxed) {
            thread::sleep(Duration::from_millis(20));
        }
    }
}
