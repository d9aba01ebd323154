-- The file of refused rows: corrected in place and sent again with no mapping, every row goes in.
\set team f1
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set nothing :team '000000-0000-0000-0000-000000000f00'
\set later :team '000000-0000-0000-0000-000000000f01'
\set aborted :team '000000-0000-0000-0000-000000000f02'
\set file 'SELECT import_errors_csv(:''job'') AS file \\g (format=unaligned tuples_only=on)'

-- Only the refused rows, as they stand in the file, with every reason; short ones are filled up, so that the reason stands in its column.
:as_sam
SELECT create_background_import_job('inventory', csv => E'sku,name,Unit Price,quantity,Colour\nA1,Shirt,9.50,1,red\nA2,"Hat, ""wide""","$1,234.50",ten,blue\nA3,"two\nlines",1,-2,\nA4,,5\nA5,Sock,2,3,black\n') AS job \gset
:wait
:report
:file
-- Each cause in the report has an example.
SELECT c ->> 'code' AS code, c ->> 'column' AS column, c ->> 'count' AS count, c ->> 'line' AS line, c ->> 'message' AS message
FROM scheduled_jobs, jsonb_array_elements(report -> 'causes') c WHERE id = :'job' ORDER BY 1, 2;
-- Corrected, it goes in without a mapping, and the reasons are passed over.
SELECT replace(replace(replace(replace(import_errors_csv(:'job'), '"$1,234.50"', '1234.50'), 'ten', '10'), '-2', '2'), 'A4,,', 'A4,Belt,') AS corrected \gset
SELECT create_background_import_job('inventory', csv => :'corrected') AS job \gset
:wait
:report
SELECT report #> '{mapping,import_error}' AS reason_goes_to, report -> 'header' AS header FROM scheduled_jobs WHERE id = :'job';
SELECT sku, name, unit_price, quantity, attributes FROM inventory ORDER BY sku;
-- Nothing was refused: just the header.
:file
-- Quotes behind spaces are quotes there as well.
SELECT create_background_import_job('inventory', csv => E'sku, name, quantity\nP1, "Hat, wide", ten\nP2, "Sock, long", 2\n') AS job \gset
:wait
SELECT report -> 'dialect' -> 'padded' AS padded FROM scheduled_jobs WHERE id = :'job';
:file

-- Ragged rows, a quote that is never closed, and one that is text: well-formed records, in which nothing is lost.
SELECT create_background_import_job('inventory', csv => E'sku,name,description\nB1,Desk,a,b,c\nB2,"Door,wide\nB3,5" pipe,"x\nB4,Egg,fine\nB5,"say ""x""",1,\n') AS job \gset
:wait
:report
:file
SELECT create_background_import_job('inventory', csv => import_errors_csv(:'job')) AS job \gset
:wait
:report
SELECT sku, name, description FROM inventory WHERE sku LIKE 'B%' ORDER BY sku;

-- A German file: its delimiter, line end and headers; columns are called as the file calls them; with the same mapping it goes in again.
SELECT create_background_import_job('inventory', csv => E'Artikel;Bezeichnung;Preis;Größe\r\nC1;Öl;"1,5 l";groß\r\nC2;Tür;12;klein\r\nC3;;x;\r\n',
    mapping => '{"Artikel": "sku", "Bezeichnung": "name", "Preis": "unit_price"}') AS job \gset
:wait
SELECT replace(import_errors_csv(:'job'), E'\r', '<CR>') AS file \g (format=unaligned tuples_only=on)
SELECT replace(replace(import_errors_csv(:'job'), '"1,5 l"', '1.50'), 'C3;;x', 'C3;Zaun;3') AS corrected, report -> 'mapping' AS mapping FROM scheduled_jobs WHERE id = :'job' \gset
SELECT create_background_import_job('inventory', csv => :'corrected', mapping => :'mapping') AS job \gset
:wait
:report
SELECT sku, name, unit_price, attributes FROM inventory WHERE sku LIKE 'C%' ORDER BY sku;
-- A file without a header gets one, which the same mapping fits.
SELECT create_background_import_job('inventory', csv => E'D1;Drum;x\nD2;Dice;1\n', options => '{"header": false}', mapping => '{"column_1": "sku", "column_2": "name", "column_3": "quantity"}') AS job \gset
:wait
:file
SELECT create_background_import_job('inventory', csv => replace(import_errors_csv(:'job'), ';x;', ';7;'), mapping => '{"column_1": "sku", "column_2": "name", "column_3": "quantity"}') AS job \gset
:wait
:report
-- Headers that are blank or there twice.
SELECT create_background_import_job('inventory', csv => E'sku,name,,note,note,quantity\nD3,Dish,a,b,c,x\n') AS job \gset
:wait
:file
SELECT create_background_import_job('inventory', csv => replace(import_errors_csv(:'job'), ',x,', ',7,')) AS job \gset
:wait
SELECT sku, quantity, attributes FROM inventory WHERE sku IN ('D1', 'D3') ORDER BY sku;

-- What a spreadsheet would run is made harmless, in headers too, and comes back as it was. Numbers stay numbers.
SELECT create_background_import_job('inventory', csv => E'sku,name,description,quantity,=1+1,barcode\n=E1,"=HYPERLINK(""http://x"",""y"")",\'=quoted,-5,@SUM(A1),+49 170\n-E2,- a dash,"\t=tab",x,\'text,-\n') AS job \gset
:wait
:file
SELECT create_background_import_job('inventory', csv => replace(replace(import_errors_csv(:'job'), ',-5,', ',5,'), ',x,', ',6,')) AS job \gset
:wait
:report
SELECT sku, name, description, quantity, barcode, attributes FROM inventory WHERE import_id = :'job' ORDER BY sku;
-- A reason that begins like a formula.
:as_dba
SET client_min_messages = error;
DROP TABLE IF EXISTS moods;
CREATE TABLE moods (mood text PRIMARY KEY CHECK (mood <> 'bad'), import_error text);
SELECT teamwork.protect_table('moods') \g /dev/null
RESET client_min_messages;
CREATE FUNCTION pg_temp.judge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '=cmd|'' /C calc''!A0' USING ERRCODE = 'P0001'; END $$;
CREATE TRIGGER judge BEFORE INSERT ON moods FOR EACH ROW WHEN (NEW.mood = 'worse') EXECUTE FUNCTION pg_temp.judge();
:as_sam
SELECT create_background_import_job('moods', csv => E'mood\nbad\nworse\ngood\n') AS job \gset
:wait
:file
-- A table's own column of that name is filled by its name.
SELECT create_background_import_job('moods', csv => E'mood,import_error\nblue,none\n') AS job \gset
:wait
SELECT mood, import_error FROM moods ORDER BY mood;

-- Records: rows of all keys; what is not an object stands in the first column.
SELECT create_background_import_job('inventory', records => '[{"sku": "F1", "name": "Fan", "quantity": "many"}, {"sku": "F2", "name": "Fig", "size": {"w": [1, 2]}, "quantity": 1.5}, "F3", {"name": "=F4", "sku": null}, {"sku": "F5", "name": "Fox"}]') AS job \gset
:wait
:report
:file
SELECT create_background_import_job('inventory', csv => replace(replace(import_errors_csv(:'job'), 'many', '3'), '1.5', '2')) AS job \gset
:wait
:report
-- Refused again, a row has the reasons of now, and no apostrophe too many.
:file
SELECT create_background_import_job('inventory', csv => replace(import_errors_csv(:'job'), E'\n,\'=F4', E'\nF4,\'=F4')) AS job \gset
:wait
SELECT sku, name FROM inventory WHERE import_id = :'job';
-- A client may read the file, and send its rows as records.
SELECT create_background_import_job('inventory', records => '[{"sku": "F6", "name": "\u0027=F6", "import_error": "no"}]') AS job \gset
:wait
SELECT sku, name, attributes FROM inventory WHERE import_id = :'job';

-- Who may have it: the team, and nobody else learns that it is there.
:as_sue
SELECT length(import_errors_csv(:'job')) > 0 AS readable;
:as_anna
SELECT length(import_errors_csv(:'job')) > 0 AS readable;
\set VERBOSITY sqlstate
:as_ben
SELECT import_errors_csv(:'job');
SELECT import_errors_csv(:'nothing');
:as_eve
SELECT import_errors_csv(:'job');
:as_nobody
SELECT import_errors_csv(:'job');
\set VERBOSITY default
:as_dba
SELECT has_function_privilege('anon', 'import_errors_csv(uuid)', 'EXECUTE') AS anon;
-- What has no such file says so.
:as_sam
INSERT INTO scheduled_jobs (id, job_type, data_type) VALUES (:'nothing', 'export', 'inventory');
SELECT import_errors_csv(:'nothing');
\echo :LAST_ERROR_SQLSTATE
SELECT import_errors_csv(NULL);
INSERT INTO scheduled_jobs (id, job_type, data_type, scheduled_time, file_data) VALUES (:'later', 'import', 'inventory', now() + interval '1 year', '{"records": [{"sku": "X", "name": "Y"}]}');
SELECT import_errors_csv(:'later');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO scheduled_jobs (id, job_type, data_type, file_data) VALUES (:'aborted', 'import', 'inventory', '{"records": [{"sku": "X"}], "options": {"on_error": "abort"}}');
SELECT wait_for_job(:'aborted');
SELECT import_errors_csv(:'aborted');
\echo :LAST_ERROR_SQLSTATE
:as_dba
DROP TABLE moods;
