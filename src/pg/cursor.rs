//! A query whose rows are fetched little by little.

use super::row::{FromColumn, FromRow, Row};
use super::with_scratch_memory;
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::spi::SpiError;
use std::ffi::c_long;

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

    /// The next rows of the only column, up to `most`: fewer only at the end.
    pub fn fetch_column<T: FromColumn>(&mut self, most: usize) -> Vec<T> {
        let mut values = Vec::new();
        self.for_each(most, |row| values.push(row.only()));
        values
    }

    /// The next rows, up to `most`: fewer only at the end.
    pub fn fetch<R: FromRow>(&mut self, most: usize) -> Vec<R> {
        let mut rows = Vec::new();
        self.for_each(most, |row| rows.push(R::from_row(row)));
        rows
    }

    /// Reads up to `most` more rows, and says how many there were: fewer only at the end.
    pub fn for_each(&mut self, most: usize, mut read: impl FnMut(&Row)) -> usize {
        let Some(name) = self.name.take() else { return 0 };
        let count = Spi::connect(|client| {
            let mut cursor = client.find_cursor(&name)?;
            let mut count = 0;
            for row in cursor.fetch(most as c_long)? {
                // pgrx copies each value into the parent of the current context, which thus goes with the row.
                with_scratch_memory(|| with_scratch_memory(|| read(&Row::new(row))));
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
