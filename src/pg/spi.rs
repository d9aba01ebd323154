//! SQL, from Rust: one statement, its rows as owned values. Errors unwind to the enclosing (sub)transaction.

use super::with_scratch_memory;
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::spi::{SpiError, SpiHeapTupleData};

pub type Row<'a> = SpiHeapTupleData<'a>;

/// Runs a statement and reads each row it returns, as values that Rust owns.
pub fn query<T>(sql: &str, arguments: &[DatumWithOid], mut read: impl FnMut(Row) -> T) -> Vec<T> {
    let rows = Spi::connect_mut(|client| {
        let table = client.update(sql, None, arguments)?;
        // pgrx copies what it reads into the parent of the current context. SPI's own would be the transaction's; from here
        // it is SPI's, which goes with the connection.
        Ok::<_, SpiError>(with_scratch_memory(|| table.map(&mut read).collect()))
    });
    rows.unwrap_or_else(|error| pgrx::error!("{error} in: {sql}"))
}

/// The first column of the first row; `None` when it is NULL or there is no row.
pub fn query_one<T: FromDatum + IntoDatum>(sql: &str, arguments: &[DatumWithOid]) -> Option<T> {
    query(sql, arguments, |row| row.get(1).ok().flatten()).into_iter().next().flatten()
}
