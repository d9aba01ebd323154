//! A query whose rows are fetched little by little.

use super::with_scratch_memory;
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::spi::SpiError;

/// Rows a fetch.
const AT_ONCE: std::ffi::c_long = 1_000;

/// A portal over a query of one text column; it ends with the transaction.
pub struct Cursor(String);

impl Cursor {
    pub fn open(sql: &str, arguments: &[DatumWithOid]) -> Self {
        Self(Spi::connect(|client| client.open_cursor(sql, arguments).detach_into_name().to_string()))
    }

    /// The next rows; none at the end.
    pub fn fetch(&mut self) -> Vec<String> {
        let rows = Spi::connect(|client| {
            let mut cursor = client.find_cursor(&self.0)?;
            let table = cursor.fetch(AT_ONCE)?;
            // As in `query`.
            let rows = with_scratch_memory(|| table.filter_map(|row| row.get(1).ok().flatten()).collect());
            cursor.detach_into_name();
            Ok::<_, SpiError>(rows)
        });
        rows.unwrap_or_else(|error| pgrx::error!("{error} in cursor {}", self.0))
    }
}
