//! Who takes part in the storm, and what each does once.

use super::{Storm, trouble};
use fastrand::Rng;
use postgres::Error;
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub enum Actor {
    Importer,
    SecondImporter,
    Writer,
    Vacuum,
    Builder,
    Canceller,
    Killer,
    StandbyKiller,
}

/// Keys there are.
const KEYS: u64 = 300_000;

/// Indexes that are built anew, and those that come and go.
const KEPT: [&str; 6] = ["by_n", "by_note", "by_label", "things_pkey", "by_gist", "things_admin_id_k_idx"];
const PASSING: [(&str, &str); 4] = [
    ("passing_n", "ON things (n, k)"),
    ("passing_k", "ON things (k DESC)"),
    ("passing_gin", "ON things USING gin (tags jsonb_path_ops)"),
    ("passing_brin", "ON things USING brin (created_at)"),
];

impl Actor {
    pub const ALL: [Self; 8] = [
        Self::Importer,
        Self::SecondImporter,
        Self::Writer,
        Self::Vacuum,
        Self::Builder,
        Self::Canceller,
        Self::Killer,
        Self::StandbyKiller,
    ];

    pub fn act(self, storm: &Storm, rng: &mut Rng) -> Result<(), Error> {
        match self {
            Self::Importer | Self::SecondImporter => import(storm, rng),
            Self::Writer => write(storm, rng),
            Self::Vacuum => vacuum(storm, rng),
            Self::Builder => build(storm, rng),
            Self::Canceller => trouble::cancel(storm, rng),
            Self::Killer => trouble::kill(storm, rng),
            Self::StandbyKiller => trouble::kill_standby(storm, rng),
        }
    }
}

/// Submits a file, and waits for its end, whatever that is.
fn import(storm: &Storm, rng: &mut Rng) -> Result<(), Error> {
    let mut client = storm.connect(Some(&storm.manager))?;
    storm.await_standby(&mut client)?;
    let sql = "SELECT create_background_import_job('things', csv => $1, options => $2::text::jsonb)::text";
    let options = *rng
        .choice(&[
            "{}",
            r#"{"commit_every": 3000}"#,
            r#"{"on_conflict": "skip"}"#,
            r#"{"on_conflict": "skip", "commit_every": 5000}"#,
            r#"{"dry_run": true}"#,
        ])
        .unwrap();
    let job: String = client.query_one(sql, &[&file(rng), &options])?.get(0);
    client.query_one("SELECT wait_for_job($1::text::uuid, '10 s')", &[&job])?;
    Ok(())
}

/// Neighbouring keys or any, of which many are known; notes that repeat, some of them long.
fn file(rng: &mut Rng) -> String {
    let (first, rows) = (rng.u64(..KEYS), 2_000 + rng.u64(..12_000));
    let is_run = rng.u64(..2) == 0;
    let mut file = "k,n,note,tags,label\n".to_owned();
    for row in 0..rows {
        let key = if is_run { first + row } else { rng.u64(..KEYS) };
        let note = match rng.u64(..40) {
            0 => "long ".repeat(600),
            it => format!("a note of few others {}", it % 7),
        };
        let quoted = format!(r#""{{""a"": {}, ""b"": ""{}""}}""#, key % 50, row % 11);
        let label = if rng.u64(..2) == 0 { "Label" } else { "label" };
        file += &format!("k{key:07},{},{note},{quoted},{label}\n", key % 1_000);
    }
    file
}

fn write(storm: &Storm, rng: &mut Rng) -> Result<(), Error> {
    let mut client = storm.connect(Some(&storm.manager))?;
    for _ in 0..20 {
        storm.await_standby(&mut client)?;
        let (from, to) = (rng.u64(..KEYS), 1 + rng.u64(..3_000));
        let range = format!("k BETWEEN 'k{from:07}' AND 'k{:07}'", from + to);
        let sql = match rng.u64(..4) {
            0 => format!("DELETE FROM things WHERE {range}"),
            1 => format!("UPDATE things SET n = n + 1 WHERE {range}"),
            2 => format!("UPDATE things SET note = note || ' again', tags = tags || '{{\"c\": 1}}' WHERE {range}"),
            _ => format!(
                "INSERT INTO things (k, n, note) SELECT 'k' || to_char(n, 'FM0000000'), n, 'by statement' FROM generate_series({from}, {}) n
                 ON CONFLICT (admin_id, k) DO NOTHING",
                from + to
            ),
        };
        client.batch_execute(&sql)?;
    }
    Ok(())
}

fn vacuum(storm: &Storm, rng: &mut Rng) -> Result<(), Error> {
    let sql = *rng
        .choice(&[
            "VACUUM (FREEZE) things",
            "VACUUM things",
            "VACUUM (FREEZE, INDEX_CLEANUP on) things",
            "CHECKPOINT",
            "ANALYZE things",
        ])
        .unwrap();
    storm.connect(None)?.batch_execute(sql)?;
    storm.rest(Duration::from_millis(rng.u64(..400)));
    Ok(())
}

/// An index is built anew, or made or dropped. What an earlier attempt has left invalid has been kept up until here.
fn build(storm: &Storm, rng: &mut Rng) -> Result<(), Error> {
    let mut client = storm.connect(None)?;
    let invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'things'::regclass AND NOT indisvalid";
    for index in client.query(invalid, &[])? {
        client.batch_execute(&format!("DROP INDEX CONCURRENTLY {}", index.get::<_, &str>(0)))?;
    }
    if rng.u64(..2) == 0 {
        return client.batch_execute(&format!("REINDEX INDEX CONCURRENTLY {}", rng.choice(&KEPT).unwrap()));
    }
    let (name, definition) = rng.choice(&PASSING).unwrap();
    client.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))?;
    client.batch_execute(&format!("CREATE INDEX CONCURRENTLY {name} {definition}"))
}
