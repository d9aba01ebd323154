-- Inviting, accepting, cancelling, expiring: seats, tokens, and who may.
\set team a7
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
-- Only an admin invites, and only what makes sense.
:as_mia
SELECT invite_team_member('tom@a.example', 'staff');
SELECT cancel_invitation('tom@a.example');
:as_nobody
SELECT invite_team_member('tom@a.example', 'staff');
:as_bob
SELECT invite_team_member('tom@a.example', 'admin');
\echo :LAST_ERROR_SQLSTATE
SELECT invite_team_member('tom@a.example', NULL);
SELECT invite_team_member('tom', 'staff');
SELECT invite_team_member(NULL, 'staff');
SELECT invite_team_member('tom@a.example', 'staff', '0 days');
SELECT invite_team_member('tom@a.example', 'staff', NULL);
SELECT invite_team_member('BEN@b.example', 'staff');
\echo :LAST_ERROR_SQLSTATE
SELECT deactivate_team_member(:'ben');
SELECT invite_team_member('ben@b.example', 'staff');
SELECT reactivate_team_member(:'ben');

-- A full team cannot invite; a pending invitation makes a team full.
:as_anna
SELECT invite_team_member('tom@a.example', 'staff');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM team_invitations;
:as_bob
SELECT invite_team_member('tom@a.example', 'staff') AS token \gset
SELECT length(:'token') AS length, :'token' ~ '^[0-9a-f]+$' AS plain;
SELECT email, role, expires_at - invited_at BETWEEN '6 days 23 hours' AND '7 days 1 hour' AS a_week FROM team_invitations;
SELECT * FROM team_usage();
SELECT create_team_member('eve@b.example', 'Eve', 'staff', :'eve');
\echo :LAST_ERROR_SQLSTATE
-- Inviting again replaces: one seat, the old token is void, the new one may be for another role.
\set old :token
SELECT invite_team_member('Tom@a.example', 'manager') AS token \gset
SELECT email, role FROM team_invitations;
SELECT * FROM team_usage();
:as_tom
SELECT accept_invitation(:'old');
\echo :LAST_ERROR_SQLSTATE
-- Nobody reads tokens, not even hashed; other teams and members see no invitations; nobody writes any.
:as_bob
SELECT token_hash FROM teamwork.invitations;
INSERT INTO teamwork.invitations DEFAULT VALUES;
UPDATE teamwork.invitations SET role = 'manager';
:as_ben
SELECT count(*) FROM team_invitations;
:as_anna
SELECT count(*) FROM team_invitations;
:as_dba
SELECT count(*) FROM teamwork.invitations WHERE encode(token_hash, 'hex') = :'token';

-- Refused: nobody, an unknown token, members and admins.
:as_nobody
SELECT accept_invitation(:'token');
\echo :LAST_ERROR_SQLSTATE
:as_tom
SELECT accept_invitation('no such token');
\echo :LAST_ERROR_SQLSTATE
SELECT accept_invitation(NULL);
:as_sam
SELECT accept_invitation(:'token');
\echo :LAST_ERROR_SQLSTATE
:as_anna
SELECT accept_invitation(:'token');
SELECT deactivate_team_member(:'sue');
:as_sue
SELECT accept_invitation(:'token');
-- None of which used it up.
:as_tom
SET request.jwt.claims TO '{"role":"authenticated","sub":"a7000000-0000-0000-0000-00000000000e","email":"tom@home.example","user_metadata":{"full_name":"Tom"}}';
SELECT accept_invitation(:'token') = :'bob' AS joined;
SELECT full_name, email, role, admin_id = :'bob' AS of_bob, created_by = :'bob' AS by_bob, is_active FROM user_profiles WHERE id = :'tom';
SELECT * FROM team_usage();
-- Used once.
SELECT accept_invitation(:'token');
\echo :LAST_ERROR_SQLSTATE
:as_eve
SELECT accept_invitation(:'token');
:as_bob
SELECT * FROM team_invitations;
SELECT cancel_invitation('tom@a.example') AS too_late;

-- Cancelled: the seat is free, the token void.
SELECT invite_team_member('eve@b.example', 'staff') AS token \gset
SELECT cancel_invitation('EVE@b.example') AS cancelled, cancel_invitation('eve@b.example') AS again, cancel_invitation(NULL) AS nobody;
SELECT * FROM team_usage();
:as_eve
SELECT accept_invitation(:'token');
\echo :LAST_ERROR_SQLSTATE

-- Expired: the seat is free by itself, and taken by whoever comes next.
:as_bob
SELECT invite_team_member('eve@b.example', 'staff', '1 hour') AS token \gset
:as_dba
UPDATE teamwork.invitations SET expires_at = '2020-01-01 00:00+00' WHERE admin_id = :'bob' AND cancelled_at IS NULL AND accepted_at IS NULL;
SET timezone = 'UTC';
:as_eve
SELECT accept_invitation(:'token');
\echo :LAST_ERROR_SQLSTATE
:as_bob
SELECT * FROM team_invitations;
SELECT * FROM team_usage() WHERE role = 'staff';
SELECT cancel_invitation('eve@b.example') AS was_pending;
SELECT invite_team_member('eve@b.example', 'staff', '1 hour') AS token \gset
:as_dba
UPDATE teamwork.invitations SET expires_at = now() WHERE admin_id = :'bob' AND cancelled_at IS NULL AND accepted_at IS NULL;
:as_bob
SELECT create_team_member('uma@b.example', 'Uma', 'staff', :'eve') = :'eve' AS created;
SELECT * FROM team_usage() WHERE role = 'staff';

-- A team that is suspended takes nobody in.
SELECT remove_team_member(:'eve');
SELECT invite_team_member('eve@b.example', 'staff') AS token \gset
:as_dba
UPDATE user_profiles SET is_active = false WHERE id = :'bob';
:as_eve
SELECT accept_invitation(:'token');
-- A limit that was lowered in the meantime takes no promise back.
:as_dba
UPDATE user_profiles SET is_active = true WHERE id = :'bob';
SELECT teamwork.set_role_limit('staff', 0, :'bob');
:as_eve
SELECT accept_invitation(:'token') = :'bob' AS joined;
SELECT * FROM team_usage() WHERE role = 'staff';
-- An admin who goes takes the invitations along.
:as_anna
SELECT invite_team_member('new@a.example', 'staff') AS token \gset
:as_dba
DELETE FROM user_profiles WHERE :'anna' IN (id, admin_id);
SELECT (SELECT count(*) FROM teamwork.invitations WHERE admin_id = :'anna') AS invitations,
       (SELECT count(*) FROM teamwork.seats WHERE admin_id = :'anna') AS seats;
