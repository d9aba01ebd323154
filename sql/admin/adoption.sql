-- What teamwork.doctor() asks of a database that had teams of its own: what is still bound to the tables that moved away, and who
-- still makes profiles. See docs/adopting.md.

CREATE FUNCTION teamwork.twins(OUT class regclass, OUT object oid, OUT name text, OUT own_name text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'pg_class'::regclass, c.oid, teamwork.full_name(c.oid), teamwork.full_name(o.oid)
    FROM pg_class o JOIN pg_class c ON c.relname = o.relname AND c.oid <> o.oid AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    WHERE o.relnamespace = '@extschema@'::regnamespace AND o.oid IN (SELECT teamwork.own_tables())
      -- Another schema may have a table of staff, and nothing to do with us. One that has profiles, too, has.
      AND EXISTS (SELECT FROM pg_class p WHERE p.relnamespace = c.relnamespace AND p.relname = 'user_profiles' AND p.relkind IN ('r', 'p'))
      AND c.oid NOT IN (SELECT p.target FROM teamwork.protections p)
    UNION ALL
    SELECT 'pg_proc'::regclass, f.oid, format('%I.%I', n.nspname, f.proname), format('%I.%I', '@extschema@', f.proname)
    FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
    WHERE f.proname IN ('get_current_user_admin_id', 'get_current_user_role') AND f.pronargs = 0
      AND NOT teamwork.is_of_extension('pg_proc', f.oid)
$$;
COMMENT ON FUNCTION teamwork.twins() IS 'Tables and functions of another project that have the names of the extension''s, in other schemas';

CREATE FUNCTION teamwork.qualified_pattern(name text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT '(^|[^\w.])' || regexp_replace(name, '(\W)', '\\\1', 'g') || '\M' $$;
COMMENT ON FUNCTION teamwork.qualified_pattern(text) IS 'A regular expression for a name with its schema; its first group is what stands before it';

CREATE FUNCTION teamwork.rebound(statement text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    twin record;
    rebound text := statement;
BEGIN
    FOR twin IN SELECT t.name, t.own_name FROM teamwork.twins() t LOOP
        rebound := regexp_replace(rebound, teamwork.qualified_pattern(twin.name), '\1' || twin.own_name, 'g');
    END LOOP;
    RETURN rebound;
END
$$;
COMMENT ON FUNCTION teamwork.rebound(text) IS 'A statement with the names of the extension''s objects in place of their twins''';

CREATE FUNCTION teamwork.bound_to_twins(OUT status text, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH twin AS MATERIALIZED (SELECT * FROM teamwork.twins()),
    bound AS MATERIALIZED (
        SELECT d.classid, d.objid, min(t.name) AS name FROM twin t
        JOIN pg_depend d ON d.refclassid = t.class AND d.refobjid = t.object AND d.deptype = 'n' GROUP BY d.classid, d.objid)
    SELECT 'fail', format('policy %I of table %s reads %s, which is not the extension''s', p.polname, teamwork.name_of(p.polrelid), b.name),
           format('DROP POLICY %I ON %s; %s;', p.polname, teamwork.full_name(p.polrelid),
                  teamwork.rebound(teamwork.policy_statement(p.oid)))
    FROM bound b JOIN pg_policy p ON b.classid = 'pg_policy'::regclass AND p.oid = b.objid
    WHERE p.polrelid NOT IN (SELECT t.object FROM twin t)
    UNION ALL
    SELECT 'fail', format('view %s, which members or visitors may read, reads %s, which is not the extension''s',
                          teamwork.name_of(v.oid), b.name),
           format('CREATE OR REPLACE VIEW %s WITH (security_invoker = true) AS%s', teamwork.full_name(v.oid),
                  teamwork.rebound(pg_get_viewdef(v.oid)))
    FROM bound b JOIN pg_rewrite r ON b.classid = 'pg_rewrite'::regclass AND r.oid = b.objid
    JOIN pg_class v ON v.oid = r.ev_class AND v.relkind = 'v'
    WHERE EXISTS (SELECT FROM teamwork.grants_on(v.oid) g WHERE g.grantee <> 'service_role')
    UNION ALL
    SELECT 'warn', format('foreign key %I of table %s leads to %s, which is not the extension''s', k.conname,
                          teamwork.name_of(k.conrelid), t.name),
           format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s;', teamwork.full_name(k.conrelid), k.conname, k.conname,
                  teamwork.rebound(pg_get_constraintdef(k.oid)))
    FROM twin t JOIN pg_constraint k ON t.class = 'pg_class'::regclass AND k.confrelid = t.object AND k.contype = 'f' AND k.conparentid = 0
    WHERE k.conrelid NOT IN (SELECT w.object FROM twin w)
    UNION ALL
    SELECT DISTINCT 'warn', format('function %s names %s, which is not the extension''s', f.oid::regprocedure, t.name),
           teamwork.rebound(pg_get_functiondef(f.oid)) || ';'
    FROM twin t, teamwork.readable_bodies() f
    WHERE f.oid NOT IN (SELECT w.object FROM twin w)
      AND (f.body ~ teamwork.qualified_pattern(t.name)
           OR EXISTS (SELECT FROM bound b WHERE (b.classid, b.objid, b.name) = ('pg_proc'::regclass, f.oid, t.name)))
$$;
COMMENT ON FUNCTION teamwork.bound_to_twins() IS 'Policies, views, foreign keys and functions that go by another project''s tables and functions, with the statement that makes them go by the extension''s';

CREATE FUNCTION teamwork.profile_makers(OUT status text, OUT problem text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'fail', format('trigger %I on auth.users runs %s, which makes profiles %s', t.tgname, t.tgfoid::regprocedure, why.text),
           format('DROP TRIGGER %I ON auth.users; -- or make its function the one of docs/adopting.md', t.tgname)
    FROM pg_trigger t JOIN teamwork.readable_bodies() f ON f.oid = t.tgfoid
    CROSS JOIN LATERAL (
        SELECT 'with a role or a team that the visitor chooses'
        WHERE f.body ~* 'user_?meta_?data' AND f.body ~* '->>?\s*''\w*(role|admin|team|organi[sz]ation|owner|active)\w*'''
        UNION ALL
        SELECT 'without a role, so that nobody can sign up' WHERE f.body !~* '\mrole\M') why (text)
    WHERE t.tgrelid = 'auth.users'::regclass AND NOT t.tgisinternal AND t.tgenabled <> 'D'
      AND f.body ~* '\m(into|update)\s+("?\w+"?\s*\.\s*)?"?user_profiles("|\M)'
$$;
COMMENT ON FUNCTION teamwork.profile_makers() IS 'Triggers on auth.users that make a profile as a visitor wants it, or fail';

CREATE FUNCTION teamwork.check_adoption(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH found (status, problem, fix) AS MATERIALIZED (
        SELECT b.* FROM teamwork.bound_to_twins() b UNION ALL SELECT m.* FROM teamwork.profile_makers() m)
    SELECT 'adoption', f.status, f.problem, f.fix FROM found f
    UNION ALL
    SELECT 'adoption', 'ok', 'nothing goes by teams of another project', NULL WHERE NOT EXISTS (SELECT FROM found)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_adoption() IS 'Adoption? What still goes by the tables of a project that had teams of its own, and which triggers make profiles';
