-- The baseline: what the script has made of the extension's own tables, kept so that teamwork.doctor() can tell what was
-- changed by hand. pg_dump leaves such changes out, for it dumps CREATE EXTENSION in place of its members.

CREATE TABLE teamwork.baseline (
    target regclass NOT NULL,
    kind text NOT NULL,
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
    -- What a session wants of dates and intervals is no change.
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET intervalstyle = postgres SET datestyle = iso SET timezone = utc
AS $$
    -- auth is Supabase's, whoever made it: auth services add columns and triggers to it.
    WITH own AS (SELECT c.* FROM teamwork.own_tables() t JOIN pg_class c ON c.oid = t WHERE c.relnamespace <> to_regnamespace('auth'))
    SELECT o.oid::regclass, d.kind, d.name, d.definition FROM own o, LATERAL (
        SELECT 'column', a.attname, format_type(a.atttypid, a.atttypmod)
        FROM pg_attribute a WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT 'NOT NULL of column', a.attname, 'SET NOT NULL'
        FROM pg_attribute a WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull
        UNION ALL
        SELECT 'default of column', a.attname, 'SET DEFAULT ' || pg_get_expr(e.adbin, e.adrelid)
        FROM pg_attrdef e JOIN pg_attribute a ON a.attrelid = e.adrelid AND a.attnum = e.adnum
        WHERE e.adrelid = o.oid AND a.attgenerated = ''
        UNION ALL
        SELECT 'constraint', k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.conrelid = o.oid AND k.contype <> 't'
        UNION ALL
        SELECT 'index', c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = o.oid AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.conrelid = o.oid)
        UNION ALL
        SELECT 'policy', p.polname, teamwork.policy_statement(p.oid) FROM pg_policy p WHERE p.polrelid = o.oid
        UNION ALL
        SELECT 'trigger', t.tgname, pg_get_triggerdef(t.oid) || CASE t.tgenabled
            WHEN 'O' THEN '' WHEN 'A' THEN teamwork.enable_always(t.oid) ELSE ' -- disabled' END
        FROM pg_trigger t WHERE t.tgrelid = o.oid AND NOT t.tgisinternal
        UNION ALL
        SELECT 'rule', r.rulename, pg_get_ruledef(r.oid) FROM pg_rewrite r WHERE r.ev_class = o.oid
        UNION ALL
        SELECT 'row-level security', f.name, format('ALTER TABLE %s %s ROW LEVEL SECURITY', teamwork.full_name(o.oid), f.action)
        FROM (VALUES ('enabled', 'ENABLE', o.relrowsecurity), ('forced', 'FORCE', o.relforcerowsecurity)) f (name, action, is_set)
        WHERE f.is_set) d (kind, name, definition)
$$;
COMMENT ON FUNCTION teamwork.current_definitions() IS 'What the extension''s own tables have now: columns, constraints, indexes, policies, triggers, rules and flags';

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
      -- Of team data, teamwork.protection_drift() knows what shall be.
      AND (b.kind = 'column' OR b.kind IN ('policy', 'trigger', 'row-level security')
                                AND b.target NOT IN (SELECT p.target FROM teamwork.protections p))
    UNION ALL
    -- A stranger's policy is more than a loss to a dump: permissive ones add up.
    SELECT format('table %s has the policy %I besides the extension''s', teamwork.name_of(d.target), d.name),
           format('DROP POLICY %I ON %s;', d.name, teamwork.full_name(d.target))
    FROM teamwork.baseline_additions() d WHERE d.kind = 'policy' AND d.target NOT IN (SELECT p.target FROM teamwork.protections p)
$$;
COMMENT ON FUNCTION teamwork.baseline_drift() IS 'What is missing or changed of the extension''s own tables, and policies that are not its';

-- What a dump leaves behind --------------------------------------------------------------------------------------------

CREATE FUNCTION teamwork.drop_statement(target regclass, kind text, name name) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE kind
        WHEN 'row-level security' THEN format('ALTER TABLE %s %s ROW LEVEL SECURITY;', t.name,
                                         CASE drop_statement.name WHEN 'forced' THEN 'NO FORCE' ELSE 'DISABLE' END)
        WHEN 'column' THEN format('ALTER TABLE %s DROP COLUMN %I; -- once its data is in a table of your own', t.name, drop_statement.name)
        WHEN 'NOT NULL of column' THEN format('ALTER TABLE %s ALTER %I DROP NOT NULL;', t.name, drop_statement.name)
        WHEN 'default of column' THEN format('ALTER TABLE %s ALTER %I DROP DEFAULT;', t.name, drop_statement.name)
        WHEN 'constraint' THEN format('ALTER TABLE %s DROP CONSTRAINT %I;', t.name, drop_statement.name)
        WHEN 'index' THEN format('DROP INDEX %I.%I;', (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                                       WHERE c.oid = drop_statement.target), drop_statement.name)
        ELSE format('DROP %s %I ON %s;', upper(kind), drop_statement.name, t.name) END
    FROM teamwork.full_name(target) t (name)
$$;
COMMENT ON FUNCTION teamwork.drop_statement(regclass, text, name) IS 'The statement that takes away what was added to a table of the extension';

CREATE FUNCTION teamwork.baseline_additions(OUT target regclass, OUT kind text, OUT name name, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.target, d.kind, d.name, teamwork.drop_statement(d.target, d.kind, d.name)
    FROM teamwork.current_definitions() d
    WHERE d.target IN (SELECT b.target FROM teamwork.baseline b)
      AND NOT EXISTS (SELECT FROM teamwork.baseline b WHERE (b.target, b.kind, b.name) = (d.target, d.kind, d.name))
      -- What belongs to a column that was added goes with it.
      AND NOT (d.kind IN ('NOT NULL of column', 'default of column')
               AND NOT EXISTS (SELECT FROM teamwork.baseline b WHERE (b.target, b.kind, b.name) = (d.target, 'column', d.name)))
$$;
COMMENT ON FUNCTION teamwork.baseline_additions() IS 'What was added by hand to the extension''s own tables, with the statement that takes it away';

CREATE FUNCTION teamwork.baseline_changes(OUT target regclass, OUT kind text, OUT name name, OUT change text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.target, b.kind, b.name, CASE WHEN d.target IS NULL THEN 'taken away' ELSE 'changed' END,
           CASE WHEN d.target IS NULL OR b.kind LIKE '% of column' THEN '' ELSE teamwork.drop_statement(b.target, b.kind, b.name) || ' ' END
           || CASE WHEN b.kind = 'index' THEN b.definition
                   ELSE format('ALTER TABLE %s ', teamwork.full_name(b.target))
                        || CASE b.kind WHEN 'constraint' THEN format('ADD CONSTRAINT %I ', b.name) ELSE format('ALTER %I ', b.name) END
                        || b.definition END || ';'
    FROM teamwork.baseline b
    LEFT JOIN teamwork.current_definitions() d ON (d.target, d.kind, d.name) = (b.target, b.kind, b.name)
    WHERE b.kind IN ('NOT NULL of column', 'default of column', 'constraint', 'index') AND d.definition IS DISTINCT FROM b.definition
      -- A column that is gone is drift, with all that it had.
      AND (b.kind NOT LIKE '% of column' OR EXISTS (SELECT FROM pg_attribute a
                                                    WHERE a.attrelid = b.target AND a.attname = b.name AND NOT a.attisdropped))
$$;
COMMENT ON FUNCTION teamwork.baseline_changes() IS 'What was changed or taken away by hand of the extension''s own tables, and what a restore would bring back, with the statement that undoes it';

CREATE FUNCTION teamwork.baseline_losses(OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('pg_dump will not carry the %s %I, which was added by hand to table %s of the extension', a.kind, a.name,
                  teamwork.name_of(a.target)), a.fix
    FROM teamwork.baseline_additions() a
    -- Those of the other tables are drift.
    WHERE a.kind <> 'policy' OR a.target IN (SELECT p.target FROM teamwork.protections p)
    UNION ALL
    -- Rows that do not fit what the script makes are not restored.
    SELECT format('pg_dump will not carry that the %s %I of table %s of the extension was %s by hand', c.kind, c.name,
                  teamwork.name_of(c.target), c.change), c.fix
    FROM teamwork.baseline_changes() c
$$;
COMMENT ON FUNCTION teamwork.baseline_losses() IS 'What was done by hand to the extension''s own tables and is lost by dump and restore, with the statement that undoes it';
