-- teamwork.protection_drift: every way in which tables have come away from what teamwork.protect_table made of them.
-- One question a function; each returns what is wrong, as a clause that follows the table's name.

CREATE FUNCTION teamwork.normalize_expression(expression text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT regexp_replace(replace(expression, '@extschema@.', ''), '\sAS\s+\w+|[\s()]', '', 'g') $$;
COMMENT ON FUNCTION teamwork.normalize_expression(text) IS 'An expression without what writing and reading it back may change: spaces, parentheses, names of results';

CREATE FUNCTION teamwork.policy_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN p.oid IS NULL THEN format('lacks the policy "%s"', t.name)
                ELSE format('has the policy "%s" changed', t.name) END
    FROM teamwork.team_policies(target) t
    LEFT JOIN pg_policy p ON p.polrelid = target AND p.polname = t.name
    LEFT JOIN (VALUES ('r', 'SELECT'), ('a', 'INSERT'), ('w', 'UPDATE'), ('d', 'DELETE')) c (code, command) ON c.code = p.polcmd::text
    WHERE (p.polpermissive, p.polroles, c.command, teamwork.normalize_expression(pg_get_expr(p.polqual, target)),
           teamwork.normalize_expression(pg_get_expr(p.polwithcheck, target)))
        IS DISTINCT FROM (true, ARRAY['authenticated'::regrole::oid], t.command,
                          teamwork.normalize_expression(t.read_rule), teamwork.normalize_expression(t.write_rule))
    UNION ALL
    SELECT 'has row-level security ' || flag.problem
    FROM pg_class c, LATERAL (VALUES (c.relrowsecurity, 'disabled'), (c.relforcerowsecurity, 'not forced')) flag (is_set, problem)
    WHERE c.oid = target AND NOT flag.is_set
$$;
COMMENT ON FUNCTION teamwork.policy_drift(regclass) IS 'What is missing or changed of a protected table''s policies and row-level security';

CREATE FUNCTION teamwork.column_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT problem.* FROM (VALUES ('owner_id', 'auth.uid()', true), ('admin_id', 'get_current_user_admin_id()', true),
                                  ('created_at', 'now()', true), ('updated_at', 'now()', true),
                                  ('updated_by', 'auth.uid()', false)) wanted (name, value, is_filled)
    LEFT JOIN pg_attribute a ON a.attrelid = target AND a.attname = wanted.name AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = target AND d.adnum = a.attnum,
    LATERAL (
        SELECT format('lacks the column %s', wanted.name) WHERE a.attname IS NULL
        UNION ALL
        SELECT format('lacks the default %s of column %s', wanted.value, wanted.name)
        WHERE a.attname IS NOT NULL
          AND teamwork.normalize_expression(pg_get_expr(d.adbin, target)) IS DISTINCT FROM teamwork.normalize_expression(wanted.value)
        UNION ALL
        SELECT format('allows NULL in column %s', wanted.name) WHERE wanted.is_filled AND NOT a.attnotnull) problem
    UNION ALL
    SELECT format('refuses whole rows of clients, as %s is GENERATED ALWAYS', a.attname)
    FROM pg_attribute a WHERE a.attrelid = target AND a.attidentity = 'a' AND NOT a.attisdropped
$$;
COMMENT ON FUNCTION teamwork.column_drift(regclass) IS 'What is missing or changed of a protected table''s columns';

CREATE FUNCTION teamwork.key_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('lacks %s index on (%s)', CASE WHEN wanted.is_unique THEN 'the unique' ELSE 'the' END,
                  array_to_string(wanted.columns, ', '))
    FROM teamwork.protections p,
        LATERAL (VALUES (CASE WHEN p.key_columns = '{}' THEN '{admin_id,created_at}' ELSE array_prepend('admin_id', p.key_columns) END,
                         p.key_columns <> '{}'), ('{owner_id}', false)) wanted (columns, is_unique)
    WHERE p.target = key_drift.target AND NOT teamwork.has_index(p.target, wanted.columns, wanted.is_unique)
    UNION
    SELECT format('lacks the unique index on (%s)', array_to_string(wanted.columns, ', '))
    FROM teamwork.team_key(key_drift.target) wanted (columns)
    WHERE wanted.columns IS NOT NULL AND NOT teamwork.is_unique_over(key_drift.target, wanted.columns)
    UNION ALL
    SELECT format('has the foreign key %I from %s to %s', stray.name, array_to_string(stray.columns, ', '), teamwork.name_of(stray.parent))
    FROM teamwork.stray_keys(key_drift.target) stray
    UNION ALL
    SELECT format('lacks the foreign key from %s to %s', wanted.name, teamwork.name_of(wanted.parent::regclass))
    FROM (VALUES ('owner_id', 'auth.users'), ('admin_id', '@extschema@.user_profiles')) wanted (name, parent)
    WHERE NOT EXISTS (
        SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = wanted.name
        WHERE k.contype = 'f' AND k.conrelid = key_drift.target AND k.conkey = ARRAY[a.attnum] AND k.confrelid = wanted.parent::regclass)
$$;
COMMENT ON FUNCTION teamwork.key_drift(regclass) IS 'What is missing of a protected table''s indexes and foreign keys';

CREATE FUNCTION teamwork.trigger_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN t.oid IS NULL THEN format('lacks the trigger %s', wanted.name)
                WHEN t.tgenabled NOT IN ('O', 'A') THEN format('has the trigger %s disabled', wanted.name)
                ELSE format('has the trigger %s changed', wanted.name) END
    FROM (VALUES ('keep_owner', teamwork.kept_columns_change(target)),
                 ('touch_row', replace(teamwork.row_changes(target), 'OPERATOR(pg_catalog.*<>)', '*<>'))) wanted (name, condition)
    LEFT JOIN pg_trigger t ON t.tgrelid = target AND t.tgname = wanted.name AND NOT t.tgisinternal
    WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A')
       OR teamwork.normalize_expression(pg_get_triggerdef(t.oid)) <> teamwork.normalize_expression(format(
           'CREATE TRIGGER %s BEFORE UPDATE ON %s FOR EACH ROW %s EXECUTE FUNCTION teamwork.%s()',
           wanted.name, teamwork.full_name(target), 'WHEN (' || wanted.condition || ')', wanted.name))
$$;
COMMENT ON FUNCTION teamwork.trigger_drift(regclass) IS 'What is missing, disabled or changed of a protected table''s triggers';

CREATE FUNCTION teamwork.grants_on(target regclass, OUT grantee name, OUT privilege text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type
    FROM (SELECT c.relacl FROM pg_class c WHERE c.oid = target
          UNION ALL SELECT t.attacl FROM pg_attribute t WHERE t.attrelid = target AND NOT t.attisdropped) held (acl),
        LATERAL aclexplode(held.acl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE a.grantee = 0 OR r.rolname IN ('anon', 'authenticated', 'service_role')
    GROUP BY 1, 2
$$;
COMMENT ON FUNCTION teamwork.grants_on(regclass) IS 'What PUBLIC and the roles of applications hold on a relation or some of its columns';

CREATE FUNCTION teamwork.grant_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('lacks the grant of %s to %s', string_agg(c.command, ', ' ORDER BY c.place), r.name)
    FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY c (command, place),
        unnest(ARRAY['authenticated', 'service_role']) r (name)
    WHERE NOT EXISTS (SELECT FROM pg_class t, aclexplode(t.relacl) a
                      WHERE t.oid = target AND (a.grantee, a.privilege_type) = (r.name::regrole, c.command)) GROUP BY r.name
    UNION ALL
    SELECT format('grants %s to %s', string_agg(g.privilege, ', ' ORDER BY g.privilege), g.grantee)
    FROM teamwork.grants_on(target) g
    WHERE g.grantee IN ('PUBLIC', 'anon') OR (g.grantee = 'authenticated' AND g.privilege NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))
    GROUP BY g.grantee
$$;
COMMENT ON FUNCTION teamwork.grant_drift(regclass) IS 'Which grants on a protected table are missing, and which are more than policies can guard';

-- All of them ---------------------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.other_drift(target regclass, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('has the permissive policy "%s" besides the team''s', p.polname),
           format('DROP POLICY %I ON %s;', p.polname, teamwork.full_name(target))
    FROM pg_policy p
    WHERE p.polrelid = target AND p.polpermissive AND p.polname NOT IN (SELECT t.name FROM teamwork.team_policies(target) t)
    UNION ALL
    SELECT format('belongs to %s, which authenticated or anon can act as', c.relowner::regrole),
           format('ALTER TABLE %s OWNER TO %I;', teamwork.full_name(target), current_user)
    FROM pg_class c
    WHERE c.oid = target AND (pg_has_role('authenticated', c.relowner, 'MEMBER') OR pg_has_role('anon', c.relowner, 'MEMBER'))
    UNION ALL
    SELECT format('has the partition %s, which grants %s to %s', teamwork.name_of(child),
                  string_agg(g.privilege, ', ' ORDER BY g.privilege), g.grantee),
           format('REVOKE ALL ON %s FROM %s;', teamwork.full_name(child), g.grantee)
    FROM teamwork.children_of(target) child, teamwork.grants_on(child) g
    WHERE g.grantee <> 'service_role' GROUP BY child, g.grantee
$$;
COMMENT ON FUNCTION teamwork.other_drift(regclass) IS 'Ways around a protected table that protecting it again would not close';

CREATE FUNCTION teamwork.drift_of(target regclass, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('table %s %s', teamwork.name_of(target), found.problem),
           format('SELECT teamwork.protect_table(%L);', teamwork.full_name(target))
    FROM (SELECT teamwork.policy_drift(target) UNION ALL SELECT teamwork.column_drift(target) UNION ALL SELECT teamwork.key_drift(target)
          UNION ALL SELECT teamwork.trigger_drift(target) UNION ALL SELECT teamwork.grant_drift(target)) found (problem)
    UNION ALL
    SELECT format('table %s %s', teamwork.name_of(target), o.problem), o.fix FROM teamwork.other_drift(target) o
$$;
COMMENT ON FUNCTION teamwork.drift_of(regclass) IS 'The drift of one protected table';
