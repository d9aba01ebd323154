//! SQL, from Rust: one statement, its rows as owned values. Errors unwind to the enclosing (sub)transaction.

use super::row::{FromColumn, FromRow, Row};
use super::with_scratch_memory;
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::spi::{OwnedPreparedStatement, SpiClient, SpiError};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// More than the engine's own statements and those of the tables that are imported into at the same time.
const MOST_PLANS: usize = 256;

thread_local! {
    /// Plans by their text; PostgreSQL makes them anew when what they lean on has changed, the role under row-level security
    /// included.
    static PLANS: RefCell<HashMap<String, Rc<OwnedPreparedStatement>>> = RefCell::default();
}

/// Runs a statement and reads each row it returns, as a value that Rust owns. Its plan is kept for the next time.
pub fn query<R: FromRow>(sql: &str, arguments: &[DatumWithOid]) -> Vec<R> {
    run(sql, arguments, |row| R::from_row(&row))
}

/// The first row; `None` when there is none.
pub fn query_first<R: FromRow>(sql: &str, arguments: &[DatumWithOid]) -> Option<R> {
    query(sql, arguments).into_iter().next()
}

/// The values of the only column.
pub fn query_column<T: FromColumn>(sql: &str, arguments: &[DatumWithOid]) -> Vec<T> {
    run(sql, arguments, |row| row.only())
}

/// The value of the only column of the only row. An `Option` is also `None` where there is no row; anything else raises then.
pub fn query_value<T: FromColumn>(sql: &str, arguments: &[DatumWithOid]) -> T {
    let value = query_column(sql, arguments).into_iter().next();
    value.or_else(|| T::from_value(None)).unwrap_or_else(|| pgrx::error!("no row from: {sql}"))
}

/// Runs a statement for what it does.
pub fn execute(sql: &str, arguments: &[DatumWithOid]) {
    run(sql, arguments, |_| ());
}

fn run<T>(sql: &str, arguments: &[DatumWithOid], mut read: impl FnMut(Row) -> T) -> Vec<T> {
    let rows = Spi::connect_mut(|client| {
        let plan = plan(client, sql, arguments)?;
        let table = client.update(&*plan, None, arguments)?;
        // pgrx copies what it reads into the parent of the current context. SPI's own would be the transaction's; from here
        // it is SPI's, which goes with the connection.
        Ok::<_, SpiError>(with_scratch_memory(|| table.map(|row| read(Row::new(row))).collect()))
    });
    rows.unwrap_or_else(|error| pgrx::error!("{error} in: {sql}"))
}

fn plan(
    client: &SpiClient,
    sql: &str,
    arguments: &[DatumWithOid],
) -> Result<Rc<OwnedPreparedStatement>, SpiError> {
    if let Some(plan) = PLANS.with_borrow(|plans| plans.get(sql).cloned()) {
        return Ok(plan);
    }
    let types: Vec<PgOid> = arguments.iter().map(|argument| PgOid::from(argument.oid())).collect();
    let plan = Rc::new(client.prepare_mut(sql, &types)?.keep());
    PLANS.with_borrow_mut(|plans| {
        if plans.len() >= MOST_PLANS {
            plans.clear();
        }
        plans.insert(sql.to_owned(), plan.clone());
    });
    Ok(plan)
}
