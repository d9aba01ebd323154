-- A deactivated member reads the own profile and nothing else, at once, in every session and plan.
\set team a6
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
INSERT INTO transactions (amount, description) VALUES (10, 'by Sam');
INSERT INTO inventory (sku, name) VALUES ('S1', 'Shirt');
SELECT create_upload('half.csv') AS upload \gset
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', 'later.csv', '{"records": [{"sku": "L1", "name": "Later"}]}') AS job \gset
PREPARE mine AS SELECT description FROM transactions;
PREPARE team AS SELECT full_name FROM user_profiles ORDER BY full_name;
-- Six times: the plan is generic from the sixth on.
EXECUTE mine \g /dev/null
EXECUTE mine \g /dev/null
EXECUTE mine \g /dev/null
EXECUTE mine \g /dev/null
EXECUTE mine \g /dev/null
EXECUTE mine;
EXECUTE team;

:as_anna
SELECT deactivate_team_member(:'sam');

-- The own profile, to be told so.
:as_sam
SELECT full_name, role, is_active FROM user_profiles;
SELECT full_name FROM profiles;
SELECT get_current_user_admin_id(), get_current_user_role(), job_channel();
SELECT count(*) FROM team_usage();
EXECUTE mine;
EXECUTE team;
SELECT (SELECT count(*) FROM transactions) AS transactions, (SELECT count(*) FROM inventory) AS inventory,
       (SELECT count(*) FROM staff) AS staff, (SELECT count(*) FROM scheduled_jobs) AS jobs,
       (SELECT count(*) FROM background_imports) AS imports;

-- Writes nothing, not even to the own profile.
UPDATE transactions SET amount = 0 RETURNING *;
DELETE FROM transactions RETURNING *;
INSERT INTO transactions (amount) VALUES (1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO transactions (amount, admin_id) VALUES (1, :'anna');
\echo :LAST_ERROR_SQLSTATE
UPDATE user_profiles SET full_name = 'Samson' WHERE id = :'sam' RETURNING full_name;
UPDATE user_profiles SET is_active = true WHERE id = :'sam' RETURNING full_name;
DELETE FROM user_profiles RETURNING full_name;
INSERT INTO user_profiles (id, email, role) VALUES (:'sam', 'sam@a.example', 'admin') ON CONFLICT (id) DO UPDATE SET is_active = true;
\echo :LAST_ERROR_SQLSTATE
SELECT create_team_member('tom@a.example', 'Tom', 'staff', :'tom');
SELECT reactivate_team_member(:'sam');
\echo :LAST_ERROR_SQLSTATE

-- No job, no upload, no end to a job.
SELECT create_scheduled_job('import', 'inventory', file_data => '{"records": [{"sku": "L2", "name": "Late"}]}');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO scheduled_jobs (organization_id, job_type, data_type, file_data)
VALUES (:'anna', 'import', 'inventory', '{"records": [{"sku": "L2", "name": "Late"}]}');
SELECT create_background_import_job('inventory', csv => E'sku,name\nL2,Late\n');
SELECT create_upload('new.csv');
-- The messages name ids.
\set VERBOSITY sqlstate
SELECT append_upload(:'upload', 'sku,name') IS NULL;
SELECT wait_for_job(:'job', '0 s') IS NULL;
\set VERBOSITY default
SELECT cancel_job(:'job');
DELETE FROM scheduled_jobs WHERE id = :'job' RETURNING status;

-- Nothing has changed.
:as_dba
SELECT description, amount FROM transactions WHERE admin_id = :'anna';
SELECT full_name, role, is_active FROM user_profiles WHERE id = :'sam';
SELECT status FROM scheduled_jobs WHERE id = :'job';
SELECT bytes FROM teamwork.uploads WHERE id = :'upload';

-- Reactivated, the member is back where they were, prepared statements included.
:as_anna
SELECT reactivate_team_member(:'sam');
:as_sam
EXECUTE mine;
EXECUTE team;

-- With their admin deactivated, nobody of the team gets anywhere.
:as_dba
UPDATE user_profiles SET is_active = false WHERE id = :'anna';
:as_sam
EXECUTE mine;
EXECUTE team;
INSERT INTO transactions (amount) VALUES (1);
:as_anna
SELECT full_name FROM profiles;
SELECT get_current_user_admin_id(), get_current_user_role();
SELECT reactivate_team_member(:'sam');
UPDATE user_profiles SET is_active = true WHERE id = :'anna' RETURNING full_name;
SELECT (SELECT count(*) FROM transactions) AS transactions, (SELECT count(*) FROM scheduled_jobs) AS jobs;
:as_dba
SELECT full_name, is_active FROM user_profiles WHERE id IN (:'anna', :'sam') ORDER BY 1;
DEALLOCATE ALL;
