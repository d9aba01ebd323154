-- Who sees, makes, edits and removes which profiles: each command, each kind of caller.
\set team a8
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

-- SELECT: the own profile, the team, the own admin.
:as_anna
SELECT full_name FROM user_profiles ORDER BY full_name;
:as_mia
SELECT full_name FROM user_profiles ORDER BY full_name;
:as_sam
SELECT full_name FROM user_profiles ORDER BY full_name;
:as_ben
SELECT full_name FROM user_profiles ORDER BY full_name;
:as_eve
SELECT full_name FROM user_profiles ORDER BY full_name;

-- INSERT: oneself as admin of a new team ...
INSERT INTO user_profiles (id, email, full_name, role) VALUES (:'tom', 'tom@e.example', 'Tom', 'admin');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, full_name, role, is_active) VALUES (:'eve', 'eve@e.example', 'Eve', 'admin', false);
\echo :LAST_ERROR_SQLSTATE
-- ... and not oneself into somebody's team, nor as what is no admin.
INSERT INTO user_profiles (id, email, full_name, role, admin_id) VALUES (:'eve', 'eve@e.example', 'Eve', 'staff', :'bob');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, full_name, role) VALUES (:'eve', 'eve@e.example', 'Eve', 'staff');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, full_name, role, admin_id) VALUES (:'eve', 'eve@e.example', 'Eve', 'admin', :'eve');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, full_name, role, admin_id) VALUES (:'tom', 'tom@e.example', 'Tom', 'staff', :'eve');
\echo :LAST_ERROR_SQLSTATE
-- Staff and managers make nobody; admins make members of their own team only, and no admins.
:as_sam
INSERT INTO user_profiles (id, email, full_name, role, admin_id) VALUES (:'eve', 'eve@a.example', 'Eve', 'staff', :'anna');
INSERT INTO user_profiles (id, email, full_name, role, admin_id) VALUES (:'eve', 'eve@a.example', 'Eve', 'staff', :'sam');
:as_mia
INSERT INTO user_profiles (id, email, full_name, role, admin_id) VALUES (:'eve', 'eve@a.example', 'Eve', 'staff', :'anna');
:as_bob
INSERT INTO user_profiles (id, email, full_name, role, admin_id) VALUES (:'eve', 'eve@a.example', 'Eve', 'staff', :'anna');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, full_name, role) VALUES (:'eve', 'eve@b.example', 'Eve', 'admin');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, full_name, role, admin_id) VALUES (:'eve', 'eve@b.example', 'Eve', 'staff', :'bob') RETURNING full_name;
:as_dba
SELECT full_name, role, admin_id = :'bob' AS bobs FROM user_profiles WHERE id IN (:'eve', :'tom');
SELECT count(*) FROM auth.users WHERE id = :'tom';

-- UPDATE: oneself; an admin the members, too.
:as_sam
UPDATE user_profiles SET full_name = full_name || '+' RETURNING full_name;
UPDATE user_profiles SET full_name = 'hacked' WHERE id IN (:'anna', :'mia', :'bob') RETURNING full_name;
:as_mia
UPDATE user_profiles SET email = 'hacked' WHERE id <> :'mia' RETURNING full_name;
:as_anna
WITH edited AS (UPDATE user_profiles SET full_name = full_name || '*' RETURNING full_name) SELECT * FROM edited ORDER BY 1;
UPDATE user_profiles SET full_name = 'hacked' WHERE id IN (:'bob', :'ben') RETURNING full_name;
UPDATE user_profiles SET is_active = false WHERE id = :'ben' RETURNING full_name;
:as_dba
SELECT full_name, email, is_active FROM user_profiles WHERE id::text LIKE :'ours' ORDER BY full_name;

-- DELETE: an admin the own members, and nobody else anybody.
:as_sam
DELETE FROM user_profiles RETURNING full_name;
:as_mia
DELETE FROM user_profiles WHERE id = :'sam' RETURNING full_name;
DELETE FROM user_profiles WHERE id = :'mia' RETURNING full_name;
:as_anna
DELETE FROM user_profiles WHERE id IN (:'anna', :'bob', :'ben') RETURNING full_name;
DELETE FROM user_profiles WHERE id = :'sue' RETURNING full_name;
:as_dba
SELECT full_name FROM user_profiles WHERE id::text LIKE :'ours' ORDER BY full_name;

-- service_role is above teams.
SET ROLE service_role;
SELECT count(*) FROM user_profiles WHERE id::text LIKE :'ours';
UPDATE user_profiles SET full_name = 'Ben' WHERE id = :'ben' RETURNING full_name;
RESET ROLE;
