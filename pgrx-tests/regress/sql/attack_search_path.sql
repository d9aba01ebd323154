-- Names that stand in the way: objects of an attacker's, in pg_temp and in a schema early in the search_path, that are
-- called like those which the extension's functions, policies, defaults, triggers and views mean.
\set team c2
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

SELECT extnamespace::regnamespace AS home FROM pg_extension WHERE extname = 'teamwork' \gset
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS trap CASCADE;
RESET client_min_messages;
CREATE SCHEMA trap;
GRANT ALL ON SCHEMA trap TO authenticated;
-- Each call of something of the attacker's leaves its traces here: who was made to run it, and what.
CREATE TABLE trap.caught (who name, what text);
GRANT ALL ON trap.caught TO PUBLIC;
:as_ben
INSERT INTO transactions (amount, description) VALUES (2, 'Ben''s');
INSERT INTO inventory (sku, name) VALUES ('B1', 'Ben''s');

-- Sam sets the traps: his own functions and operators of the names that the machinery uses, for just the types that it uses,
-- and tables of its tables' names.
:as_sam
SET search_path = trap, pg_catalog, :home;
CREATE FUNCTION trap.spring(what text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO trap.caught VALUES (current_user, what); END $$;
CREATE FUNCTION trap.get_current_user_admin_id() RETURNS uuid LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('team'); RETURN 'c2000000-0000-0000-0000-0000000000b0'; END $$;
CREATE FUNCTION trap.get_current_user_role() RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('role'); RETURN 'admin'; END $$;
CREATE FUNCTION trap.current_user_id() RETURNS uuid LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('user'); RETURN 'c2000000-0000-0000-0000-0000000000b0'; END $$;
CREATE FUNCTION trap.current_setting(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('setting'); RETURN 'off'; END $$;
CREATE FUNCTION trap.current_setting(text, boolean) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('setting'); RETURN 'off'; END $$;
CREATE FUNCTION trap.pg_has_role(name, oid, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('pg_has_role'); RETURN true; END $$;
CREATE FUNCTION trap.row_security_active(oid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('row_security_active'); RETURN false; END $$;
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('now'); RETURN '2001-01-01'; END $$;
CREATE FUNCTION trap.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('clock'); RETURN '2001-01-01'; END $$;
CREATE FUNCTION trap.gen_random_uuid() RETURNS uuid LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('random'); RETURN 'c2000000-0000-0000-0000-0000000000b0'; END $$;
CREATE FUNCTION trap.format(text, uuid, integer, integer, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('format'); RETURN $1; END $$;
CREATE FUNCTION trap.format(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('format'); RETURN $1; END $$;
CREATE FUNCTION trap.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('notify'); END $$;
CREATE FUNCTION trap.length(bytea) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('length'); RETURN 1; END $$;
CREATE FUNCTION trap.substr(bytea, integer, integer) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('substr'); RETURN $1; END $$;
CREATE FUNCTION trap.same(uuid, uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('uuid ='); RETURN true; END $$;
CREATE FUNCTION trap.same(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('text ='); RETURN true; END $$;
CREATE FUNCTION trap.get(jsonb, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('->>'); RETURN 'c2000000-0000-0000-0000-0000000000b0'; END $$;
CREATE FUNCTION trap.get(jsonb, jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('->'); RETURN '{}'; END $$;
CREATE FUNCTION trap.join(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM trap.spring('||'); RETURN $1; END $$;
CREATE OPERATOR trap.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = trap.same);
CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.same);
CREATE OPERATOR trap.->> (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = trap.get);
CREATE OPERATOR trap.->> (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = trap.get);
CREATE OPERATOR trap.-> (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = trap.get);
CREATE OPERATOR trap.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.join);
CREATE TYPE trap.uuid AS (a text);
CREATE TABLE trap.user_profiles (id pg_catalog.uuid, email text, full_name text, role text, admin_id pg_catalog.uuid, is_active boolean DEFAULT true, created_by pg_catalog.uuid);
CREATE TABLE trap.scheduled_jobs (id pg_catalog.uuid, organization_id pg_catalog.uuid, status text);
CREATE TEMP TABLE user_profiles (LIKE trap.user_profiles);
CREATE TEMP TABLE scheduled_jobs (LIKE trap.scheduled_jobs);
CREATE TEMP TABLE pg_extension (extname name, extowner oid, extnamespace oid, oid oid);
CREATE TEMP TABLE pg_class (LIKE pg_catalog.pg_class);
INSERT INTO trap.user_profiles SELECT 'c2000000-0000-0000-0000-00000000000c', '', '', 'admin';
INSERT INTO pg_temp.user_profiles SELECT 'c2000000-0000-0000-0000-00000000000c', '', '', 'admin';
INSERT INTO pg_temp.pg_extension SELECT 'teamwork', oid, 0, 0 FROM pg_roles WHERE rolname = 'authenticated';
-- The traps work: the attacker's own statements fall into them.
SELECT get_current_user_role(), now() < '2002-01-01' AS past, 'a'::text = 'b'::text AS same;
SELECT DISTINCT what FROM trap.caught ORDER BY what;
TRUNCATE trap.caught;

-- Everything that a member calls, with the traps first on the path: identity, reads, writes, refusals, jobs.
SELECT auth.uid() OPERATOR(pg_catalog.=) :'sam' AS sam, auth.role(), auth.jwt() OPERATOR(pg_catalog.->>) 'sub'::text OPERATOR(pg_catalog.=) :'sam' AS sam,
       :home.get_current_user_admin_id() OPERATOR(pg_catalog.=) :'anna' AS annas, :home.get_current_user_role(), teamwork.restoring();
SELECT full_name FROM :home.user_profiles ORDER BY 1;
SELECT full_name, role FROM :home.profiles ORDER BY 1;
SELECT description FROM :home.transactions;
SELECT count(*) FROM :home.background_imports;
INSERT INTO :home.transactions (amount, description) VALUES (1, 'Sam''s') RETURNING owner_id OPERATOR(pg_catalog.=) :'sam' AS by_sam, admin_id OPERATOR(pg_catalog.=) :'anna' AS annas, created_at > '2002-01-01' AS now;
UPDATE :home.transactions SET amount = 3 RETURNING description, updated_at > '2002-01-01' AS now;
UPDATE :home.transactions SET admin_id = :'bob';
UPDATE :home.user_profiles SET role = 'manager' WHERE full_name ~ 'Sam';
UPDATE :home.user_profiles SET full_name = 'Sammy' RETURNING full_name;
SELECT * FROM :home.team_usage();
SELECT :home.create_team_member('tom@a.example', 'Tom', 'staff', :'tom');
SELECT :home.deactivate_team_member(:'sue');
SELECT :home.remove_team_member(:'sue');
SELECT :home.create_upload('sam.csv') AS upload \gset
SELECT :home.append_upload(:'upload', 'sku,name');
SELECT :home.create_background_import_job('inventory', csv => E'sku,name\nS1,Shirt\n') AS job \gset
SELECT :home.wait_for_job(:'job');
SELECT :home.create_scheduled_job('import', 'inventory', pg_catalog.now() + interval '1 year', 'later.csv', '{"records": [{"sku": "L1", "name": "Later"}]}') AS later \gset
SELECT :home.cancel_job(:'later');
INSERT INTO :home.scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory', '{"records": [{"sku": "S2", "name": "Sock"}]}')
    RETURNING created_by OPERATOR(pg_catalog.=) :'sam' AS by_sam, id AS job \gset
SELECT :home.wait_for_job(:'job');
SELECT :home.create_background_import_job('nothing', csv => E'sku,name\n');
SELECT :home.create_background_import_job('inventory', csv => E'sku,name\n', mapping => '{"a": "b"}');
SELECT :home.job_channel() OPERATOR(pg_catalog.~) '^teamwork_[0-9a-f]{32}$' AS is_a_channel;
-- An admin with the same path: the quota's refusal and everything that triggers do.
:as_anna
SELECT :home.create_team_member('tom@a.example', 'Tom', 'staff', :'tom');
SELECT :home.deactivate_team_member(:'sue');
SELECT :home.reactivate_team_member(:'sue');
UPDATE :home.user_profiles SET role = 'manager' WHERE full_name ~ 'Sue';
SELECT :home.remove_team_member(:'sue');
-- Nobody fell into anything. (The comparisons of the attacker's own statements are spelled out above.)
SELECT who, what, count(*) FROM trap.caught GROUP BY who, what ORDER BY 1, 2;

:as_dba
RESET search_path;
DROP TABLE pg_temp.user_profiles, pg_temp.scheduled_jobs, pg_temp.pg_extension, pg_temp.pg_class;
SET client_min_messages = warning;
DROP SCHEMA trap CASCADE;
RESET client_min_messages;
SELECT full_name, role, is_active FROM user_profiles WHERE admin_id = :'anna' OR id = :'anna' ORDER BY 1;
SELECT sku, name FROM inventory WHERE admin_id = :'anna' ORDER BY 1;
