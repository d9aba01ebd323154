-- A job for later waits; the creator and the admin cancel it, nobody else.
\set team b3
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', 'later.csv', '{"records": [{"sku": "L1", "name": "Later"}]}') AS job \gset
-- A job that is due in the meantime shows that the worker was here.
SELECT create_background_import_job('inventory', records => '[{"sku": "N1", "name": "Now"}]') AS now \gset
SELECT wait_for_job(:'now');
SELECT status, scheduled_time > now() AS later, started_at, attempts, record_count FROM scheduled_jobs WHERE id = :'job';
SELECT wait_for_job(:'job', '10 ms');
SELECT sku FROM inventory;

-- Cancelling: the other staff and the other team cannot, and learn nothing.
:as_sue
SELECT cancel_job(:'job');
:as_mia
SELECT cancel_job(:'job');
:as_bob
SELECT cancel_job(:'job');
SELECT cancel_job('b3000000-0000-0000-0000-0000000000ff');
SELECT cancel_job(NULL);
:as_nobody
SELECT cancel_job(:'job');
:as_dba
SELECT status FROM scheduled_jobs WHERE id = :'job';

-- The creator can, once.
:as_sam
SELECT cancel_job(:'job');
SELECT cancel_job(:'job');
SELECT status, started_at, completed_at IS NOT NULL AS ended, record_count, error_message FROM scheduled_jobs WHERE id = :'job';
SELECT wait_for_job(:'job');
-- A job that has ended stays as it ended.
SELECT cancel_job(:'now');
SELECT status FROM scheduled_jobs WHERE id = :'now';

-- The admin can, too.
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', 'later.csv', '{"records": [{"sku": "L2", "name": "Later"}]}') AS job \gset
:as_anna
SELECT cancel_job(:'job');
SELECT status FROM scheduled_jobs WHERE id = :'job';

-- A job rolled back never was; one not committed cannot be waited for.
:as_sam
BEGIN;
SELECT create_background_import_job('inventory', records => '[{"sku": "N2", "name": "Never"}]') AS job \gset
\set VERBOSITY sqlstate
SELECT wait_for_job(:'job');
\set VERBOSITY default
ROLLBACK;
SELECT wait_for_job('b3000000-0000-0000-0000-0000000000ff');
\echo :LAST_ERROR_SQLSTATE
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT wait_for_job(:'now');
ROLLBACK;
SELECT sku FROM inventory ORDER BY sku;

-- Due at once when its time is in the past; in order of priority, and of time.
INSERT INTO scheduled_jobs (job_type, data_type, scheduled_time, priority, file_data)
VALUES ('import', 'inventory', now() - interval '1 day', 5, '{"records": [{"sku": "P1", "name": "Past"}]}') RETURNING id AS job \gset
:wait
INSERT INTO scheduled_jobs (job_type, data_type, priority, file_data) VALUES ('import', 'inventory', 101, '{"records": [{"sku": "P2", "name": "Top"}]}');
\echo :LAST_ERROR_SQLSTATE
SELECT sku FROM inventory ORDER BY sku;

-- The creator leaves before the job is due: it does not run.
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', 'later.csv', '{"records": [{"sku": "L3", "name": "Left"}]}') AS job \gset
:as_anna
SELECT deactivate_team_member(:'sam');
:as_dba
UPDATE scheduled_jobs SET scheduled_time = now() WHERE id = :'job';
:wait
:failure
SELECT count(*) FROM inventory WHERE admin_id = :'anna' AND sku = 'L3';
