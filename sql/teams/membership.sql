-- Membership: who may see and change profiles, and the functions that admins call.

-- What the caller may not decide ---------------------------------------------------------------------------------

CREATE FUNCTION teamwork.admit_profile() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF row_security_active(TG_RELID) THEN
        NEW.created_by := teamwork.current_user_id();
        NEW.created_at := now();
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.admit_profile() IS 'Trigger: a new profile says truly who made it and when';

CREATE FUNCTION teamwork.guard_profile() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.id = teamwork.current_user_id() THEN
        RAISE EXCEPTION 'permission denied to change own role, team, activity or identity'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'Nobody changes role, admin_id, is_active, id or created_by of the own profile.',
                  HINT = 'Ask the admin of the team.';
    ELSIF row_security_active(TG_RELID) AND (OLD.id, OLD.admin_id, OLD.created_by) IS DISTINCT FROM
                                            (NEW.id, NEW.admin_id, NEW.created_by) THEN
        RAISE EXCEPTION 'permission denied to change id, admin_id or created_by of a team member'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'An admin changes the role and the activity of members, not who they are or whose they are.',
                  HINT = 'Remove the member; the other admin can then create or invite them.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.guard_profile() IS 'Trigger: nobody promotes, moves, reactivates or renumbers themself, nor moves a member';

CREATE FUNCTION teamwork.touch_profile() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF row_security_active(TG_RELID) THEN
        NEW.created_at := OLD.created_at;
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION teamwork.touch_profile() IS 'Trigger: updated_at is the time of the change, and created_at stays';

CREATE TRIGGER admit_profile BEFORE INSERT ON user_profiles
    FOR EACH ROW WHEN (NOT teamwork.restoring()) EXECUTE FUNCTION teamwork.admit_profile();
CREATE TRIGGER guard_profile BEFORE UPDATE ON user_profiles
    FOR EACH ROW WHEN ((OLD.id, OLD.role, OLD.admin_id, OLD.is_active, OLD.created_by) IS DISTINCT FROM
                       (NEW.id, NEW.role, NEW.admin_id, NEW.is_active, NEW.created_by))
    EXECUTE FUNCTION teamwork.guard_profile();
CREATE TRIGGER touch_profile BEFORE UPDATE ON user_profiles
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION teamwork.touch_profile();

-- Row access -----------------------------------------------------------------------------------------------------

ALTER TABLE user_profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_profiles FORCE ROW LEVEL SECURITY;

-- The first arm lets a deactivated member read why everything else is empty.
CREATE POLICY "members see their team, everybody the own profile" ON user_profiles FOR SELECT TO authenticated
    USING (id = (SELECT teamwork.current_user_id())
           OR admin_id = (SELECT get_current_user_admin_id())
           OR id = (SELECT get_current_user_admin_id()));

CREATE POLICY "users register as admin, admins create members" ON user_profiles FOR INSERT TO authenticated
    WITH CHECK ((id = (SELECT teamwork.current_user_id()) AND admin_id IS NULL AND is_active)
                OR (admin_id = (SELECT teamwork.current_user_id()) AND admin_id = (SELECT get_current_user_admin_id())));

CREATE POLICY "members edit the own profile, admins their members" ON user_profiles FOR UPDATE TO authenticated
    USING ((id = (SELECT teamwork.current_user_id()) AND (SELECT get_current_user_admin_id()) IS NOT NULL)
           OR (admin_id = (SELECT teamwork.current_user_id()) AND admin_id = (SELECT get_current_user_admin_id())));

CREATE POLICY "admins remove their members" ON user_profiles FOR DELETE TO authenticated
    USING (admin_id = (SELECT teamwork.current_user_id()) AND admin_id = (SELECT get_current_user_admin_id()));

-- What admins call -----------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.require_admin() RETURNS uuid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF @extschema@.get_current_user_admin_id() = teamwork.current_user_id() THEN
        RETURN teamwork.current_user_id();
    END IF;
    RAISE EXCEPTION 'only the admin of a team can manage its members'
        USING ERRCODE = 'insufficient_privilege',
              DETAIL = format('The caller is %s.', coalesce(@extschema@.get_current_user_role(), 'not an active member of any team')),
              HINT = 'Sign in as the admin of the team.';
END
$$;
COMMENT ON FUNCTION teamwork.require_admin() IS 'The caller''s id when the caller is an active admin; otherwise an error that says what the caller is';

CREATE FUNCTION teamwork.lock_own_team() RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.lock_teams(teamwork.require_admin());
    -- Who waited for the lock may have waited for a transfer of the team.
    RETURN teamwork.require_admin();
END
$$;
COMMENT ON FUNCTION teamwork.lock_own_team() IS 'The caller''s team, locked; an error unless the caller is its active admin';

CREATE FUNCTION teamwork.raise_no_such_member(member uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'user % is not a member of the caller''s team', member
        USING ERRCODE = 'no_data_found', HINT = 'SELECT id, email, role FROM profiles shows the members.';
END
$$;
COMMENT ON FUNCTION teamwork.raise_no_such_member(uuid) IS 'The error for a member that the caller''s team does not have';

CREATE FUNCTION teamwork.check_member_role(role text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF role IS NULL OR role NOT IN ('manager', 'staff') THEN
        RAISE EXCEPTION 'invalid role for a team member: %', coalesce(quote_literal(role), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'A team member is manager or staff.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_member_role(text) IS 'Refuses a role that a team member cannot have';

CREATE FUNCTION create_team_member(email text, full_name text, role text, id uuid DEFAULT gen_random_uuid()) RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin uuid := teamwork.require_admin();
BEGIN
    PERFORM teamwork.check_member_role(role);
    INSERT INTO @extschema@.user_profiles (id, email, full_name, role, admin_id)
    VALUES (create_team_member.id, create_team_member.email, create_team_member.full_name, create_team_member.role, admin);
    RETURN id;
END
$$;
COMMENT ON FUNCTION create_team_member(text, text, text, uuid) IS 'Creates a manager or staff member in the caller''s team and returns their id
Errors: 42501 unless the caller is an active admin; 22023 if the role is neither manager nor staff, or the address is none; 23514 if no seat is free; 23505 if the user has a profile already, or a member of the team has that address; 23503 if the user is not in auth.users and the extension does not own that schema';

CREATE FUNCTION teamwork.set_member_active(member uuid, active boolean) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin uuid := teamwork.require_admin();
BEGIN
    UPDATE @extschema@.user_profiles p SET is_active = active WHERE p.id = member AND p.admin_id = admin;
    IF NOT FOUND THEN
        PERFORM teamwork.raise_no_such_member(member);
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.set_member_active(uuid, boolean) IS 'Activates or deactivates a member of the caller''s team';

CREATE FUNCTION deactivate_team_member(member uuid) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    AS $$ SELECT teamwork.set_member_active(member, false) $$;
COMMENT ON FUNCTION deactivate_team_member(uuid) IS 'Takes away a member''s access at once and frees the seat; what they made stays
Errors: 42501 unless the caller is an active admin; P0002 if the user is not a member of the caller''s team';

CREATE FUNCTION reactivate_team_member(member uuid) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    AS $$ SELECT teamwork.set_member_active(member, true) $$;
COMMENT ON FUNCTION reactivate_team_member(uuid) IS 'Gives a deactivated member the access back
Errors: 42501 unless the caller is an active admin; P0002 if the user is not a member of the caller''s team; 23514 if no seat is free';

CREATE FUNCTION change_team_member_role(member uuid, role text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin uuid := teamwork.require_admin();
BEGIN
    PERFORM teamwork.check_member_role(role);
    UPDATE @extschema@.user_profiles p SET role = change_team_member_role.role WHERE p.id = member AND p.admin_id = admin;
    IF NOT FOUND THEN
        PERFORM teamwork.raise_no_such_member(member);
    END IF;
END
$$;
COMMENT ON FUNCTION change_team_member_role(uuid, text) IS 'Makes a member of the caller''s team manager or staff; to swap two members of a full team, change both in one UPDATE of user_profiles
Errors: 42501 unless the caller is an active admin; 22023 if the role is neither manager nor staff; P0002 if the user is not a member of the caller''s team; 23514 if no seat is free';

CREATE FUNCTION remove_team_member(member uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    admin uuid := teamwork.require_admin();
BEGIN
    DELETE FROM @extschema@.user_profiles p WHERE p.id = member AND p.admin_id = admin;
    IF NOT FOUND THEN
        PERFORM teamwork.raise_no_such_member(member);
    END IF;
END
$$;
COMMENT ON FUNCTION remove_team_member(uuid) IS 'Removes a member from the caller''s team; the rows they made stay with the team
Errors: 42501 unless the caller is an active admin; P0002 if the user is not a member of the caller''s team';
