-- Files with several locations, a column or a row for each: one of them is taken, or the sum, but never by guess.
\set team e4
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set stock 'SELECT sku, name, quantity, location, attributes FROM inventory ORDER BY sku;'
\set failed 'SELECT error_message FROM scheduled_jobs WHERE id = :''job'';'
\set told 'SELECT w ->> ''kind'' AS kind, w ->> ''column'' AS column_name, w ->> ''count'' AS count, w ->> ''line'' AS line, w ->> ''hint'' AS hint FROM scheduled_jobs, jsonb_array_elements(report -> ''warnings'') w WHERE id = :''job'';'

:as_mia
-- A column for each.
\set columns 'E''sku,name,Qty Main St,Qty Mall\\nA,Lamp,5,3\\nB,Bulb,,7\\n'''
SELECT create_background_import_job('inventory', csv => :columns) AS job \gset
:wait
:stock
SELECT create_background_import_job('inventory', csv => :columns, options => '{"location": "Main St"}') AS job \gset
:wait
:stock
SELECT report -> 'mapping' AS mapping, report -> 'mapping_reasons' ->> 'Qty Main St' AS reason FROM scheduled_jobs WHERE id = :'job';
SELECT create_background_import_job('inventory', csv => :columns, mapping => '{"location": "*"}') AS job \gset
:wait
:stock
SELECT report -> 'mapping' AS mapping FROM scheduled_jobs WHERE id = :'job';
SELECT r ->> 'line' AS line, r -> 'values' ->> 'quantity' AS quantity FROM jsonb_array_elements(preview_import('inventory', :columns, options => '{"location": "mall"}') -> 'rows') r;
SELECT create_background_import_job('inventory', csv => :columns, options => '{"location": "Harbour"}') AS job \gset
:wait
:failed
SELECT count(*) FROM teamwork.saved_mappings WHERE data_type = 'inventory';

-- A row for each.
DELETE FROM inventory;
\set rows 'E''sku,name,Location,Qty\\nA,Lamp,Main St,5\\nB,Bulb,Mall,7\\nA,Lamps,Mall,3\\nC,Cord,Harbour,2\\n'''
SELECT create_background_import_job('inventory', csv => :rows) AS job \gset
:wait
:told
DELETE FROM inventory;
SELECT create_background_import_job('inventory', csv => :rows, mapping => '{"location": "Mall"}') AS job \gset
:wait
:told
:stock
SELECT report -> 'lines' AS lines, report -> 'inserted' AS inserted, report -> 'skipped' AS skipped, report -> 'passed_over' AS passed_over FROM scheduled_jobs WHERE id = :'job';
SELECT create_background_import_job('inventory', csv => :rows, options => '{"location": "*", "commit_every": 1}') AS job \gset
:wait
:told
:stock
SELECT report -> 'lines' AS lines, report -> 'inserted' AS inserted, report -> 'updated' AS updated, report -> 'passed_over' AS passed_over FROM scheduled_jobs WHERE id = :'job';
SELECT preview -> 'insert' AS insert, preview -> 'update' AS update, preview -> 'unchanged' AS unchanged, preview -> 'skipped' AS skipped, preview -> 'rows' -> 0 -> 'values' ->> 'quantity' AS quantity
FROM preview_import('inventory', :rows, options => '{"location": "*"}') preview;
SELECT undo_import(:'job');
:stock
SELECT create_background_import_job('inventory', csv => :rows, options => '{"location": "Docks"}') AS job \gset
:wait
:failed

-- Neither.
SELECT preview_import('inventory', E'sku,name,quantity\nA,Lamp,1\n', options => '{"location": "Mall"}');
SELECT create_background_import_job('inventory', csv => '', options => '{"location": ""}');
SELECT create_background_import_job('inventory', csv => '', options => '{"location": 5}');

-- Many rows of many keys, four lines each, far apart.
DELETE FROM inventory;
SELECT create_background_import_job('inventory', csv => 'sku,name,Store,Qty' || E'\n' || string_agg(format('P%s,Part,S%s,%s', n % 6000, n / 6000, n / 6000), E'\n'),
    options => '{"location": "*"}') AS job FROM generate_series(0, 23999) n \gset
:wait
SELECT count(*), min(quantity), max(quantity) FROM inventory WHERE sku LIKE 'P%';
SELECT report -> 'lines' AS lines, report -> 'inserted' AS inserted, report -> 'skipped' AS skipped, report ->> 'path' AS path FROM scheduled_jobs WHERE id = :'job';
