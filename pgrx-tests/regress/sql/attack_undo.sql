-- The log that undo goes by: nobody reads it, writes it or makes it say something else.
\set team f4
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_ben
INSERT INTO inventory (sku, name) VALUES ('BEN', 'Ben''s');
SELECT id AS bens FROM inventory \gset
SELECT create_background_import_job('inventory', csv => E'sku,name\nBEN,Ben''s own\nB2,Bow\n') AS bens_job \gset
SELECT wait_for_job(:'bens_job');
:as_sam
INSERT INTO inventory (sku, name) VALUES ('A1', 'Ant');
SELECT id AS sams FROM inventory \gset
SELECT create_background_import_job('inventory', csv => E'sku,name\nA1,Ape\nA2,Asp\n') AS job \gset
:wait

-- Neither table of the undo can be written, and the log not even be read.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    count bigint;
BEGIN
    EXECUTE statement;
    GET DIAGNOSTICS count = ROW_COUNT;
    RETURN count || ' rows';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT statement, who, pg_temp.try(format(statement, :'job')) AS outcome FROM (VALUES
    ('SELECT FROM teamwork.import_changes'),
    ('INSERT INTO teamwork.import_changes (job_id, before) VALUES (%L, ''[]'')'),
    ('UPDATE teamwork.import_changes SET before = ''[]'''),
    ('DELETE FROM teamwork.import_changes'),
    ('TRUNCATE teamwork.import_changes'),
    ('INSERT INTO teamwork.undo_leftovers (job_id, row_key, reason) VALUES (%L, ''{}'', ''changed'')'),
    ('UPDATE teamwork.undo_leftovers SET reason = ''gone'''),
    ('DELETE FROM teamwork.undo_leftovers'),
    ('SELECT teamwork.record_changes(%L, NULL, ''[]'')'),
    ('SELECT * FROM teamwork.undo_rows(%L, auth.uid(), 0, ''SELECT'', ''SELECT'', ''SELECT'', ''SELECT'', ''SELECT'')'),
    ('SELECT * FROM teamwork.undo_statements(%L, ''inventory'')'),
    ('SELECT * FROM teamwork.updated_rows(%L, ''inventory'')'),
    ('SELECT * FROM teamwork.inserted_rows(%L, ''inventory'')'),
    ('UPDATE scheduled_jobs SET report = report || ''{"undo": {}}'' WHERE id = %L')) s (statement), (SELECT current_user AS who) w;
:as_dba
SELECT has_table_privilege(r, t, p) AS held, r, t, p FROM unnest(ARRAY['anon', 'authenticated', 'service_role']) r, unnest(ARRAY['teamwork.import_changes', 'teamwork.undo_leftovers']) t,
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p WHERE has_table_privilege(r, t, p) ORDER BY r, t, p;

-- A file can name neither the row nor the team that an undo would restore.
:as_sam
SELECT create_background_import_job('inventory', records => jsonb_build_array(jsonb_build_object('sku', 'A1', 'name', 'Ace', 'id', :'bens', 'admin_id', :'bob', 'owner_id', :'ben', 'import_id', :'bens_job', 'updated_at', '2001-01-01'))) AS forged \gset
SELECT wait_for_job(:'forged');
:as_dba
SELECT b ->> 'id' = :'sams' AS own_row, b ? 'admin_id' OR b ? 'owner_id' AS names_team, b ->> 'import_id' AS import_id, (b ->> 'updated_at')::timestamptz > '2020-01-01' AS dated
FROM teamwork.import_changes, jsonb_array_elements(before::jsonb) b WHERE job_id = :'forged';
-- Even a log that lies does not get a row out of its team, or into it: row-level security holds.
UPDATE teamwork.import_changes SET before = json_build_array(json_build_object('id', :'bens'::bigint, 'sku', 'BEN', 'name', 'stolen', 'admin_id', :'anna', 'updated_at', now())),
    at = (SELECT updated_at FROM inventory WHERE id = :'bens') WHERE job_id = :'forged';
INSERT INTO teamwork.import_changes (job_id, inserted, at) SELECT :'forged', json_build_array(json_build_object('id', id)), created_at FROM inventory WHERE sku = 'B2' AND admin_id = :'bob';
:as_sam
SELECT undo_import(:'forged');
SELECT row_key ->> 'sku' AS sku, reason, detail FROM undo_conflicts(:'forged') ORDER BY 1;
:as_ben
SELECT sku, name, admin_id = :'bob' AS bobs FROM inventory ORDER BY sku;

-- import_id is a column like any other: a mark on another row, or on a copy, does not make it the import's.
:as_sue
INSERT INTO inventory (sku, name, import_id) SELECT 'copy of ' || sku, name, import_id FROM inventory WHERE import_id = :'job';
UPDATE inventory SET import_id = :'job' WHERE sku = 'A1';
INSERT INTO inventory (sku, name, import_id) VALUES ('S1', 'Sue''s', :'bens_job');
:as_ben
SELECT undo_import(:'bens_job');
SELECT sku, name FROM inventory ORDER BY sku;
:as_sam
SELECT undo_import(:'job');
SELECT sku, name FROM inventory ORDER BY sku;

-- The times that touch_row() stamps cannot be talked out of it, whatever a session says of itself.
SELECT 'inventory'::regclass::oid AS inventory \gset
SET teamwork.table_under_undo = :'inventory';
SET LOCAL teamwork.table_under_undo = :'inventory';
SELECT set_config('teamwork.table_under_undo', :'inventory', false);
CREATE FUNCTION pg_temp.undoing() RETURNS integer LANGUAGE sql SET teamwork.table_under_undo = 'inventory' AS 'SELECT 1';
SHOW teamwork.table_under_undo;
UPDATE inventory SET name = 'Late', updated_at = '2001-01-01' WHERE sku = 'S1';
SELECT updated_at > '2020-01-01' AS stamped FROM inventory WHERE sku = 'S1';
-- Nor after an undo, done or failed.
SELECT create_background_import_job('inventory', csv => E'sku,name\nS1,Sun\n') AS job \gset
:wait
BEGIN;
SELECT undo_import(:'job');
SHOW teamwork.table_under_undo;
UPDATE inventory SET name = 'Later', updated_at = '2001-01-01' WHERE sku = 'S1';
SELECT updated_at > '2020-01-01' AS stamped FROM inventory WHERE sku = 'S1';
ROLLBACK;
:as_dba
CREATE FUNCTION pg_temp.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$;
SET client_min_messages = error;
CREATE TRIGGER fail AFTER UPDATE ON inventory FOR EACH ROW WHEN (NEW.sku = 'S1') EXECUTE FUNCTION pg_temp.fail();
RESET client_min_messages;
:as_sam
SELECT undo_import(:'job');
SHOW teamwork.table_under_undo;
:as_dba
DROP TRIGGER fail ON inventory;
-- A trigger of the table's runs as who undoes, and cannot leave that role.
CREATE FUNCTION pg_temp.escape() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    BEGIN SET LOCAL ROLE postgres; EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLERRM; END;
    RAISE NOTICE '% %', current_user, row_security_active(TG_RELID);
    RETURN NULL;
END $$;
SET client_min_messages = error;
CREATE TRIGGER escape AFTER UPDATE ON inventory FOR EACH ROW WHEN (NEW.sku = 'S1') EXECUTE FUNCTION pg_temp.escape();
RESET client_min_messages;
:as_sam
SELECT undo_import(:'job');
:as_dba
DROP TRIGGER escape ON inventory;
-- A superuser who acts as the creator is under row-level security, too.
SELECT set_config('request.jwt.claims', format('{"sub": "%s"}', :'sam'), false) IS NOT NULL AS as_sam;
SELECT create_background_import_job('inventory', csv => E'sku,name\nT1,Tea\n') AS job \gset
:wait
SELECT undo_import(:'job');
:as_dba
SELECT count(*) FROM inventory WHERE sku = 'T1' AND admin_id = :'anna';
