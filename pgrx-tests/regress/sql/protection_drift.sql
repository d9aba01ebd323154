-- teamwork.protection_drift finds what was changed by hand, and each fix puts it right.
\set team d2
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

-- Statements to paste name the schema, which is not the same everywhere.
SELECT extnamespace::regnamespace || '.' AS schema FROM pg_extension WHERE extname = 'teamwork' \gset
SET client_min_messages = warning;
DROP TABLE IF EXISTS lamps, lamp_parts, open_lamps CASCADE;
RESET client_min_messages;
CREATE TABLE lamps (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
CREATE TEMP VIEW drift AS SELECT problem, fix FROM teamwork.protection_drift('lamps');
SELECT replace(problem, :'schema', '') AS problem, replace(fix, :'schema', '') AS fix FROM teamwork.protection_drift('lamps');
SELECT teamwork.protect_table('lamps', ARRAY['name']);
SELECT * FROM teamwork.protection_drift('lamps');
-- What the extension protects itself has none.
SELECT d.* FROM unnest(ARRAY['transactions', 'inventory', 'staff']::regclass[]) t, teamwork.protection_drift(t) d;

-- Everything that can be changed, changed.
DROP POLICY "team members read team rows" ON lamps;
ALTER POLICY "team members edit team rows" ON lamps WITH CHECK (true);
ALTER POLICY "team members delete team rows" ON lamps USING (admin_id IS NOT NULL);
ALTER POLICY "team members add rows as themselves" ON lamps TO PUBLIC;
CREATE POLICY "everybody reads" ON lamps FOR SELECT USING (true);
CREATE POLICY "nobody at night" ON lamps AS RESTRICTIVE USING (true);
ALTER TABLE lamps DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
ALTER TABLE lamps ALTER owner_id DROP NOT NULL, ALTER admin_id SET DEFAULT gen_random_uuid(), ALTER created_at DROP DEFAULT, DROP COLUMN updated_at CASCADE;
ALTER TABLE lamps DISABLE TRIGGER keep_owner, DROP CONSTRAINT lamps_admin_id_fkey;
DROP TRIGGER touch_row ON lamps;
DROP INDEX lamps_owner_id_idx, lamps_admin_id_name_idx;
REVOKE INSERT ON lamps FROM authenticated;
GRANT TRUNCATE ON lamps TO authenticated;
GRANT SELECT (name) ON lamps TO PUBLIC;
GRANT UPDATE ON lamps TO anon;
SELECT replace(problem, :'schema', '') AS problem, replace(fix, :'schema', '') AS fix FROM drift;
-- Each fix, pasted.
SET client_min_messages = warning;
\o /dev/null
\set ECHO none
SELECT fix FROM drift GROUP BY fix ORDER BY starts_with(fix, 'SELECT') \gexec
\set ECHO all
\o
RESET client_min_messages;
SELECT * FROM drift;
-- A trigger of the right name that does something else.
CREATE OR REPLACE TRIGGER keep_owner BEFORE UPDATE ON lamps FOR EACH ROW WHEN (false) EXECUTE FUNCTION teamwork.keep_owner();
SELECT problem FROM drift;
SELECT teamwork.protect_table('lamps');

-- Ways around a table: its owner, and partitions by their own names.
BEGIN;
ALTER TABLE lamps OWNER TO authenticated;
SELECT problem FROM drift WHERE problem ~ 'belongs to';
ROLLBACK;
CREATE TABLE lamp_parts (part text) PARTITION BY LIST (part);
SELECT teamwork.protect_table('lamp_parts');
CREATE TABLE lamp_parts_a PARTITION OF lamp_parts FOR VALUES IN ('a');
GRANT SELECT ON lamp_parts_a TO authenticated;
SELECT replace(problem, :'schema', '') AS problem, replace(fix, :'schema', '') AS fix FROM teamwork.protection_drift('lamp_parts');

-- Beside protected tables: whatever members can reach in the extension's schema without row-level security.
\set ECHO none
SELECT format('CREATE TABLE %1$sopen_lamps (name text); GRANT SELECT ON %1$sopen_lamps TO authenticated, anon;
    CREATE VIEW %1$slamp_view AS SELECT name FROM %1$slamps; GRANT SELECT ON %1$slamp_view TO authenticated;
    CREATE VIEW %1$slamp_view_of_ones_own WITH (security_invoker) AS SELECT name FROM %1$slamps; GRANT SELECT ON %1$slamp_view_of_ones_own TO authenticated;
    CREATE MATERIALIZED VIEW %1$slamp_copy AS SELECT name FROM %1$slamps; GRANT SELECT ON %1$slamp_copy TO authenticated;
    CREATE TABLE %1$sclosed_lamps (name text)', :'schema') \gexec
\set ECHO all
SELECT replace(problem, :'schema', '') AS problem, replace(fix, :'schema', '') AS fix FROM teamwork.protection_drift() WHERE problem ~ 'lamp';
:as_anna
SELECT * FROM teamwork.protection_drift();
:as_dba
DROP VIEW drift;
SET client_min_messages = warning;
DROP TABLE lamps, lamp_parts, open_lamps, closed_lamps CASCADE;
