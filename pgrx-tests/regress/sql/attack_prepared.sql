-- Plans, cursors and transactions that outlive an identity: one connection, used by several people in turn.
\set team c7
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
:as_anna
INSERT INTO transactions (amount, description) VALUES (1, 'Anna''s'), (1, 'Anna''s other');
:as_ben
INSERT INTO transactions (amount, description) VALUES (2, 'Ben''s');

-- A generic plan, made as one of them, run as each.
SET plan_cache_mode = force_generic_plan;
:as_sam
PREPARE look AS SELECT description FROM transactions WHERE admin_id IN (:'anna', :'bob') ORDER BY 1;
PREPARE count_by(numeric) AS SELECT count(*) FROM transactions WHERE amount >= $1 AND admin_id IN (:'anna', :'bob');
PREPARE edit AS UPDATE transactions SET category = 'edited' WHERE admin_id IN (:'anna', :'bob') RETURNING description;
PREPARE add AS INSERT INTO transactions (amount, description) VALUES (3, 'added') RETURNING owner_id, admin_id = :'anna' AS annas;
CREATE FUNCTION pg_temp.looked() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT string_agg(description, ', ' ORDER BY description) FROM transactions); END $$;
EXECUTE look;
EXECUTE count_by(0);
SELECT pg_temp.looked();
:as_ben
EXECUTE look;
EXECUTE count_by(0);
EXECUTE edit;
SELECT pg_temp.looked();
:as_nobody
EXECUTE look;
EXECUTE count_by(0);
EXECUTE edit;
EXECUTE add;
SELECT pg_temp.looked();
:as_eve
EXECUTE look;
:as_sam
EXECUTE look;
SELECT generic_plans > 0 AS generic FROM pg_prepared_statements WHERE name = 'look';
-- The role changes with the plan that there is: whom policies do not bind, and whom they do, again.
RESET ROLE;
SET ROLE service_role;
EXECUTE look;
RESET ROLE;
EXECUTE look;
SET ROLE authenticated;
EXECUTE look;
PREPARE bare AS SELECT count(*) FROM transactions WHERE admin_id = :'bob';
RESET ROLE;
EXECUTE bare;
PREPARE privileged AS SELECT count(*) FROM transactions WHERE admin_id = :'bob';
EXECUTE privileged;
:as_sam
EXECUTE privileged;

-- Claims of a transaction end with it, those of a savepoint with its rollback, as poolers rely on.
:as_nobody
BEGIN;
SET LOCAL request.jwt.claims = '{"sub": "c7000000-0000-0000-0000-0000000000b0"}';
EXECUTE look;
SAVEPOINT s;
SET LOCAL request.jwt.claims = '{"sub": "c7000000-0000-0000-0000-00000000000a"}';
EXECUTE look;
ROLLBACK TO s;
EXECUTE look;
COMMIT;
EXECUTE look;
SELECT current_setting('request.jwt.claims') = '' AS empty, get_current_user_admin_id();
BEGIN;
SELECT set_config('request.jwt.claims', '{"sub": "c7000000-0000-0000-0000-0000000000b0"}', false) IS NULL;
EXECUTE look;
ROLLBACK;
EXECUTE look;

-- Between two executions the member is deactivated, moved, removed; or nearly.
:as_sam
EXECUTE count_by(0);
:as_anna
BEGIN;
SELECT deactivate_team_member(:'sam') \g /dev/null
:as_sam
EXECUTE count_by(0);
ROLLBACK;
:as_sam
EXECUTE count_by(0);
:as_anna
BEGIN;
SAVEPOINT s;
SELECT deactivate_team_member(:'sam') \g /dev/null
:as_sam
EXECUTE count_by(0);
ROLLBACK TO s;
:as_sam
EXECUTE count_by(0);
COMMIT;
:as_dba
UPDATE user_profiles SET admin_id = :'bob' WHERE id = :'sam';
:as_sam
EXECUTE look;
:as_dba
UPDATE user_profiles SET admin_id = :'anna' WHERE id = :'sam';
:as_sam
EXECUTE look;

-- Cursors. One that is open goes on with what it asked when it began; a new one sees nothing.
:as_sam
BEGIN;
DECLARE begun CURSOR FOR SELECT description FROM transactions ORDER BY description;
DECLARE unbegun CURSOR FOR SELECT description FROM transactions ORDER BY description;
DECLARE simple CURSOR FOR SELECT description FROM transactions;
FETCH 1 FROM begun;
FETCH 1 FROM simple \g /dev/null
:as_anna
SELECT deactivate_team_member(:'sam') \g /dev/null
:as_sam
FETCH 1 FROM begun;
FETCH 1 FROM unbegun;
DECLARE late CURSOR FOR SELECT description FROM transactions;
FETCH ALL FROM late;
UPDATE transactions SET category = 'late' WHERE CURRENT OF simple RETURNING description;
ROLLBACK;
-- What remains: a WITH HOLD cursor is a copy, made when its transaction committed. It stays with the session, whoever that is by
-- now; DISCARD ALL, which poolers send, or CLOSE ALL ends it. Nothing of it is new, and nothing can be written through it.
:as_sam
DECLARE held CURSOR WITH HOLD FOR SELECT description FROM transactions ORDER BY description;
:as_anna
SELECT deactivate_team_member(:'sam') \g /dev/null
INSERT INTO transactions (amount, description) VALUES (1, 'Anna''s news');
:as_sam
FETCH ALL FROM held;
EXECUTE look;
DECLARE again CURSOR WITH HOLD FOR SELECT description FROM transactions;
FETCH ALL FROM again;
:as_ben
FETCH ABSOLUTE 1 FROM held;
CLOSE ALL;
-- Back again, and then removed.
:as_anna
SELECT reactivate_team_member(:'sam') \g /dev/null
:as_sam
EXECUTE count_by(0);
SELECT remove_team_member(:'sam');
:as_anna
SELECT remove_team_member(:'sam') \g /dev/null
:as_sam
EXECUTE look;
EXECUTE count_by(0);
EXECUTE edit;
SELECT pg_temp.looked();
:as_dba
DROP FUNCTION pg_temp.looked;
DEALLOCATE ALL;
RESET plan_cache_mode;
