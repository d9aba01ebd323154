-- Every refused row has a reason, the line it starts on, and costs no other row anything.
\set team b5
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
-- One fault a line: no number, too big, no date-like whole number, negative, empty where required, too many fields.
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity,unit_price,price_tier_1\n'
    'OK1,good,1,1.00,\n'
    'X1,no number,ten,,\n'
    'X2,too big,2147483648,,\n'
    'X3,a fraction,1.5,,\n'
    'X4,negative,-1,,\n'
    'X5,too many digits,1,12345678901.00,\n'
    'X6,negative price,1,-0.01,\n'
    ',no sku,1,,\n'
    'X8,,1,,\n'
    'X9,too many fields,1,2,3,4\n'
    'OK2,too few is well\n'
    'OK3,good,2,2.00,3.00\n', file_name => 'faults.csv') AS job \gset
:wait
:report
:refusals
SELECT sku, quantity, unit_price, price_tier_1 FROM inventory ORDER BY sku;
SELECT raw, byte_offset FROM scheduled_job_errors WHERE job_id = :'job' AND line IN (3, 11) ORDER BY line;
-- The report has the causes with their counts and where to look first; the counts are those of the table of errors.
SELECT c.* FROM scheduled_jobs, jsonb_to_recordset(report -> 'causes') c (code text, "column" text, count integer, line integer)
WHERE id = :'job' ORDER BY line, code;
SELECT sum(c.count) = (SELECT count(*) FROM scheduled_job_errors WHERE job_id = :'job') AS agree
FROM scheduled_jobs, jsonb_to_recordset(report -> 'causes') c (count integer) WHERE id = :'job';

-- Several faults of one line are all told; the row counts once.
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity,unit_price\n,,x,y\nOK4,good,1,1\nY1,two CHECKs,-1,-1\n') AS job \gset
:wait
:report
:refusals

-- Lines are the file's: a quoted line end and a blank line count; a blank line, one of white space too, is skipped.
SELECT create_background_import_job('inventory', csv => E'\n"sku",name,quantity\n\nOK5,"three\nlines\nlong",1\nZ1,"two\nlines",x\n\n   \nZ2,last,y') AS job \gset
:wait
:report
:refusals
SELECT name FROM inventory WHERE sku = 'OK5';
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity\r\nOK6,"a\r\nb",1\r\nZ3,c,x\r\n') AS job \gset
:wait
:refusals
-- A quote that never closes costs its own line alone.
SELECT create_background_import_job('inventory', csv => E'sku,name\nQ1,"never closed\nOK7,good\nOK8,good\n') AS job \gset
:wait
:report
:refusals
SELECT sku FROM inventory WHERE sku IN ('OK7', 'OK8', 'Q1') ORDER BY 1;

-- Bytes that are no UTF-8 and NUL bytes are refused, unless the encoding can be told; a letter is never replaced silently.
SELECT create_upload('bytes.csv') AS upload \gset
SELECT append_upload(:'upload', convert_to(E'sku,name\nOK9,Müsli\n', 'UTF8') || E'N1,a\\000b\n'::bytea || E'N2,\\303\\050\n'::bytea || convert_to(E'OKa,für Größere\n', 'UTF8')) > 0 AS sent;
SELECT create_background_import_job('inventory', upload_id => :'upload') AS job \gset
:wait
:report
SELECT line, column_name, code, message FROM scheduled_job_errors WHERE job_id = :'job' ORDER BY line;
SELECT sku, name FROM inventory WHERE sku IN ('OK9', 'OKa', 'N1', 'N2') ORDER BY sku;

-- A record without end costs itself, not the memory, nor what follows.
SELECT create_background_import_job('inventory', csv => E'sku,name\nL1,' || repeat('x', 10 * 1024 * 1024) || E'\nOKb,good\n') AS job \gset
:wait
:report
SELECT line, code, message, suggestion, length(raw) < 100000 AS cut, length(value) <= 1000 AS short FROM scheduled_job_errors WHERE job_id = :'job';
SELECT count(*) FROM inventory WHERE sku IN ('OKb', 'L1');
-- A key too long for its index, which only the database knows.
SELECT create_background_import_job('inventory', csv => 'sku,name' || E'\n' || (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 1000) n) || E',long\nOKc,good\n') AS job \gset
:wait
:report
SELECT line, code FROM scheduled_job_errors WHERE job_id = :'job';

-- Records have ordinals instead of lines.
SELECT create_background_import_job('inventory', records => '[{"sku": "OKd", "name": "good"}, {"sku": "R2", "name": "bad", "quantity": "x"}, 3, null, {}, {"name": "no sku"}, {"sku": "OKe", "name": "good", "quantity": 7}]') AS job \gset
:wait
:report
:refusals
SELECT sku, quantity FROM inventory WHERE import_id = :'job' ORDER BY sku;

-- Nothing else is lost: every good row of all the above is there.
SELECT string_agg(sku, ' ' ORDER BY sku) FROM inventory;
