-- An import that fails as a whole says why, and leaves no row.
\set team b6
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
SELECT create_background_import_job('inventory', csv => '') AS job \gset
:wait
:failure
SELECT create_background_import_job('inventory', csv => E'\n \n\n') AS job \gset
:wait
:failure
SELECT create_background_import_job('inventory', csv => E'sku,name\n') AS job \gset
:wait
:failure
SELECT create_background_import_job('inventory', csv => E'sku,name\n\n\n') AS job \gset
:wait
:failure
-- A required column that nothing fills.
SELECT create_background_import_job('inventory', csv => E'sku,colour\nA1,Shirt\n') AS job \gset
:wait
:failure
-- A mapping of what the file does not have, or of one column twice.
SELECT create_background_import_job('inventory', csv => E'sku,name\nA1,Shirt\n', mapping => '{"Price": "unit_price"}') AS job \gset
:wait
:failure
SELECT create_background_import_job('inventory', csv => E'sku,name,title\nA1,Shirt,T\n', mapping => '{"name": "name", "title": "name"}') AS job \gset
:wait
:failure
-- An upload without a byte.
SELECT create_upload('nothing.csv') AS upload \gset
SELECT create_background_import_job('inventory', upload_id => :'upload') AS job \gset
:wait
:failure

-- Asked to stop at the first fault: nothing is imported, and the fault can be looked up.
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity\nA1,Shirt,1\nA2,Hat,x\nA3,Sock,2\n', options => '{"on_error": "abort"}') AS job \gset
:wait
:failure
:refusals
-- By the database's judgement as well as by the file's.
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity\nA1,Shirt,1\nA2,Hat,-1\n', options => '{"on_error": "abort"}') AS job \gset
:wait
:failure
:refusals
SELECT count(*) FROM inventory;

-- As many refusals as allowed are well, one more is not.
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity\nB1,Shirt,1\nB2,Hat,x\n', options => '{"max_errors": 1}') AS job \gset
:wait
:report
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity\nC1,Shirt,1\nC2,Hat,x\nC3,Cap,y\n', options => '{"max_errors": 1}') AS job \gset
:wait
:failure
:refusals
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity\nD1,Shirt,1\nD2,Hat,x\n', options => '{"max_errors": 0}') AS job \gset
:wait
:failure
-- Bad data is not tried again.
SELECT DISTINCT status, attempts, completed_at >= started_at AS ended FROM scheduled_jobs ORDER BY status;
SELECT sku FROM inventory ORDER BY sku;

-- Unprotected or dropped while the job waited.
:as_dba
CREATE TABLE passing (note text);
SET client_min_messages = warning;
SELECT teamwork.protect_table('passing');
RESET client_min_messages;
:as_sam
SELECT create_scheduled_job('import', 'passing', now() + interval '1 year', file_data => '{"records": [{"note": "late"}]}') AS job \gset
:as_dba
DROP TABLE passing;
UPDATE scheduled_jobs SET scheduled_time = now() WHERE id = :'job';
:wait
:failure
