-- The rows of scheduled_jobs: what survives of what a client writes into each column, and that none can be changed afterwards.
\set team c4
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set records '{"records": [{"sku": "R1", "name": "Ring"}]}'

-- Every column sent with a value that is not the truth; what of it is kept.
:as_sam
INSERT INTO scheduled_jobs (id, organization_id, created_by, creator_name, job_type, data_type, scheduled_time, status, priority, attempts,
    max_attempts, created_at, started_at, completed_at, error_message, record_count, file_name, file_data, progress, report, repeat_every, submitted_as, lease,
    upload_id, waits_until, crashes)
VALUES (:'eve', :'anna', :'anna', 'The Admin', 'import', 'inventory', '2101-01-01', 'processing', 100, 7, 20, '2001-01-01', '2001-01-01',
    '2001-01-01', 'sent', 42, '../../etc/passwd', :'records', '{"percent": 99}', '{"lines": 42}', '1 day', 'postgres', 7,
    :'eve', NULL, 2);
\x on
SELECT id = :'eve' AS id_chosen, organization_id = :'anna' AS annas, created_by = :'sam' AS by_sam, creator_name, job_type, data_type,
       extract(year FROM scheduled_time) > 2099 AS time_chosen, status, priority, attempts, max_attempts, created_at > '2020-01-01' AS made_now, started_at,
       completed_at, error_message, record_count, file_name, progress, report, repeat_every, submitted_as, lease,
       upload_id, waits_until = scheduled_time AS waits, crashes
FROM scheduled_jobs WHERE id = :'eve';
\x off
-- There are no other columns.
SELECT count(*) FROM pg_attribute WHERE attrelid = 'scheduled_jobs'::regclass AND attnum > 0 AND NOT attisdropped;

-- Not one of them can be updated: not by the creator, not by the admin, not to the same value.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
CREATE TEMP VIEW columns AS
    SELECT attname FROM pg_attribute WHERE attrelid = 'scheduled_jobs'::regclass AND attnum > 0 AND NOT attisdropped;
GRANT SELECT ON columns TO authenticated;
SELECT pg_temp.try(format('UPDATE scheduled_jobs SET %1$I = %1$I', attname)) AS outcome, count(*) FROM columns GROUP BY 1;
:as_anna
SELECT pg_temp.try(format('UPDATE scheduled_jobs SET %1$I = %1$I', attname)) AS outcome, count(*) FROM columns GROUP BY 1;
SELECT pg_temp.try('SELECT FROM scheduled_jobs FOR UPDATE') AS for_update, pg_temp.try('SELECT FROM scheduled_jobs FOR SHARE') AS for_share;
:as_dba
DROP VIEW columns;

-- What is out of range or no value at all is refused.
\set VERBOSITY terse
:as_sam
INSERT INTO scheduled_jobs (job_type, data_type, priority, file_data) VALUES ('import', 'inventory', 101, :'records');
INSERT INTO scheduled_jobs (job_type, data_type, max_attempts, file_data) VALUES ('import', 'inventory', 0, :'records');
INSERT INTO scheduled_jobs (job_type, data_type, max_attempts, file_data) VALUES ('import', 'inventory', 2147483647, :'records');
INSERT INTO scheduled_jobs (job_type, data_type, repeat_every, file_data) VALUES ('import', 'inventory', '0', :'records');
INSERT INTO scheduled_jobs (job_type, data_type, repeat_every, file_data) VALUES ('import', 'inventory', '-1 s', :'records');
INSERT INTO scheduled_jobs (job_type, data_type, repeat_every, file_data) VALUES ('import', 'inventory', '1 month -29 days', :'records');
INSERT INTO scheduled_jobs (job_type, data_type, repeat_every, file_data) VALUES ('import', 'inventory', '1 day -86398 s', :'records');
INSERT INTO scheduled_jobs (job_type, data_type, repeat_every, file_data) VALUES ('import', 'inventory', '-1 day 25 hours', :'records');
INSERT INTO scheduled_jobs (job_type, data_type, repeat_every, file_data) VALUES ('import', 'inventory', '2000 years', :'records');
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('sql', 'inventory', :'records');
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'user_profiles', :'records');
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'auth.users', :'records');
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'teamwork.seats', :'records');
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory; DROP TABLE staff', :'records');
\set VERBOSITY default

-- Columns of the table that are not a file's to write are not written by naming them: owner, team, and when.
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory',
    '{"records": [{"sku": "R2", "name": "Rope"}], "mapping": {"sku": "owner_id"}}');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory', format(
    '{"records": [{"sku": "R2", "name": "Rope", "owner_id": "%s", "admin_id": "%1$s", "created_at": "2001-01-01", "id": 1000000000, "import_id": "%1$s"}]}', :'bob')::jsonb)
    RETURNING id AS job \gset
:wait
SELECT owner_id = :'sam' AS by_sam, admin_id = :'anna' AS annas, created_at > '2020-01-01' AS now, id < 1000000000 AS given, import_id = :'job' AS of_job
FROM inventory WHERE sku = 'R2';

-- Another team's upload is no source, by whichever way it is named.
:as_ben
SELECT create_upload('ben.csv') AS upload \gset
SELECT append_upload(:'upload', E'sku,name\nB1,Secret\n');
\set VERBOSITY sqlstate
:as_sam
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory', jsonb_build_object('upload_id', :'upload'));
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory', jsonb_build_object('upload_id', upper(:'upload')));
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory', jsonb_build_object('upload_id', '{' || :'upload' || '}'));
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory', jsonb_build_object('upload_id', ARRAY[:'upload']));
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory', jsonb_build_object('upload_id', :'upload', 'records', NULL));
SELECT create_scheduled_job('import', 'inventory', file_data => jsonb_build_object('upload_id', :'upload'));
SELECT append_upload(:'upload', 'more');
\set VERBOSITY default
-- Nor after the fact: the record's own values are data, whatever their names.
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory',
    jsonb_build_object('records', jsonb_build_array(jsonb_build_object('sku', 'R3', 'name', '$1; SELECT', 'upload_id', :'upload')))) RETURNING id AS job \gset
:wait
SELECT sku, name, attributes ->> 'upload_id' = :'upload' AS as_data FROM inventory WHERE sku IN ('R3', 'B1');

-- service_role names for whom, and so does not become them: the job is refused when it runs, unless the creator is of the team.
:as_dba
SET ROLE service_role;
INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, file_data)
VALUES (:'anna', :'mia', 'import', 'inventory', '{"records": [{"sku": "M1", "name": "For Mia"}]}') RETURNING id AS job \gset
:wait
SELECT created_by = :'mia' AS by_mia, creator_name, status FROM scheduled_jobs WHERE id = :'job';
INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, file_data)
VALUES (:'anna', :'eve', 'import', 'inventory', '{"records": [{"sku": "E1", "name": "For Eve"}]}') RETURNING id AS job \gset
:wait
SELECT status FROM scheduled_jobs WHERE id = :'job';
-- Without naming anybody, and without claims, there is nobody to run it for.
\set VERBOSITY sqlstate
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory', :'records');
\set VERBOSITY default
RESET ROLE;
SELECT sku, owner_id = :'mia' AS by_mia FROM inventory WHERE admin_id = :'anna' AND sku IN ('M1', 'E1');
