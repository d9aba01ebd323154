//! teamwork: teams, quotas, row-level isolation, background jobs and bulk imports inside PostgreSQL.
//!
//! ```text
//! client ── SQL (sql/*.sql: tables, policies, quotas, job functions) ── commit ─► engine::wake
//!                                                                                    │ flag + latch
//! engine::launcher (one) ─► engine::scheduler (per database) ─► engine::worker (a pool)
//!                                                                  │ job: claim, begin, end
//!                                                                  ▼
//!               import: source ─► [thread: intake ─► pack] ─► bulk or SQL path ─► rows, refusals, report: one commit
//!               export: rows under the creator's row-level security ─► CSV ─► chunks, report: one commit
//! ```
//!
//! SQL is kept as SQL in `sql/`; Rust is for what must be native. All `unsafe` lives in [`pg`] and at the workers' entry
//! points.

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
mod pg;
mod progress;
mod reading;
mod settings;

use pgrx::prelude::*;

pgrx::pg_module_magic!(name, version);

/// What is for database administrators and the machinery; the functions in it are defined beside the code they need.
#[pg_schema]
mod teamwork {}

extension_sql_file!("../sql/00_bootstrap.sql", name = "bootstrap", bootstrap);
extension_sql_file!(
    "../sql/10_auth.sql",
    name = "auth",
    requires = [
        identity::teamwork::current_user_id,
        identity::teamwork::current_claims,
        identity::teamwork::set_claims,
        identity::teamwork::claims_fault,
        identity::teamwork::claimed_role,
        identity::teamwork::claimed_email
    ]
);
extension_sql_file!(
    "../sql/20_teams.sql",
    name = "teams",
    requires = ["auth", identity::get_current_user_admin_id, identity::get_current_user_role]
);
extension_sql_file!("../sql/21_quotas.sql", name = "quotas", requires = ["teams"]);
extension_sql_file!("../sql/22_membership.sql", name = "membership", requires = ["quotas"]);
extension_sql_file!("../sql/23_invitations.sql", name = "invitations", requires = ["membership"]);
extension_sql_file!("../sql/24_departures.sql", name = "departures", requires = ["invitations"]);
extension_sql_file!(
    "../sql/25_revocation.sql",
    name = "revocation",
    requires = ["departures", identity::teamwork::forget_callers]
);
extension_sql_file!(
    "../sql/26_tokens.sql",
    name = "tokens",
    requires = ["revocation", identity::teamwork::goes_by_token, identity::teamwork::token_fault]
);
extension_sql_file!("../sql/29_protectable.sql", name = "protectable", requires = ["tokens"]);
extension_sql_file!(
    "../sql/30_protection.sql",
    name = "protection",
    requires = ["protectable", ids::teamwork::ids_are_generated]
);
extension_sql_file!("../sql/31_unprotection.sql", name = "unprotection", requires = ["protection"]);
extension_sql_file!("../sql/32_drift.sql", name = "drift", requires = ["unprotection"]);
extension_sql_file!("../sql/40_team_data.sql", name = "team_data", requires = ["drift"]);
extension_sql_file!("../sql/45_restoring.sql", name = "restoring", requires = ["team_data"]);
extension_sql_file!(
    "../sql/47_mappings.sql",
    name = "mappings",
    requires =
        ["restoring", import::mapping::teamwork::header_signature, import::mapping::teamwork::match_columns]
);
extension_sql_file!("../sql/50_jobs.sql", name = "jobs", requires = ["mappings"]);
extension_sql_file!(
    "../sql/51_submission.sql",
    name = "submission",
    requires = [
        "jobs",
        engine::wake::teamwork::wake,
        clock::teamwork::engine_time,
        reading::teamwork::read_option_hint
    ]
);
extension_sql_file!(
    "../sql/52_reading.sql",
    name = "reading",
    requires = ["submission", reading::sniff_csv, reading::read_csv]
);
extension_sql_file!("../sql/52_sources.sql", name = "sources", requires = ["reading"]);
extension_sql_file!("../sql/53_channels.sql", name = "channels", requires = ["sources"]);
extension_sql_file!(
    "../sql/54_claims.sql",
    name = "claims",
    requires = ["channels", job::teamwork::try_lock_team]
);
extension_sql_file!("../sql/55_endings.sql", name = "endings", requires = ["claims"]);
extension_sql_file!("../sql/55_running_along.sql", name = "running_along", requires = ["endings"]);
extension_sql_file!(
    "../sql/56_control.sql",
    name = "control",
    requires = [
        "running_along",
        engine::interrupt::teamwork::interrupt,
        engine::run_pending_jobs::teamwork::run_pending_jobs
    ]
);
extension_sql_file!(
    "../sql/57_watching.sql",
    name = "watching",
    requires = [
        "control",
        engine::monitoring::teamwork::live_progress,
        engine::monitoring::teamwork::engine_processes
    ]
);
extension_sql_file!("../sql/58_imports.sql", name = "imports", requires = ["watching"]);
extension_sql_file!("../sql/58_bulk.sql", name = "bulk", requires = ["imports"]);
extension_sql_file!(
    "../sql/58_preview.sql",
    name = "preview",
    requires = ["bulk", import::preview::teamwork::rehearse_import]
);
extension_sql_file!("../sql/59_exports.sql", name = "exports", requires = ["preview"]);
extension_sql_file!("../sql/60_sessions.sql", name = "sessions", requires = ["exports"]);
extension_sql_file!("../sql/61_blueprint.sql", name = "blueprint", requires = ["sessions"]);
extension_sql_file!("../sql/62_checks.sql", name = "checks", requires = ["blueprint"]);
extension_sql_file!("../sql/63_doctor.sql", name = "doctor", requires = ["checks"]);
extension_sql_file!("../sql/64_guards.sql", name = "guards", requires = ["doctor"]);
extension_sql_file!("../sql/65_audit.sql", name = "audit", requires = ["guards"]);
extension_sql_file!(
    "../sql/66_mending.sql",
    name = "mending",
    requires = ["audit", import::mending::teamwork::mending_header, import::mending::teamwork::mended_record]
);
extension_sql_file!(
    "../sql/67_undo.sql",
    name = "undo",
    requires = ["mending", import::undo::teamwork::undo_rows, import::undo::teamwork::table_under_undo]
);
extension_sql_file!("../sql/90_finalize.sql", name = "finalize", requires = ["undo"], finalize);

#[pg_guard]
pub extern "C-unwind" fn _PG_init() {
    settings::init();
    drop_guard::init();
    engine::init();
}
