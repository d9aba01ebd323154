-- E-mail addresses: one check for all, one person's within a team, not a member's to choose, and in step with the account.
\set team 71
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SELECT teamwork.set_role_limit('staff', 9, :'anna') \g /dev/null

-- What is no address, by every path.
:as_anna
SELECT create_team_member('not an address', 'X', 'staff');
\echo :LAST_ERROR_SQLSTATE
SELECT create_team_member('', 'X', 'staff');
SELECT create_team_member('a@b' || E'\n', 'X', 'staff');
SELECT create_team_member(repeat('x', 250) || '@a.example', 'X', 'staff');
\echo :LAST_ERROR_SQLSTATE
SELECT invite_team_member('two@a.example, three@a.example', 'staff');
INSERT INTO user_profiles (id, email, role, admin_id) VALUES (gen_random_uuid(), 'x', 'staff', :'anna');
UPDATE user_profiles SET email = 'x y@a.example' WHERE id = :'sam';
UPDATE user_profiles SET email = 'x' WHERE id = :'anna';
:as_tom
INSERT INTO user_profiles (id, email, role) VALUES (:'tom', 'tom', 'admin');
:as_dba
UPDATE user_profiles SET email = 'x' WHERE id = :'sam';
-- Nobody has to have one.
:as_anna
SELECT create_team_member(NULL, 'No address', 'staff') AS one \gset
SELECT create_team_member(NULL, 'No address', 'staff') AS two \gset
SELECT remove_team_member(:'one'), remove_team_member(:'two') \g /dev/null

-- One person's within a team, however it is written; another team may have it.
SELECT create_team_member('SAM@a.example', 'Sam again', 'staff');
\echo :LAST_ERROR_SQLSTATE
SELECT create_team_member('Anna@A.example', 'Anna again', 'staff');
INSERT INTO user_profiles (id, email, role, admin_id)
VALUES (:'tom', 'new@a.example', 'staff', :'anna'), (:'eve', 'NEW@a.example', 'staff', :'anna');
UPDATE user_profiles SET email = 'SAM@a.example' WHERE id = :'sue';
UPDATE user_profiles SET email = 'SAM@a.example' WHERE id = :'sam';
:as_bob
UPDATE user_profiles SET email = 'sam@a.example' WHERE id = :'ben';
:as_dba
UPDATE user_profiles SET admin_id = :'anna' WHERE id = :'ben';
\echo :LAST_ERROR_SQLSTATE
-- Below the check, a key that no race gets past.
SELECT indisunique FROM pg_index WHERE indexrelid = 'user_profiles_address_key'::regclass;

-- Members do not choose theirs; a whole-row write that leaves it as it is passes.
:as_sam
UPDATE user_profiles SET email = 'boss@a.example' WHERE id = :'sam';
\echo :LAST_ERROR_SQLSTATE
UPDATE user_profiles SET email = NULL WHERE id = :'sam';
UPDATE user_profiles SET email = 'SAM@a.example', full_name = 'Samuel' WHERE id = :'sam';
:as_mia
UPDATE user_profiles SET email = 'boss@a.example' WHERE id = :'mia';
:as_anna
UPDATE user_profiles SET email = 'sam@a.example' WHERE id = :'sam';
UPDATE user_profiles SET email = 'ann@a.example' WHERE id = :'anna';

-- The account's address changes: the profile follows, whoever changes it.
:as_dba
UPDATE auth.users SET email = 'sam@home.example' WHERE id = :'sam';
SET ROLE service_role;
UPDATE auth.users SET email = 'sue@home.example' WHERE id = :'sue';
:as_dba
SELECT id = :'sam' AS sam, email FROM user_profiles WHERE id IN (:'sam', :'sue') ORDER BY id;
-- It never stands in the way of a sign-in: what another has in the team, or what is no address, is none.
UPDATE auth.users SET email = 'MIA@a.example' WHERE id = :'sam';
UPDATE auth.users SET email = 'nonsense' WHERE id = :'sue';
SELECT id = :'sam' AS sam, email FROM user_profiles WHERE id IN (:'sam', :'sue') ORDER BY id;
UPDATE auth.users SET email = NULL WHERE id = :'mia';
SELECT email FROM user_profiles WHERE id = :'mia';
-- doctor knows.
SELECT status, detail FROM teamwork.doctor() WHERE check_name = 'auth' AND detail LIKE 'profiles%';
ALTER TABLE auth.users DISABLE TRIGGER teamwork_sync_address;
SELECT status, detail, fix FROM teamwork.doctor() WHERE check_name = 'auth' AND detail LIKE 'profiles%';
ALTER TABLE auth.users ENABLE TRIGGER teamwork_sync_address;
