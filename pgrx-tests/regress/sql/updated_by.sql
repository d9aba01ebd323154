-- updated_by: who changed a row last. Imports say so on either path, no file does, and an undo gives back who it was before.
\set team 7b
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set show 'SELECT sku, quantity, owner_id = :''sam'' AS made_by_sam, CASE updated_by WHEN :''sam'' THEN ''Sam'' WHEN :''sue'' THEN ''Sue'' END AS updated_by FROM inventory WHERE sku < ''G1'' ORDER BY sku;'

:as_sam
INSERT INTO inventory (sku, name, quantity) SELECT 'F' || n, 'Fork', 1 FROM generate_series(1, 3) n;
-- A small file takes the SQL path, a large one the bulk path.
:as_sue
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity,updated_by\nF1,Fork,5,' || :'anna' || E'\nF2,Fork,1,\nF4,Fork,2,\n', options => '{"on_conflict": "update"}') AS job \gset
:wait
SELECT report ->> 'path' AS path FROM scheduled_jobs WHERE id = :'job';
:show
SELECT create_background_import_job('inventory', csv => (SELECT E'sku,name,quantity\nF3,Fork,7\n' || string_agg(format(E'G%s,A long name that makes the file large,1\n', n), '' ORDER BY n)
    FROM generate_series(1, 3000) n), options => '{"on_conflict": "update"}') AS big \gset
SELECT wait_for_job(:'big');
SELECT report ->> 'path' AS path FROM scheduled_jobs WHERE id = :'big';
:show
SELECT count(*), bool_and(updated_by = :'sue' AND owner_id = :'sue') AS by_sue FROM inventory WHERE sku LIKE 'G%';
SELECT undo_import(:'big') \g /dev/null
SELECT undo_import(:'job') \g /dev/null
:show

-- The rows of a deleted account become the admin's, by whoever deletes it: nobody's user, here. A column of another type is in the way.
:as_dba
CREATE TABLE drawers (id bigint PRIMARY KEY, updated_by text);
SELECT teamwork.protect_table('drawers');
DROP TABLE drawers;
DELETE FROM auth.users WHERE id = :'sam';
SELECT sku, owner_id = :'anna' AS now_annas, updated_by FROM inventory WHERE sku = 'F1' AND admin_id = :'anna';
