-- teamwork.protect_table makes a table of the user's team data, and a target for imports.
\set team a9
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

SET client_min_messages = warning;
DROP TABLE IF EXISTS boats, crews, logbook, ports CASCADE;
DROP VIEW IF EXISTS fleet;
RESET client_min_messages;

-- An empty table with a key.
CREATE TABLE boats (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hull text NOT NULL, name text, berths integer CHECK (berths > 0));
GRANT ALL ON boats TO PUBLIC;
SELECT teamwork.protect_table('boats', ARRAY['hull']);
SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = 'boats' ORDER BY ordinal_position;
SELECT data_type, key_columns, row_security FROM teamwork.protected_tables WHERE data_type = 'boats';
SELECT cmd, roles, permissive FROM pg_policies WHERE tablename = 'boats' ORDER BY cmd;
-- What PUBLIC could do is taken back.
SELECT has_table_privilege('anon', 'boats', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') AS anon,
       has_table_privilege('authenticated', 'boats', 'TRUNCATE, REFERENCES, TRIGGER') AS truncate;

:as_sam
INSERT INTO boats (hull, name, berths) VALUES ('H1', 'Ada', 4) RETURNING name, owner_id = :'sam' AS by_sam, admin_id = :'anna' AS annas;
:as_ben
INSERT INTO boats (hull, name) VALUES ('H1', 'Bounty') RETURNING name;
SELECT name FROM boats;
UPDATE boats SET name = 'Pirate' WHERE name = 'Ada' RETURNING name;
DELETE FROM boats WHERE name = 'Ada' RETURNING name;
INSERT INTO boats (hull, admin_id) VALUES ('H2', :'anna');
UPDATE boats SET admin_id = :'anna';
TRUNCATE boats;
:as_mia
SELECT name FROM boats;
UPDATE boats SET name = 'Ada II' RETURNING name, owner_id = :'sam' AS by_sam;
\set VERBOSITY sqlstate
INSERT INTO boats (hull) VALUES ('H1');
\set VERBOSITY default
:as_nobody
SELECT name FROM boats;

-- A target for imports, by its key.
:as_sam
SELECT create_background_import_job('boats', csv => E'Hull,Name,Berths,Colour\nH1,Ada III,6,red\nH3,Carol,2,\nH4,Dora,0,\n') AS job \gset
:wait
:report
:refusals
SELECT hull, name, berths, owner_id = :'sam' AS by_sam FROM boats ORDER BY hull;
:as_ben
SELECT hull, name FROM boats;

-- Again: changes nothing, keeps the key. New keys take the place of the old ones.
:as_dba
SELECT teamwork.protect_table('boats');
SELECT key_columns FROM teamwork.protected_tables WHERE data_type = 'boats';
SELECT count(*) FROM pg_policies WHERE tablename = 'boats';
SELECT teamwork.protect_table('boats', ARRAY['name']);
SELECT key_columns FROM teamwork.protected_tables WHERE data_type = 'boats';
:as_sam
SELECT create_background_import_job('boats', csv => E'hull,name,berths\nH9,Carol,8\n') AS job \gset
:wait
:report
SELECT hull, name, berths FROM boats ORDER BY hull;

-- Without keys: every import adds.
:as_dba
CREATE TABLE crews (sailor text);
SELECT teamwork.protect_table('crews');
:as_sam
SELECT create_background_import_job('crews', csv => E'sailor\nPopeye\n') AS job \gset
:wait
SELECT create_background_import_job('crews', csv => E'sailor\nPopeye\n') AS job \gset
:wait
:report
SELECT sailor FROM crews;

-- Rows that are there already belong to nobody, until somebody is named.
:as_dba
CREATE TABLE logbook (entry text);
INSERT INTO logbook VALUES ('cast off'), ('made fast');
SELECT teamwork.protect_table('logbook');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM teamwork.protected_tables WHERE data_type = 'logbook';
SELECT count(*) FROM information_schema.columns WHERE table_name = 'logbook';
SELECT teamwork.protect_table('logbook', backfill_admin => :'eve');
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.protect_table('logbook', backfill_admin => :'anna');
:as_sam
SELECT entry, owner_id = :'anna' AS by_anna FROM logbook ORDER BY entry;
:as_bob
SELECT entry FROM logbook;

-- Rows that know their owner and team already need nobody.
:as_dba
CREATE TABLE ports (name text, owner_id uuid, admin_id uuid);
INSERT INTO ports VALUES ('Oban', :'sam', :'anna'), ('Ullapool', :'ben', :'bob');
SELECT teamwork.protect_table('ports');
:as_sam
SELECT name FROM ports;
INSERT INTO ports VALUES ('Mallaig') RETURNING name, created_at IS NOT NULL AS dated;

-- What cannot be protected.
:as_dba
CREATE VIEW fleet AS SELECT name FROM boats;
SELECT teamwork.protect_table('fleet');
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.protect_table('boats', ARRAY['hull', 'keel']);
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.protect_table('pg_class');
\set VERBOSITY sqlstate
SELECT teamwork.protect_table(NULL);
\set VERBOSITY default
SELECT data_type, key_columns FROM teamwork.protected_tables
WHERE data_type IN ('boats', 'crews', 'fleet', 'logbook', 'pg_class', 'ports') ORDER BY 1;
-- Only whoever owns the database may.
:as_anna
SELECT teamwork.protect_table('boats');
\echo :LAST_ERROR_SQLSTATE
:as_dba
DROP VIEW fleet;
-- A dropped table is no target any more, and leaves nothing registered.
DROP TABLE boats, crews, logbook, ports;
SELECT count(*) FROM teamwork.protected_tables WHERE data_type IN ('boats', 'crews', 'logbook', 'ports');
SELECT count(*) FROM teamwork.protections p WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = p.target);
