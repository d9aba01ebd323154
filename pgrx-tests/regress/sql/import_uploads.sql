-- Sending a file in parts, cut wherever it happens.
\set team b7
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
SELECT create_upload('parts.csv') AS upload \gset
-- Each answer is the bytes so far.
SELECT append_upload(:'upload', convert_to(E'sku,name\r', 'UTF8'));
-- Between CR and LF, in the middle of the two bytes of "é", inside quotes, at the end of a record.
SELECT append_upload(:'upload', convert_to(E'\nA1,caf', 'UTF8') || '\xC3'::bytea);
SELECT append_upload(:'upload', '\xA9'::bytea || convert_to(E'\r\nA2,"quo', 'UTF8'));
SELECT append_upload(:'upload', '');
SELECT append_upload(:'upload', NULL);
SELECT append_upload(:'upload', convert_to(E'ted,\r\n"\r\n', 'UTF8'));
SELECT append_upload(:'upload', convert_to(E'A3,last', 'UTF8'));

-- Only who began it adds to it: not the team's admin, not the other team, nobody.
:as_anna
\set VERBOSITY sqlstate
SELECT append_upload(:'upload', 'x');
:as_mia
SELECT append_upload(:'upload', 'x');
:as_ben
SELECT append_upload(:'upload', 'x');
:as_nobody
SELECT append_upload(:'upload', 'x');
\set VERBOSITY default
SELECT append_upload('b7000000-0000-0000-0000-0000000000ff', 'x');
:as_dba
SELECT bytes, file_name FROM teamwork.uploads WHERE id = :'upload';
SELECT string_agg(data, '' ORDER BY byte_offset) = convert_to(E'sku,name\r\nA1,café\r\nA2,"quoted,\r\n"\r\nA3,last', 'UTF8') AS whole,
       sum(length(data)) FROM teamwork.upload_chunks WHERE upload_id = :'upload';

:as_sam
SELECT create_background_import_job('inventory', upload_id => :'upload', file_name => 'parts.csv') AS job \gset
:wait
:report
:refusals
SELECT sku, name FROM inventory ORDER BY sku;

-- Byte by byte.
SELECT create_upload('bytes.csv') AS upload \gset
SELECT max(append_upload(:'upload', substr(file, n, 1))) AS bytes
FROM convert_to(E'sku,name\nB1,"a ""b"" ü"\nB2,€\n', 'UTF8') file, generate_series(1, length(file)) n;
SELECT create_background_import_job('inventory', upload_id => :'upload') AS job \gset
:wait
:report
SELECT sku, name FROM inventory WHERE import_id = :'job' ORDER BY sku;

-- In one part that is larger than what is stored together, with many records across the seams.
SELECT create_upload('large.csv') AS upload \gset
SELECT append_upload(:'upload', convert_to(E'sku,name,description\n' || string_agg(format(E'L%s,"name ü %s",%s\n', n, n, repeat('d', n % 97)), '' ORDER BY n), 'UTF8')) > 1024 * 1024 AS large
FROM generate_series(1, 20000) n;
SELECT create_background_import_job('inventory', upload_id => :'upload') AS job \gset
:wait
:report
SELECT count(*), count(*) FILTER (WHERE name = 'name ü ' || substr(sku, 2) AND coalesce(description, '') = repeat('d', substr(sku, 2)::integer % 97)) AS right
FROM inventory WHERE import_id = :'job';

-- A member of the same team may import it; the other team may not.
:as_mia
SELECT create_background_import_job('inventory', upload_id => :'upload', options => '{"on_conflict": "skip"}') AS job \gset
:wait
:report
:as_ben
\set VERBOSITY sqlstate
SELECT create_background_import_job('inventory', upload_id => :'upload');
\set VERBOSITY default
SELECT count(*) FROM inventory;
