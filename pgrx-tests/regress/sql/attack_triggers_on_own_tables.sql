-- Triggers: members put none on tables that others write; one that the owner of a table puts there runs as the member who writes.
\set team c8
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
CREATE TABLE parcels (label text, seen_by text);
SELECT teamwork.protect_table('parcels', ARRAY['label']) \g /dev/null
CREATE SCHEMA own;
GRANT ALL ON SCHEMA own TO authenticated;
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

-- Not the admin of a team either, on any table.
:as_anna
CREATE FUNCTION pg_temp.trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
SELECT t AS "table", pg_temp.try(format('CREATE TRIGGER trap BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION pg_temp.trap()', t)) AS trigger,
       pg_temp.try(format('CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON %s DEFERRABLE FOR EACH ROW EXECUTE FUNCTION pg_temp.trap()', t)) AS "constraint",
       pg_temp.try(format('ALTER TABLE %s DISABLE TRIGGER ALL', t)) AS disable, pg_temp.try(format('ALTER TABLE %s DISABLE TRIGGER USER', t)) AS disable_user,
       pg_temp.try(format('ALTER TABLE %s ADD COLUMN extra text DEFAULT pg_temp.try(''x'')', t)) AS "default",
       pg_temp.try(format('ALTER TABLE %s ADD CHECK (pg_temp.try(''x'') IS NULL)', t)) AS "check",
       pg_temp.try(format('CREATE TABLE own.child (a uuid REFERENCES %s)', t)) AS reference,
       pg_temp.try(format('ALTER TABLE %s OWNER TO authenticated', t)) AS own,
       pg_temp.try(format('CREATE PUBLICATION trap FOR TABLE %s', t)) AS publication
FROM unnest(ARRAY['user_profiles', 'transactions', 'inventory', 'staff', 'scheduled_jobs', 'scheduled_job_errors', 'parcels',
                  'teamwork.uploads', 'teamwork.seats', 'teamwork.protections', 'auth.users']) t;
SELECT pg_temp.try('CREATE TRIGGER trap INSTEAD OF INSERT ON profiles FOR EACH ROW EXECUTE FUNCTION pg_temp.trap()') AS on_view,
       pg_temp.try('CREATE EVENT TRIGGER trap ON ddl_command_end EXECUTE FUNCTION pg_temp.trap()') AS on_event,
       pg_temp.try('DROP TRIGGER guard_profile ON user_profiles') AS drop_trigger, pg_temp.try('DROP EVENT TRIGGER teamwork_forget_dropped') AS drop_event,
       pg_temp.try('SET session_replication_role = replica') AS replica,
       pg_temp.try('CREATE OR REPLACE FUNCTION teamwork.keep_owner() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NEW; END''') AS replace_function,
       pg_temp.try('ALTER FUNCTION teamwork.settle_seats() SET search_path = pg_temp') AS alter_function,
       pg_temp.try('DROP EXTENSION teamwork') AS drop_extension, pg_temp.try('SELECT teamwork.protect_table(''user_profiles'')') AS protect,
       pg_temp.try('SELECT teamwork.unprotect_table(''inventory'')') AS unprotect;
-- The trigger functions of the extension, on a table of one's own: whoever may not execute them cannot.
CREATE TEMP TABLE mine (id uuid, email text, role text, admin_id uuid, is_active boolean, owner_id uuid, updated_at timestamptz);
SELECT pg_temp.try(format('CREATE TRIGGER trap BEFORE INSERT ON mine FOR EACH ROW EXECUTE FUNCTION teamwork.%s()', f)), count(*)
FROM unnest(ARRAY['settle_seats', 'ensure_auth_user', 'admit_profile', 'guard_profile', 'keep_owner', 'touch_row', 'admit_job', 'wake_on_job']) f GROUP BY 1;
DROP TABLE mine;

-- The owner's trigger on a protected table: in an import as in an INSERT it is the member, with their claims, under row-level security.
:as_dba
CREATE FUNCTION note_who() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.seen_by := format('%s %s, row security %s, sees %s profiles', current_user, get_current_user_role(), row_security_active(TG_RELID),
                          (SELECT count(*) FROM user_profiles));
    RETURN NEW;
END $$;
CREATE TRIGGER note_who BEFORE INSERT OR UPDATE ON parcels FOR EACH ROW EXECUTE FUNCTION note_who();
:as_sam
INSERT INTO parcels (label) VALUES ('inserted');
SELECT create_background_import_job('parcels', csv => E'label\nimported\n') AS job \gset
:wait
SELECT label, seen_by FROM parcels ORDER BY 1;
:as_ben
SELECT create_background_import_job('parcels', csv => E'label\nimported\n') AS job \gset
:wait
UPDATE parcels SET label = 'edited';
SELECT label, seen_by FROM parcels ORDER BY 1;
-- It can give a row neither another team nor another owner: in an INSERT the policy refuses, in an import that row is refused or the job fails.
:as_dba
CREATE OR REPLACE FUNCTION note_who() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.admin_id := 'c8000000-0000-0000-0000-0000000000b0'; RETURN NEW; END $$;
:as_sam
INSERT INTO parcels (label) VALUES ('given away');
\echo :LAST_ERROR_SQLSTATE
SELECT create_background_import_job('parcels', csv => E'label\ngiven away\n') AS job \gset
SELECT wait_for_job(:'job') IN ('failed', 'completed') AS ended;
SELECT record_count IS NULL OR record_count = 0 AS none FROM scheduled_jobs WHERE id = :'job';
UPDATE parcels SET label = 'given away' WHERE label = 'imported';
:as_dba
SELECT label, admin_id = :'anna' AS annas FROM parcels ORDER BY 1, 2;
DROP TABLE parcels;
DROP SCHEMA own;
DROP FUNCTION note_who, pg_temp.trap, pg_temp.try;
