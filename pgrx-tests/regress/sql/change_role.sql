-- change_team_member_role: who may, what fits, and two members who swap.
\set team a8
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
:as_mia
SELECT change_team_member_role(:'sam', 'manager');
\echo :LAST_ERROR_SQLSTATE
:as_sam
SELECT change_team_member_role(:'sam', 'manager');
:as_bob
SELECT change_team_member_role(:'sam', 'manager');
\echo :LAST_ERROR_SQLSTATE
:as_anna
SELECT change_team_member_role(:'anna', 'staff');
SELECT change_team_member_role(NULL, 'staff');
SELECT change_team_member_role(:'sam', 'admin');
\echo :LAST_ERROR_SQLSTATE
SELECT change_team_member_role(:'sam', NULL);
-- To the role one has: nothing.
SELECT change_team_member_role(:'sam', 'staff');
-- No seat is free.
SELECT change_team_member_role(:'sam', 'manager');
\echo :LAST_ERROR_SQLSTATE
SELECT change_team_member_role(:'mia', 'staff');
-- One UPDATE swaps two members of a full team, back and forth.
UPDATE user_profiles SET role = CASE role WHEN 'manager' THEN 'staff' ELSE 'manager' END WHERE id IN (:'mia', :'sam');
SELECT full_name, role FROM profiles ORDER BY full_name;
SELECT * FROM team_usage();
UPDATE user_profiles SET role = CASE role WHEN 'manager' THEN 'staff' ELSE 'manager' END WHERE id IN (:'mia', :'sam');
SELECT full_name, role FROM profiles ORDER BY full_name;
-- One who goes to make room for one who comes.
UPDATE user_profiles SET is_active = id <> :'mia', role = CASE id WHEN :'sue' THEN 'manager' ELSE role END WHERE id IN (:'mia', :'sue');
SELECT * FROM team_usage();
UPDATE user_profiles SET is_active = true, role = CASE id WHEN :'sue' THEN 'staff' ELSE role END WHERE id IN (:'mia', :'sue');
SELECT * FROM team_usage();
-- But the end has to fit.
UPDATE user_profiles SET role = 'manager' WHERE id IN (:'sam', :'sue');
UPDATE user_profiles SET role = CASE role WHEN 'manager' THEN 'staff' ELSE 'manager' END WHERE role <> 'admin';
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM team_usage();
-- An inactive member changes role without a seat, and needs one to come back.
SELECT deactivate_team_member(:'sam');
SELECT change_team_member_role(:'sam', 'manager');
SELECT reactivate_team_member(:'sam');
SELECT change_team_member_role(:'sam', 'staff');
SELECT reactivate_team_member(:'sam');
-- Two members of two full teams swap places, by the database administrator.
:as_bob
SELECT create_team_member('tom@b.example', 'Tom', 'staff', :'tom') = :'tom' AS created;
:as_dba
UPDATE user_profiles SET admin_id = CASE admin_id WHEN :'anna' THEN :'bob' ELSE :'anna' END::uuid WHERE id IN (:'sam', :'tom');
SELECT p.full_name, s.role, s.admin_id = p.admin_id AS seated FROM user_profiles p LEFT JOIN teamwork.seats s ON s.member_id = p.id
WHERE p.admin_id IN (:'anna', :'bob') ORDER BY p.full_name;
