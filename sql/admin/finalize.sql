-- Who may do what, from nothing upwards; and what pg_dump shall carry. Runs last, over everything the extension has made.

CREATE FUNCTION teamwork.members_of_extension(OUT class regclass, OUT object oid) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.classid::regclass, d.objid FROM pg_depend d
    JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'teamwork'
$$;
COMMENT ON FUNCTION teamwork.members_of_extension() IS 'Everything that belongs to the extension';

-- Databases like Supabase's grant everything to everybody by default: take it all back first.
DO $$
DECLARE
    member record;
BEGIN
    FOR member IN
        SELECT format('%s %s', CASE WHEN c.relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass) AS name
        FROM teamwork.members_of_extension() m JOIN pg_class c ON c.oid = m.object
        WHERE m.class = 'pg_class'::regclass AND c.relkind IN ('r', 'v', 'S') AND c.relnamespace <> 'auth'::regnamespace
        UNION ALL
        SELECT format('FUNCTION %s', p.oid::regprocedure)
        FROM teamwork.members_of_extension() m JOIN pg_proc p ON p.oid = m.object
        WHERE m.class = 'pg_proc'::regclass AND p.pronamespace <> 'auth'::regnamespace
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated, service_role', member.name);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA @extschema@, teamwork TO authenticated, service_role;

-- Tables and views. The engine alone writes what becomes of a job; members cancel and retry by functions.
GRANT SELECT, INSERT, UPDATE, DELETE ON user_profiles, transactions, inventory, staff TO authenticated;
GRANT SELECT, INSERT, DELETE ON scheduled_jobs TO authenticated;
GRANT SELECT, DELETE ON teamwork.saved_mappings TO authenticated, service_role;
GRANT SELECT ON profiles, scheduled_job_errors, background_imports, teamwork.export_chunks, teamwork.undo_leftovers TO authenticated;
GRANT ALL ON user_profiles, transactions, inventory, staff TO service_role;
GRANT SELECT, INSERT, DELETE, UPDATE (creator_name, scheduled_time, priority, max_attempts, file_name, repeat_every)
    ON scheduled_jobs TO service_role;
GRANT SELECT, DELETE ON scheduled_job_errors TO service_role;
GRANT SELECT ON profiles, background_imports, teamwork.export_chunks, teamwork.undo_leftovers TO service_role;
-- All of a line but its number, which tells how much other teams do, and the team that a member comes from.
GRANT SELECT ON team_audit_log TO authenticated;
GRANT SELECT (at, actor, action, organization, subject, detail) ON teamwork.audit_log TO authenticated;
-- All of an invitation but the hash of its token.
GRANT SELECT ON team_invitations TO authenticated, service_role;
GRANT SELECT (id, admin_id, email, role, created_at, expires_at, cancelled_at, accepted_at, is_bound, is_declined) ON teamwork.invitations
    TO authenticated, service_role;

-- Functions: those that members call, and those that run as the member inside policies, triggers, views and defaults.
GRANT EXECUTE ON FUNCTION
    get_current_user_admin_id(), get_current_user_role(), team_usage(),
    create_team_member(text, text, text, uuid), deactivate_team_member(uuid), reactivate_team_member(uuid), remove_team_member(uuid),
    change_team_member_role(uuid, text), accept_invitation(text), cancel_invitation(text),
    invite_team_member(text, text, interval, boolean), invite_team_members(text[], text, interval, boolean),
    my_invitations(), join_team(uuid), decline_invitation(text), decline_team(uuid),
    leave_team(), transfer_team(uuid),
    teamwork.check_email(text), teamwork.is_address(text), teamwork.refuse_taken_address(uuid, text, uuid),
    create_upload(text), append_upload(uuid, bytea), create_scheduled_job(text, text, timestamptz, text, jsonb, jsonb),
    create_background_import_job(text, text, jsonb, uuid, jsonb, text, jsonb),
    suggest_column_mapping(text, text), preview_import(text, text, jsonb, jsonb), forget_column_mapping(text, text[]),
    sniff_csv(bytea), sniff_file(bytea, text), read_csv(bytea, jsonb), teamwork.option_fault(text, jsonb), teamwork.job_options(),
    create_export_job(text, text, jsonb), download_export(uuid), export_chunk(uuid, integer),
    job_channel(), wait_for_job(uuid, interval), cancel_job(uuid), retry_job(uuid),
    import_errors_csv(uuid), undo_import(uuid), undo_conflicts(uuid),
    teamwork.current_user_id(), teamwork.current_claims(), teamwork.set_claims(jsonb, boolean), teamwork.claims_fault(),
    teamwork.role_may(oid, text), teamwork.hidden_columns(oid), teamwork.closed_data_types(),
    teamwork.hidden_values(regclass, jsonb, jsonb), teamwork.is_visible(oid, text),
    teamwork.ids_are_generated(uuid), teamwork.replaces_a_row(uuid), teamwork.ids_are_own(regclass, record),
    teamwork.has_drawn(oid, bigint),
    teamwork.is_own_row(regclass, oid, smallint[], record), teamwork.has_row_like(regclass, name[], record), teamwork.full_name(regclass),
    teamwork.numbered_columns(regclass), teamwork.keep_ids(regclass, json, json), teamwork.refuse_id(regclass),
    teamwork.restoring(), teamwork.require_admin(), teamwork.raise_no_such_member(uuid),
    teamwork.check_member_role(text), teamwork.set_member_active(uuid, boolean), teamwork.check_data_type(text),
    teamwork.check_options(text, jsonb), teamwork.check_mapping(regclass, jsonb),
    teamwork.fillable_columns(regclass), teamwork.saved_mappings_of(uuid, text), teamwork.header_signature(text[]),
    teamwork.match_columns(text, text[], text[], integer[], jsonb), teamwork.run_preview(text, text, text, text),
    teamwork.check_source(jsonb, uuid), teamwork.check_export(regclass, jsonb), teamwork.require_job(uuid, text),
    teamwork.require_export(uuid), teamwork.require_import(uuid), teamwork.refused_records(uuid, jsonb),
    teamwork.error_file_header(text[], text), teamwork.error_file_record(text, jsonb, text[], text[], text),
    teamwork.error_file_mark(jsonb, jsonb),
    teamwork.check_job(scheduled_jobs), teamwork.check_rules(scheduled_jobs, regclass), teamwork.reset_engine_columns(scheduled_jobs),
    teamwork.require_member(), teamwork.engine_time(),
    teamwork.progress_bar(numeric), teamwork.live_progress(uuid), teamwork.wake(),
    teamwork.goes_by_token(), teamwork.token_fault(text), teamwork.login(text, boolean), teamwork.logout(),
    teamwork.doctor(), teamwork.is_administrator(),
    teamwork.check_login(), teamwork.check_profile(), teamwork.check_organization()
TO authenticated, service_role;

-- What pg_dump carries: all rows and all sequences, but for the rows that the script itself inserts. A condition is the end
-- of the query that reads the table; pg_dump --inserts writes one statement a row, and an admin must be there before a member.
DO $$
DECLARE
    member record;
BEGIN
    FOR member IN
        SELECT c.oid FROM teamwork.members_of_extension() m JOIN pg_class c ON c.oid = m.object
        WHERE m.class = 'pg_class'::regclass AND c.relkind IN ('r', 'S')
    LOOP
        PERFORM pg_extension_config_dump(member.oid, CASE member.oid
            WHEN 'teamwork.protections'::regclass THEN 'WHERE NOT is_preset'
            -- The script that restores the extension writes its own.
            WHEN 'teamwork.baseline'::regclass THEN 'WHERE false'
            -- Secrets have no place in a dump.
            WHEN 'teamwork.token_keys'::regclass THEN 'WHERE false'
            WHEN 'teamwork.role_limits'::regclass THEN 'WHERE NOT is_preset'
            WHEN 'user_profiles'::regclass THEN 'ORDER BY admin_id NULLS FIRST'
            ELSE '' END);
    END LOOP;
END
$$;

-- Last: what there is now is what teamwork.doctor() expects.
SELECT teamwork.record_baseline();
