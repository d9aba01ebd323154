-- Nobody: claims that are unset, empty, malformed or of an unknown user see nothing, and reads do not fail.
\set team a3
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_anna
INSERT INTO transactions (amount) VALUES (1);
INSERT INTO inventory (sku, name) VALUES ('N1', 'Nut');
INSERT INTO staff (full_name) VALUES ('Nora');

-- Everything a client reads, in one row: all zeros and nulls but for somebody.
:as_dba
CREATE TEMP VIEW everything WITH (security_invoker) AS
    SELECT auth.uid() IS NULL AS nobody, get_current_user_admin_id() IS NULL AS teamless, get_current_user_role() AS role,
           (SELECT count(*) FROM user_profiles) AS profiles, (SELECT count(*) FROM transactions) AS transactions,
           (SELECT count(*) FROM inventory) AS inventory, (SELECT count(*) FROM staff) AS staff,
           (SELECT count(*) FROM scheduled_jobs) AS jobs, (SELECT count(*) FROM background_imports) AS imports,
           (SELECT count(*) FROM team_usage()) AS usage, job_channel() IS NULL AS no_channel;
GRANT SELECT ON everything TO authenticated;

-- Anna, to show that there is something to see.
:as_anna
SELECT * FROM everything;
\pset format unaligned
\pset tuples_only on

-- Unset, empty.
:as_nobody
SELECT * FROM everything;
SET request.jwt.claims TO '';
SELECT * FROM everything;
-- Not JSON, not an object, no sub, sub of a wrong type.
SET request.jwt.claims TO 'anna';
SELECT * FROM everything;
SET request.jwt.claims TO '{"sub":';
SELECT * FROM everything;
SET request.jwt.claims TO '[1, 2]';
SELECT * FROM everything;
SET request.jwt.claims TO 'null';
SELECT * FROM everything;
SET request.jwt.claims TO '{"role":"authenticated"}';
SELECT * FROM everything;
SET request.jwt.claims TO '{"sub":null}';
SELECT * FROM everything;
SET request.jwt.claims TO '{"sub":42}';
SELECT * FROM everything;
SET request.jwt.claims TO '{"sub":{"id":"a3000000-0000-0000-0000-00000000000a"}}';
SELECT * FROM everything;
-- Not a UUID, almost one, one of nobody.
SET request.jwt.claims TO '{"sub":""}';
SELECT * FROM everything;
SET request.jwt.claims TO '{"sub":"anna@a.example"}';
SELECT * FROM everything;
SET request.jwt.claims TO '{"sub":"a3000000-0000-0000-0000-00000000000"}';
SELECT * FROM everything;
SET request.jwt.claims TO '{"sub":"a3000000-0000-0000-0000-00000000000a'' OR true"}';
SELECT * FROM everything;
SET request.jwt.claims TO '{"sub":"00000000-0000-0000-0000-000000000000"}';
SELECT * FROM everything;
-- Valid JSON that jsonb cannot hold is malformed, too.
SET request.jwt.claims TO '{"sub":"a3000000-0000-0000-0000-0000000000ee","name":"\u0000"}';
SELECT auth.jwt() IS NULL AS no_claims, auth.role() IS NULL AS no_role, auth.email() IS NULL AS no_email;
SET request.jwt.claims TO '{"sub":"a3000000-0000-0000-0000-0000000000ee","name":"\ud800"}';
SELECT auth.jwt() IS NULL AS no_claims, auth.role() IS NULL AS no_role, auth.email() IS NULL AS no_email;
SET request.jwt.claims TO 'anna';
SELECT auth.jwt() IS NULL AS no_claims, auth.role() IS NULL AS no_role, auth.email() IS NULL AS no_email;

-- The single claims that PostgREST once set come first, as on Supabase.
SET request.jwt.claims TO '';
SET request.jwt.claim.sub TO 'a3000000-0000-0000-0000-00000000000a';
SELECT * FROM everything;
SET request.jwt.claim.sub TO 'not a uuid';
SELECT * FROM everything;
:as_bob
SET request.jwt.claim.sub TO 'a3000000-0000-0000-0000-00000000000a';
SELECT full_name FROM user_profiles WHERE id = auth.uid();
SET request.jwt.claim.sub TO '';
SELECT full_name FROM user_profiles WHERE id = auth.uid();
SELECT auth.role(), auth.email() IS NULL AS no_email;

\pset format aligned
\pset tuples_only off

-- What nobody writes fails, and leaves nothing.
:as_nobody
INSERT INTO transactions (amount) VALUES (2);
\echo :LAST_ERROR_SQLSTATE
UPDATE transactions SET amount = 3;
DELETE FROM transactions;
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('import', 'inventory', '{"records":[{"sku":"N2","name":"Null"}]}');
\echo :LAST_ERROR_SQLSTATE
SELECT create_upload('nobody.csv');
INSERT INTO user_profiles (id, email, role) VALUES (:'eve', 'eve@e.example', 'admin');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO user_profiles (id, email, role) VALUES (NULL, 'eve@e.example', 'admin');
\echo :LAST_ERROR_SQLSTATE
:as_dba
SELECT count(*), sum(amount) FROM transactions WHERE admin_id = :'anna';
SELECT count(*) FROM user_profiles WHERE id = :'eve';
DROP VIEW everything;
