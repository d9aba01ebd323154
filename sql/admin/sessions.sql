-- Acting as a user in psql, and asking why a user may or may not do something. For database administrators.

CREATE FUNCTION teamwork.login_as(user_id uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF user_id IS NULL THEN
        RAISE EXCEPTION 'user_id must not be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'teamwork.logout() makes the session nobody''s.';
    ELSIF NOT EXISTS (SELECT FROM auth.users u WHERE u.id = user_id) THEN
        RAISE EXCEPTION 'user % does not exist', user_id
            USING ERRCODE = 'no_data_found', HINT = 'SELECT id, email, role FROM user_profiles shows the members of teams.';
    END IF;
    PERFORM teamwork.set_claims(jsonb_strip_nulls(jsonb_build_object(
        'sub', user_id, 'role', 'authenticated',
        -- An auth schema of somebody else's making may have no such column.
        'email', (SELECT to_jsonb(u) ->> 'email' FROM auth.users u WHERE u.id = user_id))), false);
    PERFORM set_config('role', 'authenticated', false);
END
$$;
COMMENT ON FUNCTION teamwork.login_as(uuid) IS 'Makes the session act as a user, under the role authenticated, until teamwork.logout()
For: administrators
Errors: 22004 if the user is NULL; P0002 if the user does not exist';

-- Not SECURITY DEFINER: the role cannot be changed in there. The role authenticated may execute it, for that is what the
-- session is after login_as; who could not have called login_as is refused.
CREATE FUNCTION teamwork.logout() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT (teamwork.goes_by_token() OR has_function_privilege(session_user, 'teamwork.login_as(uuid)', 'EXECUTE')) THEN
        RAISE EXCEPTION 'permission denied to log out'
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = 'The session was logged in neither by teamwork.login() nor by teamwork.login_as().';
    END IF;
    PERFORM teamwork.set_claims(NULL, false);
    IF teamwork.goes_by_token() THEN
        PERFORM set_config('teamwork.token', '', false);
    ELSE
        EXECUTE 'RESET ROLE';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.logout() IS 'Ends teamwork.login() or teamwork.login_as(): the session has no claims any more, and after login_as() its own role again
For: administrators and members
Errors: 42501 if the login role may call neither';

-- explain_access: one fact a function, put together at the end ---------------------------------------------------------

CREATE FUNCTION teamwork.team_of(user_id uuid) RETURNS uuid
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id FROM @extschema@.user_profiles p JOIN @extschema@.user_profiles a ON a.id = coalesce(p.admin_id, p.id)
    WHERE p.id = user_id AND p.is_active AND a.is_active
$$;
COMMENT ON FUNCTION teamwork.team_of(uuid) IS 'What get_current_user_admin_id() answers when the user calls it';

CREATE FUNCTION teamwork.why_no_team(user_id uuid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN user_id IS NULL THEN 'nobody is asking: the user is NULL'
        WHEN u.id IS NULL THEN format('user %s does not exist in auth.users', user_id)
        WHEN p.id IS NULL THEN format('user %s has no row in user_profiles', user_id)
        WHEN NOT p.is_active THEN format('user %s is deactivated since their profile has is_active = false', user_id)
        WHEN NOT a.is_active
            THEN format('the admin of user %s, %s, is deactivated since their profile has is_active = false', user_id, a.id)
        END
    FROM (SELECT) once
    LEFT JOIN auth.users u ON u.id = user_id
    LEFT JOIN @extschema@.user_profiles p ON p.id = user_id
    LEFT JOIN @extschema@.user_profiles a ON a.id = p.admin_id
$$;
COMMENT ON FUNCTION teamwork.why_no_team(uuid) IS 'Why a user is an active member of no team; NULL for one who is';

CREATE FUNCTION teamwork.describe_user(user_id uuid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((
        SELECT concat_ws(', ', coalesce(p.full_name, p.email, 'no name'), p.role,
                         CASE WHEN p.is_active THEN 'active' ELSE 'deactivated' END,
                         CASE WHEN p.admin_id IS NULL THEN 'the admin of team ' || p.id
                              ELSE format('team %s (%s, %s)', a.id, coalesce(a.full_name, a.email, 'no name'),
                                          CASE WHEN a.is_active THEN 'active' ELSE 'deactivated' END) END)
        FROM @extschema@.user_profiles p LEFT JOIN @extschema@.user_profiles a ON a.id = p.admin_id WHERE p.id = user_id), 'no profile')
$$;
COMMENT ON FUNCTION teamwork.describe_user(uuid) IS 'Name, role, activity and team of a user, in a line';

CREATE FUNCTION teamwork.granted_columns(target regclass, command text) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN has_table_privilege('authenticated', target, command) THEN '' ELSE (
        SELECT ' of ' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped
          -- There is no DELETE of a column.
          AND CASE WHEN command <> 'DELETE' THEN has_column_privilege('authenticated', target, a.attnum, command) END) END
$$;
COMMENT ON FUNCTION teamwork.granted_columns(regclass, text) IS 'Of which columns authenticated holds a privilege: empty for the whole table, NULL for none';

CREATE FUNCTION teamwork.applicable_policies(target regclass, command text, OUT name name, OUT permissive boolean, OUT rule text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.polname, p.polpermissive,
           -- As people write it, like name_of(), and on one line.
           regexp_replace(replace(
               pg_get_expr(CASE command WHEN 'INSERT' THEN coalesce(p.polwithcheck, p.polqual) ELSE p.polqual END, p.polrelid),
               '@extschema@.', ''), '\s+', ' ', 'g')
    FROM pg_policy p
    WHERE p.polrelid = target
      AND p.polcmd = ANY (CASE command WHEN 'SELECT' THEN '{*,r}' WHEN 'INSERT' THEN '{*,a}' WHEN 'UPDATE' THEN '{*,w}'
                                       ELSE '{*,d}' END::"char"[])
      AND EXISTS (SELECT FROM unnest(p.polroles) r WHERE r = 0 OR pg_has_role('authenticated', r, 'USAGE'))
    ORDER BY NOT p.polpermissive, p.polname
$$;
COMMENT ON FUNCTION teamwork.applicable_policies(regclass, text) IS 'The policies that PostgreSQL applies to a command of authenticated';

CREATE FUNCTION teamwork.allowed_commands(user_id uuid, target regclass) RETURNS text[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((SELECT r.commands FROM teamwork.table_rules r JOIN @extschema@.user_profiles p ON p.role = r.role
                     WHERE r.target = allowed_commands.target AND p.id = user_id), '{SELECT,INSERT,UPDATE,DELETE}')
$$;
COMMENT ON FUNCTION teamwork.allowed_commands(uuid, regclass) IS 'What the rules of a table let a user do';

CREATE FUNCTION teamwork.access_verdict(user_id uuid, target regclass, command text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    team CONSTANT uuid := teamwork.team_of(user_id);
    relation pg_class;
    is_team_data CONSTANT boolean := EXISTS (SELECT FROM teamwork.protections p WHERE p.target = access_verdict.target)
        AND NOT EXISTS (SELECT FROM teamwork.policy_drift(access_verdict.target))
        AND (SELECT count(*) FROM teamwork.applicable_policies(access_verdict.target, command)) = 1;
BEGIN
    SELECT * INTO relation FROM pg_class c WHERE c.oid = target;
    RETURN CASE
        WHEN pg_has_role('authenticated', relation.relowner, 'USAGE') AND NOT relation.relforcerowsecurity
            THEN 'not protected: authenticated has the rights of the owner of ' || teamwork.name_of(target)
        WHEN teamwork.granted_columns(target, command) IS NULL
            THEN format('denied: authenticated has no %s privilege on %s', command, teamwork.name_of(target))
        WHEN relation.relkind NOT IN ('r', 'p') THEN format('%s is not a table: ask about the tables beneath it', teamwork.name_of(target))
        WHEN NOT relation.relrowsecurity
            THEN format('not protected: %s has no row-level security, every row is open', teamwork.name_of(target))
        WHEN NOT EXISTS (SELECT FROM teamwork.applicable_policies(target, command) p WHERE p.permissive)
            THEN 'denied: no policy for ' || command
        -- Who is in no team may read and, to register, insert the own profile.
        WHEN team IS NULL AND target = '@extschema@.user_profiles'::regclass AND command = 'SELECT'
             AND EXISTS (SELECT FROM @extschema@.user_profiles p WHERE p.id = user_id)
            THEN 'allowed for the own profile only: ' || teamwork.why_no_team(user_id)
        WHEN team IS NULL AND target = '@extschema@.user_profiles'::regclass AND command = 'INSERT'
             AND NOT EXISTS (SELECT FROM @extschema@.user_profiles p WHERE p.id = user_id)
             AND EXISTS (SELECT FROM auth.users u WHERE u.id = user_id)
            THEN 'allowed for the own profile as admin: ' || teamwork.why_no_team(user_id)
        WHEN team IS NULL AND NOT EXISTS (SELECT FROM teamwork.applicable_policies(target, command) p
                                          WHERE p.permissive AND p.rule !~ 'get_current_user_admin_id')
            THEN 'denied: ' || teamwork.why_no_team(user_id)
        WHEN is_team_data AND NOT command = ANY (teamwork.allowed_commands(user_id, target))
            THEN format('denied: a rule of %s forbids %s to the role %s', teamwork.name_of(target), command,
                        (SELECT p.role FROM @extschema@.user_profiles p WHERE p.id = user_id))
        WHEN is_team_data AND command = 'INSERT'
            THEN format('allowed for rows whose admin_id is %s and whose owner_id is %s, which are the defaults', team, user_id)
        WHEN is_team_data THEN 'allowed for rows whose admin_id is ' || team
        ELSE format('allowed for rows that pass, where get_current_user_admin_id() is %s and current_user_id() is %s',
                    coalesce(team::text, 'NULL'), coalesce(user_id::text, 'NULL'))
        END;
END
$$;
COMMENT ON FUNCTION teamwork.access_verdict(uuid, regclass, text) IS 'Whether a user may do something with a table, for which rows, and the fact that decides';

CREATE FUNCTION teamwork.explain_access(user_id uuid, target regclass, command text DEFAULT 'SELECT') RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted CONSTANT text := upper(command);
    relation pg_class;
BEGIN
    SELECT * INTO relation FROM pg_class c WHERE c.oid = target;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'relation % does not exist', coalesce(target::text, 'NULL') USING ERRCODE = 'undefined_table';
    ELSIF coalesce(wanted NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'), true) THEN
        RAISE EXCEPTION 'unrecognized command: %', coalesce(quote_literal(command), 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'The commands are SELECT, INSERT, UPDATE and DELETE.';
    END IF;
    RETURN concat_ws(E'\n',
        format('%s on %s by user %s', wanted, teamwork.name_of(target), coalesce(user_id::text, 'NULL')),
        'user: ' || teamwork.describe_user(user_id),
        'grant: authenticated may ' || coalesce(wanted || teamwork.granted_columns(target, wanted), 'not ' || wanted),
        format('row-level security: %s, %s', CASE WHEN relation.relrowsecurity THEN 'enabled' ELSE 'disabled' END,
               CASE WHEN relation.relforcerowsecurity THEN 'forced' ELSE 'not forced' END),
        (SELECT string_agg(format('%s policy: "%s": %s', CASE WHEN p.permissive THEN 'permissive' ELSE 'restrictive' END,
                                  p.name, coalesce(p.rule, 'true')), E'\n')
         FROM teamwork.applicable_policies(target, wanted) p),
        (SELECT format('hidden columns: %s, NULL for the role %s', array_to_string(r.hidden_columns, ', '), r.role)
         FROM teamwork.table_rules r JOIN @extschema@.user_profiles p ON p.role = r.role
         WHERE r.target = explain_access.target AND p.id = user_id AND r.hidden_columns <> '{}'),
        teamwork.access_verdict(user_id, target, wanted));
END
$$;
COMMENT ON FUNCTION teamwork.explain_access(uuid, regclass, text) IS 'Who a user is, which grants, flags and policies decide about a command on a table, and what they decide
For: administrators
Errors: 42P01 if the table does not exist; 22023 if the command is not SELECT, INSERT, UPDATE or DELETE';
