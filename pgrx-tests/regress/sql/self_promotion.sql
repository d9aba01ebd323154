-- Nobody changes the own role, team, activity or identity, by no path.
\set team a4
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

-- Whatever is tried below, this must stay: shown by the superuser.
\set state 'RESET ROLE; SELECT full_name, role, admin_id = :''anna'' AS annas, is_active, created_by = :''anna'' AS by_anna FROM user_profiles WHERE id = :''sam'';'

-- A plain UPDATE, of each column.
:as_sam
UPDATE user_profiles SET role = 'manager' WHERE id = :'sam';
\echo :LAST_ERROR_SQLSTATE
UPDATE user_profiles SET role = 'admin', admin_id = NULL WHERE id = :'sam';
UPDATE user_profiles SET admin_id = NULL WHERE id = :'sam';
UPDATE user_profiles SET admin_id = :'bob' WHERE id = :'sam';
UPDATE user_profiles SET admin_id = :'sam' WHERE id = :'sam';
UPDATE user_profiles SET is_active = false WHERE id = :'sam';
UPDATE user_profiles SET id = :'tom' WHERE id = :'sam';
UPDATE user_profiles SET created_by = NULL WHERE id = :'sam';
UPDATE user_profiles SET created_by = :'sam' WHERE id = :'sam';
UPDATE user_profiles SET role = NULL WHERE id = :'sam';
-- Without WHERE, through a subquery, together with what is allowed.
UPDATE user_profiles SET role = 'manager';
UPDATE user_profiles SET full_name = 'Samantha', role = 'manager' WHERE id = :'sam';
UPDATE user_profiles SET (role, admin_id) = (SELECT role, admin_id FROM user_profiles p WHERE p.id = :'anna') WHERE id = :'sam';
:state

-- Upsert.
:as_sam
INSERT INTO user_profiles (id, email, role) VALUES (:'sam', 'sam@a.example', 'admin')
    ON CONFLICT (id) DO UPDATE SET role = 'admin', admin_id = NULL;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, role, admin_id) VALUES (:'sam', 'sam@a.example', 'manager', :'anna')
    ON CONFLICT (id) DO UPDATE SET role = excluded.role;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, role) VALUES (:'sam', 'sam@a.example', 'admin') ON CONFLICT DO NOTHING;
:state

-- MERGE.
:as_sam
MERGE INTO user_profiles p USING (SELECT auth.uid() AS id) me ON p.id = me.id
    WHEN MATCHED THEN UPDATE SET role = 'admin', admin_id = NULL;
\echo :LAST_ERROR_SQLSTATE
MERGE INTO user_profiles p USING (SELECT auth.uid() AS id) me ON p.id = me.id AND p.role = 'admin'
    WHEN NOT MATCHED THEN INSERT (id, email, role) VALUES (me.id, 'sam@a.example', 'admin');
\echo :LAST_ERROR_SQLSTATE
MERGE INTO user_profiles p USING (SELECT auth.uid() AS id) me ON p.id = me.id WHEN MATCHED THEN DELETE;
\echo :LAST_ERROR_SQLSTATE
:state

-- Delete and insert again.
:as_sam
DELETE FROM user_profiles WHERE id = :'sam';
INSERT INTO user_profiles (id, email, role) VALUES (:'sam', 'sam@a.example', 'admin');
:state

-- The view of the extension, and one of one's own.
:as_sam
UPDATE profiles SET role = 'admin', organization_id = :'sam' WHERE id = :'sam';
UPDATE profiles SET role = 'manager' WHERE id = :'sam';
\echo :LAST_ERROR_SQLSTATE
CREATE TEMP VIEW myself AS SELECT id, role, admin_id, is_active FROM user_profiles WHERE id = auth.uid();
UPDATE myself SET role = 'manager';
\echo :LAST_ERROR_SQLSTATE
UPDATE myself SET is_active = false;
DELETE FROM myself;
:state

-- A cursor, a function of one's own, a temporary table of the same name.
:as_sam
BEGIN;
DECLARE me CURSOR FOR SELECT * FROM user_profiles WHERE id = auth.uid() FOR UPDATE;
FETCH me \g /dev/null
UPDATE user_profiles SET role = 'manager' WHERE CURRENT OF me;
ROLLBACK;
CREATE TEMP TABLE user_profiles (id uuid, role text, admin_id uuid, is_active boolean);
INSERT INTO pg_temp.user_profiles VALUES (:'sam', 'admin', NULL, true);
SELECT get_current_user_role(), get_current_user_admin_id() = :'anna' AS annas;
SELECT create_team_member('tom@a.example', 'Tom', 'staff', :'tom');
SELECT remove_team_member(:'sue');
DROP TABLE pg_temp.user_profiles;
:state

-- Switching the trigger or row-level security off is not for members.
:as_sam
ALTER TABLE user_profiles DISABLE TRIGGER guard_profile;
SET session_replication_role = replica;
SET row_security = off;
SET check_function_bodies = off;
UPDATE user_profiles SET role = 'manager' WHERE id = :'sam';
RESET row_security;
RESET check_function_bodies;
:state

-- The manager cannot, the admin cannot either, and an admin cannot make a member an admin or give one away.
:as_mia
UPDATE user_profiles SET role = 'admin', admin_id = NULL WHERE id = :'mia';
UPDATE user_profiles SET role = 'manager' WHERE id = :'sam';
:as_anna
UPDATE user_profiles SET role = 'staff', admin_id = :'bob' WHERE id = :'anna';
UPDATE user_profiles SET is_active = false WHERE id = :'anna';
UPDATE user_profiles SET role = 'admin', admin_id = NULL WHERE id = :'sam';
UPDATE user_profiles SET role = 'admin' WHERE id = :'sam';
UPDATE user_profiles SET admin_id = :'bob' WHERE id = :'sam';
UPDATE user_profiles SET id = :'tom' WHERE id = :'sam';
UPDATE user_profiles SET created_by = :'bob' WHERE id = :'sam';
:state

-- What everybody may: the own name; the address is the admin's to change.
:as_sam
UPDATE user_profiles SET full_name = 'Samuel', email = 'samuel@a.example' WHERE id = :'sam';
UPDATE user_profiles SET full_name = 'Samuel' WHERE id = :'sam';
SELECT full_name, email, role FROM profiles WHERE id = :'sam';
:as_dba
DROP VIEW pg_temp.myself;
