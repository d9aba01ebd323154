//! teamwork: teams, quotas, row-level isolation, background jobs and bulk imports inside PostgreSQL.
//!
//! ```text
//! client ── SQL (sql/: tables, policies, quotas, job functions) ── commit ──────► engine::wake
//!                                                                                    │ flag + latch
//! engine::launcher (one) ─► engine::scheduler (per database) ─► engine::worker (a pool)
//!                                                                  │ job: claim, begin, end
//!                                                                  ▼
//!               import: source ─► [thread: intake ─► pack] ─► bulk or SQL path ─► rows, refusals, report: one commit
//!               export: rows under the creator's row-level security ─► CSV ─► chunks, report: one commit
//! ```
//!
//! SQL is kept as SQL in `sql/`, in the order of [`schema`]; Rust is for what must be native. All `unsafe` lives in [`pg`] and
//! at the workers' entry points.

mod claims;
mod clock;
mod creator;
mod drop_guard;
mod engine;
mod export;
mod failure;
mod identity;
mod ids;
mod import;
mod job;
mod options;
mod pg;
mod progress;
mod reading;
mod roles;
mod rules;
mod schema;
mod settings;
mod table;
mod team_lock;

use pgrx::prelude::*;

pgrx::pg_module_magic!(name, version);

/// What is for database administrators and the machinery; the functions in it are defined beside the code they need.
#[pg_schema]
mod teamwork {}

#[pg_guard]
pub extern "C-unwind" fn _PG_init() {
    settings::init();
    drop_guard::init();
    rules::init();
    engine::init();
}
