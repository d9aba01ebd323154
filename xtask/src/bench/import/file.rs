//! The file that is imported: in an upload, and where COPY can read it.

use std::path::Path;

use anyhow::Result;
use fastrand::Rng;
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
        write(&data_dir.join(&path), rows)?;
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

fn write(path: &Path, rows: usize) -> Result<()> {
    let mut file = csv::Writer::from_path(path)?;
    file.write_record(COLUMNS.split(','))?;
    // The same file each time.
    let mut rng = Rng::with_seed(1);
    for n in 0..rows {
        file.write_record(record(n, &mut rng))?;
    }
    Ok(file.flush()?)
}

fn record(n: usize, rng: &mut Rng) -> [String; 12] {
    let mut word = || WORDS[rng.usize(..WORDS.len())];
    let name = format!("{} {} {}", word(), word(), word());
    let description = format!("A {} of {} and {}", word(), word(), word());
    let category = word().to_owned();
    let mut price = |most: u32| format!("{}.{:02}", rng.u32(..most), rng.u32(..100));
    let (unit_price, cost) = (price(1000), price(100));
    [
        format!("SKU-{n:07}"),
        name,
        description,
        category,
        rng.u32(..500).to_string(),
        rng.u32(..50).to_string(),
        unit_price,
        cost,
        "each".to_owned(),
        format!("{:013}", rng.u64(..8_589_934_592_000)),
        format!("A-{:02}-{:02}", rng.u32(..100), rng.u32(..100)),
        format!("Supplier {}", rng.u32(..40)),
    ]
}
