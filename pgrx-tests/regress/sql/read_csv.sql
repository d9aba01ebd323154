-- The reader by itself: sniff_csv and read_csv.
\set team cb
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
-- A semicolon file with a title, decimal commas and Windows line ends.
SELECT jsonb_pretty(sniff_csv(convert_to(E'Stock list\r\n\r\nsku;name;price;since\r\nA1;Bolt;1,50;2024-03-01\r\nA2;Nut;2,25;2024-03-02\r\n', 'UTF8')));
SELECT * FROM read_csv(convert_to(E'Stock list\r\n\r\nsku;name;price\r\nA1;Bolt;1,50\r\n\r\nA2;"Nut; big";2,25\r\n', 'UTF8'));
-- Windows-1252, unless told otherwise; UTF-16.
SELECT fields FROM read_csv('\x6e616d650a636166e90a');
SELECT fields FROM read_csv('\x6e616d650a636166e90a', '{"encoding": "windows-1251"}');
SELECT sniff_csv('\xfffe61002c0062000a0031002c0032000a00') ->> 'encoding' AS encoding, fields
FROM read_csv('\xfffe61002c0062000a0031002c0032000a00');
-- Options.
SELECT * FROM read_csv('a:b', '{"delimiter": ":", "header": false}');
SELECT * FROM read_csv('1,2', '{"delimiter": "tab"}');
SELECT read_csv('a', '{"quote": "x"}');
\echo :LAST_ERROR_SQLSTATE
SELECT read_csv('a', '{"delimiter": "ab"}');
SELECT read_csv('a', '{"encoding": "klingon"}');
SELECT read_csv('a', '{"header": "yes"}');
SELECT read_csv('a', '{"header": 0}');
-- The names are on the line that is told.
SELECT * FROM read_csv(E'of : North,1\nold,x\nsku,name\nA1,Bolt\n', '{"header": 3}');
SELECT read_csv(E'sku\nA1\n', '{"header": 9}');
\echo :LAST_ERROR_SQLSTATE
SELECT read_csv('a', '[]');
SELECT create_background_import_job('inventory', csv => 'sku', options => '{"encoding": "klingon"}');
\echo :LAST_ERROR_SQLSTATE
-- What is no CSV is said.
SELECT read_csv('\x504b0304140006');
\echo :LAST_ERROR_SQLSTATE
SELECT sniff_csv('\x1f8b0800');
SELECT sniff_csv('<html><body>Please log in</body></html>');
SELECT sniff_csv('[{"sku": "A1"}]');
SELECT sniff_csv('');
SELECT read_csv(NULL) IS NULL AS nothing;

-- An import passes over what is no data, and says so.
SELECT create_background_import_job('inventory', csv => E'Stock list\n\nsku,name,quantity\nA1,Shirt,1\n# checked\nsku,name,quantity\nA2,Hat,2\n\nTotal,,3\n') AS job \gset
:wait
SELECT report -> 'lines' AS lines, report -> 'inserted' AS inserted, report -> 'skipped' AS skipped, report -> 'passed_over' AS passed_over, report -> 'dialect' -> 'skip' AS skip FROM scheduled_jobs WHERE id = :'job';
SELECT create_background_import_job('inventory', csv => E'sku:name\nA3:Sock\n', options => '{"delimiter": ":", "encoding": "utf-8"}') AS job \gset
:wait
SELECT name FROM inventory WHERE sku = 'A3';
