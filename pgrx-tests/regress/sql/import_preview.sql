-- preview_import: what an import would do, told by the table itself, with nothing written.
\set team f7
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set counts 'SELECT r.*, r.lines = r.insert + r.update + r.unchanged + r.refused + r.skipped AS adds_up FROM jsonb_to_record(:''preview'') AS r (lines integer, insert integer, update integer, unchanged integer, refused integer, skipped integer);'
\set rows 'SELECT r.* FROM jsonb_to_recordset(:''preview''::jsonb -> ''rows'') AS r (line integer, action text, values jsonb, raw jsonb);'
\set errors 'SELECT r.* FROM jsonb_to_recordset(:''preview''::jsonb -> ''errors'') AS r (line integer, "column" text, value text, code text, message text, suggestion text);'

:as_sam
INSERT INTO inventory (sku, name, quantity, attributes) VALUES ('A1', 'Lamp', 1, '{"Colour": "red"}'), ('A2', 'Hat', 2, NULL);
SELECT string_agg(i::text || i.xmin, ',' ORDER BY sku) AS before FROM inventory i \gset

-- Every kind of row, beside what the file has.
SELECT preview_import('inventory', E'SKU;Title;Preis;QOH;Colour\nA1;Lamp;12,50;5;blue\nA2;Hat;;2;\nA3;Sock;1.234,5;;green\nA4;Shoe;7,00;-1;\n;nameless;1,00;1;\n\n',
    '{"Preis": "unit_price"}') AS preview \gset
:counts
:rows
:errors
SELECT :'preview'::jsonb - ARRAY['rows', 'errors', 'lines', 'insert', 'update', 'unchanged', 'refused', 'skipped'] AS rest;
SELECT jsonb_object_keys(:'preview') AS key ORDER BY key;
-- Nothing of it is left: no row, no change, no job, no refusal, no mapping to remember.
SELECT string_agg(i::text || i.xmin, ',' ORDER BY sku) = :'before' AS as_before FROM inventory i;
SELECT count(*) FROM scheduled_jobs;
SELECT count(*) FROM scheduled_job_errors;
SELECT count(*) FROM teamwork.saved_mappings;
-- The import does what the preview says.
SELECT create_background_import_job('inventory', csv => E'SKU;Title;Preis;QOH;Colour\nA1;Lamp;12,50;5;blue\nA2;Hat;;2;\nA3;Sock;1.234,5;;green\nA4;Shoe;7,00;-1;\n;nameless;1,00;1;\n\n',
    mapping => '{"Preis": "unit_price"}') AS job \gset
:wait
SELECT (report ->> 'inserted', report ->> 'updated', report ->> 'unchanged', report ->> 'refused', report ->> 'skipped', report ->> 'lines')
     = (:'preview'::jsonb ->> 'insert', :'preview'::jsonb ->> 'update', :'preview'::jsonb ->> 'unchanged', :'preview'::jsonb ->> 'refused',
        :'preview'::jsonb ->> 'skipped', :'preview'::jsonb ->> 'lines') AS same_counts,
       report -> 'causes' = :'preview'::jsonb -> 'causes' AS same_causes, report -> 'mapping' = :'preview'::jsonb -> 'mapping' AS same_mapping,
       report -> 'mapping_reasons' = :'preview'::jsonb -> 'mapping_reasons' AS same_reasons, report -> 'locale' = :'preview'::jsonb -> 'locale' AS same_locale
FROM scheduled_jobs WHERE id = :'job';
SELECT r.sku = i.sku AND to_jsonb(i) @> r.values AS stored_so
FROM jsonb_to_recordset(:'preview'::jsonb -> 'rows') AS p (action text, values jsonb),
     LATERAL (SELECT p.values, p.values ->> 'sku' AS sku) r JOIN inventory i USING (sku) WHERE p.action IN ('insert', 'update');
-- Now it is all there, and the saved mapping tells where Preis goes.
SELECT preview_import('inventory', E'SKU;Title;Preis;QOH;Colour\nA1;Lamp;12,50;5;blue\nA3;Sock;1;;\n') AS preview \gset
:counts
:rows
SELECT :'preview'::jsonb -> 'mapping' ->> 'Preis' AS preis;

-- Rows of one key follow one another; conflicts go by the option.
SELECT preview_import('inventory', E'sku,name\nB1,one\nB1,two\nB1,two\n') AS preview \gset
:counts
:rows
SELECT preview_import('inventory', E'sku,name\nA1,other\nB1,new\n', options => '{"on_conflict": "skip"}') AS preview \gset
:counts
:rows
SELECT preview_import('inventory', E'sku,name\nA1,other\nB1,new\n', options => '{"on_conflict": "error"}') AS preview \gset
:counts
:rows
:errors
-- Where an import would stop, a preview goes on, and says so.
SELECT preview_import('inventory', E'sku,name,cost\nB1,one,x\nB2,two,2\nB3,three,y\n', options => '{"on_error": "abort"}') AS preview \gset
:counts
SELECT :'preview'::jsonb -> 'warnings' AS warnings;

-- Exact numbers; JSON as JSON; a table without a key, with a default, a generated column, a trigger and a constraint that waits.
:as_dba
SET client_min_messages = warning;
DROP TABLE IF EXISTS measures;
RESET client_min_messages;
CREATE TABLE measures (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), label text, value numeric, kind text NOT NULL DEFAULT 'plain', details jsonb,
                       taken timestamptz, twice numeric GENERATED ALWAYS AS (value * 2) STORED, import_id uuid REFERENCES scheduled_jobs);
SELECT teamwork.protect_table('measures') \g /dev/null
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.label = 'drop' THEN RETURN NULL; END IF;
    IF NEW.label = 'bad' THEN RAISE 'no % here', NEW.label USING HINT = 'Leave it out.'; END IF;
    NEW.label := upper(NEW.label);
    RETURN NEW;
END $$;
CREATE TRIGGER shout BEFORE INSERT ON measures FOR EACH ROW EXECUTE FUNCTION shout();
CREATE FUNCTION count_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.label = 'LATE' THEN RAISE 'too late'; END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON measures DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_late();
:as_sam
SET timezone TO 'UTC';
SELECT preview_import('measures', E'label,value,kind,details,taken\na,12345678901234567890.1234567890,,"{""n"": [1, 2.50]}",2024-01-31 10:00\nbad,1,x,,\ndrop,1,x,,\nb,1.50,y,,\n') AS preview \gset
:counts
:rows
:errors
SELECT count(*) FROM measures;
-- What a transaction would find at its commit, a preview finds.
SELECT preview_import('measures', E'label,value\nlate,1\n');
RESET timezone;

-- More rows than are shown, more text than is read at once.
SELECT preview_import('inventory', 'sku,name,description' || string_agg(format(E'\nM%s,%s,%s', n, CASE WHEN n % 3 > 0 THEN 'n' END, repeat('x', 20)), '' ORDER BY n)) AS preview
FROM generate_series(1, 12000) n \gset
:counts
SELECT jsonb_array_length(:'preview'::jsonb -> 'rows') AS rows, jsonb_array_length(:'preview'::jsonb -> 'errors') AS errors,
       :'preview'::jsonb #>> '{rows,9,line}' AS last_row, :'preview'::jsonb #>> '{errors,9,line}' AS last_error, :'preview'::jsonb -> 'causes' AS causes;
SELECT count(*) FROM inventory WHERE sku ~ '^M';

-- Files that cannot be read, and questions that make no sense, are errors of the call.
\set VERBOSITY sqlstate
SELECT preview_import('inventory', '');
SELECT preview_import('inventory', NULL);
SELECT preview_import('inventory', E'sku,name\n');
SELECT preview_import('inventory', E'no,such,columns\n1,2,3\n');
\set VERBOSITY default
SELECT preview_import('inventory', E'no,such,columns\n1,2,3\n');
SELECT preview_import('inventory', E'sku,name\n1,2\n', '{"Code": "sku"}');
SELECT preview_import('inventory', E'sku,name\n1,2\n', '{"sku": "shoe"}');
SELECT preview_import('inventory', E'sku,name\n1,2\n', '[]');
SELECT preview_import('inventory', E'sku,name\n1,2\n', options => '{"on_conflict": "replace"}');
SELECT preview_import('nothing', E'sku,name\n1,2\n');
SELECT preview_import(NULL, E'sku,name\n1,2\n');
SELECT preview_import('inventory', E'sku,name\n1,2\n', NULL, NULL) -> 'insert' AS insert;
-- The text has been decoded: the encoding is that of the file.
SELECT preview_import('inventory', E'sku,name\n1,Zoë\n', options => '{"encoding": "windows-1252"}') #>> '{rows,0,values,name}' AS name;
-- Not where nothing may be written, not even for a moment.
BEGIN READ ONLY;
SELECT preview_import('inventory', E'sku,name\n1,2\n');
ROLLBACK;
:as_dba
DROP TABLE measures;
DROP FUNCTION shout, count_late;
