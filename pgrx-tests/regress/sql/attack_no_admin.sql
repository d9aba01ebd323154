-- A team is an active admin's: whoever is under somebody who is no admin, or no admin any more, is in no team.
\set team cd
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set VERBOSITY sqlstate
:as_anna
INSERT INTO transactions (amount) VALUES (1);
-- Refused: nobody has a team under Sam, who is staff.
SET ROLE service_role;
INSERT INTO user_profiles (id, role, admin_id) VALUES (:'tom', 'staff', :'sam');
:as_tom
-- Tom is in no team.
SELECT get_current_user_admin_id(), get_current_user_role();
:as_dba
-- An admin with members stays admin.
UPDATE user_profiles SET role = 'staff', admin_id = :'bob' WHERE id = :'anna';
UPDATE user_profiles SET is_active = false WHERE id = :'ben';
UPDATE user_profiles SET role = 'manager', admin_id = :'bob' WHERE id = :'anna';
:as_mia
SELECT get_current_user_admin_id() = :'anna' AS annas, count(*) FROM transactions;
:as_dba
DELETE FROM user_profiles WHERE id = :'tom';
