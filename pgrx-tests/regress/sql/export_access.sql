-- Exports and their files: whose rows, who may have them, and what submissions are refused.
\set team e3
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set nothing :team '000000-0000-0000-0000-000000000f00'
\set job :team '000000-0000-0000-0000-000000000f01'
\set later :team '000000-0000-0000-0000-000000000f02'
\set imported :team '000000-0000-0000-0000-000000000f03'
\set sues :team '000000-0000-0000-0000-000000000f04'
\set sues_first :team '000000-0000-0000-0000-000000000f05'

-- A file has the rows that its creator sees.
:as_ben
INSERT INTO inventory (sku, name) VALUES ('BEN', 'Ben''s secret');
SELECT create_export_job('inventory') AS bens \gset
SELECT wait_for_job(:'bens');
:as_mia
INSERT INTO inventory (sku, name) VALUES ('MIA', 'Mia''s');
:as_sam
INSERT INTO inventory (sku, name) VALUES ('SAM', 'Sam''s');
INSERT INTO scheduled_jobs (id, job_type, data_type, file_data) VALUES (:'job', 'export', 'inventory', '{"options": {"columns": ["sku", "name"]}}');
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)

-- The whole team may have the file.
:as_anna
SELECT length(download_export(:'job')) AS length;
:as_mia
SELECT length(download_export(:'job')) AS length;
:as_sue
SELECT length(download_export(:'job')) AS length, length(export_chunk(:'job', 1)) AS chunk, export_chunk(:'job', 2) AS after_the_last;
SELECT count(*) FROM teamwork.export_chunks;
-- Nobody else may, and nobody learns that it is there.
:as_ben
SELECT download_export(:'job');
\echo :LAST_ERROR_SQLSTATE
SELECT download_export(:'nothing');
\echo :LAST_ERROR_SQLSTATE
SELECT export_chunk(:'job', 1);
\echo :LAST_ERROR_SQLSTATE
SELECT export_chunk(:'nothing', 1);
\echo :LAST_ERROR_SQLSTATE
SELECT job_id = :'bens' AS bens, ordinal FROM teamwork.export_chunks;
:as_eve
SELECT download_export(:'job');
SELECT count(*) FROM teamwork.export_chunks;
:as_nobody
SELECT download_export(:'job');
SELECT export_chunk(:'job', 1);
SELECT count(*) FROM teamwork.export_chunks;
SELECT download_export(NULL);
:as_dba
SELECT has_function_privilege('anon', 'download_export(uuid)', 'EXECUTE') AS download, has_function_privilege('anon', 'export_chunk(uuid,integer)', 'EXECUTE') AS chunk,
       has_function_privilege('anon', 'create_export_job(text,text,jsonb)', 'EXECUTE') AS create, has_table_privilege('anon', 'teamwork.export_chunks', 'SELECT') AS read;
-- The file is the engine's to write.
:as_sam
INSERT INTO teamwork.export_chunks (job_id, ordinal, data) VALUES (:'job', 2, 'forged');
UPDATE teamwork.export_chunks SET data = 'forged';
DELETE FROM teamwork.export_chunks;
SELECT teamwork.add_export_chunk(:'job', 2, 'forged');
SELECT teamwork.forget_export(:'bens');
SELECT teamwork.export_columns('auth.users');

-- What has no file says so.
INSERT INTO scheduled_jobs (id, job_type, data_type, scheduled_time) VALUES (:'later', 'export', 'inventory', now() + interval '1 year');
SELECT download_export(:'later');
\echo :LAST_ERROR_SQLSTATE
SELECT cancel_job(:'later');
SELECT download_export(:'later');
INSERT INTO scheduled_jobs (id, job_type, data_type, file_data) VALUES (:'imported', 'import', 'inventory', '{"records": [{"sku": "X", "name": "Y"}]}');
SELECT wait_for_job(:'imported');
SELECT download_export(:'imported');
\echo :LAST_ERROR_SQLSTATE
-- The other team learns nothing of such jobs, either.
:as_ben
SELECT download_export(:'later');
SELECT download_export(:'imported');

-- A creator who has left by the time the job runs: no file.
:as_sue
INSERT INTO scheduled_jobs (id, job_type, data_type, scheduled_time) VALUES (:'sues', 'export', 'inventory', now() + interval '1 year');
INSERT INTO scheduled_jobs (id, job_type, data_type) VALUES (:'sues_first', 'export', 'inventory');
SELECT wait_for_job(:'sues_first');
:as_anna
SELECT deactivate_team_member(:'sue');
:as_dba
UPDATE scheduled_jobs SET scheduled_time = now() WHERE id = :'sues';
:as_anna
SELECT wait_for_job(:'sues');
SELECT status, record_count, report, error_message FROM scheduled_jobs WHERE id = :'sues';
SELECT download_export(:'sues');
:as_dba
SELECT count(*) FROM teamwork.export_chunks WHERE job_id = :'sues';
-- The member gets no file any more, an own one neither; the team keeps it.
:as_sue
SELECT download_export(:'sues_first');
SELECT count(*) FROM teamwork.export_chunks;
SELECT create_export_job('inventory');
:as_anna
SELECT download_export(:'sues_first') IS NOT NULL AS kept;

-- Services submit for a team, and see every file; a superuser's job runs under row-level security, too.
:as_dba
SET ROLE service_role;
INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, file_data)
VALUES (:'bob', :'ben', 'export', 'inventory', '{"options": {"columns": ["sku"]}}') RETURNING id AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
SELECT count(*) > 1 AS sees_all FROM teamwork.export_chunks;
DELETE FROM teamwork.export_chunks;
:as_dba
INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, file_data)
VALUES (:'anna', :'sam', 'export', 'inventory', '{"options": {"columns": ["sku"]}}') RETURNING id AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)

-- A policy of the table's own counts, as does a column that members may not read.
SET client_min_messages = error;
DROP TABLE IF EXISTS ledgers CASCADE;
CREATE TABLE ledgers (id integer PRIMARY KEY, "odd""; DROP TABLE ledgers; --" text, wage integer);
SELECT teamwork.protect_table('ledgers') \g /dev/null
RESET client_min_messages;
CREATE POLICY "own rows only" ON ledgers AS RESTRICTIVE FOR SELECT TO authenticated USING (owner_id = (SELECT auth.uid()));
:as_mia
INSERT INTO ledgers VALUES (1, 'Mia''s', 10);
:as_sam
INSERT INTO ledgers VALUES (2, 'Sam''s', 20);
SELECT create_export_job('ledgers') AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
:as_dba
REVOKE SELECT ON ledgers FROM authenticated;
GRANT SELECT (id, "odd""; DROP TABLE ledgers; --", owner_id, admin_id) ON ledgers TO authenticated;
:as_sam
SELECT create_export_job('ledgers', options => '{"columns": ["wage"]}') AS job \gset
:wait
:failure
SELECT create_export_job('ledgers', options => '{"columns": ["odd\"; DROP TABLE ledgers; --"]}') AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
:as_dba
DROP TABLE ledgers;
CREATE TABLE ledgers (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
SELECT teamwork.protect_table('ledgers') \g /dev/null
:as_sam
SELECT create_export_job('ledgers');
SELECT create_export_job('ledgers', options => '{"columns": ["id"]}') AS job \gset
:wait
:as_dba
DROP TABLE ledgers;
:as_sam
\set VERBOSITY terse
SELECT create_export_job('ledgers');
-- Data types: protected tables and nothing else.
SELECT create_export_job('user_profiles');
SELECT create_export_job('profiles');
SELECT create_export_job('background_imports');
SELECT create_export_job('teamwork.seats');
SELECT create_export_job('auth.users');
SELECT create_export_job('inventory; DROP TABLE inventory');
SELECT create_export_job(NULL);
-- Columns: the table's.
SELECT create_export_job('inventory', options => '{"columns": ["sku", "price"]}');
\echo :LAST_ERROR_SQLSTATE
SELECT create_export_job('inventory', options => '{"columns": ["ctid"]}');
SELECT create_export_job('inventory', options => '{"columns": ["xmin", "tableoid"]}');
SELECT create_export_job('inventory', options => '{"columns": ["sku\" FROM auth.users --"]}');
SELECT create_export_job('inventory', options => '{"columns": ["(SELECT rolpassword FROM pg_authid LIMIT 1)"]}');
SELECT create_export_job('inventory', options => '{"columns": ["SKU"]}');
SELECT create_export_job('inventory', options => '{"columns": ["sku", "sku"]}');
SELECT create_export_job('inventory', options => '{"columns": []}');
SELECT create_export_job('inventory', options => '{"columns": ["sku", null]}');
SELECT create_export_job('inventory', options => '{"columns": ["sku", ["name"]]}');
SELECT create_export_job('inventory', options => '{"columns": "sku"}');
SELECT create_export_job('inventory', options => '{"columns": {"sku": true}}');
-- Options: those of exports.
SELECT create_export_job('inventory', options => '{"delimiter": "''; --"}');
SELECT create_export_job('inventory', options => '{"header": "yes"}');
SELECT create_export_job('inventory', options => '{"formulas": "run"}');
SELECT create_export_job('inventory', options => '{"bom": 1}');
SELECT create_export_job('inventory', options => '{"on_conflict": "skip"}');
SELECT create_export_job('inventory', options => '["header"]');
SELECT create_background_import_job('inventory', csv => 'sku', options => '{"columns": ["sku"]}');
-- No source.
SELECT create_scheduled_job('export', 'inventory', file_data => '{"records": [{"sku": "A"}]}');
SELECT create_scheduled_job('export', 'inventory', file_data => '{"upload_id": "e3000000-0000-0000-0000-0000000000ff"}');
SELECT create_scheduled_job('export', 'inventory', file_data => '{"mapping": {}}');
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('export', 'inventory', '[]');
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('export', 'inventory', '"sku"');
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('export', 'inventory', '{"options": ["sku"]}');
-- Not for another team, and for nobody without a team.
INSERT INTO scheduled_jobs (organization_id, job_type, data_type) VALUES (:'bob', 'export', 'inventory');
\echo :LAST_ERROR_SQLSTATE
:as_eve
SELECT create_export_job('inventory');
:as_nobody
SELECT create_export_job('inventory');
\set VERBOSITY default
-- The least there is.
:as_sam
SELECT create_export_job('inventory', options => NULL) AS job \gset
:wait
