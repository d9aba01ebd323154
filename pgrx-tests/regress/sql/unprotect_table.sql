-- teamwork.unprotect_table lets a table go and leaves it closed; protect_table says why it cannot take one.
\set team d1
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

SET client_min_messages = warning;
DROP TABLE IF EXISTS kites, kite_parts, plain_kites, strangers_kites CASCADE;
RESET client_min_messages;

CREATE TABLE kites (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
SELECT teamwork.protect_table('kites', ARRAY['name']);
:as_sam
INSERT INTO kites (name) VALUES ('Ada');
:as_ben
INSERT INTO kites (name) VALUES ('Bounty');
:as_dba
SELECT teamwork.unprotect_table('kites');
-- The rows of two teams are in there: it is not open to either, by two locks.
:as_sam
SELECT name FROM kites;
:as_dba
SELECT relrowsecurity AS enabled, relforcerowsecurity AS forced FROM pg_class WHERE oid = 'kites'::regclass;
BEGIN;
GRANT SELECT ON kites TO authenticated;
:as_sam
SELECT name FROM kites;
ROLLBACK;
:as_dba
-- What stays: columns, rows, keys, indexes. What goes: policies, triggers, the defaults and NOT NULL of owner and team.
SELECT name, owner_id = :'sam' AS by_sam, admin_id = :'anna' AS annas FROM kites ORDER BY name;
SELECT column_name, is_nullable, column_default FROM information_schema.columns WHERE table_name = 'kites' ORDER BY ordinal_position;
SELECT conname FROM pg_constraint WHERE conrelid = 'kites'::regclass AND contype = 'f' ORDER BY 1;
SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'kites'::regclass ORDER BY 1;
SELECT (SELECT count(*) FROM pg_policy WHERE polrelid = 'kites'::regclass) AS policies,
       (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'kites'::regclass AND NOT tgisinternal) AS triggers,
       (SELECT count(*) FROM teamwork.protected_tables WHERE data_type = 'kites') AS registered;
INSERT INTO kites (name) VALUES ('Nobody''s') RETURNING owner_id, admin_id;
-- No target for imports any more.
:as_sam
\set VERBOSITY terse
SELECT create_background_import_job('kites', csv => E'name\nC\n');
\set VERBOSITY default
-- And back again: what was added meanwhile belongs to no team.
:as_dba
SELECT teamwork.protect_table('kites', ARRAY['name']);
SELECT teamwork.protect_table('kites', ARRAY['name'], :'bob');
SELECT * FROM teamwork.protection_drift('kites');
:as_ben
SELECT name FROM kites ORDER BY name;

-- A partitioned table, with a key that has the team in it.
:as_dba
CREATE TABLE kite_parts (part text, admin_id uuid, PRIMARY KEY (part, admin_id)) PARTITION BY LIST (part);
CREATE TABLE kite_parts_a PARTITION OF kite_parts FOR VALUES IN ('a');
GRANT ALL ON kite_parts_a TO anon, authenticated;
SELECT teamwork.protect_table('kite_parts');
SELECT * FROM teamwork.protection_drift('kite_parts');
SELECT has_table_privilege('authenticated', 'kite_parts_a', 'SELECT') AS around_the_parent;
SELECT teamwork.protect_table('kite_parts_a');
\set VERBOSITY terse
SELECT teamwork.unprotect_table('kite_parts');
\set VERBOSITY default
SELECT column_name, is_nullable FROM information_schema.columns WHERE table_name = 'kite_parts' AND column_name ~ '_id$' ORDER BY 1;

-- What is not protected, or the extension's own, is not let go.
CREATE TABLE plain_kites (name text);
SELECT teamwork.unprotect_table('plain_kites');
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.unprotect_table('inventory');
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.unprotect_table(NULL);
\echo :LAST_ERROR_SQLSTATE
:as_anna
SELECT teamwork.unprotect_table('kites');

-- What cannot be protected, and why.
:as_dba
CREATE VIEW kite_view AS SELECT name FROM plain_kites;
SELECT teamwork.protect_table('kite_view');
CREATE MATERIALIZED VIEW kite_copy AS SELECT name FROM plain_kites;
SELECT teamwork.protect_table('kite_copy');
CREATE TEMP TABLE brief_kites (name text);
SELECT teamwork.protect_table('pg_temp.brief_kites');
CREATE FOREIGN DATA WRAPPER kite_wrapper;
CREATE SERVER kite_server FOREIGN DATA WRAPPER kite_wrapper;
CREATE FOREIGN TABLE far_kites (name text) SERVER kite_server;
SELECT teamwork.protect_table('far_kites');
SELECT teamwork.protect_table('pg_class');
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.protect_table('user_profiles');
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.protect_table('kites_id_seq');
-- Tables of the extension that are team data already: a repair.
SELECT teamwork.protect_table('inventory');
-- Somebody else's table, even for a role that was given the function.
CREATE TABLE strangers_kites (name text);
BEGIN;
CREATE ROLE kite_keeper;
SELECT extnamespace::regnamespace AS schema FROM pg_extension WHERE extname = 'teamwork' \gset
GRANT USAGE ON SCHEMA teamwork, :schema TO kite_keeper;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA teamwork TO kite_keeper;
GRANT SELECT ON teamwork.protections TO kite_keeper;
SET ROLE kite_keeper;
\set VERBOSITY terse
SELECT teamwork.protect_table('strangers_kites');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
:as_dba
\set VERBOSITY terse
SET client_min_messages = warning;
DROP FOREIGN DATA WRAPPER kite_wrapper CASCADE;
DROP TABLE kites, kite_parts, plain_kites, strangers_kites CASCADE;
