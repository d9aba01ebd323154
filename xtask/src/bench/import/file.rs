//! The file that is imported: in an upload, and where COPY can read it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Result;
use postgres::Client;

/// The columns of the file.
pub const COLUMNS: &str = "sku,name,description,category,quantity,quantity_on_order,unit_price,cost,unit_of_measure,barcode,location,supplier";

const WORDS: [&str; 12] =
    ["Oak", "Pine", "Steel", "Copper", "Glass", "Cotton", "Amber", "Chair", "Lamp", "Shelf", "Bolt", "Panel"];

pub struct File {
    /// Relative to the server's data directory.
    pub path: String,
    pub upload: String,
}

impl File {
    /// Lays a file of so many rows, in the order of their SKUs, with barcodes in none.
    pub fn lay(superuser: &mut Client, data_dir: &Path, rows: usize) -> Result<Self> {
        let path = format!("bench-{rows}.csv");
        fs::write(data_dir.join(&path), text(rows))?;
        let sql = "WITH upload AS (
                INSERT INTO teamwork.uploads (organization_id, created_by, file_name, bytes)
                SELECT id, id, $1, (pg_stat_file($1)).size FROM auth.users WHERE id::text LIKE '8%' RETURNING id, bytes
            ), chunks AS (
                INSERT INTO teamwork.upload_chunks
                SELECT id, part, pg_read_binary_file($1, part, 262144) FROM upload, generate_series(0, bytes - 1, 262144) part)
            SELECT id::text FROM upload";
        let upload = superuser.query_one(sql, &[&path])?.get(0);
        Ok(Self { path, upload })
    }
}

fn text(rows: usize) -> String {
    let mut text = format!("{COLUMNS}\n");
    let mut state = 1_u64;
    let mut roll = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    for n in 0..rows {
        let mut word = || WORDS[roll(12) as usize];
        let _ = write!(
            text,
            "SKU-{n:07},{} {} {},A {} of {} and {},{},",
            word(),
            word(),
            word(),
            word(),
            word(),
            word(),
            word()
        );
        let _ = write!(
            text,
            "{},{},{}.{:02},{}.{:02},each,",
            roll(500),
            roll(50),
            roll(1000),
            roll(100),
            roll(100),
            roll(100)
        );
        let _ = writeln!(
            text,
            "{:013},A-{:02}-{:02},Supplier {}",
            roll(1 << 31) * 4_000 + roll(4_000),
            roll(100),
            roll(100),
            roll(40)
        );
    }
    text
}
