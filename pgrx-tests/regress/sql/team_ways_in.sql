-- Ways in: several invitations at once, bound ones, what the invited see, accept and decline; people who signed up first, and who come back.
\set team 73
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SELECT teamwork.set_role_limit('staff', 4, :'bob') \g /dev/null

-- Many at once: all or none, an address once.
:as_bob
SELECT email, length(token) FROM invite_team_members(ARRAY['x@b.example', 'y@b.example', 'X@b.example'], 'staff');
SELECT email, role, is_bound FROM team_invitations ORDER BY email;
SELECT count(*) FROM invite_team_members(ARRAY['z@b.example', 'nonsense'], 'staff');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM invite_team_members(ARRAY['z1@b.example', 'z2@b.example', 'z3@b.example'], 'staff');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM invite_team_members(ARRAY['z@b.example', 'ben@b.example'], 'staff');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM invite_team_members(ARRAY['z@b.example', NULL], 'staff');
SELECT count(*) FROM invite_team_members('{}', 'staff');
SELECT count(*) FROM invite_team_members(NULL, 'staff');
SELECT email FROM team_invitations ORDER BY email;
SELECT cancel_invitation('x@b.example'), cancel_invitation('y@b.example') \g /dev/null
:as_ben
SELECT * FROM invite_team_members(ARRAY['z@b.example'], 'staff');

-- Bound: the account's verified address decides, not the claims, nor what somebody registers with.
:as_dba
INSERT INTO auth.users (id, email) VALUES (:'tom', 'Tom@t.example');
:as_bob
SELECT invite_team_member('tom@T.example', 'staff', bound => true) AS token \gset
SELECT invite_team_member('other@t.example', 'staff') AS open \gset
:as_eve
SET request.jwt.claims TO '{"role":"authenticated","sub":"73000000-0000-0000-0000-0000000000ee","email":"tom@t.example"}';
SELECT * FROM my_invitations();
SELECT accept_invitation(:'token');
\echo :LAST_ERROR_SQLSTATE
SELECT decline_invitation(:'token');
SELECT join_team(:'bob');
RESET request.jwt.claims;
:as_eve
INSERT INTO user_profiles (id, email, role) VALUES (:'eve', 'tom@t.example', 'admin');
SELECT * FROM my_invitations();
SELECT accept_invitation(:'token');
-- The account has the address of her choice, and the auth service says another one. Where both are the same, it is hers.
SET request.jwt.claims TO '{"role":"authenticated","sub":"73000000-0000-0000-0000-0000000000ee","email":"eve@e.example"}';
SELECT * FROM my_invitations();
SET request.jwt.claims TO '{"role":"authenticated","sub":"73000000-0000-0000-0000-0000000000ee","email":"Tom@t.example"}';
SELECT email, role FROM my_invitations();
:as_eve
SELECT leave_team();
-- An auth service says when an address was verified.
:as_dba
ALTER TABLE auth.users ADD email_confirmed_at timestamptz;
:as_tom
SELECT * FROM my_invitations();
SELECT join_team(:'bob');
\echo :LAST_ERROR_SQLSTATE
:as_dba
UPDATE auth.users SET email_confirmed_at = now() WHERE id = :'tom';
:as_tom
SELECT team = :'bob' AS bobs, invited_by, role, expires_at > now() AS pending, is_bound FROM my_invitations();
:as_dba
ALTER TABLE auth.users DROP email_confirmed_at;
-- No tokens there, and nobody else's.
:as_sam
SELECT * FROM my_invitations();
SELECT join_team(:'bob');
\echo :LAST_ERROR_SQLSTATE
:as_nobody
SELECT * FROM my_invitations();
SELECT join_team(:'bob');
SELECT decline_team(:'bob');
SELECT decline_invitation(:'token');
\echo :LAST_ERROR_SQLSTATE

-- Declined: the seat is free, the token void, the admin sees it.
:as_tom
SELECT decline_team(:'bob');
SELECT * FROM my_invitations();
SELECT accept_invitation(:'token');
\echo :LAST_ERROR_SQLSTATE
SELECT decline_invitation(:'open');
SELECT decline_invitation(:'open');
\echo :LAST_ERROR_SQLSTATE
SELECT decline_invitation('no such token');
\echo :LAST_ERROR_SQLSTATE
:as_bob
SELECT email, is_declined, cancelled_at IS NOT NULL AS ended FROM teamwork.invitations WHERE is_declined ORDER BY email;
SELECT * FROM team_usage() WHERE role = 'staff';
-- An open one is accepted with its token alone.
SELECT invite_team_member('tom@t.example', 'staff') AS token \gset
:as_tom
SELECT join_team(:'bob');
\echo :LAST_ERROR_SQLSTATE

-- Whoever signed up first is admin of an empty team, and gives it up. Its ended invitations, jobs and limits go along.
INSERT INTO user_profiles (id, email, role) VALUES (:'tom', 'tom@home.example', 'admin');
SELECT length(invite_team_member('friend@t.example', 'staff')) AS invited;
SELECT accept_invitation(:'token');
\echo :LAST_ERROR_SQLSTATE
SELECT cancel_invitation('friend@t.example');
INSERT INTO transactions (amount) VALUES (1);
SELECT accept_invitation(:'token');
DELETE FROM transactions;
SELECT create_team_member('friend@t.example', 'Friend', 'staff') AS friend \gset
SELECT accept_invitation(:'token');
SELECT remove_team_member(:'friend');
-- Not by refusing something else: nothing is given up then.
SELECT accept_invitation('no such token');
SELECT get_current_user_role();
SELECT accept_invitation(:'token') = :'bob' AS joined;
SELECT email, role, admin_id = :'bob' AS of_bob FROM user_profiles WHERE id = :'tom';
:as_dba
SELECT action, organization = :'bob' AS bobs FROM teamwork.audit_log WHERE subject = :'tom' ORDER BY id DESC LIMIT 2;
-- A team that was suspended is not left behind.
:as_eve
INSERT INTO user_profiles (id, role) VALUES (:'eve', 'admin');
:as_dba
UPDATE user_profiles SET is_active = false WHERE id = :'eve';
:as_bob
SELECT invite_team_member('eve@e.example', 'staff') AS token \gset
:as_eve
SELECT accept_invitation(:'token');
SELECT leave_team();
\echo :LAST_ERROR_SQLSTATE
:as_dba
UPDATE user_profiles SET is_active = true WHERE id = :'eve';
-- Nobody accepts the own team's invitation.
:as_bob
SELECT accept_invitation(:'token');

-- Removed, then back: opening the app makes an admin of an empty team, and the next invitation counts nevertheless.
SELECT remove_team_member(:'tom');
:as_tom
INSERT INTO user_profiles (id, email, role) VALUES (:'tom', 'tom@t.example', 'admin');
:as_bob
SELECT invite_team_member('tom@t.example', 'staff', bound => true) \g /dev/null
:as_tom
SELECT join_team(team) = :'bob' AS back FROM my_invitations();
SELECT get_current_user_role();
SELECT * FROM my_invitations();

-- What has ended is forgotten, with the address; what is pending stays.
:as_bob
SELECT count(*) FROM team_invitations;
:as_dba
SELECT teamwork.forget_ended_invitations(now() - interval '1 day') \g /dev/null
SELECT count(*) > 1 AS some FROM teamwork.invitations WHERE admin_id = :'bob';
UPDATE teamwork.invitations SET created_at = created_at - interval '2 months', cancelled_at = cancelled_at - interval '2 months',
    accepted_at = accepted_at - interval '2 months' WHERE admin_id = :'bob';
SELECT teamwork.forget_ended_invitations(now() - interval '1 month', 1) AS one;
SELECT teamwork.forget_ended_invitations(now() - interval '1 month') > 1 AS the_rest;
SELECT email, cancelled_at, accepted_at FROM teamwork.invitations WHERE admin_id = :'bob';
UPDATE teamwork.invitations SET expires_at = now() - interval '2 months' WHERE admin_id = :'bob';
SELECT teamwork.forget_ended_invitations(now() - interval '1 month') AS expired;
SELECT count(*) FILTER (WHERE invitation_id IS NOT NULL) AS kept, count(*) FROM teamwork.seats WHERE admin_id = :'bob';
:as_bob
SELECT teamwork.forget_ended_invitations(now());
:as_dba
