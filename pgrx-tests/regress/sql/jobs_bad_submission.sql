-- What cannot run is refused when it is submitted, with the reason and the way out.
\set team b2
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
-- What to import into.
SELECT create_background_import_job('stock', csv => E'sku,name\nA,B\n');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job(NULL, csv => E'sku,name\nA,B\n');
SELECT create_background_import_job('user_profiles', csv => E'id,role\nA,admin\n');
SELECT create_background_import_job('pg_catalog.pg_authid', csv => E'a\nb\n');
SELECT create_background_import_job('inventory; DROP TABLE inventory', csv => E'a\nb\n');
SELECT create_scheduled_job('backup', 'inventory', file_data => '{"records": [{"sku": "A", "name": "B"}]}') IS NULL;
\echo :LAST_ERROR_SQLSTATE

-- Where from: exactly one source.
SELECT create_background_import_job('inventory');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', records => '[{"sku": "A", "name": "B"}]');
\echo :LAST_ERROR_SQLSTATE
SELECT create_scheduled_job('import', 'inventory');
SELECT create_scheduled_job('import', 'inventory', file_data => '{"records": null}');
SELECT create_scheduled_job('import', 'inventory', file_data => '{"records": [{"sku": "A"}], "upload_id": "b2000000-0000-0000-0000-0000000000ff"}');
\echo :LAST_ERROR_SQLSTATE
SELECT create_scheduled_job('import', 'inventory', file_data => '[]');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO scheduled_jobs (job_type, data_type) VALUES ('import', 'inventory');
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory', '"sku,name"');
\echo :LAST_ERROR_SQLSTATE

-- Records that are none.
SELECT create_background_import_job('inventory', records => '{"sku": "A", "name": "B"}');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job('inventory', records => '[]');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job('inventory', records => '"A"');
SELECT create_background_import_job('inventory', records => 'null');

-- Uploads that are not there, or not the team's.
:as_ben
SELECT create_upload('theirs.csv') AS theirs \gset
SELECT append_upload(:'theirs', E'sku,name\nA,B\n');
:as_sam
SELECT create_background_import_job('inventory', upload_id => 'b2000000-0000-0000-0000-0000000000ff');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY sqlstate
SELECT create_background_import_job('inventory', upload_id => :'theirs');
\set VERBOSITY default
SELECT create_scheduled_job('import', 'inventory', file_data => '{"upload_id": "not a uuid"}');
\echo :LAST_ERROR_SQLSTATE

-- Mappings to what the table does not have, or what is the team's to fill.
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', mapping => '{"sku": "sku", "name": "title"}');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job('inventory', csv => E'sku,team\nA,B\n', mapping => '{"team": "admin_id"}');
SELECT create_background_import_job('inventory', csv => E'sku,who\nA,B\n', mapping => '{"who": "owner_id"}');
SELECT create_background_import_job('inventory', csv => E'sku,job\nA,B\n', mapping => '{"job": "import_id"}');
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', mapping => '["sku", "name"]');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', mapping => '{"sku": 1}');
SELECT create_scheduled_job('import', 'inventory', file_data => '{"records": [{"sku": "A"}], "mapping": "sku"}');

-- Options that imports do not have, or values an option does not take.
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', options => '{"on_conflct": "skip"}');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', options => '{"on_conflict": "replace"}');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', options => '{"max_errors": -1}');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', options => '{"max_errors": "ten"}');
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', options => '{"header": "yes"}');
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', options => '{"delimiter": "::"}');
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n', options => '["header"]');
\echo :LAST_ERROR_SQLSTATE

-- Callers who are in no team.
:as_eve
SELECT create_background_import_job('inventory', csv => E'sku,name\nA,B\n');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job('inventory', records => '[{"sku": "A", "name": "B"}]');
\echo :LAST_ERROR_SQLSTATE
:as_nobody
SELECT create_background_import_job('inventory', records => '[{"sku": "A", "name": "B"}]');

-- Nothing of all this has made a job, nor left a file.
:as_dba
SELECT count(*) FROM scheduled_jobs WHERE organization_id = :'anna' OR created_by = :'eve';
SELECT count(*) FROM teamwork.uploads WHERE organization_id = :'anna';
-- What can run runs: the least there is.
:as_sam
SELECT create_background_import_job('inventory', records => '[{"sku": "A", "name": "B"}]', options => NULL, mapping => NULL) AS job \gset
:wait
:report
