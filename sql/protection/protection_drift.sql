-- teamwork.protection_drift: all drift, of one table or of all, and what else is open.

CREATE FUNCTION teamwork.own_tables() RETURNS SETOF regclass
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.oid::regclass
    FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind = 'r'
    WHERE e.extname = 'teamwork'
$$;
COMMENT ON FUNCTION teamwork.own_tables() IS 'The tables of the extension itself';

CREATE FUNCTION teamwork.crossings_of(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    WITH own AS (SELECT array_agg(o.relation) AS tables FROM (SELECT target UNION SELECT teamwork.children_of(target)) o (relation))
    SELECT c.* FROM teamwork.crossing_uniques(target) c
    UNION ALL SELECT c.* FROM teamwork.crossing_foreign_keys(target) c
    UNION ALL SELECT c.* FROM teamwork.holding_keys(target) c
    UNION ALL SELECT c.* FROM teamwork.outside_keys(target) c
    UNION ALL SELECT c.* FROM teamwork.open_parents(target) c
    UNION ALL SELECT c.* FROM teamwork.open_publications(target) c
    UNION ALL SELECT c.* FROM own o, teamwork.open_views(o.tables) c
    UNION ALL SELECT c.* FROM own o, teamwork.open_functions(o.tables) c
    UNION ALL SELECT c.* FROM own o, teamwork.open_rules(o.tables) c
    ORDER BY 2
$$;
COMMENT ON FUNCTION teamwork.crossings_of(regclass) IS 'Where a protected table, or what was built around it, crosses teams, with what mends it';

CREATE FUNCTION teamwork.guarded_tables() RETURNS SETOF regclass
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.target FROM teamwork.protections p UNION SELECT teamwork.children_of(p.target) FROM teamwork.protections p
    UNION SELECT teamwork.own_tables()
    -- In the extension's schema, also tables of the user's that have policies of their own.
    UNION SELECT c.oid FROM pg_class c WHERE c.relnamespace = to_regnamespace('@extschema@') AND c.relrowsecurity
$$;
COMMENT ON FUNCTION teamwork.guarded_tables() IS 'The tables whose rows nobody may reach past their policies';

CREATE FUNCTION teamwork.all_crossings(OUT status text, OUT problem text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    WITH guarded AS (SELECT ARRAY(SELECT teamwork.guarded_tables()) AS tables)
    SELECT c.* FROM teamwork.protections p, LATERAL (
        SELECT * FROM teamwork.crossing_uniques(p.target) UNION ALL SELECT * FROM teamwork.crossing_foreign_keys(p.target)
        UNION ALL SELECT * FROM teamwork.holding_keys(p.target) UNION ALL SELECT * FROM teamwork.outside_keys(p.target)
        UNION ALL SELECT * FROM teamwork.open_parents(p.target) UNION ALL SELECT * FROM teamwork.open_publications(p.target)) c
    UNION SELECT c.* FROM guarded g, teamwork.open_views(g.tables) c
    UNION SELECT c.* FROM guarded g, teamwork.open_functions(g.tables) c
    UNION SELECT c.* FROM guarded g, teamwork.open_rules(g.tables) c
    ORDER BY 2
$$;
COMMENT ON FUNCTION teamwork.all_crossings() IS 'The crossings_of() all protected tables, each once, and of the extension''s other tables';

CREATE FUNCTION teamwork.exposed_relations(OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%s %s grants %s to %s and has no row-level security', k.name, teamwork.name_of(c.oid), g.privileges, g.grantee),
           CASE WHEN c.relkind IN ('r', 'p') THEN format('SELECT teamwork.protect_table(%L);', teamwork.full_name(c.oid))
                ELSE format('REVOKE ALL ON %s FROM %s;', teamwork.full_name(c.oid), g.grantee) END
    FROM pg_class c
    JOIN (VALUES ('r', 'table'), ('p', 'table'), ('f', 'foreign table'), ('m', 'materialized view')) k (code, name)
        ON k.code = c.relkind::text,
    LATERAL (SELECT h.grantee, string_agg(h.privilege, ', ' ORDER BY h.privilege) FROM teamwork.grants_on(c.oid) h
             WHERE h.grantee <> 'service_role' GROUP BY 1) g (grantee, privileges)
    WHERE c.relnamespace = to_regnamespace('@extschema@') AND NOT c.relrowsecurity AND NOT teamwork.is_of_extension('pg_class', c.oid)
      -- Copies of team data are among the crossings.
      AND (c.relkind <> 'm' OR c.oid NOT IN (SELECT r.object FROM teamwork.readers_of(ARRAY(SELECT teamwork.guarded_tables())) r))
      -- Those of protected tables, and protected tables themselves, are looked at one by one.
      AND NOT EXISTS (SELECT FROM teamwork.protections p
                      WHERE p.target = c.oid OR c.oid IN (SELECT teamwork.children_of(p.target)))
$$;
COMMENT ON FUNCTION teamwork.exposed_relations() IS 'What members and anonymous users can reach in the extension''s schema without row-level security';

CREATE FUNCTION teamwork.protection_drift(target regclass DEFAULT NULL, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
    SELECT found.* FROM (
        SELECT d.* FROM teamwork.protections p, LATERAL teamwork.drift_of(p.target) d
        WHERE p.target = coalesce(protection_drift.target, p.target)
        UNION ALL
        SELECT c.problem, c.fix FROM teamwork.protections p, LATERAL teamwork.crossings_of(p.target) c
        WHERE p.target = protection_drift.target
        UNION ALL
        SELECT c.problem, c.fix FROM teamwork.all_crossings() c WHERE protection_drift.target IS NULL
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
COMMENT ON FUNCTION teamwork.protection_drift(regclass) IS 'What somebody changed by hand on a protected table, and what crosses teams, each with a statement that corrects it; without an argument on all of them, and what else in the extension''s schema is open
For: administrators
Errors: none';
