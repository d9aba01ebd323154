-- Undo: what an import has inserted goes, what it has changed is as it was, and rows that were changed since stay.
\set team f2
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set nothing :team '000000-0000-0000-0000-000000000f00'
\set fixed :team '000000-0000-0000-0000-000000000f01'
\set later :team '000000-0000-0000-0000-000000000f02'
\set rows 'SELECT sku, name, quantity, attributes, import_id IS NOT NULL AS imported FROM inventory ORDER BY sku;'
\set undone 'SELECT r.removed, r.restored, r.kept, r.gone, u.full_name AS by, r.at IS NOT NULL AS dated FROM scheduled_jobs, jsonb_to_record(report -> ''undo'') r (removed int, restored int, kept int, gone int, "by" uuid, at timestamptz, conflicts jsonb) JOIN user_profiles u ON u.id = r."by" WHERE scheduled_jobs.id = :''job'';'
\set conflicts 'SELECT row_key - ''id'' AS row_key, reason, detail FROM undo_conflicts(:''job'') ORDER BY 1;'

-- After inserts and updates.
:as_sam
INSERT INTO inventory (sku, name, quantity, attributes) VALUES ('A1', 'Shirt', 1, '{"colour": "red"}'), ('A2', 'Hat', 2, NULL), ('A3', 'Belt', 3, NULL);
SELECT jsonb_agg(to_jsonb(i) ORDER BY sku) AS before FROM inventory i \gset
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity,size\nA1,Shirt XL,11,XL\nA2,Hat,2,\nA3,,33,\nB1,Sock,4,S\nB2,Shoe,5,\nA3,Belts,34,\n', file_name => 'undo.csv') AS job \gset
:wait
:report
:rows
SELECT undo_import(:'job');
-- Every column of them, the times included.
SELECT jsonb_agg(to_jsonb(i) ORDER BY sku) = :'before' AS as_before FROM inventory i;
:undone
:conflicts
SELECT report #> '{undo,conflicts}' AS conflicts, status FROM scheduled_jobs WHERE id = :'job';
-- A second time there is nothing to undo.
\set VERBOSITY sqlstate
SELECT undo_import(:'job');
\set VERBOSITY default
-- The log has done its work; the job goes with all that is left of it.
:as_dba
SELECT count(*) FROM teamwork.import_changes WHERE job_id = :'job';
SELECT action, detail - 'database_role' AS detail FROM teamwork.audit_log WHERE subject = :'job' ORDER BY id DESC LIMIT 1;

-- A file that has a row several times: first inserted, then changed; or changed twice.
:as_sam
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity\nC1,one,1\nA2,one,1\nC1,two,2\nA2,two,2\nC1,three,3\nA2,three,3\n') AS job \gset
:wait
:report
SELECT undo_import(:'job');
SELECT jsonb_agg(to_jsonb(i) ORDER BY sku) = :'before' AS as_before FROM inventory i;
:undone

-- Rows that were changed since stay as they are, whether the import inserted or updated them; so do those that are gone.
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity\nA1,Shirts,10\nA2,Hats,20\nA3,Belts,30\nD1,Dice,1\nD2,Doll,2\nD3,Drum,3\nD4,Dart,4\n') AS job \gset
:wait
:as_mia
UPDATE inventory SET quantity = 99 WHERE sku IN ('A1', 'D1');
-- Changed back: changed nevertheless.
UPDATE inventory SET quantity = 98 WHERE sku = 'D2';
UPDATE inventory SET quantity = 2 WHERE sku = 'D2';
-- Not changed at all.
UPDATE inventory SET quantity = 20 WHERE sku = 'A2';
UPDATE inventory SET updated_at = created_at WHERE sku = 'D1';
DELETE FROM inventory WHERE sku IN ('A3', 'D3');
:as_sam
SELECT undo_import(:'job');
:rows
:undone
:conflicts
SELECT c ->> 'reason' AS reason, c #>> '{row,sku}' AS sku FROM scheduled_jobs, jsonb_array_elements(report #> '{undo,conflicts}') c WHERE id = :'job' ORDER BY 2;
DELETE FROM inventory;

-- Two imports of the same rows: the earlier one alone does not touch what the later one has changed …
SELECT create_background_import_job('inventory', csv => E'sku,name\nE1,one\nE2,one\n') AS first \gset
\set job :first
:wait
SELECT create_background_import_job('inventory', csv => E'sku,name\nE1,two\nE3,two\n') AS second \gset
\set job :second
:wait
SELECT create_background_import_job('inventory', csv => E'sku,name\nE1,three\nE2,three\nE3,three\n') AS third \gset
\set job :third
:wait
BEGIN;
SELECT undo_import(:'first');
SELECT sku, name FROM inventory ORDER BY sku;
SELECT undo_import(:'third');
SELECT sku, name FROM inventory ORDER BY sku;
ROLLBACK;
-- … and the latest first undoes them all.
SELECT undo_import(:'third');
SELECT sku, name FROM inventory ORDER BY sku;
SELECT undo_import(:'second');
SELECT sku, name FROM inventory ORDER BY sku;
SELECT undo_import(:'first');
SELECT count(*) FROM inventory;

-- Rows that others hang on stay, with the reason, and the rest goes. So it is when the foreign key waits for the commit.
:as_dba
SET client_min_messages = warning;
DROP TABLE IF EXISTS shelf, hook;
CREATE TABLE shelf (item bigint NOT NULL REFERENCES inventory (id));
CREATE TABLE hook (item bigint NOT NULL REFERENCES inventory (id) DEFERRABLE INITIALLY DEFERRED);
RESET client_min_messages;
:as_sam
SELECT create_background_import_job('inventory', records => jsonb_agg(jsonb_build_object('sku', 'F' || n, 'name', 'x'))) AS job FROM generate_series(10, 99) n \gset
:wait
:as_dba
INSERT INTO shelf SELECT id FROM inventory WHERE import_id = :'job' AND sku IN ('F20', 'F21', 'F77');
INSERT INTO hook SELECT id FROM inventory WHERE import_id = :'job' AND sku = 'F50';
:as_sam
SELECT undo_import(:'job');
:undone
:conflicts
SELECT sku FROM inventory ORDER BY sku;
:as_dba
DROP TABLE shelf, hook;
DELETE FROM inventory WHERE admin_id = :'anna';

-- Who may: the creator and the admin.
:as_sam
SELECT create_background_import_job('inventory', csv => E'sku,name\nG1,Gum\n') AS job \gset
:wait
\set VERBOSITY sqlstate
:as_sue
SELECT undo_import(:'job');
:as_mia
SELECT undo_import(:'job');
:as_ben
SELECT undo_import(:'job');
SELECT undo_import(:'nothing');
SELECT * FROM undo_conflicts(:'job');
:as_eve
SELECT undo_import(:'job');
:as_nobody
SELECT undo_import(:'job');
:as_anna
SELECT deactivate_team_member(:'sam');
:as_sam
SELECT undo_import(:'job');
\set VERBOSITY default
:as_anna
SELECT reactivate_team_member(:'sam');
SELECT sku FROM inventory;
SELECT undo_import(:'job');
:undone
SELECT count(*) FROM inventory;
:as_dba
SELECT has_function_privilege('anon', 'undo_import(uuid)', 'EXECUTE') AS anon;

-- What has left nothing says so.
:as_sam
INSERT INTO scheduled_jobs (id, job_type, data_type, file_data, scheduled_time) VALUES (:'fixed', 'import', 'inventory', '{"records": [{"sku": "H1", "name": "Hut"}]}', now() + interval '1 year');
SELECT undo_import(:'fixed');
SELECT cancel_job(:'fixed');
SELECT undo_import(:'fixed');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM scheduled_jobs WHERE id = :'fixed';
INSERT INTO scheduled_jobs (id, job_type, data_type, file_data) VALUES (:'fixed', 'import', 'inventory', '{"records": [{"sku": "H1"}], "options": {"on_error": "abort"}}');
SELECT wait_for_job(:'fixed');
SELECT undo_import(:'fixed');
DELETE FROM scheduled_jobs WHERE id = :'fixed';
INSERT INTO scheduled_jobs (id, job_type, data_type) VALUES (:'fixed', 'export', 'inventory');
SELECT wait_for_job(:'fixed');
SELECT undo_import(:'fixed');
DELETE FROM scheduled_jobs WHERE id = :'fixed';
INSERT INTO scheduled_jobs (id, job_type, data_type, file_data) VALUES (:'fixed', 'import', 'inventory', '{"records": [{"sku": "H1", "name": "Hut"}]}');
SELECT wait_for_job(:'fixed');
SELECT undo_import(:'fixed');
SELECT regexp_replace(report ->> 'undo', '.*', 'there') AS undo FROM scheduled_jobs WHERE id = :'fixed';
SELECT undo_import(NULL);

-- Imports that ran in one transaction have left one time: the latest goes first.
DELETE FROM inventory;
DELETE FROM scheduled_jobs;
:as_dba
SET client_min_messages = warning;
BEGIN;
INSERT INTO scheduled_jobs (id, organization_id, created_by, job_type, data_type, file_data, priority) VALUES
    (:'fixed', :'anna', :'sam', 'import', 'inventory', '{"records": [{"sku": "I1", "name": "one"}, {"sku": "I2", "name": "one"}]}', 1),
    (:'later', :'anna', :'sam', 'import', 'inventory', '{"records": [{"sku": "I1", "name": "two"}]}', 0);
SELECT teamwork.run_pending_jobs() >= 2 AS ran;
COMMIT;
:as_sam
SELECT sku, name FROM inventory ORDER BY sku;
SELECT undo_import(:'fixed');
SELECT undo_import(:'later');
SELECT sku, name FROM inventory ORDER BY sku;
SELECT undo_import(:'fixed');
SELECT count(*) FROM inventory;
