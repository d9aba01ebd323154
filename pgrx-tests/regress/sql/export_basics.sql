-- Exporting: what a file looks like, what can be chosen, and that an import of it gives the same rows.
\set team e1
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
INSERT INTO inventory (sku, name, description, quantity, unit_price, attributes) VALUES
    ('B2', 'Hat, "big"', NULL, 5, 9.5, '{"colour": "red", "sizes": [1, 2]}'),
    ('A1', 'Lampe für Öl', E'two\nlines', 0, NULL, NULL),
    ('C3', 'Tab' || chr(9) || 'le', '', NULL, 0, '{}');
-- The columns that an import fills, by the table's key, the header as the table names them.
SELECT create_export_job('inventory', 'stock.csv') AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
SELECT job_type, data_type, status, file_name, record_count, progress, error_message FROM scheduled_jobs WHERE id = :'job';
SELECT jsonb_pretty(report) AS report FROM scheduled_jobs WHERE id = :'job' \g (format=unaligned tuples_only=on)
SELECT octet_length(download_export(:'job')) = (report ->> 'bytes')::integer AS as_reported FROM scheduled_jobs WHERE id = :'job';
-- It is no import.
SELECT count(*) FROM background_imports;

-- Columns in the order asked for, those that are not a file's to fill among them.
SELECT create_export_job('inventory', options => '{"columns": ["name", "sku", "owner_id", "admin_id"]}') AS job \gset
:wait
SELECT replace(replace(download_export(:'job'), :'sam', 'SAM'), :'anna', 'ANNA') \g (format=unaligned tuples_only=on)
-- Delimiters, and no header. A cell is in quotes where the delimiter asks for it.
SELECT create_export_job('inventory', options => '{"columns": ["sku", "name"], "delimiter": ";", "header": false}') AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
SELECT create_export_job('inventory', options => '{"columns": ["sku", "name"], "delimiter": "tab", "header": true}') AS job \gset
:wait
SELECT replace(download_export(:'job'), E'\t', '<tab>') \g (format=unaligned tuples_only=on)
SELECT create_export_job('inventory', options => '{"columns": ["sku", "name"], "delimiter": "|"}') AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
SELECT report ->> 'delimiter' AS delimiter FROM scheduled_jobs WHERE id = :'job';
-- A byte order mark.
SELECT create_export_job('inventory', options => '{"columns": ["sku"], "bom": true}') AS job \gset
:wait
SELECT encode(substr(convert_to(download_export(:'job'), 'UTF8'), 1, 6), 'escape') AS begins, octet_length(download_export(:'job')) = (report ->> 'bytes')::integer AS as_reported
FROM scheduled_jobs WHERE id = :'job';

-- As an INSERT, and by the general function; both may be for later.
INSERT INTO scheduled_jobs (job_type, data_type) VALUES ('export', 'inventory') RETURNING id AS job \gset
:wait
INSERT INTO scheduled_jobs (job_type, data_type, file_data) VALUES ('export', 'inventory', '{"options": {"columns": ["sku"]}, "records": null}') RETURNING id AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
SELECT create_scheduled_job('export', 'staff', options => '{"header": false}') AS job \gset
:wait
-- Nothing to export is a file of nothing, and a file.
SELECT download_export(:'job') = '' AS is_empty, export_chunk(:'job', 1) = '' AS has_a_chunk, report -> 'chunks' AS chunks, record_count, progress FROM scheduled_jobs WHERE id = :'job';
SELECT create_export_job('staff') AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)

-- What is imported again gives the same rows: to another team new ones, to the team itself those that it has.
SELECT create_export_job('inventory') AS job \gset
:wait
SELECT download_export(:'job') AS csv \gset
SELECT jsonb_agg(to_jsonb(i) - '{id,owner_id,admin_id,created_at,updated_at,updated_by,import_id}'::text[] ORDER BY sku) AS ours FROM inventory i \gset
:as_ben
SELECT create_background_import_job('inventory', csv => :'csv') AS job \gset
:wait
:report
-- An empty text, too, is no NULL.
SELECT i.sku, e.key, e.value AS ours, to_jsonb(i) -> e.key AS theirs
FROM inventory i JOIN jsonb_array_elements(:'ours') ours ON ours ->> 'sku' = i.sku CROSS JOIN LATERAL jsonb_each(ours) e
WHERE e.value IS DISTINCT FROM to_jsonb(i) -> e.key ORDER BY 1, 2;
SELECT count(*) FROM inventory;
:as_sam
SELECT create_background_import_job('inventory', csv => :'csv') AS job \gset
:wait
:report
SELECT create_export_job('inventory') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => download_export(:'job')) AS job \gset
:wait
:report

-- Values of every kind, whatever the settings of whoever runs the job, and back.
:as_dba
SET client_min_messages = warning;
DROP TABLE IF EXISTS kinds CASCADE;
DROP TYPE IF EXISTS mood CASCADE;
CREATE TYPE mood AS ENUM ('fine', 'so, so');
CREATE TABLE kinds (key text NOT NULL, flag boolean, day date, moment timestamptz, at timestamp, span interval, small smallint, large bigint,
    exact numeric, double float8, single real, bytes bytea, id uuid, list integer[], texts text[], period daterange, fixed char(4), mood mood,
    doc jsonb, raw json, net inet, "Odd ""name"", really" text);
SELECT teamwork.protect_table('kinds', ARRAY['key']) \g /dev/null
RESET client_min_messages;
:as_sam
INSERT INTO kinds VALUES ('k1', true, '2026-02-28', '2026-02-28 12:00:00.123456+05:30', '2026-02-28 12:00', '1 year 2 mons -3 days 04:05:06.7', -7, -9223372036854775808,
    -12345678901234567890.123456789, 0.1::float8 + 0.2::float8, 1.1, '\x00ff', 'e1000000-0000-0000-0000-00000000000a', '{1,-2,NULL}', '{"a,b","say \"x\""}',
    '[2026-01-01,2026-02-01)', 'ab', 'so, so', '{"a": [1, null, "x"]}', '{"b" : 1}', '10.0.0.1', 'odd'),
    ('k2', false, NULL, NULL, NULL, '-1 day +02:00', NULL, NULL, NULL, 'NaN', '-Infinity', '', NULL, '{}', NULL, 'empty', NULL, NULL, '"text"', NULL, NULL, NULL);
:as_dba
BEGIN;
SET LOCAL DateStyle = 'German'; SET LOCAL TimeZone = 'Asia/Tokyo'; SET LOCAL IntervalStyle = 'sql_standard'; SET LOCAL extra_float_digits = -10; SET LOCAL bytea_output = 'escape';
:as_sam
SELECT create_export_job('kinds') AS job \gset
:as_dba
SELECT teamwork.run_pending_jobs() > 0 AS ran;
SHOW DateStyle;
COMMIT;
:as_sam
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
SELECT download_export(:'job') AS csv \gset
SELECT create_background_import_job('kinds', csv => :'csv') AS job \gset
:wait
:report
SELECT jsonb_agg(to_jsonb(k) - '{owner_id,admin_id,created_at,updated_at,updated_by}'::text[] ORDER BY key) AS ours FROM kinds k \gset
:as_ben
SELECT create_background_import_job('kinds', csv => :'csv') AS job \gset
:wait
:report
SELECT jsonb_agg(to_jsonb(k) - '{owner_id,admin_id,created_at,updated_at,updated_by}'::text[] ORDER BY key) = :'ours' AS same FROM kinds k;
:as_dba
DROP TABLE kinds;
DROP TYPE mood;

-- A table without a key is sorted by its primary key. A table may change between submission and run.
SET client_min_messages = error;
CREATE TABLE kinds (id integer PRIMARY KEY, name text, gone text);
SELECT teamwork.protect_table('kinds') \g /dev/null
RESET client_min_messages;
:as_sam
INSERT INTO kinds VALUES (3, 'c'), (1, 'a'), (2, 'b');
SELECT create_scheduled_job('export', 'kinds', now() + interval '1 year', options => '{"columns": ["gone"]}') AS gone \gset
SELECT create_scheduled_job('export', 'kinds', now() + interval '1 year') AS later \gset
:as_dba
ALTER TABLE kinds DROP COLUMN gone;
UPDATE scheduled_jobs SET scheduled_time = now() WHERE id IN (:'gone', :'later');
:as_sam
\set job :later
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
\set job :gone
:wait
:failure
:as_dba
DROP TABLE kinds;

-- A file of several chunks, which may end anywhere but within a character.
:as_ben
INSERT INTO transactions (amount, description) SELECT n, repeat('é', n % 500) FROM generate_series(1, 2000) n;
SELECT create_export_job('transactions') AS job \gset
:wait
SELECT string_agg(export_chunk(:'job', n), '' ORDER BY n) = download_export(:'job') AS same, count(export_chunk(:'job', n)) AS chunks, max(octet_length(export_chunk(:'job', n))) AS largest
FROM generate_series(0, 10) n;
SELECT report -> 'chunks' AS chunks, report -> 'rows' AS rows, record_count, (report ->> 'bytes')::integer = octet_length(download_export(:'job')) AS as_reported
FROM scheduled_jobs WHERE id = :'job';
SELECT download_export(:'job') AS csv \gset
:as_anna
SELECT create_background_import_job('transactions', csv => :'csv') AS imported \gset
SELECT wait_for_job(:'imported');
SELECT count(*), sum(amount), sum(length(description)) FROM transactions;
-- More than a value can hold comes in chunks only.
:as_dba
INSERT INTO teamwork.export_chunks (job_id, ordinal, data) VALUES (:'job', 1001, repeat('x', 134217728));
INSERT INTO teamwork.export_chunks (job_id, ordinal, data) SELECT c.job_id, n, c.data FROM teamwork.export_chunks c, generate_series(1002, 1008) n WHERE c.job_id = :'job' AND c.ordinal = 1001;
:as_ben
\set VERBOSITY sqlstate
SELECT download_export(:'job') IS NULL;
\set VERBOSITY default
SELECT octet_length(export_chunk(:'job', 1008)) AS bytes, export_chunk(:'job', 1009) IS NULL AS at_the_end;
-- The file goes with the job.
DELETE FROM scheduled_jobs WHERE id = :'job';
:as_dba
SELECT count(*) FROM teamwork.export_chunks WHERE job_id = :'job';
