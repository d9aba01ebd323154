-- Teams
-- A team is an admin with managers and staff. Its id is the admin's user id: `admin_id`, or `organization_id`.
\set team da
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SELECT teamwork.set_role_limit('staff', 4, :'anna') \g /dev/null

:as_eve
-- example: user_profiles
INSERT INTO user_profiles (id, email, full_name, role) VALUES (auth.uid(), 'eve@c.example', 'Eve', 'admin');
SELECT email, role, admin_id, is_active FROM user_profiles;

:as_sam
-- example: profiles
SELECT full_name, role, organization_id FROM profiles ORDER BY full_name;

-- example: get_current_user_admin_id
SELECT get_current_user_admin_id();

-- example: get_current_user_role
SELECT get_current_user_role();

:as_anna
-- example: create_team_member
SELECT create_team_member('tom@a.example', 'Tom', 'staff', :'tom');
SELECT create_team_member('max@a.example', 'Max', 'manager');

-- example: change_team_member_role
UPDATE user_profiles SET role = CASE role WHEN 'manager' THEN 'staff' ELSE 'manager' END WHERE id IN (:'mia', :'tom');
SELECT full_name, role FROM profiles WHERE id IN (:'mia', :'tom') ORDER BY full_name;
SELECT change_team_member_role(:'sam', 'owner');

-- example: deactivate_team_member
SELECT deactivate_team_member(:'sam');
SELECT is_active FROM user_profiles WHERE id = :'sam';

-- example: reactivate_team_member
SELECT reactivate_team_member(:'sam');
SELECT is_active FROM user_profiles WHERE id = :'sam';

-- example: remove_team_member
SELECT remove_team_member(:'mia');
SELECT full_name FROM profiles ORDER BY full_name;

-- example: invite_team_member
SELECT invite_team_member('mia@a.example', 'staff', '2 days') AS token \gset
SELECT length(:'token');

-- example: team_invitations
SELECT email, role, expires_at > now() AS is_pending FROM team_invitations;

-- example: teamwork.invitations
SELECT email, role, accepted_at, cancelled_at FROM teamwork.invitations;

-- example: team_audit_log
SELECT action, detail ->> 'email' AS email FROM team_audit_log WHERE action = 'invited' ORDER BY at;

-- example: team_usage
SELECT * FROM team_usage();

:as_mia
-- example: accept_invitation
SELECT accept_invitation(:'token');
SELECT accept_invitation(:'token');

:as_anna
-- example: cancel_invitation
SELECT invite_team_member('leo@a.example', 'staff') AS token \gset
SELECT cancel_invitation('leo@a.example');
SELECT cancel_invitation('leo@a.example');

:as_sam
SET request.jwt.claims TO '{"sub": "da000000-0000-0000-0000-00000000000c", "role": "authenticated", "email": "sam@a.example"}';
-- example: teamwork.current_user_id
SELECT teamwork.current_user_id();

-- example: auth.uid
SELECT auth.uid();

-- example: auth.role
SELECT auth.role();

-- example: auth.email
SELECT auth.email();

-- example: auth.jwt
SELECT auth.jwt() ->> 'sub' AS sub;

:as_dba
-- example: auth.users
SELECT id, email FROM auth.users WHERE id = :'sam';
