//! A query whose rows are fetched little by little.

use super::{Row, with_scratch_memory};
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::spi::SpiError;
use std::ffi::c_long;

/// Rows a fetch of texts.
const AT_ONCE: usize = 1_000;

/// A portal over a query; all its rows are of one snapshot. It is closed at the end of its rows, at the latest with the
/// transaction.
pub struct Cursor {
    /// The portal's name; `None` when it is closed.
    name: Option<String>,
}

impl Cursor {
    pub fn open(sql: &str, arguments: &[DatumWithOid]) -> Self {
        let name = Spi::connect(|client| client.open_cursor(sql, arguments).detach_into_name().to_string());
        Self { name: Some(name) }
    }

    /// The next rows of one text column; none at the end.
    pub fn fetch(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        self.read(AT_ONCE, |row| texts.extend(row.get(1).ok().flatten()));
        texts
    }

    /// Reads up to `most` more rows, and says how many there were: fewer only at the end.
    pub fn read(&mut self, most: usize, mut read: impl FnMut(Row)) -> usize {
        let Some(name) = self.name.take() else { return 0 };
        let count = Spi::connect(|client| {
            let mut cursor = client.find_cursor(&name)?;
            let mut count = 0;
            for row in cursor.fetch(most as c_long)? {
                // pgrx copies each value into the parent of the current context, which thus goes with the row.
                with_scratch_memory(|| with_scratch_memory(|| read(row)));
                count += 1;
            }
            if count == most {
                self.name = Some(cursor.detach_into_name().to_string());
            }
            Ok::<_, SpiError>(count)
        });
        count.unwrap_or_else(|error| pgrx::error!("{error} in cursor {name}"))
    }
}
