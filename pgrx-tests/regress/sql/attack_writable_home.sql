-- Where somebody may create objects in the extension's own schema (as PUBLIC could in public before PostgreSQL 15, and still can in a
-- database upgraded from there), none of them is run in the extension's functions: not as its owner, not by the worker, and not by the
-- administrator who calls the administrators' tools.
\set team ca
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SELECT extnamespace::regnamespace AS home FROM pg_extension WHERE extname = 'teamwork' \gset
CREATE TABLE caught (who name, what text);
GRANT ALL ON caught TO PUBLIC;
CREATE ROLE ca_vandal IN ROLE authenticated;
GRANT CREATE ON SCHEMA :home TO ca_vandal;
SET ROLE ca_vandal;
-- Each fits its arguments better than PostgreSQL's own does, which takes "any", or another type that they are cast to.
SELECT format('CREATE FUNCTION %s RETURNS %s LANGUAGE plpgsql AS $$ BEGIN INSERT INTO caught VALUES (current_user, %L); RETURN %s; END $$',
              name, type, name, answer)
FROM (SELECT format('format(%s)', types), 'text', '$1'
      FROM unnest(ARRAY['text, uuid, integer, integer, text', 'text, text', 'text, text, text', 'text, text, text, text', 'text, regclass',
                        'text, regclass, text', 'text, regclass, name', 'text, text, regclass', 'text, name', 'text, name, text',
                        'text, name, regclass', 'text, uuid', 'text, uuid, uuid']) types
      UNION ALL VALUES
          ('catch(jsonb, jsonb)', 'text', '$1 OPERATOR(pg_catalog.->>) ($2 OPERATOR(pg_catalog.#>>) ''{}'')'),
          ('catch(name, name)', 'name', 'textcat($1, $2)'), ('catch(name, text)', 'text', 'textcat($1, $2)'),
          ('catch(oid, regclass)', 'boolean', '$1 OPERATOR(pg_catalog.=) $2::oid'),
          ('catch(oid, regrole)', 'boolean', '$1 OPERATOR(pg_catalog.=) $2::oid'),
          ('concat_ws(text, text, text, text, text)', 'text', '$5'), ('quote_ident(name)', 'text', '$1'),
          ('pg_has_role(name, oid, text)', 'boolean', 'true'), ('has_table_privilege(text, regclass, text)', 'boolean', 'true'))
    trap (name, type, answer) \gexec
CREATE OPERATOR :home.->> (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = :home.catch);
CREATE OPERATOR :home.|| (LEFTARG = name, RIGHTARG = name, FUNCTION = :home.catch);
CREATE OPERATOR :home.|| (LEFTARG = name, RIGHTARG = text, FUNCTION = :home.catch);
CREATE OPERATOR :home.= (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = :home.catch);
CREATE OPERATOR :home.= (LEFTARG = oid, RIGHTARG = regrole, FUNCTION = :home.catch);
-- They work: whoever looks into the schema runs into them.
SELECT 1::oid = 1::regclass AS same;
SELECT what FROM caught;
TRUNCATE caught;

-- What members call. The traces of a refusal are rolled back with it, unless the refusal is caught.
:as_anna
CREATE FUNCTION pg_temp.refused() RETURNS void LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
    PERFORM create_team_member('x@a.example', 'X', 'staff');
EXCEPTION WHEN check_violation THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RAISE NOTICE '%', CASE WHEN detail LIKE '%\%s%' THEN 'the DETAIL is by the vandal''s function' ELSE 'the DETAIL is true' END;
END $$;
SELECT pg_temp.refused();
SELECT team_usage() \g /dev/null
SELECT create_background_import_job('inventory', csv => E'sku,name\nS1,Shirt\n') AS job \gset
:wait

-- The administrators' tools. Their own statements are written here for a session that does not look into the schema, either.
:as_dba
SET search_path = pg_catalog, pg_temp;
\o /dev/null
SELECT * FROM teamwork.doctor();
SELECT * FROM teamwork.protection_drift();
SELECT teamwork.explain_access(:'anna', p.target, command)
FROM teamwork.protected_tables p, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) command;
SELECT teamwork.explain_access(:'eve', (:'home' || '.user_profiles')::regclass);
SELECT teamwork.set_role_limit('staff', 2, :'anna');
SELECT teamwork.login_as(:'anna');
SELECT * FROM teamwork.doctor();
SELECT teamwork.logout();
\o
SELECT set_config('search_path', :'home' || ', pg_temp', false) \g /dev/null
CREATE TABLE boats (id integer, hull text);
SELECT teamwork.protect_table('boats', ARRAY['hull']);
ALTER TABLE boats DISABLE ROW LEVEL SECURITY, ALTER owner_id DROP NOT NULL, DISABLE TRIGGER keep_owner;
DROP POLICY "team members read team rows" ON boats;
CREATE VIEW open_boats AS SELECT * FROM boats;
GRANT TRUNCATE ON boats, open_boats TO authenticated;
SELECT problem FROM teamwork.protection_drift('boats');
\set VERBOSITY terse
SELECT teamwork.protect_table('boats');
\set VERBOSITY default
SET client_min_messages = warning;
SELECT teamwork.unprotect_table('boats');
DROP TABLE boats CASCADE;
RESET search_path;
SELECT who, what FROM caught GROUP BY 1, 2 ORDER BY 1, 2;
DROP FUNCTION pg_temp.refused;
DROP OWNED BY ca_vandal CASCADE;
DROP ROLE ca_vandal;
DROP TABLE caught;
