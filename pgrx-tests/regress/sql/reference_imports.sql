-- Imports
-- A file becomes rows of a protected table, in the background. [imports.md](imports.md) tells the whole story.
\set team dc
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
-- example: create_background_import_job
SELECT create_background_import_job('inventory', file_name => 'stock.csv', csv => E'SKU,Title,Quantity\nL-1,Lamp,12\nL-2,Bulb,many\n', mapping => '{"Title": "name"}') AS job \gset
SELECT wait_for_job(:'job');
SELECT status, record_count, report -> 'refused' AS refused FROM scheduled_jobs WHERE id = :'job';

-- example: background_imports
SELECT file_name, status, progress, rows_done, refused, creator_name FROM background_imports;

-- example: scheduled_job_errors
SELECT line, column_name, value, code, message FROM scheduled_job_errors WHERE job_id = :'job';

-- example: import_errors_csv
SELECT import_errors_csv(:'job') \g (format=unaligned tuples_only=on)

-- example: create_upload
SELECT create_upload('big.csv') AS upload \gset

-- example: append_upload
SELECT append_upload(:'upload', convert_to(E'sku,name\n', 'UTF8'));
SELECT append_upload(:'upload', convert_to(E'L-1,Lantern\nL-3,Cord\n', 'UTF8'));
SELECT create_background_import_job('inventory', upload_id => :'upload') AS job \gset
SELECT wait_for_job(:'job');

-- example: undo_import
UPDATE inventory SET quantity = 7 WHERE sku = 'L-3';
SELECT undo_import(:'job');
SELECT sku, name FROM inventory ORDER BY sku;

-- example: undo_conflicts
SELECT reason, detail FROM undo_conflicts(:'job');

-- example: teamwork.undo_leftovers
SELECT reason, detail FROM teamwork.undo_leftovers WHERE job_id = :'job';

-- example: suggest_column_mapping
SELECT csv_column, target_column, confidence, reason FROM suggest_column_mapping('inventory', E'Artikel,QOH,Colour\nLamp,3,red\n');

-- example: preview_import
SELECT p -> 'insert' AS insert, p -> 'update' AS update, p -> 'refused' AS refused, p #> '{errors,0,message}' AS error
FROM preview_import('inventory', E'sku,name,quantity\nL-1,Lamp,12\nL-9,Shade,3\nL-8,Bulb,many\n') p;

-- example: teamwork.saved_mappings
SELECT data_type, header, mapping, uses FROM teamwork.saved_mappings;

-- example: forget_column_mapping
SELECT forget_column_mapping('inventory', ARRAY['SKU', 'Title', 'Quantity']);

-- example: sniff_csv
SELECT s ->> 'encoding' AS encoding, s ->> 'delimiter' AS delimiter, s -> 'columns' AS columns, s -> 'types' AS types
FROM sniff_csv(convert_to(E'sku;price;since\nL-1;1,50;2026-02-28\n', 'UTF8')) s;

-- example: sniff_file
SELECT f ->> 'format' AS format, f ->> 'archive' AS archive, f -> 'columns' AS columns, f ->> 'named' AS named
FROM sniff_file(decode('H4sIAAAAAAAC/yvOLrUuKMpMTuXy0TW0NtQxNeACAOzX6ZwTAAAA', 'base64'), 'stock.csv') f;

-- example: read_csv
SELECT * FROM read_csv(convert_to(E'sku;name\nL-1;"Lamp; red"\n', 'UTF8'));
SELECT * FROM read_csv('\x504b0304');
