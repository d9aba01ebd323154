-- What teamwork.doctor() asks about people and their access: the questions of a troubleshooting page, each a function, all
-- of one shape. A check that finds nothing returns a row with status ok, so that it is seen to have been asked.

CREATE FUNCTION teamwork.is_administrator() RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT pg_has_role(current_user, (SELECT e.extowner FROM pg_extension e WHERE e.extname = 'teamwork'), 'USAGE') $$;
COMMENT ON FUNCTION teamwork.is_administrator() IS 'Whether the current role has the rights of the extension''s owner';

-- About the caller: members may ask these -------------------------------------------------------------------------------

CREATE FUNCTION teamwork.check_login(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'logged in', CASE WHEN who.id IS NOT NULL OR teamwork.is_administrator() THEN 'ok' ELSE 'fail' END,
        CASE WHEN who.id IS NOT NULL THEN format('user %s, role %s', who.id, current_user)
             WHEN teamwork.is_administrator() THEN 'no user: the session is a database administrator''s'
             WHEN teamwork.goes_by_token() THEN format('role %s signs in with a token, and the session has no valid one', session_user)
             ELSE teamwork.claims_fault() END,
        CASE WHEN who.id IS NOT NULL THEN NULL
             WHEN teamwork.is_administrator()
             THEN 'SELECT teamwork.login_as(''…''); SELECT * FROM teamwork.doctor(); SELECT teamwork.logout();'
             WHEN teamwork.goes_by_token() THEN 'SELECT teamwork.login(''…'');'
             ELSE 'Sign in, and send the token with the request' END
    FROM (SELECT teamwork.current_user_id()) who (id)
$$;
COMMENT ON FUNCTION teamwork.check_login() IS 'Logged in? Who the claims of the session name';

CREATE FUNCTION teamwork.check_profile(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'profile', CASE WHEN p.is_active THEN 'ok' ELSE 'fail' END,
        CASE WHEN p.id IS NULL THEN format('user %s has no row in user_profiles', who.id)
             ELSE concat_ws(', ', p.full_name, p.role, CASE WHEN p.is_active THEN 'active' ELSE 'deactivated' END) END,
        CASE WHEN p.id IS NULL THEN 'INSERT INTO user_profiles (id, full_name, role) VALUES (auth.uid(), ''…'', ''admin'');'
             WHEN NOT p.is_active THEN format('SELECT reactivate_team_member(%L); -- as the admin of the team', p.id) END
    FROM (SELECT teamwork.current_user_id()) who (id) LEFT JOIN @extschema@.user_profiles p ON p.id = who.id
    WHERE who.id IS NOT NULL
$$;
COMMENT ON FUNCTION teamwork.check_profile() IS 'Profile? Whether the caller has one that is active';

CREATE FUNCTION teamwork.check_organization(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'organization', CASE WHEN team.id IS NULL THEN 'fail' ELSE 'ok' END,
        coalesce('team ' || team.id, 'the caller is not an active member of an active admin''s team'),
        CASE WHEN team.id IS NULL THEN 'Ask the admin of the team, or a database administrator where the admin is deactivated' END
    FROM (SELECT @extschema@.get_current_user_admin_id()) team (id) WHERE teamwork.current_user_id() IS NOT NULL
$$;
COMMENT ON FUNCTION teamwork.check_organization() IS 'Organization? The team whose data the caller shares';

-- About who may do what -------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.check_policies(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    (SELECT 'policies', CASE WHEN d.problem IS NULL THEN 'ok' ELSE 'fail' END,
            coalesce(d.problem, format('table %s is as teamwork.protect_table makes it', teamwork.name_of(p.target))), d.fix
     FROM teamwork.protections p LEFT JOIN LATERAL teamwork.drift_of(p.target) d ON true ORDER BY p.target::text, d.problem)
    UNION ALL
    SELECT 'policies', 'fail', d.problem, d.fix FROM teamwork.baseline_drift() d
    UNION ALL
    SELECT 'policies', 'ok', 'the other tables are as the extension made them', NULL
    WHERE NOT EXISTS (SELECT FROM teamwork.baseline_drift())
    UNION ALL
    SELECT 'policies', 'fail', e.problem, e.fix FROM teamwork.exposed_relations() e
$$;
COMMENT ON FUNCTION teamwork.check_policies() IS 'Policies in place, table by table? And what is open beside them';

CREATE FUNCTION teamwork.check_crossings(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH crossing AS MATERIALIZED (SELECT * FROM teamwork.all_crossings())
    SELECT 'crossings', c.status, c.problem, c.fix FROM crossing c
    UNION ALL
    SELECT 'crossings', 'ok', 'no key, view, function, rule or publication crosses teams', NULL WHERE NOT EXISTS (SELECT FROM crossing)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_crossings() IS 'Crossings? Keys in which teams meet, and ways to team data past its policies';

CREATE FUNCTION teamwork.wanted_grants(OUT object text, OUT privilege text, OUT is_held boolean) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'SCHEMA ' || n.nspname::text, 'USAGE', has_schema_privilege('authenticated', n.oid, 'USAGE')
    FROM pg_namespace n WHERE n.oid IN ('@extschema@'::regnamespace, 'teamwork'::regnamespace, to_regnamespace('auth'))
    UNION ALL
    SELECT 'TABLE ' || teamwork.full_name(w.target), w.privilege, has_table_privilege('authenticated', w.target, w.privilege)
    FROM (SELECT '@extschema@.user_profiles'::regclass, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'])
          UNION ALL SELECT '@extschema@.scheduled_jobs', unnest(ARRAY['SELECT', 'INSERT', 'DELETE'])
          UNION ALL SELECT 'teamwork.saved_mappings', unnest(ARRAY['SELECT', 'DELETE'])
          UNION ALL SELECT unnest(ARRAY['@extschema@.scheduled_job_errors', '@extschema@.profiles', '@extschema@.background_imports',
                                        'teamwork.export_chunks', 'teamwork.undo_leftovers']::regclass[]), 'SELECT') w (target, privilege)
    UNION ALL
    SELECT 'FUNCTION ' || f.name, 'EXECUTE', has_function_privilege('authenticated', f.name, 'EXECUTE')
    FROM unnest(ARRAY['@extschema@.get_current_user_admin_id()', 'teamwork.current_user_id()', 'auth.uid()']) f (name)
    WHERE to_regprocedure(f.name) IS NOT NULL
$$;
COMMENT ON FUNCTION teamwork.wanted_grants() IS 'What authenticated needs beside the tables of team data, and whether it has it';

CREATE FUNCTION teamwork.check_grants(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH wanted AS MATERIALIZED (SELECT * FROM teamwork.wanted_grants()), problem (detail, fix) AS (
        SELECT format('authenticated lacks %s on %s %s', string_agg(w.privilege, ', '),
                      lower(split_part(w.object, ' ', 1)), split_part(w.object, ' ', 2)),
               format('GRANT %s ON %s TO authenticated;', string_agg(w.privilege, ', '), w.object)
        FROM wanted w WHERE NOT w.is_held GROUP BY w.object
        UNION ALL
        SELECT format('table %s grants %s to %s', teamwork.name_of(b.target),
                      string_agg(g.privilege, ', ' ORDER BY g.privilege), g.grantee),
               format('REVOKE %s ON %s FROM %s;', string_agg(g.privilege, ', ' ORDER BY g.privilege),
                      teamwork.full_name(b.target), g.grantee)
        FROM (SELECT l.target FROM teamwork.baseline l EXCEPT SELECT p.target FROM teamwork.protections p) b, teamwork.grants_on(b.target) g
        WHERE g.grantee IN ('PUBLIC', 'anon') OR (g.grantee = 'authenticated'
              -- Granted by column, all but these.
              AND NOT (g.privilege = 'SELECT' AND EXISTS (
                  SELECT FROM (VALUES ('teamwork.invitations', '{token_hash}'),
                                      ('teamwork.audit_log', '{id, from_organization}')) s (name, secrets)
                  WHERE b.target = s.name::regclass AND NOT EXISTS (
                      SELECT FROM unnest(s.secrets::text[]) c WHERE has_column_privilege('authenticated', b.target, c, 'SELECT'))))
              AND NOT EXISTS (SELECT FROM wanted w
                              WHERE (w.object, w.privilege) = ('TABLE ' || teamwork.full_name(b.target), g.privilege)))
        GROUP BY b.target, g.grantee
        UNION ALL
        SELECT format('role %s bypasses row-level security', r.rolname), format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS;', r.rolname)
        FROM pg_roles r WHERE r.rolname IN ('anon', 'authenticated') AND (r.rolsuper OR r.rolbypassrls))
    SELECT 'grants', 'fail', p.detail, p.fix FROM problem p
    UNION ALL
    SELECT 'grants', 'ok', 'authenticated holds what it needs and no more', NULL WHERE NOT EXISTS (SELECT FROM problem)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_grants() IS 'Grants? What authenticated lacks on the extension''s objects, and who holds too much';

CREATE FUNCTION teamwork.check_schemas(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH creator (role, schema) AS (
        SELECT coalesce(quote_ident(r.rolname), 'PUBLIC'), quote_ident(n.nspname)
        FROM pg_namespace n, LATERAL aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE n.oid IN ('@extschema@'::regnamespace, 'teamwork'::regnamespace) AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner
          AND (a.grantee = 0 OR NOT pg_has_role(a.grantee, (SELECT e.extowner FROM pg_extension e WHERE e.extname = 'teamwork'), 'USAGE')))
    SELECT 'schemas', 'warn',
           format('%s may create objects in schema %s, where statements of administrators can run into them', c.role, c.schema),
           format('REVOKE CREATE ON SCHEMA %s FROM %s;', c.schema, c.role)
    FROM creator c
    UNION ALL
    SELECT 'schemas', 'ok', 'only administrators create objects in the extension''s schemas', NULL WHERE NOT EXISTS (SELECT FROM creator)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_schemas() IS 'Schemas? Who may put functions and operators where the extension''s are';

CREATE FUNCTION teamwork.auth_follows_claims() RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    SET request.jwt.claims = '{"sub": "00000000-0000-4000-8000-000000000001", "role": "authenticated"}'
    SET request.jwt.claim.sub = ''
AS $$
BEGIN
    RETURN auth.uid() IS NOT DISTINCT FROM '00000000-0000-4000-8000-000000000001'::uuid;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION teamwork.auth_follows_claims() IS 'Whether auth.uid() is the user of the claims, as teamwork.current_user_id() is; it may be somebody else''s function';

CREATE FUNCTION teamwork.check_auth(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'auth', CASE WHEN uid.is_there AND uid.is_right THEN 'ok' ELSE 'fail' END,
        CASE WHEN NOT uid.is_there THEN 'function auth.uid() does not exist'
             WHEN NOT uid.is_right THEN 'function auth.uid() is not the user of request.jwt.claims: nobody can register, or add rows'
             WHEN teamwork.owns_auth() THEN 'schema auth was made by the extension'
             ELSE 'schema auth was there before the extension, with auth.uid()' END,
        CASE WHEN NOT uid.is_there
             THEN 'CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS ''SELECT teamwork.current_user_id()'';'
             WHEN NOT uid.is_right
             THEN 'CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS ''SELECT teamwork.current_user_id()''; '
                  '-- or let your API set request.jwt.claims' END
    FROM (SELECT u.is_there, u.is_there AND teamwork.auth_follows_claims()
          FROM (SELECT to_regprocedure('auth.uid()') IS NOT NULL) u (is_there)) uid (is_there, is_right)
    UNION ALL
    SELECT 'auth', CASE WHEN t.is_there THEN 'ok' ELSE 'warn' END,
        CASE WHEN t.is_there THEN 'profiles follow the addresses in auth.users'
             ELSE 'profiles do not follow the addresses in auth.users, which the extension leaves as it was' END,
        CASE WHEN NOT t.is_there THEN teamwork.address_trigger() END
    FROM (SELECT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = to_regclass('auth.users') AND g.tgenabled IN ('O', 'A')
                                                   AND g.tgfoid = 'teamwork.sync_address'::regproc)) t (is_there)
    UNION ALL
    SELECT 'encoding', CASE current_setting('server_encoding') WHEN 'UTF8' THEN 'ok' ELSE 'fail' END,
        'the database has the encoding ' || current_setting('server_encoding'),
        CASE WHEN current_setting('server_encoding') <> 'UTF8' THEN 'CREATE DATABASE … ENCODING ''UTF8'' TEMPLATE template0;' END
$$;
COMMENT ON FUNCTION teamwork.check_auth() IS 'The schema auth, owned or foreign, with an auth.uid() that is the user of the claims? The encoding?';
