-- An admin makes a member of somebody who has signed up, has no profile yet, and was not asked. The contract lets admins name any id: what
-- they gain by it, what they do not, what the drafted user can do, and what the audit log says.
\set team cf
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
INSERT INTO auth.users (id, email) VALUES (:'eve', 'eve@e.example');
:as_bob
SELECT create_team_member('eve@b.example', 'Eve of Bob', 'staff', :'eve') = :'eve' AS drafted;
-- Nothing of the account is the admin's to read or to change.
SELECT email FROM auth.users;
UPDATE auth.users SET email = 'bob@b.example' WHERE id = :'eve';
-- The user sees where they are and who did it, with the next statement.
:as_eve
SELECT get_current_user_role(), organization_id = :'bob' AS is_bobs, created_by = :'bob' AS by_bob
FROM profiles JOIN user_profiles USING (id) WHERE id = :'eve';
-- No statement of theirs takes them out, and they are not in two teams: leave_team() does it.
DELETE FROM user_profiles WHERE id = :'eve';
INSERT INTO user_profiles (id, role) VALUES (:'eve', 'admin');
:as_anna
SELECT remove_team_member(:'sue');
SELECT invite_team_member('eve@e.example', 'staff') AS token \gset
:as_eve
SELECT accept_invitation(:'token');
-- Whoever has a profile cannot be drafted.
:as_bob
SELECT create_team_member('mia@b.example', 'Mia of Bob', 'manager', :'mia');
-- The account is as it was, and the log knows.
:as_dba
SELECT email FROM auth.users WHERE id = :'eve';
SELECT action, actor = :'bob' AS by_bob, organization = :'bob' AS bobs, detail FROM teamwork.audit_log
WHERE subject = :'eve' ORDER BY id DESC LIMIT 1;
-- They leave by themselves; then they choose.
:as_eve
SELECT leave_team();
SELECT accept_invitation(:'token') = :'anna' AS joined;
:as_dba
