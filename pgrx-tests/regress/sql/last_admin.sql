-- Who goes and what stays: admins with a team, members whose account is deleted, and what becomes of each foreign key.
\set team a9
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
:as_dba
CREATE TABLE a9_orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text);
SELECT teamwork.protect_table('a9_orders');
:as_sam
INSERT INTO transactions (amount, description) VALUES (1, 'by Sam');
INSERT INTO a9_orders (item) VALUES ('by Sam');
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', file_data => '{"records": [{"sku": "A", "name": "B"}]}') AS job \gset
:as_sue
INSERT INTO inventory (sku, name) VALUES ('S1', 'by Sue');

-- No admin leaves a team behind, by no path.
:as_anna
DELETE FROM user_profiles WHERE id = :'anna';
:as_dba
DELETE FROM user_profiles WHERE id = :'anna';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM auth.users WHERE id = :'anna';
\echo :LAST_ERROR_SQLSTATE
UPDATE user_profiles SET role = 'staff', admin_id = :'bob' WHERE id = :'anna';
\echo :LAST_ERROR_SQLSTATE
SELECT role FROM user_profiles WHERE id = :'anna';

-- A member whose account is deleted, by a role that may do nothing else: the seat is free, the rows are the admin's, the job stays.
CREATE ROLE a9_auth_service;
GRANT USAGE ON SCHEMA auth TO a9_auth_service;
GRANT SELECT, DELETE ON auth.users TO a9_auth_service;
CREATE POLICY a9_auth_service ON auth.users TO a9_auth_service USING (true);
SET ROLE a9_auth_service;
DELETE FROM auth.users WHERE id = :'sam';
RESET ROLE;
DROP POLICY a9_auth_service ON auth.users;
DROP OWNED BY a9_auth_service;
DROP ROLE a9_auth_service;
:as_anna
SELECT full_name FROM profiles ORDER BY full_name;
SELECT * FROM team_usage();
SELECT description, owner_id = :'anna' AS annas FROM transactions;
SELECT item, owner_id = :'anna' AS annas FROM a9_orders;
SELECT status, created_by = :'sam' AS by_sam, creator_name FROM scheduled_jobs WHERE id = :'job';
-- The same for a member who was removed before.
SELECT remove_team_member(:'sue');
SELECT sku, owner_id = :'sue' AS by_sue FROM inventory;
:as_dba
DELETE FROM auth.users WHERE id = :'sue';
SELECT sku, owner_id = :'anna' AS annas FROM inventory WHERE admin_id = :'anna';
-- The team's members still decide nothing about ownership.
:as_mia
UPDATE inventory SET owner_id = :'mia';
\echo :LAST_ERROR_SQLSTATE

-- Data alone keeps the admin, too; an admin without either goes, and takes jobs, uploads and limits along.
:as_anna
SELECT remove_team_member(:'mia');
:as_dba
DELETE FROM auth.users WHERE id = :'anna';
DELETE FROM a9_orders;
DELETE FROM transactions WHERE admin_id = :'anna';
DELETE FROM auth.users WHERE id = :'anna';
DELETE FROM inventory WHERE admin_id = :'anna';
SELECT teamwork.set_role_limit('staff', 5, :'anna');
DELETE FROM auth.users WHERE id = :'anna';
SELECT (SELECT count(*) FROM user_profiles WHERE id = :'anna') AS profiles, (SELECT count(*) FROM scheduled_jobs WHERE id = :'job') AS jobs,
       (SELECT count(*) FROM teamwork.role_limits WHERE admin_id = :'anna') AS limits;
-- A whole team at once, in whatever order the rows come.
DELETE FROM auth.users WHERE id IN (:'bob', :'ben');
SELECT count(*) FROM user_profiles WHERE id IN (:'bob', :'ben');
DROP TABLE a9_orders;
