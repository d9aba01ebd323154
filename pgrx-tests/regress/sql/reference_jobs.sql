-- Jobs and exports
-- A job is a row of `scheduled_jobs`, and the engine runs it. [jobs.md](jobs.md) and [exports.md](exports.md) tell the whole story.
\set team dd
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
-- example: scheduled_jobs
INSERT INTO scheduled_jobs (job_type, data_type, file_data)
VALUES ('import', 'inventory', '{"records": [{"sku": "L-1", "name": "Lamp", "quantity": 12}]}') RETURNING id AS job \gset
SELECT wait_for_job(:'job');
SELECT status, creator_name, record_count, progress -> 'percent' AS percent FROM scheduled_jobs WHERE id = :'job';

-- example: create_scheduled_job
SELECT create_scheduled_job('export', 'inventory', scheduled_time => now() + interval '1 hour') AS job \gset
SELECT create_scheduled_job('export', 'inventory', options => '{"header": "maybe"}');

-- example: wait_for_job
SELECT wait_for_job(:'job', timeout => '0.1 s');

-- example: cancel_job
SELECT cancel_job(:'job');
SELECT cancel_job(:'job');

-- example: retry_job
SELECT retry_job(:'job');
SELECT wait_for_job(:'job');

-- example: teamwork.job_options
SELECT option, values FROM teamwork.job_options() WHERE kind = 'export';

-- example: job_channel
SELECT job_channel() AS channel \gset
LISTEN :"channel";
-- end
UNLISTEN *;

-- example: create_export_job
SELECT create_export_job('inventory', 'stock.csv', '{"columns": ["sku", "name", "quantity"]}') AS job \gset
SELECT wait_for_job(:'job');

-- example: download_export
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)

-- example: export_chunk
SELECT export_chunk(:'job', 1) IS NULL AS is_behind_the_end;
SELECT export_chunk(:'job', 2) IS NULL AS is_behind_the_end;

-- example: teamwork.export_chunks
SELECT ordinal, octet_length(data) AS bytes FROM teamwork.export_chunks WHERE job_id = :'job';
