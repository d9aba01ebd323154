-- A job runs as the role and the user that submitted it, and cannot get out.
\set team b8
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

SET client_min_messages = warning;
DROP TABLE IF EXISTS guarded, witness CASCADE;
CREATE TABLE witness (what text, who text);
GRANT SELECT, INSERT ON witness TO authenticated;
CREATE TABLE guarded (name text NOT NULL, escaped boolean);
SELECT teamwork.protect_table('guarded', ARRAY['name']) \g /dev/null
RESET client_min_messages;

-- The table's triggers see who is at work; one of them tries to become somebody else.
CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO witness VALUES (TG_ARGV[0], format('%s, %s, %s, row security %s', current_user,
        CASE auth.uid() WHEN NEW.owner_id THEN 'the owner' ELSE 'somebody else' END, get_current_user_role(), row_security_active(TG_RELID)));
    RETURN NEW;
END $$;
CREATE FUNCTION escape() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    way text;
BEGIN
    NEW.escaped := false;
    FOREACH way IN ARRAY ARRAY['RESET ROLE', 'SET ROLE postgres', 'SET ROLE service_role', 'SET SESSION AUTHORIZATION postgres',
                               'RESET SESSION AUTHORIZATION', 'SET LOCAL ROLE postgres'] LOOP
        BEGIN
            EXECUTE way;
            NEW.escaped := NEW.escaped OR current_user <> 'authenticated';
        EXCEPTION WHEN insufficient_privilege OR invalid_parameter_value OR syntax_error OR active_sql_transaction THEN NULL;
        END;
    END LOOP;
    BEGIN
        PERFORM FROM auth.users;
        NEW.escaped := true;
    EXCEPTION WHEN insufficient_privilege THEN NULL;
    END;
    RETURN NEW;
END $$;
CREATE TRIGGER escape BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION escape();
CREATE TRIGGER witness AFTER INSERT OR UPDATE ON guarded FOR EACH ROW EXECUTE FUNCTION witness('at once');
CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON guarded DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION witness('deferred');

:as_ben
INSERT INTO guarded (name) VALUES ('Ben''s');
:as_dba
TRUNCATE witness;
:as_sam
SELECT create_background_import_job('guarded', csv => E'name\nSam''s\nBen''s\n') AS job \gset
:wait
:report
SELECT name, escaped, owner_id = :'sam' AS by_sam, admin_id = :'anna' AS annas FROM guarded ORDER BY name;
SELECT what, who, count(*) FROM witness GROUP BY what, who ORDER BY what;
-- Each job for itself: what one leaves behind in its session is not the next one's.
:as_dba
TRUNCATE witness;
:as_mia
SELECT create_background_import_job('guarded', csv => E'name\nMia''s\n') AS job \gset
:wait
SELECT what, who FROM witness ORDER BY what;

-- A restrictive policy of the table's counts, as does a column that only others may write.
:as_dba
CREATE POLICY "nothing forbidden" ON guarded AS RESTRICTIVE FOR INSERT TO authenticated WITH CHECK (name <> 'forbidden');
:as_sam
SELECT create_background_import_job('guarded', csv => E'name\nforbidden\n') AS job \gset
SELECT wait_for_job(:'job') IN ('completed', 'failed') AS ended;
SELECT count(*) FROM guarded WHERE name = 'forbidden';
:as_dba
REVOKE INSERT ON guarded FROM authenticated;
:as_sam
SELECT create_background_import_job('guarded', csv => E'name\nrevoked\n') AS job \gset
:wait
SELECT error_message LIKE 'permission denied for table guarded%' AS told FROM scheduled_jobs WHERE id = :'job';
:as_dba
GRANT INSERT ON guarded TO authenticated;

-- A trigger that refuses a row refuses that row.
CREATE OR REPLACE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.name = 'bad' THEN RAISE EXCEPTION 'no % here', NEW.name USING ERRCODE = 'check_violation', HINT = 'Leave it out.'; END IF;
    RETURN NEW;
END $$;
:as_sam
SELECT create_background_import_job('guarded', csv => E'name\nfine\nbad\ngood\n') AS job \gset
:wait
:report
:refusals
SELECT name FROM guarded WHERE name IN ('fine', 'bad', 'good') ORDER BY name;

-- A superuser's job runs under row-level security, too.
:as_dba
INSERT INTO scheduled_jobs (organization_id, created_by, job_type, data_type, file_data)
VALUES (:'bob', :'ben', 'import', 'inventory', '{"records": [{"sku": "S1", "name": "by the superuser"}]}') RETURNING id AS job \gset
:wait
:report
SELECT owner_id = :'ben' AS by_ben, admin_id = :'bob' AS bobs FROM inventory WHERE import_id = :'job';
DROP TABLE guarded, witness CASCADE;
DROP FUNCTION witness, escape;
