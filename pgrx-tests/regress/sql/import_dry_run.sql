-- dry_run: a job that runs in full, reports what it would have done, and writes no row of the table.
\set team f8
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
INSERT INTO inventory (sku, name, quantity) VALUES ('A1', 'Lamp', 1), ('A2', 'Hat', 2);
SELECT string_agg(i::text || i.xmin, ',' ORDER BY sku) AS before FROM inventory i \gset
SELECT create_background_import_job('inventory', csv => E'Code,name,quantity\nA1,Lamp,9\nA2,Hat,2\nA3,Sock,3\nA4,Shoe,-1\nA5,,1\n\n', mapping => '{"Code": "sku"}', options => '{"dry_run": true}') AS job \gset
:wait
:report
:refusals
SELECT report -> 'dry_run' AS dry_run, report -> 'mapping' AS mapping, report -> 'causes' AS causes, progress FROM scheduled_jobs WHERE id = :'job';
SELECT string_agg(i::text || i.xmin, ',' ORDER BY sku) = :'before' AS as_before FROM inventory i;
-- What was only tried is not remembered.
SELECT count(*) FROM teamwork.saved_mappings;
-- The same in earnest has the same report.
SELECT create_background_import_job('inventory', csv => E'Code,name,quantity\nA1,Lamp,9\nA2,Hat,2\nA3,Sock,3\nA4,Shoe,-1\nA5,,1\n\n', mapping => '{"Code": "sku"}', options => '{"dry_run": false}') AS real \gset
SELECT wait_for_job(:'real');
SELECT dry.report - 'dry_run' = done.report AS same_report, done.record_count, done.report ? 'dry_run' AS dry
FROM scheduled_jobs dry, scheduled_jobs done WHERE dry.id = :'job' AND done.id = :'real';
SELECT count(*), max(quantity) FROM inventory;

-- Records, and files that go in bulk.
SELECT create_background_import_job('transactions', records => '[{"amount": 5}, {"amount": "x"}]', options => '{"dry_run": true}') AS job \gset
:wait
:report
SELECT create_background_import_job('transactions', csv => 'amount,description' || string_agg(format(E'\n%s,%s', CASE WHEN n % 1000 = 0 THEN 'x' ELSE n::text END, repeat('d', 20)), '' ORDER BY n),
    options => '{"dry_run": true}') AS job FROM generate_series(1, 30000) n \gset
:wait
:report
SELECT count(*), min(line), max(line) FROM scheduled_job_errors WHERE job_id = :'job';
SELECT count(*) FROM transactions;

-- It goes on where the import would stop, to find every fault.
SELECT create_background_import_job('inventory', csv => E'sku,name,cost\nB1,one,x\nB2,two,2\nB3,three,y\n', options => '{"dry_run": true, "on_error": "abort"}') AS job \gset
:wait
:report
:refusals
SELECT report -> 'warnings' AS warnings FROM scheduled_jobs WHERE id = :'job';
-- A file that cannot be read fails as ever.
SELECT create_background_import_job('inventory', csv => E'a,b\n1,2\n', options => '{"dry_run": true}') AS job \gset
:wait
:failure
SELECT create_background_import_job('inventory', csv => E'sku,name\nB1,one\n', options => '{"dry_run": "yes"}');
SELECT create_export_job('inventory', options => '{"dry_run": true}');

-- A file of the refused rows there is, and nothing to undo.
SELECT create_background_import_job('inventory', csv => E'sku,name,cost\nB1,one,x\nB2,two,2\n', options => '{"dry_run": true}') AS job \gset
:wait
SELECT import_errors_csv(:'job');
SELECT undo_import(:'job');
SELECT sku FROM inventory WHERE sku ~ '^B';
-- Neither commit_every nor a repetition makes it real.
SELECT create_background_import_job('transactions', csv => 'amount' || string_agg(E'\n' || n, '' ORDER BY n), options => '{"dry_run": true, "commit_every": 10}') AS job
FROM generate_series(1, 100) n \gset
:wait
:report
INSERT INTO scheduled_jobs (job_type, data_type, repeat_every, file_data)
VALUES ('import', 'transactions', '1 day', '{"records": [{"amount": 5}], "options": {"dry_run": true}}') RETURNING id AS job \gset
:wait
:report
SELECT status, file_data -> 'options' AS options FROM scheduled_jobs WHERE repeat_every IS NOT NULL AND id <> :'job';
SELECT count(*) FROM transactions;

-- What triggers do goes with it; what waits for the commit is asked before.
:as_dba
SET client_min_messages = warning;
DROP TABLE IF EXISTS tried, echoes;
RESET client_min_messages;
CREATE TABLE echoes (name text);
GRANT INSERT, SELECT ON echoes TO authenticated;
CREATE TABLE tried (name text NOT NULL);
SELECT teamwork.protect_table('tried', ARRAY['name']) \g /dev/null
CREATE FUNCTION echo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO echoes VALUES (NEW.name);
    RETURN NULL;
END $$;
CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.name = 'late' THEN RAISE 'too late for %', NEW.name; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER echo AFTER INSERT ON tried FOR EACH ROW EXECUTE FUNCTION echo();
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON tried DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_late();
:as_sam
SELECT create_background_import_job('tried', csv => E'name\nfirst\nsecond\n', options => '{"dry_run": true}') AS job \gset
:wait
:report
SELECT (SELECT count(*) FROM tried) AS tried, (SELECT count(*) FROM echoes) AS echoes;
SELECT create_background_import_job('tried', csv => E'name\nfirst\nlate\n', options => '{"dry_run": true}') AS job \gset
:wait
:failure

-- Tried again, it is a dry run still.
:as_dba
DROP TRIGGER late ON tried;
:as_sam
SELECT retry_job(:'job');
:wait
:report
SELECT count(*) FROM tried;
:as_dba
DROP TABLE tried, echoes;
DROP FUNCTION echo, refuse_late;
