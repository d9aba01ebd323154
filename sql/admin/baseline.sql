-- The baseline: what the script has made of the extension's own tables, kept so that teamwork.doctor() can tell what was
-- changed by hand. pg_dump leaves such changes out, for it dumps CREATE EXTENSION in place of its members.

CREATE TABLE teamwork.baseline (
    target regclass NOT NULL,
    kind text NOT NULL CHECK (kind IN ('column', 'policy', 'trigger', 'row-level security')),
    name name NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (target, kind, name)
);
COMMENT ON TABLE teamwork.baseline IS 'What the extension''s script has made of its own tables; teamwork.record_baseline() writes it';

CREATE FUNCTION teamwork.policy_statement(policy oid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, teamwork.full_name(p.polrelid),
        CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
        CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
        (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE r::regrole::text END, ', ') FROM unnest(p.polroles) r),
        ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
    FROM pg_policy p WHERE p.oid = policy
$$;
COMMENT ON FUNCTION teamwork.policy_statement(oid) IS 'The statement that makes a policy';

CREATE FUNCTION teamwork.enable_always(trigger oid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('; ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', teamwork.full_name(t.tgrelid), t.tgname)
    FROM pg_trigger t WHERE t.oid = trigger
$$;
COMMENT ON FUNCTION teamwork.enable_always(oid) IS 'What follows the definition of a trigger that fires always';

CREATE FUNCTION teamwork.current_definitions(OUT target regclass, OUT kind text, OUT name name, OUT definition text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH own AS (
        SELECT c.oid, c.relrowsecurity, c.relforcerowsecurity, p.target IS NOT NULL AS is_team_data
        FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
        JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind = 'r'
        LEFT JOIN teamwork.protections p ON p.target = c.oid
        -- auth is Supabase's, whoever made it: auth services add columns and triggers to it.
        WHERE e.extname = 'teamwork' AND c.relnamespace <> to_regnamespace('auth'))
    SELECT o.oid::regclass, 'column', a.attname, format_type(a.atttypid, a.atttypmod)
    FROM own o JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    -- Of team data, teamwork.protection_drift() knows what shall be.
    SELECT o.oid::regclass, 'policy', p.polname, teamwork.policy_statement(p.oid)
    FROM own o JOIN pg_policy p ON p.polrelid = o.oid WHERE NOT o.is_team_data
    UNION ALL
    SELECT o.oid::regclass, 'trigger', t.tgname, pg_get_triggerdef(t.oid)
        || CASE t.tgenabled WHEN 'O' THEN '' WHEN 'A' THEN teamwork.enable_always(t.oid) ELSE ' -- disabled' END
    FROM own o JOIN pg_trigger t ON t.tgrelid = o.oid AND NOT t.tgisinternal WHERE NOT o.is_team_data
    UNION ALL
    SELECT o.oid::regclass, 'row-level security', f.name,
           format('ALTER TABLE %s %s ROW LEVEL SECURITY', teamwork.full_name(o.oid), f.action)
    FROM own o,
        LATERAL (VALUES ('enabled', 'ENABLE', o.relrowsecurity), ('forced', 'FORCE', o.relforcerowsecurity)) f (name, action, is_set)
    WHERE f.is_set AND NOT o.is_team_data
$$;
COMMENT ON FUNCTION teamwork.current_definitions() IS 'The columns, policies, triggers and flags that the extension''s own tables have now';

CREATE FUNCTION teamwork.record_baseline() RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM teamwork.baseline;
    INSERT INTO teamwork.baseline (target, kind, name, definition)
    SELECT d.target, d.kind, d.name, d.definition FROM teamwork.current_definitions() d;
$$;
COMMENT ON FUNCTION teamwork.record_baseline() IS 'Last step of an install or update script: what is there now is what shall be';

CREATE FUNCTION teamwork.baseline_drift(OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN b.kind = 'row-level security' THEN format('table %s has row-level security not %s', teamwork.name_of(b.target), b.name)
                WHEN d.target IS NULL THEN format('table %s lacks the %s %I', teamwork.name_of(b.target), b.kind, b.name)
                ELSE format('table %s has the %s %I changed', teamwork.name_of(b.target), b.kind, b.name) END,
           CASE b.kind
               WHEN 'policy' THEN
                   CASE WHEN d.target IS NULL THEN '' ELSE format('DROP POLICY %I ON %s; ', b.name, teamwork.full_name(b.target)) END
               WHEN 'trigger' THEN
                   CASE WHEN d.target IS NULL THEN '' ELSE format('DROP TRIGGER %I ON %s; ', b.name, teamwork.full_name(b.target)) END
               WHEN 'column' THEN format('ALTER TABLE %s ', teamwork.full_name(b.target))
                   || CASE WHEN d.target IS NULL THEN format('ADD %I ', b.name) ELSE format('ALTER %I TYPE ', b.name) END
               ELSE '' END || b.definition || ';'
    FROM teamwork.baseline b
    LEFT JOIN teamwork.current_definitions() d ON (d.target, d.kind, d.name) = (b.target, b.kind, b.name)
    WHERE d.definition IS DISTINCT FROM b.definition
      -- A trigger that fires always does what it shall, and more.
      AND NOT coalesce(b.kind = 'trigger' AND starts_with(d.definition, b.definition || '; ALTER TABLE '), false)
    UNION ALL
    -- A stranger's policy is more than a loss to a dump: permissive ones add up.
    SELECT format('table %s has the policy %I besides the extension''s', teamwork.name_of(d.target), d.name),
           format('DROP POLICY %I ON %s;', d.name, teamwork.full_name(d.target))
    FROM teamwork.current_definitions() d
    WHERE d.kind = 'policy' AND NOT EXISTS (SELECT FROM teamwork.baseline b WHERE (b.target, b.kind, b.name) = (d.target, d.kind, d.name))
$$;
COMMENT ON FUNCTION teamwork.baseline_drift() IS 'What is missing or changed of the extension''s own tables, and policies that are not its';

CREATE FUNCTION teamwork.baseline_additions(OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('pg_dump will not carry the %s %I, which was added by hand to table %s of the extension',
                  d.kind, d.name, teamwork.name_of(d.target)),
           CASE d.kind WHEN 'row-level security' THEN format('ALTER TABLE %s %s ROW LEVEL SECURITY;', teamwork.full_name(d.target),
                                                             CASE d.name WHEN 'forced' THEN 'NO FORCE' ELSE 'DISABLE' END)
                       WHEN 'column' THEN format('ALTER TABLE %s DROP COLUMN %I; -- once its data is in a table of your own',
                                                 teamwork.full_name(d.target), d.name)
                       ELSE format('DROP %s %I ON %s;', upper(d.kind), d.name, teamwork.full_name(d.target)) END
    FROM teamwork.current_definitions() d
    WHERE d.kind <> 'policy' AND d.target IN (SELECT b.target FROM teamwork.baseline b)
      AND NOT EXISTS (SELECT FROM teamwork.baseline b WHERE (b.target, b.kind, b.name) = (d.target, d.kind, d.name))
$$;
COMMENT ON FUNCTION teamwork.baseline_additions() IS 'What, policies apart, was added by hand to the extension''s own tables';
