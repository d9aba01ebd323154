-- How many managers and staff a team may have, what the refusal says, and every way around it that is closed.
\set team a1
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

-- The seed's "Test 2": the third staff account.
:as_anna
SELECT create_team_member('tom@a.example', 'Tom', 'staff', :'tom');
\echo :LAST_ERROR_SQLSTATE
SELECT create_team_member('tom@a.example', 'Tom', 'manager', :'tom');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, role, admin_id) VALUES (:'tom', 'tom@a.example', 'staff', :'anna');
SELECT * FROM team_usage();
-- Nothing is left of a refused member.
:as_dba
SELECT count(*) FROM user_profiles WHERE id = :'tom';
SELECT count(*) FROM auth.users WHERE id = :'tom';

-- A change of role is a change of seats.
:as_anna
UPDATE user_profiles SET role = 'manager' WHERE id = :'sam';
UPDATE user_profiles SET role = 'staff' WHERE id = :'mia';
SELECT full_name, role FROM profiles WHERE role <> 'admin' ORDER BY full_name;

-- A deactivated member makes room.
SELECT deactivate_team_member(:'mia');
UPDATE user_profiles SET role = 'manager' WHERE id = :'sam';
SELECT * FROM team_usage();

-- An inactive member holds no seat, and needs a free one to come back.
SELECT reactivate_team_member(:'mia');
\echo :LAST_ERROR_SQLSTATE
UPDATE user_profiles SET is_active = true WHERE id = :'mia';
UPDATE user_profiles SET role = 'staff' WHERE id = :'mia';
SELECT reactivate_team_member(:'mia');
SELECT full_name, role, is_active FROM user_profiles WHERE role <> 'admin' ORDER BY full_name;
SELECT * FROM team_usage();

-- One statement for several rows fits in whole or not at all.
SELECT remove_team_member(:'mia'), remove_team_member(:'sue');
INSERT INTO user_profiles (id, email, role, admin_id)
VALUES (:'mia', 'mia@a.example', 'staff', :'anna'), (:'sue', 'sue@a.example', 'staff', :'anna'), (:'tom', 'tom@a.example', 'staff', :'anna');
SELECT * FROM team_usage();
INSERT INTO user_profiles (id, email, role, admin_id)
VALUES (:'mia', 'mia@a.example', 'staff', :'anna'), (:'sue', 'sue@a.example', 'staff', :'anna');
SELECT * FROM team_usage();

-- The limits are data: one admin's own, the plural after the number.
:as_dba
SELECT teamwork.set_role_limit('staff', 3, :'anna'), teamwork.set_role_limit('manager', 2, :'anna');
:as_anna
SELECT * FROM team_usage();
SELECT create_team_member('tom@a.example', 'Tom', 'staff', :'tom');
SELECT create_team_member('eve@a.example', 'Eve', 'staff', :'eve');
SELECT create_team_member('eve@a.example', 'Eve', 'manager', :'eve');
UPDATE user_profiles SET role = 'manager' WHERE id = :'tom';
:as_dba
SELECT teamwork.set_role_limit('staff', 1, :'anna'), teamwork.set_role_limit('manager', 0, :'anna');
:as_anna
-- Lowered below what is taken: who is there stays, nobody comes.
SELECT * FROM team_usage();
SELECT remove_team_member(:'eve'), remove_team_member(:'tom');
SELECT create_team_member('tom@a.example', 'Tom', 'manager', :'tom');
SELECT create_team_member('tom@a.example', 'Tom', 'staff', :'tom');
SELECT remove_team_member(:'mia');
SELECT create_team_member('tom@a.example', 'Tom', 'staff', :'tom');
SELECT * FROM team_usage();
-- The other team's limits are the default ones.
:as_bob
SELECT * FROM team_usage();
SELECT create_team_member('tom@b.example', 'Tom', 'staff', :'tom');

-- Not for members to raise.
:as_anna
SELECT teamwork.set_role_limit('staff', 100, :'anna');
UPDATE teamwork.role_limits SET max = 100;
DELETE FROM teamwork.seats;
INSERT INTO teamwork.role_limits VALUES ('staff', :'anna', 100);
:as_dba
SELECT role, max FROM teamwork.role_limits WHERE admin_id = :'anna' ORDER BY role;
-- Neither for database administrators to set to nonsense.
SELECT teamwork.set_role_limit('admin', 2);
SELECT teamwork.set_role_limit('staff', -1);

-- Nor does a superuser's INSERT pass by the quota.
INSERT INTO user_profiles (id, email, role, admin_id) VALUES (:'eve', 'eve@b.example', 'staff', :'bob');
\echo :LAST_ERROR_SQLSTATE
UPDATE user_profiles SET admin_id = :'bob' WHERE id = :'sue';
SELECT full_name, role FROM user_profiles WHERE admin_id = :'bob' ORDER BY full_name;
-- Seats and profiles agree in the end.
SELECT p.full_name, s.slot FROM user_profiles p FULL JOIN teamwork.seats s
    ON (s.member_id, s.admin_id, s.role) = (p.id, p.admin_id, p.role)
WHERE (p.role <> 'admin' AND p.is_active) IS DISTINCT FROM (s.slot IS NOT NULL);
-- Two members of full teams change places in one statement, as neither could alone.
SELECT admin_id = :'anna' AS annas, array_agg(full_name ORDER BY id) AS staff, teamwork.role_limit(admin_id, 'staff') AS max FROM user_profiles
WHERE admin_id IN (:'anna', :'bob') AND role = 'staff' GROUP BY admin_id ORDER BY admin_id;
UPDATE user_profiles SET admin_id = :'anna' WHERE id = :'ben';
UPDATE user_profiles SET admin_id = CASE id WHEN :'ben' THEN :'anna' ELSE :'bob' END::uuid WHERE id IN (:'ben', :'sue');
SELECT p.full_name, p.admin_id = :'anna' AS annas, s.admin_id = p.admin_id AS has_seat
FROM user_profiles p LEFT JOIN teamwork.seats s ON s.member_id = p.id WHERE p.id IN (:'ben', :'sue') ORDER BY p.id;
-- A limit as high as it can be is no more work than another.
SELECT teamwork.set_role_limit('staff', 2147483647, :'anna');
INSERT INTO user_profiles (id, role, admin_id) VALUES (:'mia', 'staff', :'anna');
