-- Where members may create objects in the extension's own schema (as PUBLIC could in public before PostgreSQL 15, and still can in a
-- database upgraded from there), none of them is run in the extension's functions: not as its owner, not by the worker.
\set team ca
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SELECT extnamespace::regnamespace AS home FROM pg_extension WHERE extname = 'teamwork' \gset
CREATE TABLE caught (who name, what text);
GRANT ALL ON caught TO PUBLIC;
GRANT CREATE ON SCHEMA :home TO authenticated;
:as_anna
CREATE FUNCTION :home.format(text, uuid, integer, integer, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO caught VALUES (current_user, 'format'); RETURN $1; END $$;
CREATE FUNCTION :home.format(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO caught VALUES (current_user, 'format 2'); RETURN $1; END $$;
CREATE FUNCTION :home.catch(jsonb, jsonb) RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO caught VALUES (current_user, '->>'); RETURN $1 OPERATOR(pg_catalog.->>) ($2 OPERATOR(pg_catalog.#>>) '{}'); END $$;
CREATE OPERATOR :home.->> (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = :home.catch);
CREATE FUNCTION :home.catch(name, name) RETURNS name LANGUAGE plpgsql AS $$ BEGIN INSERT INTO caught VALUES (current_user, '||'); RETURN textcat($1, $2); END $$;
CREATE OPERATOR :home.|| (LEFTARG = name, RIGHTARG = name, FUNCTION = :home.catch);
-- The traces of a refusal are rolled back with it, unless the refusal is caught.
CREATE FUNCTION pg_temp.refused() RETURNS void LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
    PERFORM create_team_member('x', 'X', 'staff');
EXCEPTION WHEN check_violation THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RAISE NOTICE '%', CASE WHEN detail LIKE '%\%s%' THEN 'the DETAIL is by the member''s function' ELSE 'the DETAIL is true' END;
END $$;
SELECT pg_temp.refused();
SELECT team_usage() \g /dev/null
SELECT create_background_import_job('inventory', csv => E'sku,name\nS1,Shirt\n') AS job \gset
:wait
:as_dba
SELECT who, what FROM caught GROUP BY 1, 2 ORDER BY 1, 2;
DROP OPERATOR :home.->> (jsonb, jsonb);
DROP OPERATOR :home.|| (name, name);
DROP FUNCTION :home.format(text, uuid, integer, integer, text), :home.format(text, text), :home.catch(jsonb, jsonb), :home.catch(name, name), pg_temp.refused;
REVOKE CREATE ON SCHEMA :home FROM authenticated;
DROP TABLE caught;
