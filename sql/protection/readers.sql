-- Ways to a protected table that go past its policies: views with their owner's rights, copies, functions, rules, parents and
-- publications, however many of them lie between the table and whoever reads.

CREATE FUNCTION teamwork.name_pattern(schema name, name name) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('("?%s"?\s*\.\s*)?("%s"|%s\M)', escaped.schema, escaped.name, escaped.name)
    FROM (SELECT regexp_replace(schema, '(\W)', '\\\1', 'g'), regexp_replace(name, '(\W)', '\\\1', 'g')) escaped (schema, name)
$$;
COMMENT ON FUNCTION teamwork.name_pattern(name, name) IS 'A regular expression for the name of an object in the text of a function, with or without its schema';

CREATE FUNCTION teamwork.readable_bodies(OUT oid oid, OUT body text, OUT as_caller boolean) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.oid, p.prosrc, NOT p.prosecdef
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
$$;
COMMENT ON FUNCTION teamwork.readable_bodies() IS 'The functions and procedures of this database that no extension has made, with their texts';

CREATE FUNCTION teamwork.is_invokers_view(target regclass) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM pg_class c, pg_options_to_table(c.reloptions) o
                   WHERE c.oid = target AND c.relkind = 'v' AND o.option_name = 'security_invoker' AND o.option_value::boolean)
$$;
COMMENT ON FUNCTION teamwork.is_invokers_view(regclass) IS 'Whether a view reads with the rights of whoever asks it';

CREATE FUNCTION teamwork.readers_of(sources regclass[], OUT class regclass, OUT object oid, OUT as_caller boolean) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- What reads with the rights of whoever starts the query meets the policies, however many owner's views are on the way. A copy is
    -- filled by its owner, and a function of its owner's is the caller of what it calls.
    WITH RECURSIVE body AS MATERIALIZED (SELECT b.oid, b.body, b.as_caller, lower(b.body) AS lowered FROM teamwork.readable_bodies() b),
    reader (class, object, as_caller) AS (
        SELECT 'pg_class'::regclass, s::oid, false FROM unnest(sources) s
        UNION
        SELECT found.class, found.object, found.as_caller FROM reader r, LATERAL (
            SELECT 'pg_class'::regclass, v.oid,
                   v.relkind = 'v' AND (r.as_caller OR r.class = 'pg_proc'::regclass OR teamwork.is_invokers_view(v.oid))
            FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_type = '1' JOIN pg_class v ON v.oid = w.ev_class
            WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = r.class AND d.refobjid = r.object
            UNION ALL
            SELECT 'pg_proc'::regclass, b.oid, b.as_caller FROM pg_depend d JOIN body b ON b.oid = d.objid
            WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = r.class AND d.refobjid = r.object
            UNION ALL
            -- Of what a text names, PostgreSQL keeps no record.
            SELECT 'pg_proc'::regclass, b.oid, b.as_caller
            FROM (SELECT n.nspname, c.relname, '(\m(from|join|into|update|table|only)\s+|\mfrom\s[^;()]*,\s*)%s' FROM pg_class c
                  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.class = 'pg_class'::regclass AND c.oid = r.object
                  UNION ALL
                  SELECT n.nspname, p.proname, '(^|[^\w".])%s\s*\(' FROM pg_proc p
                  JOIN pg_namespace n ON n.oid = p.pronamespace WHERE r.class = 'pg_proc'::regclass AND p.oid = r.object)
                named (schema, name, pattern)
            JOIN body b ON strpos(b.lowered, lower(named.name)) > 0
                AND b.body ~* format(named.pattern, teamwork.name_pattern(named.schema, named.name))) found (class, object, as_caller))
    SELECT r.class, r.object, bool_and(r.as_caller) FROM reader r GROUP BY r.class, r.object
$$;
COMMENT ON FUNCTION teamwork.readers_of(regclass[]) IS 'Tables, and all views, materialized views and functions that read them, at every depth, functions by what their texts say; as_caller: with the rights of whoever starts the query, so under the policies';

CREATE FUNCTION teamwork.is_of_extension(class regclass, object oid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM pg_depend d WHERE d.classid = class AND d.objid = object AND d.deptype = 'e') $$;
COMMENT ON FUNCTION teamwork.is_of_extension(regclass, oid) IS 'Whether an extension has made an object';

CREATE FUNCTION teamwork.open_views(sources regclass[], OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'fail',
           format(CASE c.relkind WHEN 'v' THEN 'view %s grants %s to %s and shows rows of team data with its owner''s rights'
                                 ELSE 'materialized view %s grants %s to %s and has no row-level security' END,
                  teamwork.name_of(c.oid), string_agg(g.privilege, ', ' ORDER BY g.privilege), g.grantee),
           'Whoever reads it sees the rows of all teams.',
           CASE c.relkind WHEN 'v' THEN format('ALTER VIEW %s SET (security_invoker = true);', teamwork.full_name(c.oid))
                          ELSE format('REVOKE ALL ON %s FROM %s;', teamwork.full_name(c.oid), g.grantee) END
    FROM teamwork.readers_of(sources) r JOIN pg_class c ON r.class = 'pg_class'::regclass AND c.oid = r.object, teamwork.grants_on(c.oid) g
    WHERE c.relkind IN ('v', 'm') AND NOT r.as_caller AND g.grantee <> 'service_role' AND NOT teamwork.is_of_extension('pg_class', c.oid)
    GROUP BY c.oid, c.relkind, g.grantee
$$;
COMMENT ON FUNCTION teamwork.open_views(regclass[]) IS 'Views and materialized views, at every depth, through which members or visitors read all rows of these tables';

CREATE FUNCTION teamwork.open_functions(sources regclass[], OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'warn', format('%s may execute the function %s, which reads team data with its owner''s rights',
                          string_agg(w.role, ' and ' ORDER BY w.role), p.oid::regprocedure),
           'Policies do not hold in there. A function that asks get_current_user_admin_id() itself is not named.',
           format('ALTER ROUTINE %s SECURITY INVOKER;', p.oid::regprocedure)
    FROM teamwork.readers_of(sources) r JOIN pg_proc p ON r.class = 'pg_proc'::regclass AND p.oid = r.object
    JOIN pg_roles o ON o.oid = p.proowner AND (o.rolsuper OR o.rolbypassrls),
        unnest(ARRAY['anon', 'authenticated']) w (role)
    WHERE p.prosecdef AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
      AND p.prosrc !~* '\mget_current_user_admin_id\s*\('
      AND has_function_privilege(w.role, p.oid, 'EXECUTE') AND has_schema_privilege(w.role, p.pronamespace, 'USAGE')
    GROUP BY p.oid
$$;
COMMENT ON FUNCTION teamwork.open_functions(regclass[]) IS 'SECURITY DEFINER functions that members or visitors may execute, and that read these tables past their policies';

CREATE FUNCTION teamwork.open_rules(sources regclass[], OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT 'fail', format('%s has the rule %I, which acts with its owner''s rights', teamwork.name_of(c.oid), w.rulename),
           'Policies do not hold in a rule''s action, whoever''s statement starts it.',
           format('DROP RULE %I ON %s;', w.rulename, teamwork.full_name(c.oid))
    FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class
    WHERE w.ev_type <> '1' AND NOT teamwork.is_of_extension('pg_rewrite', w.oid)
      AND (c.oid = ANY (sources)
           OR EXISTS (SELECT FROM teamwork.grants_on(c.oid) g WHERE g.grantee <> 'service_role')
              AND EXISTS (SELECT FROM pg_depend d
                          JOIN teamwork.readers_of(sources) r ON d.refclassid = r.class AND d.refobjid = r.object AND NOT r.as_caller
                          WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refobjid <> c.oid))
$$;
COMMENT ON FUNCTION teamwork.open_rules(regclass[]) IS 'Rules on these tables, and rules by which other relations that members reach act on them';

CREATE FUNCTION teamwork.open_parents(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE parent (relation, nearest) AS (
        SELECT i.inhparent, i.inhparent FROM pg_inherits i WHERE i.inhrelid = target
        UNION SELECT i.inhparent, p.nearest FROM parent p JOIN pg_inherits i ON i.inhrelid = p.relation)
    SELECT 'fail', format('table %s inherits from %s, which grants %s to %s', teamwork.name_of(target), teamwork.name_of(p.relation),
                          string_agg(DISTINCT g.privilege, ', '), g.grantee),
           'A statement on the parent reads and writes its children, under the parent''s policies alone.',
           format('ALTER TABLE %s NO INHERIT %s;', teamwork.full_name(target), teamwork.full_name(p.nearest))
    FROM parent p, teamwork.grants_on(p.relation) g
    WHERE g.grantee <> 'service_role' AND p.relation NOT IN (SELECT o.target FROM teamwork.protections o)
    GROUP BY p.relation, p.nearest, g.grantee
$$;
COMMENT ON FUNCTION teamwork.open_parents(regclass) IS 'Tables from which a protected table inherits, at every level, and that members or visitors reach';

CREATE FUNCTION teamwork.open_publications(target regclass, OUT status text, OUT problem text, OUT detail text, OUT fix text)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT 'warn', format('table %s is in the publication %I, which hands the rows of all teams to its subscribers',
                                   teamwork.name_of(target), p.pubname),
           'Subscribers are no members: no policy holds for what a publication sends.',
           CASE WHEN p.puballtables THEN format('DROP PUBLICATION %I; -- unless every subscriber may see all teams', p.pubname)
                WHEN l.prrelid IS NOT NULL THEN format('ALTER PUBLICATION %I DROP TABLE %s; -- unless every subscriber may see all teams',
                                                       p.pubname, teamwork.full_name(l.prrelid))
                ELSE format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %I; -- unless every subscriber may see all teams', p.pubname,
                            (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = r.relid)) END
    FROM pg_publication p CROSS JOIN LATERAL pg_get_publication_tables(p.pubname) r
    LEFT JOIN pg_publication_rel l ON l.prpubid = p.oid AND l.prrelid IN (r.relid, target)
    WHERE (r.relid = target OR r.relid IN (SELECT teamwork.children_of(target)))
      -- Supabase's service asks the policies for each listener. Of rows that are deleted it tells the primary key to all.
      AND NOT (p.pubname = 'supabase_realtime' AND coalesce(
          (SELECT bool_or(teamwork.is_drawn(target, k)) FROM pg_index i, unnest(i.indkey::smallint[]) k
           WHERE i.indrelid = target AND i.indisprimary), false))
$$;
COMMENT ON FUNCTION teamwork.open_publications(regclass) IS 'Publications by which the rows of a protected table leave the database';
