-- teamwork.doctor asks every question, and each fix that it prints puts right what was broken.
\set team d5
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

-- Statements to paste name the schema, which is not the same everywhere.
SELECT extnamespace::regnamespace AS home, extnamespace::regnamespace || '.' AS schema FROM pg_extension WHERE extname = 'teamwork' \gset
CREATE TEMP VIEW complaints AS SELECT * FROM teamwork.doctor() WHERE status <> 'ok';
-- What the other files leave behind is not this one's to ask about.
SELECT check_name, status, detail FROM teamwork.doctor()
WHERE check_name NOT IN ('worker slots', 'jobs', 'limits') AND (check_name <> 'policies' OR detail ~ 'inventory|other');
SELECT DISTINCT check_name FROM teamwork.doctor() ORDER BY 1;

-- Members hear about themselves.
SELECT teamwork.login_as(:'sam');
SELECT * FROM teamwork.doctor();
SELECT * FROM teamwork.check_policies();
SELECT teamwork.logout();
:as_nobody
SELECT * FROM teamwork.doctor();
SET request.jwt.claims = '{"sub": "somebody"}';
SELECT check_name, status, detail FROM teamwork.doctor();
:as_eve
SELECT * FROM teamwork.doctor();
:as_anna
SELECT deactivate_team_member(:'sam');
:as_sam
SELECT * FROM teamwork.doctor();
:as_dba
UPDATE user_profiles SET is_active = false WHERE id = :'bob';
:as_ben
SELECT check_name, status, detail FROM teamwork.doctor();

-- Everything that can go wrong inside a database, gone wrong: found, mended by its own fix, and found no more.
:as_dba
BEGIN;
SET LOCAL client_min_messages = error;
INSERT INTO scheduled_jobs (id, organization_id, created_by, job_type, data_type, status, started_at, lease, file_data)
VALUES (:'anna', :'anna', :'anna', 'import', 'inventory', 'processing', now() - interval '1 hour', -1, '{"records": [{"sku": "1"}]}');
INSERT INTO scheduled_jobs (id, organization_id, created_by, job_type, data_type, status, attempts, crashes, file_data)
VALUES (:'sam', :'anna', :'anna', 'import', 'inventory', 'failed', 3, 3, '{"records": [{"sku": "1"}]}');
DROP POLICY "team members see the team's jobs" ON scheduled_jobs;
ALTER POLICY "team members submit jobs for the team" ON scheduled_jobs WITH CHECK (true);
CREATE POLICY "everybody" ON user_profiles USING (true);
ALTER TABLE user_profiles NO FORCE ROW LEVEL SECURITY;
ALTER TABLE scheduled_jobs DISABLE TRIGGER admit_job;
ALTER TABLE inventory DISABLE ROW LEVEL SECURITY, ADD COLUMN colour text;
REVOKE USAGE ON SCHEMA teamwork FROM authenticated;
REVOKE SELECT, DELETE ON scheduled_jobs FROM authenticated;
GRANT INSERT, TRUNCATE ON scheduled_job_errors TO anon, authenticated;
GRANT CREATE ON SCHEMA :home TO PUBLIC, authenticated;
GRANT CREATE ON SCHEMA teamwork TO anon;
CREATE ROLE d5_deputy SUPERUSER;
GRANT CREATE ON SCHEMA :home TO d5_deputy;
SELECT teamwork.set_role_limit('staff', 0, :'anna');
CREATE TABLE doctors_table (id integer);
ALTER EXTENSION teamwork ADD TABLE doctors_table;
CREATE PUBLICATION supabase_realtime;
ALTER PUBLICATION supabase_realtime DROP TABLE scheduled_jobs;
SELECT check_name, status, replace(replace(detail, :'schema', ''), 'schema ' || :'home', 'schema home') AS detail,
       replace(replace(fix, :'schema', ''), 'SCHEMA ' || :'home', 'SCHEMA home') AS fix FROM complaints
WHERE check_name NOT IN ('limits', 'worker slots', 'jobs') OR detail ~ :'anna' OR detail ~ :'sam' ORDER BY 1, 2, 3;
\o /dev/null
\set ECHO none
SELECT fix FROM complaints WHERE check_name NOT IN ('limits', 'worker slots', 'jobs') OR detail ~ :'anna' OR detail ~ :'sam' \gexec
\set ECHO all
\o
SELECT check_name, status, detail, fix FROM complaints WHERE check_name NOT IN ('limits', 'worker slots', 'jobs') OR detail ~ :'anna' OR detail ~ :'sam';
-- No complaint: what waits for another attempt.
UPDATE scheduled_jobs SET status = 'pending', attempts = 1, waits_until = 'infinity', started_at = 'infinity',
       error_message = E'deadlock detected (SQLSTATE 40P01)\nDETAIL: …' WHERE id = :'sam';
SELECT status, regexp_replace(detail, '^\d+', 'N') AS detail, fix FROM teamwork.check_jobs() WHERE detail ~ 'attempt';
ROLLBACK;

DROP VIEW complaints;
