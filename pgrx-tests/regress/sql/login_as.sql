-- teamwork.login_as makes a psql session a user's; two users in turn never see each other's rows.
\set team d3
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
INSERT INTO transactions (amount, description) VALUES (1, 'Sam''s');
:as_ben
INSERT INTO transactions (amount, description) VALUES (2, 'Ben''s');
:as_dba

SELECT teamwork.login_as(:'sam');
SELECT current_user, auth.uid() = :'sam' AS is_sam, auth.role(), auth.email(), get_current_user_role();
SELECT description FROM transactions;
-- Under the role of members, who cannot become another.
SELECT teamwork.login_as(:'ben');
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.logout();
SELECT current_user = session_user AS oneself, auth.uid(), current_setting('request.jwt.claims') AS claims;
SELECT teamwork.logout();

-- Generic plans, prepared before, between and after.
SET plan_cache_mode = force_generic_plan;
PREPARE mine AS SELECT description, (SELECT full_name FROM user_profiles WHERE id = auth.uid()) AS who FROM transactions WHERE amount > $1;
SELECT teamwork.login_as(:'sam');
PREPARE as_sam AS SELECT description FROM transactions WHERE amount > $1;
EXECUTE mine (0);
EXECUTE as_sam (0);
SELECT teamwork.logout();
SELECT teamwork.login_as(:'ben');
EXECUTE mine (0);
EXECUTE as_sam (0);
SELECT teamwork.logout();
SELECT count(*) >= 2 AS everything FROM transactions;
SET ROLE authenticated;
EXECUTE mine (0);
EXECUTE as_sam (0);
RESET ROLE;
RESET plan_cache_mode;
DEALLOCATE ALL;

-- The single claim of old PostgREST does not win over login_as.
SET request.jwt.claim.sub = :'ben';
SELECT teamwork.login_as(:'sam');
SELECT description FROM transactions;
SELECT teamwork.logout();
-- A login that is rolled back was none.
BEGIN;
SELECT teamwork.login_as(:'sam');
ROLLBACK;
SELECT current_user = session_user AS oneself, auth.uid();
-- A user without a profile is somebody, but in no team.
INSERT INTO auth.users (id) VALUES (:'tom');
SELECT teamwork.login_as(:'tom');
SELECT count(*) FROM transactions;
SELECT teamwork.logout();
SELECT teamwork.login_as(:'eve');
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.login_as(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT current_user = session_user AS oneself, auth.uid();

-- A connection that was not the administrator's cannot leave its role by this door.
SET SESSION AUTHORIZATION service_role;
SET ROLE service_role;
SELECT teamwork.login_as(:'sam');
SELECT teamwork.logout();
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
