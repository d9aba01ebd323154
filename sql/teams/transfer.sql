-- Transfers: a team gets another admin. A team's id is its admin's, so everything of the team gets another id; the two people
-- change places, seats and all, and no quota is touched. Rows change hands and are not changed: updated_at and owner_id stay.

CREATE FUNCTION teamwork.team_columns(OUT target regclass, OUT name name) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.conrelid::regclass, a.attname
    FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum] AND a.attname IN ('admin_id', 'organization_id')
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = k.conrelid AND d.deptype = 'e'
    JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid AND e.extname = 'teamwork'
    WHERE k.contype = 'f' AND k.confrelid = '@extschema@.user_profiles'::regclass AND k.conrelid <> k.confrelid
    UNION
    SELECT p.target, 'admin_id' FROM teamwork.protections p JOIN pg_class c ON c.oid = p.target
    ORDER BY 1
$$;
COMMENT ON FUNCTION teamwork.team_columns() IS 'Where a team''s id stands: tables of the extension and protected tables, profiles apart';

CREATE FUNCTION teamwork.hand_over(admin uuid, successor uuid) RETURNS void
    -- No trigger fires but those of revocation: nobody's row is changed, keys (admin_id, …) between tables hold at the end and not
    -- in between, and what refers to the profile of the admin keeps it.
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET session_replication_role = replica
AS $$
DECLARE
    place record;
    leader @extschema@.user_profiles;
    role CONSTANT text := (SELECT p.role FROM @extschema@.user_profiles p WHERE p.id = successor);
BEGIN
    -- A limit that was set for the successor is no limit of this team.
    DELETE FROM teamwork.role_limits l WHERE l.admin_id = successor;
    FOR place IN SELECT * FROM teamwork.team_columns() LOOP
        EXECUTE format('UPDATE %s SET %I = $2 WHERE %2$I = $1', place.target, place.name) USING admin, successor;
    END LOOP;
    UPDATE teamwork.seats s SET member_id = admin WHERE s.member_id = successor;
    -- Deleted and made anew: whoever is adding a row to the team at this moment finds its key gone, and adds nothing to a team that
    -- is no more.
    DELETE FROM @extschema@.user_profiles p WHERE p.id = admin RETURNING * INTO leader;
    UPDATE @extschema@.user_profiles p SET role = 'admin', admin_id = NULL, updated_at = now() WHERE p.id = successor;
    UPDATE @extschema@.user_profiles p SET admin_id = successor WHERE p.admin_id = admin;
    leader.role := role;
    leader.admin_id := successor;
    leader.updated_at := now();
    INSERT INTO @extschema@.user_profiles SELECT leader.*;
END
$$;
COMMENT ON FUNCTION teamwork.hand_over(uuid, uuid) IS 'Gives everything of a team to a member, who becomes its admin; the admin takes the member''s role and seat. The caller has locked the team';

CREATE FUNCTION teamwork.check_keys_to_teams() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stranger record;
BEGIN
    SELECT k.conrelid::regclass AS target, k.confrelid::regclass AS parent INTO stranger
    FROM pg_constraint k JOIN teamwork.protections p ON p.target = k.confrelid
    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attname = 'admin_id' AND a.attnum = ANY (k.confkey)
    JOIN pg_attribute r ON r.attrelid = k.conrelid AND r.attnum = k.conkey[array_position(k.confkey, a.attnum)]
    WHERE k.contype = 'f' AND k.conparentid = 0
      AND NOT (r.attname = 'admin_id' AND EXISTS (SELECT FROM teamwork.protections o WHERE o.target = k.conrelid));
    IF FOUND THEN
        RAISE EXCEPTION 'the team cannot be transferred: table % would lose its rows of %', teamwork.name_of(stranger.target),
                        teamwork.name_of(stranger.parent)
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'It refers to them by their team, in a column that does not follow the team.',
                  HINT = format('A database administrator protects it, and lets its key refer from admin_id: '
                                'SELECT teamwork.protect_table(%L);', teamwork.full_name(stranger.target));
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_keys_to_teams() IS 'Refuses a transfer that would tear rows of some table from those of a protected one';

CREATE FUNCTION teamwork.hold_jobs(organization uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM @extschema@.scheduled_jobs j WHERE j.organization_id = organization AND j.status = 'pending' ORDER BY j.id FOR UPDATE;
    IF EXISTS (SELECT FROM @extschema@.scheduled_jobs j WHERE j.organization_id = organization AND j.status = 'processing') THEN
        RAISE EXCEPTION 'the team cannot be transferred while one of its jobs runs'
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = 'A job works for the team under the id that it began with.', HINT = 'Wait for the job, or cancel it.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.hold_jobs(uuid) IS 'Keeps the waiting jobs of a team from being claimed, until the transaction ends; refuses where one runs';

CREATE FUNCTION teamwork.lock_for_transfer(admin uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- In the order in which everybody else takes them: members before their admin, as whoever changes a member does, and jobs before the
    -- admin, as the worker that ends them does. Stronger than teamwork.lock_teams(): the rows that others are adding are waited for.
    PERFORM FROM @extschema@.user_profiles p WHERE p.admin_id = admin ORDER BY p.id FOR UPDATE;
    PERFORM teamwork.hold_jobs(admin);
    PERFORM FROM @extschema@.user_profiles p WHERE p.id = admin FOR UPDATE;
    -- Those that were submitted in between.
    PERFORM teamwork.hold_jobs(admin);
END
$$;
COMMENT ON FUNCTION teamwork.lock_for_transfer(uuid) IS 'Locks a team against everything that adds to it';

CREATE FUNCTION transfer_team(new_admin uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin CONSTANT uuid := teamwork.require_admin();
    successor record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a team can be transferred in a READ COMMITTED transaction only'
            USING ERRCODE = 'invalid_transaction_state', DETAIL = 'An older snapshot would not see every row of the team.';
    END IF;
    PERFORM teamwork.lock_for_transfer(admin);
    -- The lock may have been waited for.
    PERFORM teamwork.require_admin();
    SELECT p.role, p.is_active INTO successor FROM @extschema@.user_profiles p WHERE p.id = new_admin AND p.admin_id = admin;
    IF NOT FOUND THEN
        PERFORM teamwork.raise_no_such_member(new_admin);
    ELSIF NOT successor.is_active THEN
        RAISE EXCEPTION 'user % is not active', new_admin
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Use reactivate_team_member() first.';
    END IF;
    PERFORM teamwork.check_keys_to_teams();
    PERFORM teamwork.hand_over(admin, new_admin);
    PERFORM teamwork.audit('team_transferred', new_admin, new_admin,
                           jsonb_build_object('from_organization', admin, 'role', successor.role));
END
$$;
COMMENT ON FUNCTION transfer_team(uuid) IS 'Makes an active member the admin of the caller''s team; the caller gets that member''s role and seat. Everything of the team gets the new id, and stays as it is otherwise
Errors: 42501 unless the caller is an active admin; 25000 if the transaction is not READ COMMITTED; P0002 if the user is not a member of the caller''s team; 55000 if the member is not active, a job of the team runs, or a table that is not protected refers to the team''s rows by their team';
