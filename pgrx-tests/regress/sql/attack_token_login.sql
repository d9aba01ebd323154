-- A person with a connection of their own, on which they can send any SQL: a role in teamwork_token_only is who a signed token says,
-- whatever the session claims, and nobody without one.
\set team d6
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\set signing :inputdir '/include/signing.psql'
\i :session
\i :teams
CREATE ROLE d6_person LOGIN IN ROLE authenticated, teamwork_token_only;
CREATE ROLE d6_other LOGIN IN ROLE authenticated;
:as_anna
INSERT INTO transactions (amount) VALUES (1), (2);
:as_bob
INSERT INTO transactions (amount) VALUES (3);
:as_dba
SELECT 'a key of thirty-two bytes, or more' AS key \gset
\i :signing
SELECT extract(epoch FROM now())::bigint AS now \gset
SELECT pg_temp.sign(format('{"sub":"%s","exp":%s,"role":"authenticated","email":"anna@a.example"}', :'anna', :now + 3600), :'key') AS anna_token,
       pg_temp.sign(format('{"sub":"%s","exp":%s}', :'bob', :now + 3600), :'key') AS bob_token,
       pg_temp.sign(format('{"sub":"%s","exp":%s}', :'anna', :now + 3600), 'another key of thirty-two bytes or more') AS strangers,
       pg_temp.sign(format('{"sub":"%s","exp":%s}', :'anna', :now - 1), :'key') AS expired,
       pg_temp.sign(format('{"sub":"%s","exp":%s,"nbf":%s}', :'anna', :now + 3600, :now + 600), :'key') AS early,
       pg_temp.sign(format('{"sub":"%s"}', :'anna'), :'key') AS eternal,
       pg_temp.sign(format('{"sub":"%s","exp":%s}', :'anna', :now + 3600), :'key', '{"alg":"none"}') AS unsigned_kind,
       pg_temp.sign(format('{"sub":"%s","exp":%s,"role":"service_role"}', :'anna', :now + 3600), :'key') AS services,
       pg_temp.sign(format('{"exp":%s,"role":"anon"}', :now + 3600), :'key') AS public_key,
       format('{"sub":"%s","exp":%s}', :'anna', :now + 3600) AS claims \gset
SELECT pg_temp.base64url('{"alg":"none"}') || '.' || pg_temp.base64url(:'claims') || '.' AS unsigned,
       split_part(:'bob_token', '.', 1) || '.' || pg_temp.base64url(:'claims') || '.' || split_part(:'bob_token', '.', 3) AS swapped \gset
SELECT teamwork.set_token_key(:'key');
SELECT teamwork.set_token_key('short');

\c - d6_person
\set look 'SELECT count(*) AS rows, auth.uid() AS uid, get_current_user_role() AS role, auth.email() AS email FROM transactions;'
-- Nobody without a token, whatever the settings say.
SET request.jwt.claims = :'claims';
SELECT set_config('request.jwt.claim.sub', :'anna', false), set_config('request.jwt.claim.email', 'ceo@a.example', false),
       set_config('request.jwt.claim.role', 'service_role', false) \g /dev/null
:look
SET ROLE authenticated;
:look
SELECT auth.jwt(), auth.role();
INSERT INTO transactions (amount) VALUES (4);
SELECT check_name, status, detail, fix FROM teamwork.doctor();
RESET ROLE;
-- Nor with a token that is not good.
SELECT teamwork.login(:'unsigned');
SELECT teamwork.login(:'unsigned_kind');
SELECT teamwork.login(:'swapped');
SELECT teamwork.login(:'strangers');
SELECT teamwork.login(:'expired');
SELECT teamwork.login(:'early');
SELECT teamwork.login(:'eternal');
SELECT teamwork.login(:'services');
SELECT teamwork.login(:'public_key');
SELECT teamwork.login('');
SELECT teamwork.login(NULL);
SET teamwork.token = :'expired';
:look
SET teamwork.token = :'swapped';
:look
-- The key is not theirs to read or to set, nor are the rules.
SELECT * FROM teamwork.token_keys;
INSERT INTO teamwork.token_keys VALUES ('mine', sha256('mine'));
SELECT teamwork.set_token_key('a key of thirty-two bytes of my own');
SELECT teamwork.login_as(:'anna');
REVOKE teamwork_token_only FROM d6_person;
SET SESSION AUTHORIZATION d6_other;

-- With a good one they are that user, and go on to be.
SELECT teamwork.login(:'anna_token') = :'anna' AS is_anna;
:look
SELECT set_config('request.jwt.claims', format('{"sub": "%s"}', :'bob'), false), set_config('request.jwt.claim.sub', :'bob', false),
       set_config('request.jwt.claim.email', 'ceo@a.example', false), set_config('request.jwt.claim.role', 'service_role', false) \g /dev/null
:look
SELECT auth.role(), auth.jwt() ->> 'sub' = :'anna' AS is_anna;
PREPARE look AS SELECT count(*) FROM transactions;
EXECUTE look;
INSERT INTO transactions (amount) VALUES (4) RETURNING admin_id = :'anna' AS annas;
-- What is rolled back, local, reset or discarded is over.
BEGIN;
SELECT teamwork.login(:'bob_token', is_local => true) = :'bob' AS is_bob;
EXECUTE look;
COMMIT;
EXECUTE look;
BEGIN;
SELECT teamwork.login(:'bob_token') = :'bob' AS is_bob;
ROLLBACK;
EXECUTE look;
SELECT teamwork.logout();
:look
SELECT teamwork.login(:'anna_token') = :'anna' AS is_anna;
DISCARD ALL;
:look

-- Who goes by the claims does not go by tokens: one that is left in a pooled connection is not the next request's.
\c - d6_other
SELECT teamwork.login(:'anna_token');
SELECT set_config('teamwork.token', :'anna_token', false) \g /dev/null
SELECT set_config('request.jwt.claims', format('{"sub": "%s"}', :'bob'), false) \g /dev/null
SELECT auth.uid() = :'bob' AS is_bob;
\c - postgres
SELECT set_config('teamwork.token', :'anna_token', false) \g /dev/null
SELECT auth.uid();
SELECT teamwork.set_token_key(NULL);
SELECT count(*) FROM teamwork.token_keys;
DROP ROLE d6_person, d6_other;
