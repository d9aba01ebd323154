-- An auth.uid() that goes by another setting: doctor() says so. (Where the extension owns auth, an administrator has done it.)
\set team 7c
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
:as_dba
SELECT status, detail FROM teamwork.doctor() WHERE check_name = 'auth';
BEGIN;
CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
SELECT status, detail, fix FROM teamwork.doctor() WHERE check_name = 'auth';
-- Who made a row, and who changed it, it does not decide.
:as_sue
SET LOCAL app.user_id = :'sam';
INSERT INTO staff (full_name, owner_id) VALUES ('Dora', :'sue') RETURNING updated_by = :'sue' AS by_sue;
UPDATE staff SET position = 'cook' RETURNING updated_by = :'sue' AS by_sue;
:as_dba
RESET app.user_id;
CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT current_setting('app.user_id')::uuid $$;
SELECT status FROM teamwork.doctor() WHERE check_name = 'auth';
-- Supabase's, today's and that of before.
CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
SELECT status FROM teamwork.doctor() WHERE check_name = 'auth';
CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;
SELECT status FROM teamwork.doctor() WHERE check_name = 'auth';
SELECT current_setting('request.jwt.claims', true) AS claims_as_before;
ROLLBACK;

-- A schema auth that lacks what the extension leans on is refused, with what to do; it installs after that.
SELECT current_database() AS home \gset
\set VERBOSITY default
CREATE DATABASE auth_of_another_kind TEMPLATE template0;
\c auth_of_another_kind
SET client_min_messages = warning;
CREATE SCHEMA auth;
CREATE EXTENSION teamwork;
CREATE FUNCTION auth.uid() RETURNS text LANGUAGE sql AS $$ SELECT 'somebody' $$;
CREATE EXTENSION teamwork;
DROP FUNCTION auth.uid();
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $uid$ SELECT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $uid$;
CREATE TABLE auth.users (id bigint PRIMARY KEY);
CREATE EXTENSION teamwork;
DROP TABLE auth.users;
CREATE TABLE auth.users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text);
CREATE EXTENSION teamwork;
SELECT status, detail FROM teamwork.doctor() WHERE check_name = 'auth';
-- An ORM that reads the catalog knows the types of all columns.
SELECT c.oid::regclass, a.attname, a.atttypid::regtype FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0
  AND a.atttypid IN ('name'::regtype, '"char"'::regtype, 'oid'::regtype, 'regclass'::regtype) ORDER BY 1, 2;
\c :home
DROP DATABASE auth_of_another_kind;
