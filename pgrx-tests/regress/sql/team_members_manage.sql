-- Deactivating, reactivating and removing members, and who may.
\set team a2
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
INSERT INTO transactions (amount, description) VALUES (12.50, 'by Sam');

-- A manager, a staff member and somebody else's admin cannot.
:as_mia
SELECT deactivate_team_member(:'sam');
\echo :LAST_ERROR_SQLSTATE
SELECT remove_team_member(:'sam');
SELECT reactivate_team_member(:'sam');
:as_sue
SELECT deactivate_team_member(:'sam');
SELECT remove_team_member(:'mia');
:as_bob
SELECT deactivate_team_member(:'sam');
\echo :LAST_ERROR_SQLSTATE
SELECT reactivate_team_member(:'sam');
SELECT remove_team_member(:'sam');
:as_nobody
SELECT deactivate_team_member(:'sam');
:as_dba
SELECT full_name, is_active FROM user_profiles WHERE admin_id = :'anna' ORDER BY full_name;

-- The admin can.
:as_anna
SELECT deactivate_team_member(:'sam');
SELECT full_name, is_active, updated_at >= created_at AS touched FROM user_profiles WHERE id = :'sam';
-- Again changes nothing.
SELECT deactivate_team_member(:'sam');
SELECT * FROM team_usage();
-- Nobody, somebody else's member, and the admins themselves are not members.
SELECT deactivate_team_member(:'eve');
SELECT deactivate_team_member(:'ben');
SELECT deactivate_team_member(:'anna');
SELECT remove_team_member(:'anna');
SELECT remove_team_member(NULL);
SELECT reactivate_team_member(:'sam');
SELECT full_name, is_active FROM user_profiles ORDER BY full_name;

-- What a removed member made stays with the team; the member is nobody, and can come back or start anew.
SELECT remove_team_member(:'sam');
SELECT amount, description, owner_id = :'sam' AS by_sam FROM transactions;
:as_sam
SELECT get_current_user_admin_id(), get_current_user_role();
SELECT count(*) FROM transactions;
SELECT count(*) FROM profiles;
INSERT INTO user_profiles (id, email, full_name, role) VALUES (:'sam', 'sam@a.example', 'Sam', 'admin');
SELECT get_current_user_admin_id() = :'sam' AS own_team, (SELECT count(*) FROM transactions) AS transactions;
-- Once somebody has a team, no other admin can take them.
:as_anna
SELECT create_team_member('sam@a.example', 'Sam', 'staff', :'sam');
SELECT count(*) FROM user_profiles WHERE id = :'sam';
:as_dba
SELECT role, admin_id IS NULL AS own_team FROM user_profiles WHERE id = :'sam';

-- An admin with members, or with a team's data, does not vanish.
DELETE FROM user_profiles WHERE id = :'anna';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM auth.users WHERE id = :'anna';
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM user_profiles WHERE id = :'anna';
