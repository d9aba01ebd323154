//! The server's side: what its input functions take, and what lies on its pages then.

use super::column::Column;
use crate::fixture::Database;
use fastrand::Rng;
use postgres::Client;
use std::fmt;

/// Takes rows as texts, each column by its input function with the column's modifier; leaves out what is refused.
const PUT: &str = "
CREATE EXTENSION pageinspect;
CREATE FUNCTION put(target regclass, texts text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    row text;
BEGIN
    FOREACH row IN ARRAY texts LOOP
        BEGIN
            EXECUTE format('INSERT INTO %s SELECT (r).* FROM (SELECT $1::%1$s OFFSET 0) s (r)', target) USING row;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
END $$";

/// A row's number, the bytes of its value where it lies, and those without a header, wherever they are.
const READ: &str = "
SELECT i.t_attrs[1], i.t_attrs[2], d.t_attrs[2]
FROM generate_series(0, pg_relation_size('v') / 8192 - 1) b, get_raw_page('v', b::integer) page,
     heap_page_item_attrs(page, 'v', false) i, heap_page_item_attrs(page, 'v', true) d
WHERE d.lp = i.lp";

/// Of which a text that `pack` takes must not depend.
const SETTINGS: [[&str; 2]; 3] =
    [["ISO, MDY", "UTC"], ["German, DMY", "Asia/Kathmandu"], ["SQL, YMD", "America/New_York"]];

/// `TOAST_TUPLE_THRESHOLD` in `heaptoast.h`, about: longer rows are compressed or put out of line.
pub const TOAST_THRESHOLD: usize = 2_000;

pub struct Server {
    pub client: Client,
}

/// A value as PostgreSQL stores it.
pub struct Stored {
    in_place: Vec<u8>,
    payload: Vec<u8>,
}

impl Stored {
    /// Whether it is `packed`. Of a value that has been compressed or put out of line the payload counts.
    pub fn is(&self, packed: &[u8]) -> bool {
        const HEADER: usize = size_of::<u32>();
        self.in_place == packed
            || packed.len() > TOAST_THRESHOLD - 100
                && self.in_place.len() < packed.len()
                && self.payload == packed[HEADER..]
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (payload {})", hex(&self.in_place), hex(&self.payload))
    }
}

/// The beginning, and how many they are.
pub fn hex(bytes: &[u8]) -> String {
    let beginning: String = bytes.iter().take(200).map(|byte| format!("{byte:02x}")).collect();
    format!("{beginning} ({} bytes)", bytes.len())
}

impl Server {
    pub fn prepare(database: &Database, rng: &mut Rng) -> Self {
        let mut client = database.superuser();
        client.batch_execute(PUT).unwrap();
        let [style, zone] = rng.choice(&SETTINGS).unwrap();
        println!("DateStyle {style}, time zone {zone}");
        client.batch_execute(&format!("SET datestyle = '{style}'; SET timezone = '{zone}'")).unwrap();
        Self { client }
    }

    /// What a column makes of each text; None if it refuses it.
    pub fn store<'a>(
        &mut self,
        column: &Column,
        texts: impl Iterator<Item = &'a str>,
    ) -> Vec<Option<Stored>> {
        let rows: Vec<String> =
            texts.enumerate().map(|(n, text)| record([Some(&*n.to_string()), Some(text)])).collect();
        let table = format!("DROP TABLE IF EXISTS v; CREATE TABLE v (n integer, v {})", column.sql_type);
        self.client.batch_execute(&table).unwrap();
        self.put("v", &rows);
        let mut stored: Vec<Option<Stored>> = rows.iter().map(|_| None).collect();
        for row in self.client.query(READ, &[]).unwrap() {
            let number: Vec<u8> = row.get(0);
            let number = i32::from_ne_bytes(number.try_into().expect("an integer"));
            stored[number as usize] = Some(Stored { in_place: row.get(1), payload: row.get(2) });
        }
        stored
    }

    pub fn put(&mut self, table: &str, rows: &[String]) {
        self.client.execute("SELECT put($1::text::regclass, $2)", &[&table, &rows]).unwrap();
    }
}

/// A row as `record_in` takes it.
pub fn record<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""));
    let values: Vec<String> = values.into_iter().map(|value| value.map(quoted).unwrap_or_default()).collect();
    format!("({})", values.join(","))
}
