//! Rules per role: which columns of a protected table are hidden, from whom, and what becomes of a statement that names one.
//! Which commands a role may use, the policies ask (`teamwork.role_may`, in `identity`).

use crate::identity;
use crate::pg::{self, Masks};
use pgrx::datum::Internal;
use pgrx::pg_sys::Oid;
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::CString;

#[pg_schema]
pub mod teamwork {
    use super::*;

    /// Planner support of `role_may`, which has to do nothing: the call loads the library, where it is not preloaded, before the
    /// first statement on a table with rules runs, so that the statement is checked.
    #[pg_extern(immutable, strict, parallel_safe)]
    pub fn arm_masks(_request: Internal) -> Internal {
        pg::no_replacement()
    }

    /// Whether the caller's role sees a column of a table: what a masked column asks.
    #[pg_extern(stable, parallel_safe)]
    pub fn is_visible(target: Oid, column: &str) -> bool {
        identity::with_hidden_columns(target, |hidden| hidden.iter().all(|hidden| hidden != column))
    }
}

pub fn init() {
    pg::mask_columns(Masks { hidden, hidden_from_caller, refuse });
}

/// The columns of a table that are hidden from some role. Asked for each table of each statement that is planned or run.
fn hidden(table: Oid) -> Vec<CString> {
    type Hidden = HashMap<Oid, Vec<CString>>;
    thread_local!(static KNOWN: RefCell<Option<(u64, Hidden)>> = const { RefCell::new(None) });
    KNOWN.with(|known| {
        let mut known = known.borrow_mut();
        let generation = pg::profiles_generation();
        if known.as_ref().is_none_or(|(at, _)| *at != generation) {
            // Nothing tells of an extension that is yet to come.
            let Some(rules) = pg::table_rules() else { return Vec::new() };
            let mut hidden = Hidden::new();
            for rule in rules {
                let names = rule.hidden_columns.into_iter().filter_map(|name| CString::new(name).ok());
                hidden.entry(rule.table).or_default().extend(names);
            }
            *known = Some((generation, hidden));
        }
        known.as_ref().and_then(|(_, hidden)| hidden.get(&table)).cloned().unwrap_or_default()
    })
}

fn hidden_from_caller(table: Oid) -> Vec<CString> {
    identity::with_hidden_columns(table, |hidden| {
        hidden.iter().filter_map(|name| CString::new(name.as_str()).ok()).collect()
    })
}

fn refuse(column: &str, table: &str) -> ! {
    let role = identity::get_current_user_role().unwrap_or_default();
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
        format!("permission denied for column {column} of table {table}"),
        function_name!(),
    )
    .set_detail(format!("A rule of the table hides the column from the role {role}."))
    .set_hint("Name the columns that are needed, without this one.")
    .report(PgLogLevel::ERROR);
    unreachable!("an error does not return")
}
