-- Leaving: members go when they want, what they made stays; an admin gives up an empty team, and no other.
\set team 74
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
:as_sam
INSERT INTO transactions (amount, description) VALUES (1, 'by Sam');
SELECT leave_team();
SELECT get_current_user_role(), (SELECT count(*) FROM transactions) AS rows, (SELECT count(*) FROM user_profiles) AS profiles;
SELECT leave_team();
\echo :LAST_ERROR_SQLSTATE
:as_nobody
SELECT leave_team();
\echo :LAST_ERROR_SQLSTATE
:as_eve
SELECT leave_team();
-- The row and the free seat are the team's.
:as_anna
SELECT description, owner_id = :'sam' AS by_sam FROM transactions;
SELECT * FROM team_usage();
-- A deactivated member may go, too.
SELECT deactivate_team_member(:'sue');
:as_sue
SELECT leave_team();
-- Nobody leaves for another, and no statement but the function does it.
:as_mia
DELETE FROM user_profiles WHERE id = :'mia';
SELECT get_current_user_role();

-- The admin of a team that is not empty is told what to do.
:as_anna
SELECT leave_team();
\echo :LAST_ERROR_SQLSTATE
:as_mia
SELECT leave_team();
:as_anna
SELECT invite_team_member('x@a.example', 'staff') \g /dev/null
SELECT leave_team();
SELECT cancel_invitation('x@a.example');
SELECT leave_team();
DELETE FROM transactions;
SELECT create_scheduled_job('export', 'inventory', now() + interval '1 year') \g /dev/null
SELECT leave_team();
SELECT get_current_user_role();
:as_dba
SELECT (SELECT count(*) FROM user_profiles WHERE :'anna' IN (id, admin_id)) AS profiles, (SELECT count(*) FROM scheduled_jobs WHERE organization_id = :'anna') AS jobs,
       (SELECT count(*) FROM teamwork.seats WHERE admin_id = :'anna') AS seats, (SELECT count(*) FROM auth.users WHERE id = :'anna') AS accounts;
SELECT action, subject = :'sam' AS sam, subject = :'anna' AS anna, actor = subject AS by_themself
FROM teamwork.audit_log WHERE organization = :'anna' AND action IN ('left', 'team_given_up') ORDER BY id;
-- And begins anew, or joins somebody.
:as_anna
INSERT INTO user_profiles (id, email, role) VALUES (:'anna', 'anna@a.example', 'admin');
SELECT get_current_user_role();
:as_dba
