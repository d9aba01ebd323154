//! SQL, from Rust: one statement, its rows as owned values. Errors unwind to the enclosing (sub)transaction.

use super::with_scratch_memory;
use pgrx::datum::DatumWithOid;
use pgrx::prelude::*;
use pgrx::spi::{OwnedPreparedStatement, SpiClient, SpiError, SpiHeapTupleData};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub type Row<'a> = SpiHeapTupleData<'a>;

/// More than the engine's own statements and those of the tables that are imported into at the same time.
const MOST_PLANS: usize = 256;

thread_local! {
    /// Plans by their text; PostgreSQL makes them anew when what they lean on has changed, the role under row-level security
    /// included.
    static PLANS: RefCell<HashMap<String, Rc<OwnedPreparedStatement>>> = RefCell::default();
}

/// Runs a statement and reads each row it returns, as values that Rust owns. Its plan is kept for the next time.
pub fn query<T>(sql: &str, arguments: &[DatumWithOid], mut read: impl FnMut(Row) -> T) -> Vec<T> {
    let rows = Spi::connect_mut(|client| {
        let plan = plan(client, sql, arguments)?;
        let table = client.update(&*plan, None, arguments)?;
        // pgrx copies what it reads into the parent of the current context. SPI's own would be the transaction's; from here
        // it is SPI's, which goes with the connection.
        Ok::<_, SpiError>(with_scratch_memory(|| table.map(&mut read).collect()))
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

/// The first column of the first row; `None` when it is NULL or there is no row.
pub fn query_one<T: FromDatum + IntoDatum>(sql: &str, arguments: &[DatumWithOid]) -> Option<T> {
    query(sql, arguments, |row| row.get(1).ok().flatten()).into_iter().next().flatten()
}
