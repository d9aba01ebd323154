-- What can be learned of hidden rows by asking for errors: through keys, counts, statistics and messages.
\set team c0
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_ben
INSERT INTO inventory (sku, name) VALUES ('SECRET', 'Shirt');
INSERT INTO transactions (amount) VALUES (5);
SELECT create_upload('ben.csv') AS upload \gset
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', 'later.csv', '{"records": [{"sku": "L1", "name": "Later"}]}') AS job \gset

-- The same error, whether or not the hidden thing exists: a key of another team's ...
\set VERBOSITY sqlstate
:as_sam
INSERT INTO inventory (sku, name) VALUES ('SECRET', 'Sam''s own');
INSERT INTO inventory (sku, name, admin_id) VALUES ('SECRET', 'x', :'bob');
INSERT INTO inventory (sku, name, admin_id) VALUES ('NO SUCH', 'x', :'bob');
INSERT INTO inventory (sku, name, admin_id) VALUES ('SECRET', 'x', :'bob') ON CONFLICT DO NOTHING;
INSERT INTO inventory (sku, name, admin_id) VALUES ('SECRET', 'x', :'bob') ON CONFLICT (admin_id, sku) DO UPDATE SET name = 'x';
INSERT INTO inventory (sku, name, admin_id) VALUES ('NO SUCH', 'x', :'bob') ON CONFLICT (admin_id, sku) DO UPDATE SET name = 'x';
-- ... an owner or a team that there is, or is not: the policy is asked before the foreign key ...
INSERT INTO transactions (amount, owner_id) VALUES (1, :'ben');
INSERT INTO transactions (amount, owner_id) VALUES (1, :'eve');
INSERT INTO transactions (amount, admin_id) VALUES (1, :'bob');
INSERT INTO transactions (amount, admin_id) VALUES (1, :'eve');
INSERT INTO scheduled_jobs (organization_id, job_type, data_type, file_data) VALUES (:'bob', 'import', 'inventory', '{"records": [{"sku": "X"}]}');
INSERT INTO scheduled_jobs (organization_id, job_type, data_type, file_data) VALUES (:'eve', 'import', 'inventory', '{"records": [{"sku": "X"}]}');
UPDATE transactions SET admin_id = :'bob';
UPDATE inventory SET admin_id = :'bob';
UPDATE inventory SET admin_id = :'eve';
-- ... a member, a job, an upload.
:as_anna
SELECT deactivate_team_member(:'ben');
SELECT deactivate_team_member(:'eve');
SELECT wait_for_job(:'job', '0 s');
SELECT wait_for_job(:'eve', '0 s');
SELECT cancel_job(:'job'), cancel_job(:'eve');
SELECT append_upload(:'upload', 'x');
SELECT append_upload(:'eve', 'x');
SELECT create_background_import_job('inventory', upload_id => :'upload');
SELECT create_background_import_job('inventory', upload_id => :'eve');
UPDATE user_profiles SET admin_id = :'bob' WHERE id = :'sam';
UPDATE user_profiles SET admin_id = :'eve' WHERE id = :'sam';
\set VERBOSITY default

-- A row that may not be returned is not shown in the error, either.
:as_sam
INSERT INTO inventory (sku, name, admin_id, quantity) VALUES ('Q', 'q', :'bob', -1);
INSERT INTO inventory (sku, name, quantity) VALUES ('Q', 'q', -1);

-- Statistics: no values and no histograms of a table under row-level security.
:as_dba
ANALYZE inventory, transactions, user_profiles;
:as_sam
SELECT count(*) FROM pg_stats WHERE tablename IN ('inventory', 'transactions', 'staff', 'user_profiles', 'scheduled_jobs');
SELECT count(*) FROM pg_stats_ext WHERE tablename IN ('inventory', 'transactions', 'staff', 'user_profiles', 'scheduled_jobs');
SELECT count(*) FROM pg_statistic;

-- What remains, because a primary key of ids spans teams: whoever guesses one of 2^122 ids learns that it is taken.
:as_anna
SELECT remove_team_member(:'sue');
SELECT create_team_member('x@a.example', 'X', 'staff', :'ben');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM user_profiles WHERE id = :'ben';
INSERT INTO user_profiles (id, role, admin_id) VALUES (:'ben', 'staff', :'anna') ON CONFLICT DO NOTHING;
INSERT INTO scheduled_jobs (id, job_type, data_type, file_data) VALUES (:'job', 'import', 'inventory', '{"records": [{"sku": "X", "name": "X"}]}');
\echo :LAST_ERROR_SQLSTATE
-- Those of the tables' rows are numbered, for all teams together: a gap says that somebody else was busy. Of whom, or with what, nothing does.
SELECT count(*) FROM inventory WHERE sku = 'SECRET';
SELECT name FROM inventory WHERE sku = 'SECRET';
-- How big a table is in all, PostgreSQL tells everybody.
SELECT reltuples >= 1 AS told FROM pg_class WHERE oid = 'transactions'::regclass;

:as_dba
DELETE FROM scheduled_jobs WHERE id = :'job';
