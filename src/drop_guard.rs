//! The drop guard: DROP EXTENSION, and whatever else would take the extension along, is refused while team data is there.

use crate::{pg, settings};
use pgrx::pg_sys::panic::ErrorReport;
use pgrx::prelude::*;
use std::ffi::CStr;

const EXTENSION: &CStr = c"teamwork";

/// Beyond this many rows the number says no more than "many", and counting takes time.
const MOST: usize = 10_000;

pub fn init() {
    pg::guard_drop(EXTENSION, refuse_while_data_is_there);
}

fn refuse_while_data_is_there() {
    if settings::allow_drop() {
        return;
    }
    let holdings = holdings();
    if holdings.is_empty() {
        return;
    }
    ErrorReport::new(
        PgSqlErrorCode::ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST,
        "cannot drop extension teamwork because it holds team data",
        function_name!(),
    )
    .set_detail(format!("It holds {}.", holdings.join(", ")))
    .set_hint("Back the data up with pg_dump. To drop it as well, use SET teamwork.allow_drop = on.")
    .report(PgLogLevel::ERROR);
}

/// What would be lost, as text: one entry for each table that is not empty.
fn holdings() -> Vec<String> {
    let app = pg::extension_schema();
    let (machinery, auth) = (pg::schema(EXTENSION), pg::schema(c"auth"));
    let tables = [
        (c"user_profiles", app, "user_profiles"),
        (c"transactions", app, "transactions"),
        (c"inventory", app, "inventory"),
        (c"staff", app, "staff"),
        (c"scheduled_jobs", app, "scheduled_jobs"),
        // On Supabase the users are not the extension's and stay.
        (c"users", auth, "auth.users"),
    ];
    let mut holdings: Vec<String> = tables
        .into_iter()
        .filter_map(|(table, schema, name)| Some((pg::relation(table, schema?)?, name)))
        .filter(|(table, _)| pg::is_relation_of(EXTENSION, *table))
        .filter_map(|(table, name)| some(pg::count_rows(table, None, MOST), "row", &format!("in {name}")))
        .collect();
    // Their rows stay, but what keeps the teams apart would go.
    let registry = machinery.and_then(|schema| pg::relation(c"protections", schema));
    let protected = registry.map_or(0, |table| pg::count_rows(table, Some(c"is_preset"), MOST));
    holdings.extend(some(protected, "protected table", "of yours"));
    holdings
}

fn some(count: usize, noun: &str, whose: &str) -> Option<String> {
    let plural = if count == 1 { "" } else { "s" };
    match count {
        0 => None,
        MOST.. => Some(format!("{MOST} {noun}s or more {whose}")),
        _ => Some(format!("{count} {noun}{plural} {whose}")),
    }
}
