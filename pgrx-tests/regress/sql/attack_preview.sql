-- preview_import runs an import in the caller's own session: nothing of that may write, show, or lend what the caller has not.
\set team f9
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set as_bens_service 'SET ROLE service_role; ' :claims :ben '"}'';'
\set counts 'SELECT r.* FROM jsonb_to_record(:''preview'') AS r (insert integer, update integer, unchanged integer, refused integer);'

:as_sam
INSERT INTO inventory (sku, name, cost) VALUES ('A1', 'secret', 5);

-- Another team learns nothing of keys and rows, and has its own.
:as_ben
SELECT preview_import('inventory', E'sku,name,cost\nA1,secret,5\n') AS preview \gset
:counts
SELECT preview_import('inventory', E'sku,name,admin_id,owner_id\nA1,x,' || :'anna' || ',' || :'sam' || E'\n') AS preview \gset
:counts
SELECT r.values -> 'cost' AS cost, r.values -> 'attributes' AS attributes
FROM jsonb_to_recordset(:'preview'::jsonb -> 'rows') AS r (values jsonb);

-- Who is no active member gets none, by either function; anon cannot even ask.
:as_nobody
SELECT preview_import('inventory', E'sku,name\nA1,x\n');
SELECT teamwork.run_preview('inventory', E'sku,name\nA1,x\n', NULL, '{}');
:as_eve
SELECT preview_import('inventory', E'sku,name\nA1,x\n');
:as_anna
SELECT deactivate_team_member(:'sue');
:as_sue
SELECT preview_import('inventory', E'sku,name\nA1,x\n');
SELECT teamwork.run_preview('inventory', E'sku,name\nA1,x\n', NULL, '{}');
:as_dba
SELECT has_function_privilege('anon', 'preview_import(text, text, jsonb, jsonb)', 'EXECUTE') AS anon;
SET ROLE anon;
SELECT teamwork.run_preview('inventory', E'sku,name\nA1,x\n', NULL, '{}');
-- service_role is in no team; as a member it is under that member's row-level security.
:as_dba
SET ROLE service_role;
SELECT preview_import('inventory', E'sku,name\nA1,x\n');
:as_bens_service
SELECT preview_import('inventory', E'sku,name\nA1,x\n') AS preview \gset
:counts
:as_dba
SELECT count(*) FROM inventory WHERE owner_id = :'ben';

-- What is not checked is not believed either, when the inner function is called past the outer one.
:as_ben
SELECT teamwork.run_preview('inventory', E'sku,name\nA1,x\n', '{"sku": "owner_id"}', '{}');
SELECT teamwork.run_preview('inventory', E'sku,name\nA1,x\n', '[', '{}');
SELECT teamwork.run_preview('inventory', E'sku,name\nA1,x\n', NULL, '{');
SELECT teamwork.run_preview('inventory', E'sku,name\nA1,x\n', NULL, '{"delimiter": ""}');
SELECT teamwork.run_preview('inventory', E'sku,name\nA1,x\n', NULL, '{"max_errors": "x", "decimal": 1}')::jsonb -> 'insert' AS insert;
SELECT teamwork.run_preview('user_profiles', E'id\n1\n', NULL, '{}');

-- The table's triggers are at work as the caller, and what they try stays inside.
:as_dba
SET client_min_messages = warning;
DROP TABLE IF EXISTS trapped, traces CASCADE;
RESET client_min_messages;
CREATE TABLE traces (what text);
GRANT INSERT, SELECT ON traces TO authenticated;
CREATE TABLE trapped (name text NOT NULL, who text);
SELECT teamwork.protect_table('trapped', ARRAY['name']) \g /dev/null
CREATE PROCEDURE commit_now() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO traces VALUES (NEW.name);
    NEW.who := format('%s, %s, row security %s', current_user, auth.uid() = NEW.owner_id, row_security_active(TG_RELID));
    IF NEW.name = 'notify' THEN NOTIFY trapped; END IF;
    IF NEW.name = 'commit' THEN CALL commit_now(); END IF;
    IF NEW.name = 'begin' THEN COMMIT; END IF;
    IF NEW.name = 'reset' THEN RESET ROLE; END IF;
    IF NEW.name = 'postgres' THEN SET ROLE postgres; END IF;
    IF NEW.name = 'set' THEN PERFORM set_config('my.mark', 'left', false); END IF;
    IF NEW.name = 'claims' THEN PERFORM set_config('request.jwt.claims', '{"sub": "f9000000-0000-0000-0000-00000000000a"}', false); END IF;
    IF NEW.name = 'job' THEN PERFORM create_background_import_job('inventory', csv => E'sku,name\nT1,job\n'); END IF;
    IF NEW.name = 'users' THEN PERFORM FROM auth.users; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trap BEFORE INSERT ON trapped FOR EACH ROW EXECUTE FUNCTION trap();
LISTEN trapped;
:as_ben
SELECT preview_import('trapped', E'name\nplain\nset\nnotify\njob\n') AS preview \gset
:counts
SELECT r.values FROM jsonb_to_recordset(:'preview'::jsonb -> 'rows') AS r (values jsonb);
-- A fault that is not the row's ends the preview, as it would the import.
SELECT preview_import('trapped', E'name\nclaims\n');
SELECT preview_import('trapped', E'name\ncommit\n');
SELECT preview_import('trapped', E'name\nbegin\n');
SELECT preview_import('trapped', E'name\nreset\n');
SELECT preview_import('trapped', E'name\npostgres\n');
SELECT preview_import('trapped', E'name\nusers\n');
SELECT current_setting('my.mark', true) AS mark, auth.uid() = :'ben' AS still_ben, current_user;
SELECT (SELECT count(*) FROM trapped) AS trapped, (SELECT count(*) FROM traces) AS traces, (SELECT count(*) FROM scheduled_jobs) AS jobs;

-- In a transaction that commits, nothing of a preview is in the commit; what was there before and comes after is.
BEGIN;
INSERT INTO trapped (name) VALUES ('before');
SELECT preview_import('trapped', E'name\nbefore\nduring\n') AS preview \gset
:counts
INSERT INTO trapped (name) VALUES ('after');
COMMIT;
SELECT name FROM trapped ORDER BY name;
SELECT what FROM traces ORDER BY what;
-- Nor after an error that was caught.
BEGIN;
SAVEPOINT before;
SELECT preview_import('trapped', E'name\nreset\n');
ROLLBACK TO before;
SELECT current_user, auth.uid() = :'ben' AS still_ben;
COMMIT;
SELECT count(*) FROM trapped;
-- Constraints that wait go on waiting.
:as_dba
CREATE FUNCTION want_pair() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.name ~ '^pair' AND (SELECT count(*) FROM trapped WHERE name ~ '^pair') <> 2 THEN RAISE 'a pair is two'; END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER want_pair AFTER INSERT ON trapped DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION want_pair();
:as_ben
BEGIN;
SELECT preview_import('trapped', E'name\npair one\npair two\n') AS preview \gset
INSERT INTO trapped (name) VALUES ('pair one');
INSERT INTO trapped (name) VALUES ('pair two');
COMMIT;
BEGIN;
INSERT INTO trapped (name) VALUES ('pair three');
COMMIT;
SELECT name FROM trapped WHERE name ~ '^pair' ORDER BY name;

-- It ends when it is told to.
:as_dba
CREATE OR REPLACE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
:as_ben
SET statement_timeout TO '200ms';
SELECT preview_import('trapped', E'name\nslow\n');
\echo :LAST_ERROR_SQLSTATE
RESET statement_timeout;

-- It does not look where the caller has put something.
:as_dba
CREATE OR REPLACE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
:as_ben
CREATE TEMP TABLE trapped (name text, owner_id uuid, admin_id uuid);
CREATE FUNCTION pg_temp.check_data_type(text) RETURNS regclass LANGUAGE sql AS $$ SELECT 'pg_temp.trapped'::regclass $$;
SELECT set_config('search_path', 'pg_temp, ' || current_setting('search_path'), false) \g /dev/null
SELECT preview_import('trapped', E'name\npair one\nhijacked\n') AS preview \gset
:counts
RESET search_path;
DROP TABLE pg_temp.trapped;
DROP FUNCTION pg_temp.check_data_type;
-- What the caller may not write, a preview does not.
:as_dba
REVOKE INSERT ON trapped FROM authenticated;
:as_ben
SELECT preview_import('trapped', E'name\nrevoked\n');
:as_dba
DROP TABLE trapped, traces CASCADE;
DROP FUNCTION trap, want_pair;
DROP PROCEDURE commit_now;
