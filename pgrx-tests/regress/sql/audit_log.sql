-- The audit log: one line per action, by whichever path; for database administrators, and a team's lines for its admin.
\set team aa
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
:as_dba
DELETE FROM teamwork.audit_log WHERE organization::text LIKE :'ours' OR subject::text LIKE :'ours';
\i :teams
\set log 'SELECT coalesce(a.email, l.actor::text) AS actor, l.action, o.email AS organization, coalesce(s.email, l.subject::text) AS subject, l.detail - \'email\' AS detail FROM teamwork.audit_log l LEFT JOIN auth.users a ON a.id = l.actor LEFT JOIN auth.users o ON o.id = l.organization LEFT JOIN auth.users s ON s.id = l.subject WHERE l.organization::text LIKE :\'ours\' ORDER BY l.id;'
:as_dba
:log
SELECT detail FROM teamwork.audit_log WHERE subject = :'sam';
DELETE FROM teamwork.audit_log WHERE organization::text LIKE :'ours';
-- What members are called, and what does not change, is nobody's business.
:as_anna
UPDATE user_profiles SET full_name = 'Sammy' WHERE id = :'sam';
SELECT deactivate_team_member(:'sam');
SELECT deactivate_team_member(:'sam');
SELECT reactivate_team_member(:'sam');
SELECT remove_team_member(:'sue');
SELECT deactivate_team_member(:'mia');
UPDATE user_profiles SET role = 'manager' WHERE id = :'sam';
SELECT change_team_member_role(:'mia', 'staff');
-- A refusal and a rollback leave nothing.
SELECT change_team_member_role(:'sam', 'admin');
BEGIN;
SELECT remove_team_member(:'sam');
ROLLBACK;
SELECT invite_team_member('tom@a.example', 'staff') AS token \gset
:as_tom
SELECT accept_invitation(:'token') = :'anna' AS joined;
:as_anna
SELECT invite_team_member('eve@a.example', 'staff') IS NOT NULL AS invited;
SELECT cancel_invitation('eve@a.example');
:as_dba
SELECT teamwork.set_role_limit('staff', 4, :'anna');
SELECT teamwork.set_role_limit('staff', 5, :'anna');
DELETE FROM teamwork.role_limits WHERE admin_id = :'anna';
UPDATE user_profiles SET admin_id = :'bob' WHERE id = :'tom';
DELETE FROM user_profiles WHERE id = :'sam';
SELECT action, actor = :'anna' AS by_anna, organization = :'anna' AS of_anna, u.email AS subject, detail - 'database_role' AS detail, detail ? 'database_role' AS says_role,
    from_organization = :'anna' AS from_anna
FROM teamwork.audit_log l LEFT JOIN auth.users u ON u.id = l.subject WHERE organization::text LIKE :'ours' ORDER BY l.id;
DELETE FROM teamwork.audit_log WHERE organization::text LIKE :'ours';

-- Jobs: submitted and ended; claims and progress leave no line.
:as_ben
SELECT create_background_import_job('inventory', records => '[{"sku": "A", "name": "B"}]', file_name => 'one.csv') AS job \gset
:wait
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', file_data => '{"records": [{"sku": "A", "name": "B"}]}') AS later \gset
SELECT cancel_job(:'later');
DELETE FROM scheduled_jobs WHERE id = :'later';
SELECT create_background_import_job('inventory', csv => '') AS job \gset
:wait
:as_dba
SELECT action, actor = :'ben' AS by_ben, organization = :'bob' AS of_bob, detail - 'database_role' AS detail FROM teamwork.audit_log WHERE organization::text LIKE :'ours' ORDER BY id;

-- The admin reads the lines of the team, and nothing that tells of others: not a line's number, nor where a member came from.
:as_bob
SELECT action, actor = :'ben' AS by_ben, detail FROM team_audit_log WHERE action LIKE 'job%' ORDER BY at;
SELECT count(*) > 0 AS has_lines, bool_and(organization = :'bob') AS bobs FROM teamwork.audit_log;
SELECT count(*) FROM team_audit_log WHERE subject IN (:'anna', :'mia', :'sue');
SELECT id FROM teamwork.audit_log;
SELECT from_organization FROM teamwork.audit_log;
SELECT l FROM teamwork.audit_log l;
SELECT count(*) FROM team_audit_log WHERE detail::text LIKE '%' || :'anna' || '%';
-- Nobody else: no other member, no admin who is not active, nobody without a team; and nobody writes it.
:as_ben
SELECT count(*) FROM team_audit_log;
SELECT count(*) FROM teamwork.audit_log;
:as_eve
SELECT count(*) FROM team_audit_log;
:as_nobody
SELECT count(*) FROM team_audit_log;
:as_dba
UPDATE user_profiles SET is_active = false WHERE id = :'bob';
:as_bob
SELECT count(*) FROM team_audit_log;
:as_dba
UPDATE user_profiles SET is_active = true WHERE id = :'bob';
:as_bob
UPDATE team_audit_log SET action = 'nothing';
DELETE FROM teamwork.audit_log;
:as_anna
INSERT INTO teamwork.audit_log (action) VALUES ('nothing happened');
SELECT teamwork.audit('nothing happened', :'anna', NULL, '{}');
RESET ROLE;
SET ROLE service_role;
SELECT count(*) FROM teamwork.audit_log;
:as_dba
-- A dump that is being restored adds nothing.
SET row_security = off;
SET check_function_bodies = off;
INSERT INTO auth.users (id) VALUES (:'eve');
INSERT INTO user_profiles (id, role) VALUES (:'eve', 'admin');
RESET row_security;
RESET check_function_bodies;
SELECT count(*) FROM teamwork.audit_log WHERE subject = :'eve';
