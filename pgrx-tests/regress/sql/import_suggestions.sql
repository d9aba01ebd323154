-- Which column of a file goes where: suggestions, and what jobs without a mapping make of them.
\set team c5
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
-- A vendor's file: each column has a place, how sure that is, why, and the first values.
SELECT * FROM suggest_column_mapping('inventory', E'Handle,Title,Body (HTML),Vendor,Type,Variant SKU,Variant Inventory Qty,Variant Price,Variant Compare At Price,Status\nlamp,Lamp,<p>Bright</p>,Acme,Light,A1,3,9.50,12.00,active\n');
-- Everyday words, slips of the pen, values that do not fit, a second candidate.
SELECT * FROM suggest_column_mapping('inventory', E'Part No.;Bezeichnung;QOH;Stock;Suplier;Price (EUR);Reorder point\nA1;Lampe;3;4;Acme;9,50;soon\nA2;Stuhl;5;6;Acme;"1.200,00";later\n');
SELECT csv_column, target_column, confidence FROM suggest_column_mapping('transactions', E'Date,Total,Memo,Colour\n31.1.2026,12.50,Rent,red\n');
SELECT csv_column, target_column, confidence FROM suggest_column_mapping('staff', E'Employee,Job title,Hire date,Active\nAda,Cook,2026-01-31,yes\n');
-- A table of one's own, with columns of such names.
:as_dba
CREATE TABLE shelves (shelf_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, barcode varchar(13), "Quantity" smallint, checked_on date, attributes jsonb);
SELECT teamwork.protect_table('shelves');
:as_sam
SELECT csv_column, target_column, confidence, reason FROM suggest_column_mapping('shelves', E'shelf_id,EAN,Qty,Checked On,owner_id,Note\n1,4006381333931,3,2026-01-31,x,y\n');
:as_dba
DROP TABLE shelves;
:as_sam
-- Only the beginning is read, however long the file is, and whatever its cells hold.
SELECT csv_column, target_column, samples FROM suggest_column_mapping('inventory', E'SKU,Name\n' || repeat(E'A1,"a ""lamp"""\n', 100000));
SELECT csv_column, length(samples[1]) AS length FROM suggest_column_mapping('inventory', E'SKU,Name\n1,' || repeat('x', 5000) || E'\n');

-- What cannot be answered.
SELECT * FROM suggest_column_mapping('nothing', 'sku');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM suggest_column_mapping('user_profiles', 'id');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM suggest_column_mapping(NULL, 'sku');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM suggest_column_mapping('inventory', '');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM suggest_column_mapping('inventory', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM suggest_column_mapping('inventory', 'sku');
:as_dba
SELECT has_function_privilege('anon', 'suggest_column_mapping(text,text)', 'EXECUTE') AS anon;

-- A job without a mapping takes what is sure, leaves the rest in attributes, and says why.
:as_sam
SELECT create_background_import_job('inventory', csv => E'Part #,Item,QOH,Brand,Quantty\nA1,Lamp,3,Acme,9\n') AS job \gset
:wait
:report
SELECT key, report -> 'mapping' ->> key AS target, value AS reason FROM scheduled_jobs, jsonb_each_text(report -> 'mapping_reasons') WHERE id = :'job' ORDER BY key;
SELECT sku, name, quantity, supplier, attributes FROM inventory WHERE import_id = :'job';
SELECT create_background_import_job('inventory', records => '[{"itemCode": "A2", "Title": "Chair", "Stock Level": "5", "finish": {"colour": "red"}}]') AS job \gset
:wait
SELECT sku, name, quantity, attributes FROM inventory WHERE import_id = :'job';
-- Values that do not fit speak against a column; a required one that is missing is named, with what may be meant.
SELECT create_background_import_job('inventory', csv => E'sku,name,In transit\nA3,Desk,no\n') AS job \gset
:wait
SELECT report -> 'mapping' ->> 'In transit' AS target, report -> 'mapping_reasons' ->> 'In transit' AS reason FROM scheduled_jobs WHERE id = :'job';
SELECT create_background_import_job('inventory', csv => E'Code,Name\nA4,Sofa\n') AS job \gset
:wait
:failure
