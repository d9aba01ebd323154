//! The statements of the peers.

use super::case::{Case, Peer};
use super::file::{COLUMNS, File};

/// What a session runs, statement by statement. The defaults of owner_id and admin_id ask who is calling.
pub fn statements(case: &Case, file: &File) -> Vec<String> {
    let copy = |table: &str| format!("COPY {table} ({COLUMNS}) FROM '{}' (FORMAT csv, HEADER)", file.path);
    let table = case.table;
    match case.peer {
        Peer::Copy => vec![copy(table)],
        Peer::StagedUpsert => {
            let updates: Vec<String> =
                COLUMNS.split(',').skip(1).map(|column| format!("{column} = excluded.{column}")).collect();
            let upsert = format!(
                "INSERT INTO {table} ({COLUMNS}) SELECT {COLUMNS} FROM staging ON CONFLICT (admin_id, sku) DO UPDATE SET {}",
                updates.join(", ")
            );
            vec!["TRUNCATE staging".to_owned(), copy("staging"), upsert]
        }
        Peer::RowByRow => {
            vec!["TRUNCATE staging".to_owned(), copy("staging"), "SELECT insert_rows_one_by_one()".to_owned()]
        }
    }
}
