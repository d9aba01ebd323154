//! Who takes part in the storm, and what each does once.

use super::{Storm, trouble};
use crate::dice::Dice;
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

    pub fn act(self, storm: &Storm, dice: &mut Dice) -> Result<(), Error> {
        match self {
            Self::Importer | Self::SecondImporter => import(storm, dice),
            Self::Writer => write(storm, dice),
            Self::Vacuum => vacuum(storm, dice),
            Self::Builder => build(storm, dice),
            Self::Canceller => trouble::cancel(storm, dice),
            Self::Killer => trouble::kill(storm, dice),
            Self::StandbyKiller => trouble::kill_standby(storm, dice),
        }
    }
}

/// Submits a file, and waits for its end, whatever that is.
fn import(storm: &Storm, dice: &mut Dice) -> Result<(), Error> {
    let mut client = storm.connect(Some(&storm.manager))?;
    storm.await_standby(&mut client)?;
    let sql = "SELECT create_background_import_job('things', csv => $1, options => $2::text::jsonb)::text";
    let options = *dice.pick(&[
        "{}",
        r#"{"commit_every": 3000}"#,
        r#"{"on_conflict": "skip"}"#,
        r#"{"on_conflict": "skip", "commit_every": 5000}"#,
        r#"{"dry_run": true}"#,
    ]);
    let job: String = client.query_one(sql, &[&file(dice), &options])?.get(0);
    client.query_one("SELECT wait_for_job($1::text::uuid, '10 s')", &[&job])?;
    Ok(())
}

/// Neighbouring keys or any, of which many are known; notes that repeat, some of them long.
fn file(dice: &mut Dice) -> String {
    let (first, rows) = (dice.roll(KEYS), 2_000 + dice.roll(12_000));
    let is_run = dice.once_in(2);
    let mut file = "k,n,note,tags,label\n".to_owned();
    for row in 0..rows {
        let key = if is_run { first + row } else { dice.roll(KEYS) };
        let note = match dice.roll(40) {
            0 => "long ".repeat(600),
            it => format!("a note of few others {}", it % 7),
        };
        let quoted = format!(r#""{{""a"": {}, ""b"": ""{}""}}""#, key % 50, row % 11);
        let label = if dice.once_in(2) { "Label" } else { "label" };
        file += &format!("k{key:07},{},{note},{quoted},{label}\n", key % 1_000);
    }
    file
}

fn write(storm: &Storm, dice: &mut Dice) -> Result<(), Error> {
    let mut client = storm.connect(Some(&storm.manager))?;
    for _ in 0..20 {
        storm.await_standby(&mut client)?;
        let (from, to) = (dice.roll(KEYS), 1 + dice.roll(3_000));
        let range = format!("k BETWEEN 'k{from:07}' AND 'k{:07}'", from + to);
        let sql = match dice.roll(4) {
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

fn vacuum(storm: &Storm, dice: &mut Dice) -> Result<(), Error> {
    let sql = *dice.pick(&[
        "VACUUM (FREEZE) things",
        "VACUUM things",
        "VACUUM (FREEZE, INDEX_CLEANUP on) things",
        "CHECKPOINT",
        "ANALYZE things",
    ]);
    storm.connect(None)?.batch_execute(sql)?;
    storm.rest(Duration::from_millis(dice.roll(400)));
    Ok(())
}

/// An index is built anew, or made or dropped. What an earlier attempt has left invalid has been kept up until here.
fn build(storm: &Storm, dice: &mut Dice) -> Result<(), Error> {
    let mut client = storm.connect(None)?;
    let invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'things'::regclass AND NOT indisvalid";
    for index in client.query(invalid, &[])? {
        client.batch_execute(&format!("DROP INDEX CONCURRENTLY {}", index.get::<_, &str>(0)))?;
    }
    if dice.once_in(2) {
        return client.batch_execute(&format!("REINDEX INDEX CONCURRENTLY {}", dice.pick(&KEPT)));
    }
    let (name, definition) = dice.pick(&PASSING);
    client.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))?;
    client.batch_execute(&format!("CREATE INDEX CONCURRENTLY {name} {definition}"))
}
