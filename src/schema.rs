//! The SQL of the extension: the files of `sql/` in the order in which CREATE EXTENSION runs them.
//!
//! A new file gets a line here, where what it needs is there already. In brackets stand the native functions that it needs, as
//! SQL calls them: `teamwork::wake` is `teamwork.wake()`.

use pgrx::prelude::*;

/// Makes each file follow the one before it: pgrx would put files that require nothing in an order of its own.
macro_rules! sql_files {
    ($name:tt $path:tt; $($rest:tt)*) => {
        extension_sql_file!($path, name = $name, bootstrap);
        sql_files! { after $name: $($rest)* }
    };
    (after $previous:tt: $name:tt $path:tt;) => {
        extension_sql_file!($path, name = $name, requires = [$previous], finalize);
    };
    (after $previous:tt: $name:tt $path:tt $([$($native:tt)*])?; $($rest:tt)*) => {
        extension_sql_file!($path, name = $name, requires = [$previous $(, $($native)*)?]);
        sql_files! { after $name: $($rest)* }
    };
}

#[rustfmt::skip]
sql_files! {
    "bootstrap"         "../sql/admin/bootstrap.sql";

    "auth_schema"       "../sql/auth/auth_schema.sql" [
        teamwork::current_user_id, teamwork::current_claims, teamwork::set_claims, teamwork::claims_fault,
        teamwork::claimed_role, teamwork::claimed_email];
    "teams"             "../sql/teams/teams.sql" [get_current_user_admin_id, get_current_user_role];
    "quotas"            "../sql/teams/quotas.sql";
    "membership"        "../sql/teams/membership.sql";
    "accounts"          "../sql/teams/accounts.sql";
    "addresses"         "../sql/teams/addresses.sql";
    "invitations"       "../sql/teams/invitations.sql";
    "invited"           "../sql/teams/invited.sql";
    "departures"        "../sql/teams/departures.sql";
    "revocation"        "../sql/auth/revocation.sql" [teamwork::forget_callers];
    "tokens"            "../sql/auth/tokens.sql" [teamwork::goes_by_token, teamwork::token_fault];

    "protectable"       "../sql/protection/protectable.sql";
    "whole_rows"        "../sql/protection/whole_rows.sql" [
        teamwork::ids_are_generated, teamwork::replaces_a_row, teamwork::has_drawn];
    "team_keys"         "../sql/protection/team_keys.sql";
    "protect_table"     "../sql/protection/protect_table.sql" [teamwork::role_may];
    "rules"             "../sql/protection/rules.sql" [teamwork::hidden_columns, teamwork::is_visible, teamwork::forget_plans];
    "unprotect_table"   "../sql/protection/unprotect_table.sql";
    "drift"             "../sql/protection/drift.sql";
    "crossing_keys"     "../sql/protection/crossing_keys.sql";
    "readers"           "../sql/protection/readers.sql";
    "protection_drift"  "../sql/protection/protection_drift.sql";
    "team_data"         "../sql/protection/team_data.sql";
    "transfer"          "../sql/teams/transfer.sql";
    "restore"           "../sql/admin/restore.sql";

    "mappings"          "../sql/imports/mappings.sql" [teamwork::header_signature, teamwork::match_columns];
    "jobs"              "../sql/jobs/jobs.sql";
    "submission"        "../sql/jobs/submission.sql" [teamwork::wake, teamwork::engine_time, teamwork::option_fault, teamwork::job_options];
    "reading"           "../sql/imports/reading.sql" [sniff_csv, sniff_file, read_csv];
    "sources"           "../sql/imports/sources.sql";
    "channels"          "../sql/jobs/channels.sql";
    "claims"            "../sql/jobs/claims.sql" [teamwork::try_lock_team];
    "endings"           "../sql/jobs/endings.sql";
    "batch"             "../sql/jobs/batch.sql";
    "control"           "../sql/jobs/control.sql" [teamwork::interrupt, teamwork::run_pending_jobs];
    "monitoring"        "../sql/jobs/monitoring.sql" [teamwork::live_progress, teamwork::engine_processes];

    "imports"           "../sql/imports/imports.sql";
    "table_description" "../sql/imports/table_description.sql";
    "bulk"              "../sql/imports/bulk.sql";
    "preview"           "../sql/imports/preview.sql" [teamwork::run_preview];
    "exports"           "../sql/exports/exports.sql";

    "sessions"          "../sql/admin/sessions.sql";
    "baseline"          "../sql/admin/baseline.sql";
    "access_checks"     "../sql/admin/access_checks.sql";
    "adoption"          "../sql/admin/adoption.sql";
    "doctor"            "../sql/admin/doctor.sql";
    "guards"            "../sql/admin/guards.sql";
    "audit"             "../sql/admin/audit.sql";
    "error_file"        "../sql/imports/error_file.sql" [
        teamwork::error_file_header, teamwork::error_file_record, teamwork::error_file_mark];
    "undo"              "../sql/imports/undo.sql" [teamwork::undo_rows];
    "undo_rows"         "../sql/imports/undo_rows.sql";

    "finalize"          "../sql/admin/finalize.sql";
}
