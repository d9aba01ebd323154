-- Partial files: a stock count or a price list of known items fills the key and little else. Rows of new items are refused.
\set team f5
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_mia
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity,unit_price\nA,Lamp,1,12.50\nB,Bulb,2,3.00\nC,Cord,3,1.00\n') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => E'sku,quantity\nA,5\nX,7\nB,2\nA,6\n') AS job \gset
:wait
SELECT report -> 'lines' AS lines, report -> 'inserted' AS inserted, report -> 'updated' AS updated, report -> 'unchanged' AS unchanged,
       report -> 'refused' AS refused
FROM scheduled_jobs WHERE id = :'job';
SELECT line, column_name, value, code, message, suggestion FROM scheduled_job_errors WHERE job_id = :'job';
SELECT sku, name, quantity, unit_price FROM inventory ORDER BY sku;

-- A preview says the same and changes nothing.
SELECT line, action, "values" -> 'quantity' AS quantity
FROM jsonb_to_recordset(preview_import('inventory', E'sku,quantity\nA,9\nX,7\n') -> 'rows') AS r (line bigint, action text, "values" jsonb);
SELECT quantity FROM inventory WHERE sku = 'A';

-- An undo puts back what was there.
SELECT undo_import(:'job');
SELECT sku, quantity FROM inventory ORDER BY sku;

-- More rows than a statement has: every fourth is new.
SELECT create_background_import_job('inventory', csv => 'sku,name,quantity' || E'\n' || string_agg(format('P%s,Part,0', n), E'\n'))  AS job
FROM generate_series(1, 9000) n WHERE n % 4 > 0 \gset
:wait
SELECT create_background_import_job('inventory', csv => 'sku,quantity' || E'\n' || string_agg(format('P%s,%s', n, n), E'\n')) AS job FROM generate_series(1, 9000) n \gset
:wait
SELECT report -> 'updated' AS updated, report -> 'refused' AS refused FROM scheduled_jobs WHERE id = :'job';
SELECT count(*), count(*) FILTER (WHERE quantity = right(sku, -1)::integer) AS counted FROM inventory WHERE sku LIKE 'P%';

-- Where known rows are to be left alone, or the file lacks the key, new rows are all there is.
SELECT create_background_import_job('inventory', csv => E'sku,quantity\nA,5\n', options => '{"on_conflict": "skip"}') AS job \gset
:wait
SELECT error_message FROM scheduled_jobs WHERE id = :'job';
SELECT create_background_import_job('inventory', csv => E'quantity,location\n5,Shelf\n') AS job \gset
:wait
SELECT error_message FROM scheduled_jobs WHERE id = :'job';

-- Nor is a file of known rows one that has none of them, in a preview either.
SELECT create_background_import_job('inventory', csv => E'sku,Image Name,quantity\nM1,a.jpg,5\nM2,b.jpg,6\n') AS job \gset
:wait
SELECT error_message FROM scheduled_jobs WHERE id = :'job';
SELECT preview_import('inventory', E'sku,Image Name,quantity\nM1,a.jpg,5\nM2,b.jpg,6\n');
