-- Who is not signed in gets nothing anywhere; who is, nothing beyond what section 2 to 5 of the contract give.
\set team a7
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

-- anon may look into the schema here, so that what is refused is refused by the grants themselves.
SELECT extnamespace::regnamespace AS schema FROM pg_extension WHERE extname = 'teamwork' \gset
GRANT USAGE ON SCHEMA :schema TO anon;

SET ROLE anon;
SET request.jwt.claims TO '{"role":"anon","sub":"a7000000-0000-0000-0000-00000000000a"}';
SELECT * FROM user_profiles;
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM profiles;
SELECT * FROM transactions;
SELECT * FROM inventory;
SELECT * FROM staff;
SELECT * FROM scheduled_jobs;
SELECT * FROM scheduled_job_errors;
SELECT * FROM background_imports;
INSERT INTO user_profiles (id, email, role) VALUES (:'eve', 'eve@e.example', 'admin');
INSERT INTO transactions (amount) VALUES (1);
INSERT INTO scheduled_jobs (job_type, data_type) VALUES ('import', 'inventory');
UPDATE inventory SET name = '';
DELETE FROM staff;
SELECT get_current_user_admin_id();
SELECT get_current_user_role();
SELECT * FROM team_usage();
SELECT create_team_member('x', 'X', 'staff');
SELECT create_upload('x');
SELECT append_upload(:'eve', 'x');
SELECT create_background_import_job('inventory', csv => 'x');
SELECT cancel_job(:'eve');
SELECT wait_for_job(:'eve');
SELECT job_channel();
SELECT teamwork.current_user_id();
SELECT * FROM teamwork.seats;
SELECT * FROM auth.users;
-- Who they are, they may ask.
SELECT auth.uid(), auth.role();
RESET ROLE;
REVOKE USAGE ON SCHEMA :schema FROM anon;

-- Every relation and function of the extension that anon may use in any way: none outside auth.
SELECT DISTINCT c.oid::regclass, privilege FROM pg_depend d JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
WHERE d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'teamwork') AND c.relkind IN ('r', 'v', 'p')
  AND has_table_privilege('anon', c.oid, privilege);
SELECT DISTINCT p.oid::regprocedure FROM pg_depend d JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
WHERE d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'teamwork')
  AND p.pronamespace <> 'auth'::regnamespace AND has_function_privilege('anon', p.oid, 'EXECUTE');

-- What signed-in users may do with the extension's relations: exactly this.
SELECT c.relname, string_agg(privilege, ', ' ORDER BY n) FROM pg_depend d JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) WITH ORDINALITY u (privilege, n)
WHERE d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'teamwork') AND c.relkind IN ('r', 'v', 'p')
  AND has_table_privilege('authenticated', c.oid, privilege)
GROUP BY c.relname ORDER BY c.relname;

-- TRUNCATE asks no policy: not for members, not for the admin.
:as_anna
INSERT INTO transactions (amount) VALUES (7);
TRUNCATE transactions;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE user_profiles, scheduled_jobs;
SELECT count(*) FROM transactions;
-- Jobs and what was refused are not for members to write.
UPDATE scheduled_jobs SET status = 'completed';
UPDATE scheduled_job_errors SET message = '';
DELETE FROM scheduled_job_errors;
INSERT INTO scheduled_job_errors (job_id, line, code, message) VALUES (:'anna', 1, '0', '');
-- The machinery is not for members, either.
SELECT * FROM teamwork.uploads;
SELECT * FROM teamwork.upload_chunks;
SELECT * FROM teamwork.seats;
SELECT * FROM teamwork.role_limits;
INSERT INTO teamwork.protections (target) VALUES ('transactions');
SELECT nextval('teamwork.lease');
SELECT teamwork.claim_job(NULL, 0);
SELECT teamwork.end_job(:'anna', 1, 'completed');
SELECT teamwork.protect_table('transactions');
SELECT teamwork.take_seat(:'anna', 'staff', :'anna');
SELECT teamwork.notify_team(:'bob', :'bob', 'completed', NULL);
SELECT teamwork.upload_chunk(:'bob', 0);
SELECT * FROM auth.users;
-- A trigger of one's own on the team's table would run as others.
CREATE FUNCTION pg_temp.trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER trap BEFORE INSERT ON transactions FOR EACH ROW EXECUTE FUNCTION pg_temp.trap();
:as_dba
SELECT amount FROM transactions WHERE admin_id = :'anna';
