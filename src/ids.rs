//! Ids: all teams draw from one sequence per table, so that an id which somebody chose is one that another team will be
//! given, whose insert then fails. GENERATED ALWAYS forbids choosing; OVERRIDING SYSTEM VALUE lifts that, and whether a
//! statement says so no policy can see while it runs. The planner can: the policy calls a function that means nothing but
//! "true" when it runs, and whose support function refuses such a statement while it is planned. Only statements that are
//! subject to the policy get there, and they pay nothing.
//!
//! A grant of INSERT by columns would leave the id out as well, and with it `VALUES (DEFAULT, …)`, which several clients
//! write, and every column that is added later.

use crate::pg::{self, PlannedStatement};
use pgrx::datum::Internal;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// Part of a policy for INSERT: the statement leaves the ids to the database. One that does not is never planned.
    #[pg_extern(stable, parallel_safe, support = refuse_chosen_ids)]
    pub fn ids_are_generated() -> bool {
        true
    }

    #[pg_extern(immutable, strict, parallel_safe)]
    pub fn refuse_chosen_ids(request: Internal) -> Internal {
        let statement = PlannedStatement::of(&request);
        if let Some(statement) = &statement
            && statement.overrides_identity()
        {
            refuse(&statement.target());
        }
        pg::replacement(statement.is_some())
    }
}

fn refuse(table: &str) {
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
        format!("permission denied to choose ids in table {table}"),
        function_name!(),
    )
    .set_detail("All teams draw their ids from one sequence: an id that is chosen is one that another team's row would get.")
    .set_hint("Leave OVERRIDING SYSTEM VALUE out, and the column, or give it DEFAULT.")
    .report(PgLogLevel::ERROR);
}
