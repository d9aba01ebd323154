-- What is built around a protected table, at any depth and in any schema: each way past its policies works, is named by drift, doctor
-- and protect_table, and is closed by its fix.
\set team eb
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SELECT extnamespace::regnamespace || '.' AS schema FROM pg_extension WHERE extname = 'teamwork' \gset
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS reports CASCADE;
DROP TABLE IF EXISTS paintings, feedback, old_things CASCADE;
RESET client_min_messages;
CREATE SCHEMA reports;
GRANT USAGE ON SCHEMA reports TO authenticated, anon;
CREATE TABLE paintings (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text);
SELECT teamwork.protect_table('paintings');
:as_sam
INSERT INTO paintings (title) VALUES ('Sam''s');
:as_ben
INSERT INTO paintings (title) VALUES ('Ben''s');
:as_dba
SELECT * FROM teamwork.protection_drift('paintings');

-- Views of views, of copies, of functions; in the middle what nobody is granted.
CREATE VIEW reports.first AS SELECT title FROM paintings;
CREATE VIEW reports.second AS SELECT * FROM reports.first;
CREATE VIEW reports.third AS SELECT upper(title) AS title FROM reports.second;
CREATE MATERIALIZED VIEW reports.copy AS SELECT * FROM reports.third;
CREATE VIEW reports.of_copy AS SELECT * FROM reports.copy;
CREATE FUNCTION reports.titles() RETURNS SETOF text LANGUAGE sql AS 'SELECT title FROM paintings';
CREATE MATERIALIZED VIEW reports.by_function AS SELECT t AS title FROM reports.titles() t;
-- Who asks, asks the policies: an owner's view of a caller's view. A copy of it has all rows, as its owner has filled it.
CREATE VIEW reports.own WITH (security_invoker) AS SELECT title FROM paintings;
CREATE VIEW reports.of_own AS SELECT * FROM reports.own;
CREATE MATERIALIZED VIEW reports.copy_of_own AS SELECT * FROM reports.of_own;
GRANT SELECT ON reports.own, reports.of_own, reports.copy_of_own, reports.third, reports.of_copy, reports.by_function TO authenticated;
GRANT SELECT (title) ON reports.copy TO PUBLIC;
-- Functions with their owner's rights: by their text, by what they depend on, by what they call.
CREATE FUNCTION reports.all_titles() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN QUERY SELECT p.title FROM paintings p; END';
CREATE FUNCTION reports.counted() RETURNS bigint LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC SELECT count(*) FROM paintings; END;
CREATE FUNCTION reports.called(n integer) RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT string_agg(t, '','') FROM reports.titles() t';
CREATE PROCEDURE reports.empty() LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN DELETE FROM "paintings"; END';
-- Not named: they run as their caller, mention a word, or ask for the team themselves.
CREATE FUNCTION reports.mentions() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT ''paintings''::text';
CREATE FUNCTION reports.asks() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM paintings WHERE admin_id = get_current_user_admin_id()';
CREATE FUNCTION reports.closed() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM paintings';
REVOKE EXECUTE ON FUNCTION reports.closed() FROM PUBLIC;
-- Rules, on the table and on another.
CREATE TABLE feedback (text text);
GRANT INSERT ON feedback TO authenticated;
CREATE RULE wipe AS ON INSERT TO feedback DO ALSO UPDATE paintings SET title = NEW.text;
CREATE RULE keep AS ON DELETE TO paintings DO INSTEAD UPDATE paintings SET title = 'gone';
-- A parent that members read, and its parent.
CREATE TABLE old_things (title text);
CREATE TABLE reports.things () INHERITS (old_things);
ALTER TABLE paintings INHERIT reports.things;
GRANT SELECT ON old_things TO authenticated;
-- What leaves the database.
SET client_min_messages = error;
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE PUBLICATION painted FOR TABLE paintings, feedback;
RESET client_min_messages;
:as_sam
SELECT 'third' AS way, title FROM reports.third UNION SELECT 'copy', title FROM reports.of_copy UNION SELECT 'function', title FROM reports.by_function
UNION SELECT 'all_titles', t FROM reports.all_titles() t UNION SELECT 'called', reports.called(1) UNION SELECT 'counted', reports.counted()::text
UNION SELECT 'parent', title FROM old_things
UNION SELECT 'own', title FROM reports.of_own UNION SELECT 'copy of own', title FROM reports.copy_of_own ORDER BY 1, 2;
BEGIN;
INSERT INTO feedback VALUES ('Painted over');
:as_ben
SELECT title FROM paintings;
ROLLBACK;
:as_dba
SELECT replace(problem, :'schema', '') AS problem, replace(fix, :'schema', '') AS fix FROM teamwork.protection_drift('paintings');
-- Protecting says the same; all of them are in the drift of all tables and in the doctor's report, once.
\set VERBOSITY terse
SELECT teamwork.protect_table('paintings');
\set VERBOSITY default
SELECT problem FROM teamwork.protection_drift('paintings') EXCEPT SELECT problem FROM teamwork.protection_drift();
SELECT problem FROM teamwork.protection_drift() GROUP BY problem HAVING count(*) > 1;
SELECT count(*), count(DISTINCT detail) FROM teamwork.doctor() WHERE check_name = 'crossings' AND detail ~ 'reports|paintings|feedback';
-- Each fix, pasted.
SET client_min_messages = warning;
\set ECHO none
SELECT fix FROM teamwork.protection_drift('paintings') \gexec
\set ECHO all
RESET client_min_messages;
SELECT * FROM teamwork.protection_drift('paintings');
:as_sam
\set VERBOSITY terse
SELECT title FROM reports.third;
SELECT title FROM reports.of_copy;
SELECT title FROM reports.by_function;
SELECT title FROM old_things;
SELECT * FROM reports.all_titles();
SELECT reports.counted();
SELECT reports.called(1);
CALL reports.empty();
INSERT INTO feedback VALUES ('Painted over');
:as_ben
SELECT title FROM paintings;
:as_dba
\set VERBOSITY default

-- The extension's own tables are looked after in the same way, also those that hold secrets.
CREATE VIEW reports.people AS SELECT id, email FROM user_profiles;
CREATE VIEW reports.waiting AS SELECT * FROM teamwork.invitations;
CREATE VIEW reports.staff WITH (security_invoker) AS SELECT * FROM staff;
CREATE VIEW reports.faces AS SELECT full_name FROM profiles;
GRANT SELECT ON ALL TABLES IN SCHEMA reports TO anon;
REVOKE SELECT ON reports.things, reports.first, reports.second, reports.third, reports.of_copy, reports.copy, reports.copy_of_own, reports.by_function FROM anon;
SELECT problem FROM teamwork.protection_drift() WHERE problem ~ 'reports';
-- Supabase's publication asks the policies; what it tells of deleted rows is a number.
SET client_min_messages = error;
CREATE PUBLICATION supabase_realtime FOR TABLE paintings;
SELECT * FROM teamwork.protection_drift('paintings');
ALTER TABLE paintings DROP CONSTRAINT paintings_pkey, ADD PRIMARY KEY (admin_id, title);
SELECT problem FROM teamwork.protection_drift('paintings') WHERE problem ~ 'publication';
SELECT problem FROM teamwork.doctor() d (check_name, status, problem, fix) WHERE problem ~ 'paintings is in the publication';
SET client_min_messages = warning;
DROP PUBLICATION supabase_realtime;
DROP SCHEMA reports CASCADE;
DROP TABLE paintings, feedback, old_things CASCADE;
