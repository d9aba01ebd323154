-- Teams
-- A team is an admin with managers and staff. Its id is the admin's user id: `admin_id`, or `organization_id`.
\set team da
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SELECT teamwork.set_role_limit('staff', 6, :'anna') \g /dev/null
\set pia :team '000000-0000-0000-0000-00000000000f'
\set as_pia 'SET ROLE authenticated; ' :claims :pia '"}'';'

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

-- example: invite_team_members
SELECT email, length(token) FROM invite_team_members(ARRAY['leo@a.example', 'lea@a.example'], 'staff', bound => true);

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
SELECT invite_team_member('pia@a.example', 'staff', bound => true) AS token \gset

:as_dba
INSERT INTO auth.users (id, email) VALUES (:'pia', 'pia@a.example');
:as_pia
-- example: my_invitations
SELECT invited_by, role, is_bound FROM my_invitations();

-- example: join_team
SELECT join_team(team) FROM my_invitations();

-- example: leave_team
SELECT leave_team();
SELECT get_current_user_admin_id();

:as_anna
SELECT invite_team_member('pia@a.example', 'staff') AS token \gset
:as_pia
-- example: decline_invitation
SELECT decline_invitation(:'token');

:as_anna
SELECT invite_team_member('pia@a.example', 'staff', bound => true) AS token \gset
:as_pia
-- example: decline_team
SELECT decline_team(team) FROM my_invitations();

:as_dba
-- example: teamwork.forget_ended_invitations
SELECT teamwork.forget_ended_invitations(now() - interval '20 years');

:as_anna
SELECT cancel_invitation('lea@a.example') \g /dev/null
-- example: transfer_team
SELECT transfer_team(:'sam');
SELECT full_name, role, organization_id FROM profiles WHERE full_name IN ('Anna', 'Sam') ORDER BY full_name;

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
