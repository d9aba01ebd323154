-- The Background Imports screen as a query.
\set team b9
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity\nA1,Shirt,1\nA2,Hat,x\nA3,Sock,3\n\n', file_name => 'done.csv') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => E'sku,colour\nA1,Shirt\n', file_name => 'failed.csv') AS job \gset
:wait
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', 'later.csv', '{"records": [{"sku": "L1", "name": "Later"}]}') AS job \gset
:as_ben
SELECT create_background_import_job('inventory', records => '[{"sku": "B1", "name": "Ben''s"}]') AS job \gset
:wait

-- What is only tried is told from what is done: before, after, and where it fails.
:as_sam
BEGIN;
SELECT create_background_import_job('inventory', csv => E'sku,name\nD1,Shirt\n', file_name => 'tried.csv', options => '{"dry_run": true}') AS job \gset
SELECT dry_run FROM background_imports WHERE job_id = :'job';
COMMIT;
:wait
SELECT create_background_import_job('inventory', csv => E'sku\nD1\n', file_name => 'tried in vain.csv', options => '{"dry_run": true}') AS job \gset
:wait
SELECT file_name, status, dry_run FROM background_imports;
DELETE FROM scheduled_jobs WHERE file_name ~ '^tried';

-- Newest first, the team's only, whoever of the team looks.
:as_mia
SELECT file_name, data_type, status, progress, rows_done, refused, creator_name, created_by = :'sam' AS by_sam FROM background_imports;
SELECT file_name, rows_per_second > 0 AS fast, time_left, started_at IS NOT NULL AS started, completed_at >= started_at AS ended,
       scheduled_time > now() AS later, error_message FROM background_imports;
:as_ben
SELECT file_name, status, progress, creator_name FROM background_imports;
:as_eve
SELECT count(*) FROM background_imports;
-- It is looked at, not written.
:as_sam
DELETE FROM background_imports;
\echo :LAST_ERROR_SQLSTATE

-- The progress bar, from nothing to all.
:as_dba
SELECT percent, teamwork.progress_bar(percent) FROM (VALUES (0), (4.9), (5), (50), (99.9), (100)) p (percent);
-- A job half way.
BEGIN;
UPDATE scheduled_jobs SET status = 'processing', started_at = clock_timestamp() - interval '10 s', lease = 0,
                          progress = '{"current": 500, "total": 1000, "percent": 50, "failed": 3}'
WHERE file_name = 'later.csv' AND organization_id = :'anna';
SELECT file_name, status, progress, rows_done, refused, rows_per_second BETWEEN 10 AND 50 AS speed, time_left BETWEEN '5 s' AND '60 s' AS left
FROM background_imports WHERE file_name = 'later.csv' AND status = 'processing';
ROLLBACK;
