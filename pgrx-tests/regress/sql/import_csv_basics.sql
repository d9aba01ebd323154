-- Importing CSV: headers, mappings, dialects, rows that are there already, and a report that adds up.
\set team b4
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
-- Headers are matched exactly, then without regard to case, spaces, dashes and underscores; the rest goes to attributes.
SELECT create_background_import_job('inventory', csv => E'sku,NAME,Unit Price,quantity-on-order,Colour,Size\nA1,Shirt,9.50,3,red,M\nA2,Hat,5,,blue,\n', file_name => 'first.csv') AS job \gset
:wait
:report
SELECT report -> 'mapping' AS mapping, report -> 'dialect' AS dialect, report -> 'causes' AS causes, progress FROM scheduled_jobs WHERE id = :'job';
SELECT sku, name, unit_price, quantity_on_order, attributes, import_id = :'job' AS of_job, owner_id = :'sam' AS by_sam, admin_id = :'anna' AS annas
FROM inventory ORDER BY sku;

-- A mapping decides, null leaves a column out, and what it does not name is matched as before.
SELECT create_background_import_job('inventory', csv => E'Code,Title,Name,Cost\nB1,Belt,ignored,4.00\n', mapping => '{"Code": "sku", "Title": "name", "Name": null}') AS job \gset
:wait
:report
SELECT sku, name, cost, attributes FROM inventory WHERE sku = 'B1';
-- The mapping that a report shows can be used again.
SELECT report -> 'mapping' AS mapping FROM scheduled_jobs WHERE file_name = 'first.csv' \gset
SELECT create_background_import_job('inventory', csv => E'sku,NAME,Unit Price,quantity-on-order,Colour,Size\nA3,Sock,1,1,black,S\n', mapping => :'mapping') AS job \gset
:wait
:report
SELECT sku, attributes FROM inventory WHERE sku = 'A3';

-- The columns that are the team's, the system's and the machinery's are not a file's to fill.
SELECT create_background_import_job('inventory', csv => E'id,sku,name,owner_id,admin_id,import_id,created_at\n7,C1,Coat,' || :'bob' || ',' || :'bob' || ',' || :'bob' || E',2001-01-01\n') AS job \gset
:wait
:report
SELECT id = 7 AS id_chosen, attributes ->> 'id' AS id_kept, owner_id = :'sam' AS by_sam, admin_id = :'anna' AS annas, import_id = :'job' AS of_job, created_at > '2020-01-01' AS made_now
FROM inventory WHERE sku = 'C1';
-- Nor a member's.
INSERT INTO inventory (id, sku, name) VALUES (9223372036854775807, 'C2', 'Cape');
\echo :LAST_ERROR_SQLSTATE
UPDATE inventory SET id = 9223372036854775807 WHERE sku = 'C1';
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM inventory WHERE sku = 'C2' OR id = 9223372036854775807;

-- Quotes, delimiters, line ends.
SELECT create_background_import_job('inventory', csv => E'sku,name,description\r\nD1,"Desk, ""big""","two\r\nlines"\r\nD2,Door,\r\n') AS job \gset
:wait
SELECT sku, name, description FROM inventory WHERE import_id = :'job' ORDER BY sku;
SELECT create_background_import_job('inventory', csv => E'sku;name;description\nE1;Egg;a, b\n') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => E'sku\tname\tdescription\nE2\tEel\ta, b; c\n') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => E'sku|name|description\rE3|Elk|a, b\r') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => E'sep=;\nsku;name\nE4;Emu') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => E'E5;Eft;3\n', options => '{"header": false}', mapping => '{"column_1": "sku", "column_2": "name", "column_3": null}') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => E'E6,Ewe\n', options => '{"header": false}', mapping => '{"column_1": "sku", "column_2": "name"}') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => E'sku,name;description\nE7,a;b\n', options => '{"delimiter": ";"}', mapping => '{"sku,name": "sku", "description": "name"}') AS job \gset
:wait
SELECT i.sku, i.name, i.description, j.report -> 'dialect' ->> 'delimiter' AS delimiter, j.report -> 'dialect' -> 'newline' AS newline
FROM inventory i JOIN scheduled_jobs j ON j.id = i.import_id WHERE sku LIKE 'E%' ORDER BY sku;
-- A byte order mark is no part of the first header.
SELECT create_upload('bom.csv') AS upload \gset
SELECT append_upload(:'upload', '\xEFBBBF'::bytea || convert_to(E'sku,name\nF1,Fée\n', 'UTF8'));
SELECT create_background_import_job('inventory', upload_id => :'upload') AS job \gset
:wait
SELECT sku, name FROM inventory WHERE import_id = :'job';

-- Rows that are there: updated where they differ, counted as unchanged where they do not.
SELECT create_background_import_job('inventory', csv => E'sku,name,colour\nA1,Shirt,red\nA2,Top hat,green\nA9,New,\n') AS job \gset
:wait
:report
SELECT sku, name, unit_price, attributes, owner_id = :'sam' AS by_sam FROM inventory WHERE sku IN ('A1', 'A2', 'A9') ORDER BY sku;
-- Sent again, nothing is touched.
SELECT create_background_import_job('inventory', csv => E'sku,name\nA1,Shirt\nA2,Top hat\n') AS job \gset
:wait
:report
SELECT create_background_import_job('inventory', csv => E'sku,name\nA1,Skipped\nA8,Added\n', options => '{"on_conflict": "skip"}') AS job \gset
:wait
:report
SELECT create_background_import_job('inventory', csv => E'sku,name\nA1,Refused\nA7,Added\n', options => '{"on_conflict": "error"}') AS job \gset
:wait
:report
:refusals
SELECT sku, name FROM inventory WHERE sku IN ('A1', 'A7', 'A8') ORDER BY sku;
-- A key twice in one file: the later line counts, or is skipped, or refused.
SELECT create_background_import_job('inventory', csv => E'sku,name\nG1,one\nG1,two\nG1,three\n') AS job \gset
:wait
:report
SELECT create_background_import_job('inventory', csv => E'sku,name\nG2,one\nG2,two\n', options => '{"on_conflict": "skip"}') AS job \gset
:wait
:report
SELECT create_background_import_job('inventory', csv => E'sku,name\nG3,one\nG3,two\n', options => '{"on_conflict": "error"}') AS job \gset
:wait
:report
SELECT line, code FROM scheduled_job_errors WHERE job_id = :'job';
SELECT sku, name FROM inventory WHERE sku LIKE 'G%' ORDER BY sku;

-- The other team's row of the same key is not touched, and the other tables take files, too.
:as_ben
SELECT create_background_import_job('inventory', csv => E'sku,name\nA1,Ben''s\n') AS job \gset
:wait
:report
SELECT create_background_import_job('transactions', csv => E'type,amount,occurred_on\nsale,12.30,2026-02-28\nsale,1,2026-02-28\n') AS job \gset
:wait
:report
SELECT create_background_import_job('staff', csv => E'full_name,hired_on,is_active\nBea,2026-01-31,\nBo,,no\n') AS job \gset
:wait
:report
SELECT type, amount, occurred_on = '2026-02-28' AS dated FROM transactions ORDER BY amount;
SELECT full_name, hired_on = '2026-01-31' AS dated, is_active FROM staff ORDER BY full_name;
SELECT sku, name FROM inventory;
:as_mia
SELECT sku, name FROM inventory WHERE sku = 'A1';
