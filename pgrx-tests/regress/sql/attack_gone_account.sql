-- A token outlives its account: with it nobody registers, joins or invites any more, by no path. Others are not kept out.
\set team 72
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
:as_anna
SELECT remove_team_member(:'sue');
SELECT invite_team_member('x@a.example', 'staff') AS token \gset
-- The accounts of Sam, a member, and of Tom, who was never in a team, are deleted.
:as_dba
INSERT INTO auth.users (id, email) VALUES (:'tom', 'tom@t.example');
DELETE FROM auth.users WHERE id IN (:'sam', :'tom');
SET timezone = 'UTC';
\set VERBOSITY terse
:as_sam
INSERT INTO user_profiles (id, email, role) VALUES (:'sam', 'sam@a.example', 'admin');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, role) VALUES (:'sam', 'sam@a.example', 'admin') ON CONFLICT (id) DO UPDATE SET full_name = 'S';
SELECT accept_invitation(:'token');
\echo :LAST_ERROR_SQLSTATE
SELECT leave_team();
SELECT * FROM my_invitations();
SELECT count(*) FROM transactions;
-- Nor by a member's hands, who may name any id.
:as_mia
INSERT INTO user_profiles (id, role) VALUES (:'sam', 'admin');
:as_tom
INSERT INTO user_profiles (id, email, role) VALUES (:'tom', 'tom@t.example', 'admin');
:as_dba
SELECT count(*) FROM auth.users WHERE id IN (:'sam', :'tom');
SELECT count(*) FROM teamwork.gone_accounts WHERE id IN (:'sam', :'tom');
-- The admin may name the id again, knowingly; an account that is made again is one; and who never had one registers as before.
:as_anna
SELECT create_team_member('sam@a.example', 'Sam', 'staff', :'sam') = :'sam' AS created;
:as_dba
INSERT INTO auth.users (id, email) VALUES (:'tom', 'tom@t.example');
:as_tom
INSERT INTO user_profiles (id, email, role) VALUES (:'tom', 'tom@t.example', 'admin');
:as_eve
INSERT INTO user_profiles (id, email, role) VALUES (:'eve', 'eve@e.example', 'admin');
-- A removed member, whose account is there, is not gone.
:as_sue
SELECT accept_invitation(:'token') = :'anna' AS joined;
-- Members neither read nor write the list.
SELECT * FROM teamwork.gone_accounts;
DELETE FROM teamwork.gone_accounts;
-- An id is a uuid, as PostgreSQL writes it, and no URN.
SET request.jwt.claims TO '{"role":"authenticated","sub":"urn:uuid:72000000-0000-0000-0000-00000000000a"}';
SELECT auth.uid(), get_current_user_admin_id();
SET request.jwt.claims TO '{"role":"authenticated","sub":"URN:UUID:72000000-0000-0000-0000-00000000000a"}';
SELECT auth.uid();
:as_dba
