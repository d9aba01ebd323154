-- teamwork.protection_drift: every way in which tables have come away from what teamwork.protect_table made of them.

CREATE FUNCTION teamwork.other_drift(target regclass, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('has the permissive policy "%s" besides the team''s', p.polname),
           format('DROP POLICY %I ON %s;', p.polname, teamwork.full_name(target))
    FROM pg_policy p
    WHERE p.polrelid = target AND p.polpermissive AND p.polname NOT IN (SELECT t.name FROM teamwork.team_policies() t)
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

CREATE FUNCTION teamwork.exposed_relations(OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%s %s grants %s to %s and %s', k.name, teamwork.name_of(c.oid), g.privileges, g.grantee,
                  CASE WHEN c.relkind = 'v' THEN 'shows rows of team data with its owner''s rights' ELSE 'has no row-level security' END),
           CASE WHEN c.relkind IN ('r', 'p') THEN format('SELECT teamwork.protect_table(%L);', teamwork.full_name(c.oid))
                WHEN c.relkind = 'v' THEN format('ALTER VIEW %s SET (security_invoker = true);', teamwork.full_name(c.oid))
                ELSE format('REVOKE ALL ON %s FROM %s;', teamwork.full_name(c.oid), g.grantee) END
    FROM pg_class c
    JOIN (VALUES ('r', 'table'), ('p', 'table'), ('f', 'foreign table'), ('m', 'materialized view'), ('v', 'view')) k (code, name)
        ON k.code = c.relkind::text,
    LATERAL (SELECT h.grantee, string_agg(h.privilege, ', ' ORDER BY h.privilege) FROM teamwork.grants_on(c.oid) h
             WHERE h.grantee <> 'service_role' GROUP BY 1) g (grantee, privileges)
    WHERE c.relnamespace = to_regnamespace('@extschema@') AND NOT c.relrowsecurity
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      -- Those of protected tables, and protected tables themselves, are looked at one by one.
      AND NOT EXISTS (SELECT FROM teamwork.protections p
                      WHERE p.target = c.oid OR c.oid IN (SELECT teamwork.children_of(p.target)))
      AND (c.relkind <> 'v' OR (
          NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = 'security_invoker' AND o.option_value::boolean)
          AND EXISTS (SELECT FROM pg_rewrite r
                      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
                      JOIN pg_class t ON t.oid = d.refobjid AND t.relrowsecurity
                      WHERE r.ev_class = c.oid)))
$$;
COMMENT ON FUNCTION teamwork.exposed_relations() IS 'What members and anonymous users can reach in the extension''s schema without row-level security';

CREATE FUNCTION teamwork.protection_drift(target regclass DEFAULT NULL, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT found.* FROM (
        SELECT d.* FROM teamwork.protections p, LATERAL teamwork.drift_of(p.target) d
        WHERE p.target = coalesce(protection_drift.target, p.target)
        UNION ALL
        SELECT e.* FROM teamwork.exposed_relations() e WHERE protection_drift.target IS NULL
        UNION ALL
        SELECT format('table %s is not protected', teamwork.name_of(protection_drift.target)),
               format('SELECT teamwork.protect_table(%L);', teamwork.full_name(protection_drift.target))
        WHERE protection_drift.target IS NOT NULL
          AND NOT EXISTS (SELECT FROM teamwork.protections p WHERE p.target = protection_drift.target)
    ) found (problem, fix)
    -- Protecting again comes last: it is refused while a stranger's policy is there.
    ORDER BY starts_with(found.fix, 'SELECT teamwork.protect_table'), found.problem
$$;
COMMENT ON FUNCTION teamwork.protection_drift(regclass) IS 'What somebody changed by hand on a protected table, each with a statement that corrects it; without an argument on all of them, and what else in the extension''s schema is open
For: administrators
Errors: none';
