//! Long keys that repeat, at the end of an index, where rows that go in bulk are appended to it: no item may be larger than nbtree
//! allows (`BTMaxItemSize` in `nbtree.h`), and whoever inserts next to them later must be able to split the page.

use crate::asked;
use crate::bulk::in_bulk;
use crate::fixture::{self, Database};
use crate::soundness::assert_sound;
use fastrand::Rng;

/// `BTMaxItemSize` of pages of 8 KiB.
const LARGEST_ITEM: i64 = 2_704;
/// So long that the rows of a posting list, a tenth of a page, would be too many beside it.
const LONG: i64 = LARGEST_ITEM - 800;
const REPEATS: usize = 150;

const TABLE: &str = "CREATE EXTENSION pageinspect;
    CREATE TABLE texts (k text COLLATE \"C\", n integer); SELECT teamwork.protect_table('texts'); CREATE INDEX by_k ON texts (k)";

/// The longest item of a leaf. High keys and what is above the leaves may have a row besides (`BTMaxItemSizeNoHeapTid`).
const LONGEST: &str = "SELECT max(i.itemlen)::bigint
    FROM generate_series(1, pg_relation_size('by_k') / 8192 - 1) block, bt_page_stats('by_k', block) s, bt_page_items('by_k', block) i
    WHERE s.type = 'l' AND (s.btpo_next = 0 OR i.itemoffset > 1)";

/// Letters that do not compress, so that what is stored is as long as it is.
fn noise(rng: &mut Rng, len: usize) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    (0..len).map(|_| char::from(*rng.choice(LETTERS).unwrap())).collect()
}

/// Words, of which 8,000 bytes compress to some 2,000.
fn prose(rng: &mut Rng, len: usize) -> String {
    let words: Vec<String> = (0..60).map(|_| noise(rng, 15)).collect();
    let mut text = String::new();
    while text.len() < len {
        text += rng.choice(&words).unwrap();
        text.push(' ');
    }
    text
}

/// Each key so often, and each greater than those before.
fn file(keys: &[String]) -> String {
    let line = |(place, key): (usize, &String)| {
        (0..REPEATS).map(move |n| format!("{place:04} {key},{n}\n")).collect::<String>()
    };
    std::iter::once("k,n\n".to_owned()).chain(keys.iter().enumerate().map(line)).collect()
}

fn keys_stay_within_their_pages(name: &str, keys: &[String]) {
    let database = Database::create(fixture::shared(), name);
    let mut manager = database.login(&database.team(1).manager);
    database.superuser().batch_execute(TABLE).unwrap();
    let sql = "SELECT create_background_import_job('texts', csv => $1)::text";
    let job: String = manager.query_one(sql, &[&file(keys)]).unwrap().get(0);
    assert_eq!(in_bulk(&mut manager, &job), (keys.len() * REPEATS) as i64);
    let longest = database.count(LONGEST);
    assert!((LONG..=LARGEST_ITEM).contains(&longest), "the longest item has {longest} bytes");
    assert_sound(&database, "texts");
    // By statements, next to them, before and behind, until every page has been split.
    for n in 0..4 {
        let again = format!(
            "INSERT INTO texts (k, n) SELECT CASE {n} WHEN 3 THEN k || ' x' ELSE k END, -1 FROM texts WHERE n >= 0 AND length(k) < 2600"
        );
        manager.batch_execute(&again).expect("keys are taken next to those");
    }
    assert_sound(&database, "texts");
    let longest = database.count(LONGEST);
    assert!((LONG..=LARGEST_ITEM).contains(&longest), "the longest item has {longest} bytes");
}

#[test]
fn repeated_keys_of_every_length_stay_within_their_pages() {
    let (mut rng, seed) = asked::rng();
    println!("again with: cargo xtask test long_keys --seed {seed}");
    let lengths = (0..30).map(|n| 100 * n + 1).filter(|len| *len < 1_800).chain((1_800..=2_680).step_by(40));
    let keys: Vec<String> = lengths.map(|len| noise(&mut rng, len)).collect();
    keys_stay_within_their_pages("long_keys", &keys);
}

#[test]
fn repeated_prose_stays_within_its_pages() {
    let (mut rng, seed) = asked::rng();
    println!("again with: cargo xtask test long_keys --seed {seed}");
    let keys: Vec<String> = [8_000, 9_000, 10_000, 11_000, 12_000].map(|len| prose(&mut rng, len)).to_vec();
    keys_stay_within_their_pages("long_prose", &keys);
}
