-- Departures: members leave when they want; an admin whose team has members or data does not go, and says why. What members made
-- stays, and once their account is gone from auth.users it belongs to the admin (the foreign key of owner_id and
-- teamwork.keep_owner see to that, whoever owns auth).

CREATE FUNCTION teamwork.tables_with_rows(admin uuid) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target regclass;
    has_rows boolean;
    filled text[] := '{}';
BEGIN
    FOR target IN SELECT p.target FROM teamwork.protections p JOIN pg_class c ON c.oid = p.target ORDER BY c.relname LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE admin_id = $1)', target) INTO has_rows USING admin;
        IF has_rows THEN
            filled := filled || (SELECT c.relname::text FROM pg_class c WHERE c.oid = target);
        END IF;
    END LOOP;
    RETURN filled;
END
$$;
COMMENT ON FUNCTION teamwork.tables_with_rows(uuid) IS 'The protected tables in which a team has rows';

CREATE FUNCTION teamwork.keep_team() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    members CONSTANT bigint := (SELECT count(*) FROM @extschema@.user_profiles p WHERE p.admin_id = OLD.id);
    filled CONSTANT text[] := teamwork.tables_with_rows(OLD.id);
BEGIN
    IF members > 0 OR cardinality(filled) > 0 THEN
        RAISE EXCEPTION 'admin % cannot be %: the team still has %', OLD.id,
                        CASE TG_OP WHEN 'DELETE' THEN 'deleted' ELSE 'given another role' END,
                        concat_ws(' and ', CASE WHEN members > 0 THEN 'members' END, CASE WHEN cardinality(filled) > 0 THEN 'data' END)
            USING ERRCODE = 'foreign_key_violation',
                  DETAIL = concat_ws(' ', format('Members: %s.', members), CASE WHEN cardinality(filled) > 0 THEN
                                     format('Tables with its rows: %s.', array_to_string(filled, ', ')) END),
                  HINT = 'Remove the members and delete the team''s rows first, or deactivate the admin, which suspends the team.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.keep_team() IS 'Trigger: an admin stays admin while the team has members or data';

-- After the statement, which may have deleted the members too. Quoted capitals: triggers run in the order of their names,
-- and this one has to speak before RI_ConstraintTrigger… does.
CREATE TRIGGER "Keep_team" AFTER DELETE ON user_profiles
    FOR EACH ROW WHEN (OLD.role = 'admin' AND NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.keep_team();
CREATE TRIGGER "Keep_team_of_changed" AFTER UPDATE OF role ON user_profiles
    FOR EACH ROW WHEN (OLD.role = 'admin' AND NEW.role <> 'admin') EXECUTE FUNCTION teamwork.keep_team();

-- What members and admins call -------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.team_contents(admin uuid) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    members CONSTANT bigint := (SELECT count(*) FROM @extschema@.user_profiles p WHERE p.admin_id = admin);
    invitations CONSTANT bigint := (
        SELECT count(*) FROM teamwork.invitations i
        WHERE i.admin_id = admin AND i.cancelled_at IS NULL AND i.accepted_at IS NULL AND i.expires_at > clock_timestamp());
    filled CONSTANT text[] := teamwork.tables_with_rows(admin);
BEGIN
    RETURN nullif(concat_ws(' ', CASE WHEN members > 0 THEN format('Members: %s.', members) END,
                            CASE WHEN invitations > 0 THEN format('Pending invitations: %s.', invitations) END,
                            CASE WHEN cardinality(filled) > 0 THEN
                                format('Tables with its rows: %s.', array_to_string(filled, ', ')) END), '');
END
$$;
COMMENT ON FUNCTION teamwork.team_contents(uuid) IS 'What a team has beside its admin, as sentences; NULL when it has nothing';

CREATE FUNCTION teamwork.give_up_empty_team(admin uuid) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A team that was suspended is not left behind for a new one.
    DELETE FROM @extschema@.user_profiles p
    WHERE p.id = admin AND p.role = 'admin' AND p.is_active AND teamwork.team_contents(admin) IS NULL;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION teamwork.give_up_empty_team(uuid) IS 'Ends a team that has nothing but its active admin; whether it did. The caller has locked the team';

CREATE FUNCTION teamwork.raise_cannot_leave(admin uuid, is_active boolean) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT is_active THEN
        RAISE EXCEPTION 'the admin of a suspended team cannot leave it'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A database administrator has suspended the team, and can end it.';
    END IF;
    RAISE EXCEPTION 'the admin cannot leave a team that is not empty'
        USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = teamwork.team_contents(admin),
              HINT = 'Hand the team over with transfer_team() and leave it then; or remove members, invitations and rows first.';
END
$$;
COMMENT ON FUNCTION teamwork.raise_cannot_leave(uuid, boolean) IS 'The error for an admin who has to stay';

CREATE FUNCTION leave_team() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    caller CONSTANT uuid := teamwork.require_user('leave a team');
    profile record;
BEGIN
    -- Again where the team was handed over, to the caller or by the caller, between the look and the deletion.
    LOOP
        SELECT p.role, p.is_active INTO profile FROM @extschema@.user_profiles p WHERE p.id = caller;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the caller belongs to no team'
                USING ERRCODE = 'no_data_found', DETAIL = format('User %s has no profile.', caller);
        ELSIF profile.role <> 'admin' THEN
            DELETE FROM @extschema@.user_profiles p WHERE p.id = caller AND p.role <> 'admin';
            EXIT WHEN FOUND;
        ELSE
            PERFORM teamwork.lock_teams(caller);
            EXIT WHEN teamwork.give_up_empty_team(caller);
            SELECT p.role, p.is_active INTO profile FROM @extschema@.user_profiles p WHERE p.id = caller;
            IF profile.role = 'admin' THEN
                PERFORM teamwork.raise_cannot_leave(caller, profile.is_active);
            END IF;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leave_team() IS 'Takes the caller out of the team; the rows they made stay with it, and the seat is free. An admin gives up a team without members, pending invitations and rows, with its jobs and uploads
Errors: 42501 if nobody is signed in; P0002 if the caller has no team; 55000 if the caller is admin of a team that is suspended or not empty';
