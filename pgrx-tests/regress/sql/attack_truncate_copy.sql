-- TRUNCATE, COPY and row_security = off: what goes around policies, or would.
\set team c1
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
CREATE TABLE parcels (label text);
SELECT teamwork.protect_table('parcels');
-- What becomes of a statement: how many rows, or the SQLSTATE.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE statement;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n || ' rows';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

:as_anna
INSERT INTO transactions (amount, description) VALUES (1, 'Anna''s');
INSERT INTO parcels (label) VALUES ('Anna''s');
:as_ben
INSERT INTO transactions (amount, description) VALUES (2, 'Ben''s');
INSERT INTO parcels (label) VALUES ('Ben''s');

-- The admin of a team, on every table that there is.
:as_anna
SELECT t AS "table", pg_temp.try('TRUNCATE ' || t) AS "truncate", pg_temp.try('TRUNCATE ' || t || ' CASCADE') AS "cascade",
       pg_temp.try(format('COPY %s TO PROGRAM ''true''', t)) AS to_program, pg_temp.try(format('COPY %s FROM ''/dev/null''', t)) AS from_file,
       pg_temp.try(format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', t)) AS disable, pg_temp.try(format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', t)) AS no_force,
       pg_temp.try('DROP TABLE ' || t) AS "drop", pg_temp.try(format('CREATE INDEX ON %s ((1))', t)) AS "index",
       pg_temp.try(format('CREATE POLICY mine ON %s USING (true)', t)) AS policy
FROM unnest(ARRAY['user_profiles', 'transactions', 'inventory', 'staff', 'scheduled_jobs', 'scheduled_job_errors', 'parcels',
                  'teamwork.uploads', 'teamwork.upload_chunks', 'teamwork.seats', 'teamwork.role_limits', 'teamwork.protections', 'auth.users']) t;

-- COPY TO gives the team's rows; COPY FROM is not for tables under row-level security.
COPY transactions (amount, description) TO stdout;
COPY parcels (label) TO stdout;
COPY (SELECT full_name FROM user_profiles ORDER BY 1) TO stdout;
COPY scheduled_jobs TO stdout;
COPY (SELECT description FROM transactions) TO stdout;
COPY (DELETE FROM transactions WHERE admin_id = :'bob' RETURNING description) TO stdout;
COPY profiles TO stdout;
-- An empty file: some minor versions of psql run the lines below a COPY that is refused.
\copy transactions (amount, description) from '/dev/null'
\echo :LAST_ERROR_SQLSTATE
\copy parcels (label) from '/dev/null'
\copy user_profiles (id, role) from '/dev/null'
\copy profiles (id) from '/dev/null'

-- row_security = off asks for an error instead of a filter; it is no way around.
SET row_security = off;
SELECT t AS "table", pg_temp.try('SELECT FROM ' || t) AS "select", pg_temp.try(format('DELETE FROM %s', t)) AS "delete",
       pg_temp.try(format('COPY %s TO stdout', t)) AS copy
FROM unnest(ARRAY['user_profiles', 'profiles', 'transactions', 'inventory', 'staff', 'scheduled_jobs', 'scheduled_job_errors',
                  'background_imports', 'parcels']) t;
COPY transactions (description) TO stdout;
\echo :LAST_ERROR_SQLSTATE
SELECT get_current_user_admin_id() = :'anna' AS still_known;
RESET row_security;

-- service_role is above teams and reads and loads them all, but without claims its rows need an owner and a team.
:as_dba
SET ROLE service_role;
COPY (SELECT description FROM transactions WHERE admin_id IN (:'anna', :'bob') ORDER BY 1) TO stdout;
\set VERBOSITY sqlstate
COPY transactions (amount, description) FROM stdin;
3	nobody's
\.
\set VERBOSITY default
COPY transactions (amount, description, owner_id, admin_id) FROM stdin;
3	by service_role	c1000000-0000-0000-0000-00000000000c	c1000000-0000-0000-0000-00000000000a
\.
RESET ROLE;
SELECT description FROM transactions WHERE admin_id IN (:'anna', :'bob') ORDER BY 1;
-- What remains: whoever may edit a table may lock it. lock_timeout is the answer to that.
:as_sam
BEGIN;
LOCK TABLE transactions IN ACCESS EXCLUSIVE MODE;
LOCK TABLE teamwork.seats IN ACCESS SHARE MODE;
ROLLBACK;
:as_dba
DROP TABLE parcels;
DROP FUNCTION pg_temp.try;
