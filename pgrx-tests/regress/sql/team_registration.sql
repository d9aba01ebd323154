-- An admin registers, then makes a team: the seed's "Test 1" and "Test 2".
\set team a0
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\i :session

-- Anybody who is signed in may register as admin of a new team.
:as_anna
INSERT INTO user_profiles (id, email, full_name, role) VALUES (:'anna', 'anna@a.example', 'Anna', 'admin');
SELECT get_current_user_admin_id() = :'anna' AS own_team, get_current_user_role();
SELECT * FROM team_usage();

-- The manager's id is the admin's choice, the staff's is generated: the original error of the seed.
SELECT create_team_member('mia@a.example', 'Mia', 'manager', :'mia');
SELECT create_team_member('sam@a.example', 'Sam', 'staff', :'sam');
SELECT create_team_member('gen@a.example', 'Gen', 'staff') AS generated \gset
SELECT full_name, role, admin_id = :'anna' AS of_anna, created_by = :'anna' AS by_anna, is_active
FROM user_profiles ORDER BY full_name;
SELECT full_name, role, organization_id = :'anna' AS of_anna FROM profiles ORDER BY full_name;
SELECT * FROM team_usage();

-- A direct INSERT does the same; who made it and when are not the client's to say.
DELETE FROM user_profiles WHERE id = :'generated';
INSERT INTO user_profiles (id, email, full_name, role, admin_id, created_by, created_at)
VALUES (:'sue', 'sue@a.example', 'Sue', 'staff', :'anna', :'bob', '2001-01-01');
SELECT full_name, created_by = :'anna' AS by_anna, created_at > '2020-01-01' AS now FROM user_profiles WHERE id = :'sue';

-- What each member is.
:as_mia
SELECT get_current_user_admin_id() = :'anna' AS annas_team, get_current_user_role();
SELECT * FROM team_usage();
:as_sam
SELECT get_current_user_admin_id() = :'anna' AS annas_team, get_current_user_role();

-- Somebody who has signed in but not registered is in no team.
:as_eve
SELECT get_current_user_admin_id(), get_current_user_role(), (SELECT count(*) FROM profiles) AS profiles,
       (SELECT count(*) FROM team_usage()) AS usage;

-- Everybody got a row in auth.users, with the email.
:as_dba
SELECT email FROM auth.users WHERE id::text LIKE :'ours' ORDER BY email;

-- What is not a team member's role, or a person twice.
:as_anna
SELECT create_team_member('x@a.example', 'X', 'admin');
SELECT create_team_member('x@a.example', 'X', NULL);
SELECT create_team_member('x@a.example', 'X', 'boss');
\echo :LAST_ERROR_SQLSTATE
SELECT create_team_member('sam@a.example', 'Sam', 'staff', :'sam');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, role) VALUES (:'anna', 'again@a.example', 'admin');
\echo :LAST_ERROR_SQLSTATE
-- Only an admin makes members.
:as_mia
SELECT create_team_member('x@a.example', 'X', 'staff');
:as_eve
SELECT create_team_member('x@a.example', 'X', 'staff');
\echo :LAST_ERROR_SQLSTATE
:as_dba
SELECT full_name, role FROM user_profiles WHERE id::text LIKE :'ours' ORDER BY full_name;
DELETE FROM auth.users WHERE id = :'generated';
