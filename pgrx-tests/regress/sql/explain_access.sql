-- teamwork.explain_access says who, by which grant and policy, and the fact that decides.
\set team d4
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
DROP TABLE IF EXISTS vases CASCADE;
RESET client_min_messages;
SELECT teamwork.explain_access(:'sam', 'inventory');
SELECT teamwork.explain_access(:'sam', 'inventory', 'insert');
SELECT teamwork.explain_access(:'anna', 'transactions', 'DELETE');
SELECT teamwork.explain_access(:'sam', 'scheduled_jobs', 'UPDATE');
SELECT teamwork.explain_access(:'sam', 'scheduled_jobs', 'DELETE');
-- It tells the truth: what it calls allowed is, what it calls denied is not.
:as_sam
INSERT INTO inventory (sku, name) VALUES ('V1', 'Vase') RETURNING admin_id, owner_id;
UPDATE scheduled_jobs SET priority = 1;
:as_anna
SELECT deactivate_team_member(:'sam');
:as_dba
SELECT teamwork.explain_access(:'sam', 'inventory');
SELECT teamwork.explain_access(:'sam', 'user_profiles');
:as_sam
SELECT count(*) FROM inventory;
SELECT full_name FROM user_profiles;
:as_dba
UPDATE user_profiles SET is_active = false WHERE id = :'bob';
SELECT teamwork.explain_access(:'ben', 'staff', 'UPDATE');
SELECT teamwork.explain_access(:'eve', 'inventory');
INSERT INTO auth.users (id) VALUES (:'tom');
SELECT teamwork.explain_access(:'tom', 'inventory');
SELECT teamwork.explain_access(:'tom', 'user_profiles', 'INSERT');
SELECT teamwork.explain_access(NULL, 'inventory');

-- Tables of other makings.
CREATE TABLE vases (name text, secret text);
SELECT teamwork.explain_access(:'anna', 'vases');
GRANT SELECT (name), DELETE ON vases TO authenticated;
SELECT teamwork.explain_access(:'anna', 'vases');
ALTER TABLE vases ENABLE ROW LEVEL SECURITY;
SELECT teamwork.explain_access(:'anna', 'vases', 'DELETE');
CREATE POLICY "all see" ON vases FOR SELECT USING (name <> '');
SELECT teamwork.explain_access(:'eve', 'vases');
DROP POLICY "all see" ON vases;
SELECT teamwork.protect_table('vases');
CREATE POLICY "no ming" ON vases AS RESTRICTIVE FOR SELECT USING (name <> 'ming');
SELECT teamwork.explain_access(:'anna', 'vases');
SELECT teamwork.explain_access(:'anna', 'vases', 'UPDATE');

SELECT teamwork.explain_access(:'anna', 'vases', 'TRUNCATE');
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.explain_access(:'anna', NULL);
\echo :LAST_ERROR_SQLSTATE
:as_anna
SELECT teamwork.explain_access(:'anna', 'vases');
:as_dba
DROP TABLE vases;
