-- Keys on several lines, and blank cells of known rows: what takes the place of what is told, and can be kept.
\set team d7
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set told 'SELECT w ->> ''kind'' AS kind, w ->> ''column'' AS column_name, w ->> ''count'' AS count, w ->> ''line'' AS line, w ->> ''sample'' AS sample, w ->> ''message'' AS message FROM scheduled_jobs, jsonb_array_elements(report -> ''warnings'') w WHERE id = :''job'';'
\set counts 'SELECT report -> ''inserted'' AS inserted, report -> ''updated'' AS updated, report -> ''unchanged'' AS unchanged, report -> ''refused'' AS refused, report ->> ''path'' AS path FROM scheduled_jobs WHERE id = :''job'';'

:as_mia
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity,unit_price\nA,Lamp,8,12.50\nB,Bulb,5,3.75\nC,Cord,2,\n') AS job \gset
:wait
:told

-- What rows had is named, in the report and in a preview.
\set emptying 'E''sku,name,quantity,unit_price\\nA,Lamp,,13.00\\nB,Bulb,9,\\nC,Cord,2,\\nD,Dish,,\\n'''
SELECT w FROM jsonb_array_elements(preview_import('inventory', :emptying) -> 'warnings') w;
SELECT create_background_import_job('inventory', csv => :emptying) AS job \gset
:wait
:told
SELECT sku, quantity, unit_price FROM inventory ORDER BY sku;
SELECT undo_import(:'job');

-- A row for each language, with blanks where the first said it all: the later line empties what the earlier one has written.
\set languages 'E''sku,name,quantity,unit_price\\nE,Lamp,5,12.50\\nE,Lampe,,\\nF,Bulb,7,3.75\\n'''
SELECT w ->> 'kind' AS kind, w ->> 'column' AS column_name, w ->> 'count' AS count, w ->> 'line' AS line, w ->> 'sample' AS sample
FROM jsonb_array_elements(preview_import('inventory', :languages) -> 'warnings') w;
SELECT create_background_import_job('inventory', csv => :languages) AS job \gset
:wait
:told
SELECT undo_import(:'job');

-- Kept: known rows have what they had, new rows NULL or the default, and nothing is emptied.
SELECT w ->> 'kind' AS kind FROM jsonb_array_elements(preview_import('inventory', :languages, options => '{"blank": "keep"}') -> 'warnings') w;
SELECT line, action, "values" -> 'name' AS name, "values" -> 'quantity' AS quantity, "values" -> 'unit_price' AS unit_price
FROM jsonb_to_recordset(preview_import('inventory', :languages, options => '{"blank": "keep"}') -> 'rows') AS r (line bigint, action text, "values" jsonb);
SELECT create_background_import_job('inventory', csv => :languages, options => '{"blank": "keep"}') AS job \gset
:wait
:counts
SELECT create_background_import_job('inventory', csv => :emptying, options => '{"blank": "keep"}') AS job \gset
:wait
:told
:counts
SELECT sku, name, quantity, unit_price FROM inventory ORDER BY sku;
SELECT undo_import(:'job');
SELECT sku, name, quantity, unit_price FROM inventory ORDER BY sku;

-- A column without NULLs: a blank is the default in new rows, and keeps what known ones have.
:as_dba
CREATE TABLE pantry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, jar text NOT NULL, sealed boolean NOT NULL DEFAULT true);
SELECT teamwork.protect_table('pantry', key_columns => ARRAY['jar']);
:as_mia
SELECT create_background_import_job('pantry', csv => E'jar,sealed\nA,no\n') AS job \gset
:wait
SELECT create_background_import_job('pantry', csv => E'jar,sealed\nA,\nB,\n', options => '{"blank": "keep"}') AS job \gset
:wait
:told
SELECT jar, sealed FROM pantry ORDER BY jar;
:as_dba
SELECT teamwork.unprotect_table('pantry');
SET teamwork.allow_drop = on;
DROP TABLE pantry;
:as_mia

-- A partial file may keep, too.
SELECT create_background_import_job('inventory', csv => E'sku,quantity,unit_price\nA,,14\nX,1,\nA,9,\n', options => '{"blank": "keep"}') AS job \gset
:wait
:counts
SELECT quantity, unit_price FROM inventory WHERE sku = 'A';

-- Many rows, which go in bulk: every third has a blank, every tenth key is there twice.
SELECT create_background_import_job('inventory', csv => 'sku,name,quantity,cost' || E'\n' || string_agg(format('P%s,Part,%s,1', n, n), E'\n')) AS job
FROM generate_series(1, 9000) n \gset
SELECT wait_for_job(:'job', '10 min');
SELECT create_background_import_job('inventory', csv => 'sku,name,quantity,cost' || E'\n' || string_agg(format('P%s,Part,%s,2', n, CASE WHEN n % 3 > 0 THEN n END), E'\n')) AS job
FROM (SELECT n FROM generate_series(1, 9500) n UNION ALL SELECT n FROM generate_series(10, 9000, 10) n) n \gset
SELECT wait_for_job(:'job', '10 min');
:told
:counts
SELECT count(*), count(quantity), sum(cost) FROM inventory WHERE sku LIKE 'P%';
SELECT undo_import(:'job');
SELECT count(*), count(quantity), sum(cost) FROM inventory WHERE sku LIKE 'P%';
SELECT create_background_import_job('inventory', csv => 'sku,name,quantity,cost' || E'\n' || string_agg(format('P%s,Part,%s,2', n, CASE WHEN n % 3 > 0 THEN n END), E'\n'), options => '{"blank": "keep"}') AS job
FROM (SELECT n FROM generate_series(1, 9500) n UNION ALL SELECT n FROM generate_series(10, 9000, 10) n) n \gset
SELECT wait_for_job(:'job', '10 min');
:told
:counts
SELECT count(*), count(quantity), sum(cost) FROM inventory WHERE sku LIKE 'P%';

SELECT create_background_import_job('inventory', csv => '', options => '{"blank": "null"}');
