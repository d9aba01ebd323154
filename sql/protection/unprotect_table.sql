-- The way back from teamwork.protect_table, and what has come away from it by hand since.

CREATE FUNCTION teamwork.check_unprotectable(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    protection teamwork.protections;
BEGIN
    IF target IS NULL THEN
        RAISE EXCEPTION 'target must not be null'
            USING ERRCODE = 'null_value_not_allowed', HINT = 'Name a table: teamwork.unprotect_table(''orders'').';
    END IF;
    SELECT * INTO protection FROM teamwork.protections p WHERE p.target = check_unprotectable.target FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'table % is not protected', teamwork.name_of(target)
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'SELECT target FROM teamwork.protected_tables shows those that are.';
    ELSIF protection.is_preset THEN
        RAISE EXCEPTION 'cannot unprotect %: it belongs to the extension teamwork', teamwork.name_of(target)
            USING ERRCODE = 'wrong_object_type', HINT = 'Keep data that is no team''s in a table of your own.';
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.check_unprotectable(regclass) IS 'Refuses what unprotect_table cannot let go';

CREATE FUNCTION teamwork.unprotect_table(target regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    gone record;
BEGIN
    PERFORM teamwork.check_unprotectable(target);
    FOR gone IN SELECT t.name FROM teamwork.team_policies() t LOOP
        EXECUTE format('DROP POLICY IF EXISTS %I ON %s', gone.name, target);
    END LOOP;
    FOR gone IN SELECT t.tgname AS name FROM pg_trigger t
                WHERE t.tgrelid = target AND t.tgfoid IN ('teamwork.keep_owner()'::regprocedure, 'teamwork.touch_row()'::regprocedure) LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', gone.name, target);
    END LOOP;
    -- Without claims these defaults are NULL: with NOT NULL they would refuse every row that is not a member's.
    FOR gone IN SELECT a.attname AS name, EXISTS (SELECT FROM pg_index i WHERE i.indrelid = target AND i.indisprimary
                                                  AND a.attnum = ANY (i.indkey)) AS is_key
                FROM pg_attribute a WHERE a.attrelid = target AND a.attname IN ('owner_id', 'admin_id') AND NOT a.attisdropped LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I DROP DEFAULT', target, gone.name);
        IF NOT gone.is_key THEN
            EXECUTE format('ALTER TABLE %s ALTER %I DROP NOT NULL', target, gone.name);
        END IF;
    END LOOP;
    -- Closed, not open: the teams' rows are still in there. FORCE goes, so that the owner has the own table back.
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated', target);
    FOR gone IN SELECT serial FROM teamwork.serials_of(target) serial LOOP
        EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM PUBLIC, anon, authenticated', gone.serial);
    END LOOP;
    DELETE FROM teamwork.protections p WHERE p.target = unprotect_table.target;
    RAISE NOTICE 'table % is now closed to anon and authenticated', teamwork.name_of(target)
        USING DETAIL = 'Its rows, columns, keys and indexes are kept; row-level security stays enabled, without the team''s policies.',
              HINT = 'Make policies and grants of your own to open it.';
END
$$;
COMMENT ON FUNCTION teamwork.unprotect_table(regclass) IS 'Removes policies, triggers, grants, the registration, and defaults and NOT NULL of owner_id and admin_id; rows, columns, keys and indexes stay, and so does row-level security: the table is closed
For: administrators
Errors: 22004 if the table is NULL; 55000 if it is not protected; 42809 if it belongs to the extension';

-- Drift: one question a function; each returns what is wrong, as a clause that follows the table's name --------------

CREATE FUNCTION teamwork.normalize_expression(expression text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT regexp_replace(replace(expression, '@extschema@.', ''), '\sAS\s+\w+|[\s()]', '', 'g') $$;
COMMENT ON FUNCTION teamwork.normalize_expression(text) IS 'An expression without what writing and reading it back may change: spaces, parentheses, names of results';

CREATE FUNCTION teamwork.policy_drift(target regclass) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN p.oid IS NULL THEN format('lacks the policy "%s"', t.name)
                ELSE format('has the policy "%s" changed', t.name) END
    FROM teamwork.team_policies() t
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
    SELECT problem.* FROM (VALUES ('owner_id', 'auth.uid()'), ('admin_id', 'get_current_user_admin_id()'),
                                  ('created_at', 'now()'), ('updated_at', 'now()')) wanted (name, value)
    LEFT JOIN pg_attribute a ON a.attrelid = target AND a.attname = wanted.name AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = target AND d.adnum = a.attnum,
    LATERAL (
        SELECT format('lacks the column %s', wanted.name) WHERE a.attname IS NULL
        UNION ALL
        SELECT format('lacks the default %s of column %s', wanted.value, wanted.name)
        WHERE a.attname IS NOT NULL
          AND teamwork.normalize_expression(pg_get_expr(d.adbin, target)) IS DISTINCT FROM teamwork.normalize_expression(wanted.value)
        UNION ALL
        SELECT format('allows NULL in column %s', wanted.name) WHERE NOT a.attnotnull) problem
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
    FROM (VALUES ('keep_owner', 'old.owner_id IS DISTINCT FROM new.owner_id OR old.admin_id IS DISTINCT FROM new.admin_id'),
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
