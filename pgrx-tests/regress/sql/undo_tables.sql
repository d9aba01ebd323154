-- Undo in tables of every kind: with and without import_id, key and primary key; partitioned; with types that have no equality.
\set team f3
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set fixed :team '000000-0000-0000-0000-000000000f01'
\set undone 'SELECT r.* FROM scheduled_jobs, jsonb_to_record(report -> ''undo'') r (removed int, restored int, kept int, gone int) WHERE id = :''job'';'
\set logged 'SELECT json_array_length(inserted) AS inserted, json_array_length(before) AS before FROM teamwork.import_changes WHERE job_id = :''job'' ORDER BY ordinal;'

-- Without import_id: the keys of inserted rows are in the log. With it, inserts leave no log at all.
:as_sam
INSERT INTO transactions (type, amount) VALUES ('sale', 1);
SELECT create_background_import_job('transactions', csv => E'type,amount\nsale,2\nsale,3\nsale,4\n') AS job \gset
:wait
:as_dba
:logged
:as_sam
UPDATE transactions SET amount = 33 WHERE amount = 3;
DELETE FROM transactions WHERE amount = 4;
SELECT undo_import(:'job');
SELECT amount FROM transactions ORDER BY amount;
:undone
SELECT (SELECT array_agg(k) FROM jsonb_object_keys(row_key) k) AS key, reason, detail FROM undo_conflicts(:'job') ORDER BY reason;
SELECT create_background_import_job('inventory', csv => E'sku,name\nA1,Ant\nA2,Ape\n') AS job \gset
:wait
:as_dba
:logged
:as_sam
SELECT create_background_import_job('inventory', csv => E'sku,name\nA1,Ant\nA2,Ape\n') AS again \gset
SELECT wait_for_job(:'again');
:as_dba
SELECT count(*) AS of_unchanged FROM teamwork.import_changes WHERE job_id = :'again';
-- Rows that were there and stay as they are are not the import's to undo.
:as_sam
SELECT undo_import(:'again');
SELECT count(*) FROM inventory;

-- A key that is no primary key, types without equality, generated columns, identity, arrays, JSON as it was written.
:as_dba
SET client_min_messages = error;
DROP TABLE IF EXISTS curios, parcels, heap, dated CASCADE;
CREATE TABLE curios ("the key" text NOT NULL, part int NOT NULL, place point, doc json, docs jsonb, tags text[], span interval, size float8, mark bytea,
    during tstzrange, price numeric, twice int GENERATED ALWAYS AS (part * 2) STORED, n int GENERATED ALWAYS AS IDENTITY, note varchar(10), "odd""name" text);
SELECT teamwork.protect_table('curios', ARRAY['the key', 'part']) \g /dev/null
CREATE TABLE parcels (region text NOT NULL, code text NOT NULL, weight int) PARTITION BY LIST (region);
CREATE TABLE parcels_a PARTITION OF parcels FOR VALUES IN ('a');
CREATE TABLE parcels_b PARTITION OF parcels DEFAULT;
SELECT teamwork.protect_table('parcels', ARRAY['region', 'code']) \g /dev/null
CREATE TABLE heap (note text);
SELECT teamwork.protect_table('heap') \g /dev/null
CREATE TABLE dated (id int PRIMARY KEY, note text, updated_at date DEFAULT current_date);
SELECT teamwork.protect_table('dated') \g /dev/null
RESET client_min_messages;
:as_sam
SET timezone = 'UTC';
SET intervalstyle = 'sql_standard';
SET extra_float_digits = 0;
INSERT INTO curios ("the key", part, place, doc, docs, tags, span, size, mark, during, price, note, "odd""name") VALUES
    ('k', 1, '(1,2)', '{"b": 1,  "a": 1, "a": 2}', '{"x": null}', ARRAY['a"b', NULL, ''], '-1 day +02:03', 0.1::float8 + 0.2, '\x00ff', '[2020-01-01,)', 'NaN', 'short', 'odd');
SELECT to_jsonb(c) AS before, c.doc::text AS doc FROM curios c \gset
SELECT create_background_import_job('curios', csv => E'the key,part,place,doc,docs,tags,span,size,mark,during,price,note,"odd""name"\nk,1,"(3,4)","{}","[]",{x},1 hour,1,\\\\x01,empty,1,new,even\nk,2,"(3,4)","{}","[]",{x},1 hour,1,\\\\x01,empty,1,new,even\n') AS job \gset
:wait
:report
SELECT part, place, twice, note FROM curios ORDER BY part;
SELECT undo_import(:'job');
SELECT to_jsonb(c) = :'before' AS as_before, c.doc::text = :'doc' AS as_written, c.size = 0.1::float8 + 0.2 AS exact FROM curios c;
RESET intervalstyle;
RESET extra_float_digits;
RESET timezone;
-- Partitioned.
INSERT INTO parcels VALUES ('a', 'P1', 1), ('z', 'P1', 2);
SELECT jsonb_agg(to_jsonb(p) ORDER BY weight) AS before FROM parcels p \gset
SELECT create_background_import_job('parcels', csv => E'region,code,weight\na,P1,10\nz,P1,20\na,P2,30\nq,P1,40\n') AS job \gset
:wait
:report
SELECT undo_import(:'job');
:undone
SELECT jsonb_agg(to_jsonb(p) ORDER BY weight) = :'before' AS as_before FROM parcels p;
-- A column that is gone since, and one that is new.
SELECT create_background_import_job('parcels', csv => E'region,code,weight\na,P1,10\n') AS job \gset
:wait
:as_dba
ALTER TABLE parcels DROP COLUMN weight, ADD COLUMN height int;
:as_sam
UPDATE parcels SET height = 5 WHERE region = 'z';
SELECT undo_import(:'job');
SELECT region, code, height FROM parcels ORDER BY region;
-- No key at all, no times to go by, not protected any more: refused, with the reason.
INSERT INTO scheduled_jobs (id, job_type, data_type, file_data) VALUES (:'fixed', 'import', 'heap', '{"records": [{"note": "hay"}]}');
SELECT wait_for_job(:'fixed');
SELECT undo_import(:'fixed');
\echo :LAST_ERROR_SQLSTATE
:as_dba
ALTER TABLE heap ADD COLUMN id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
:as_sam
SELECT undo_import(:'fixed');
SELECT note FROM heap;
DELETE FROM scheduled_jobs WHERE id = :'fixed';
INSERT INTO scheduled_jobs (id, job_type, data_type, file_data) VALUES (:'fixed', 'import', 'dated', '{"records": [{"id": 1, "note": "hay"}]}');
SELECT wait_for_job(:'fixed');
SELECT undo_import(:'fixed');
:as_dba
DROP TABLE dated;
:as_sam
SELECT undo_import(:'fixed');
DELETE FROM scheduled_jobs WHERE id = :'fixed';

-- Policies and triggers of the table's own hold for who undoes; the other rows go.
:as_dba
CREATE POLICY "heavy ones stay" ON parcels AS RESTRICTIVE FOR DELETE TO authenticated USING (code <> 'heavy');
CREATE FUNCTION pg_temp.guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.code = 'precious' THEN RAISE EXCEPTION 'not the % one, %', OLD.code, current_user USING ERRCODE = 'P0001'; END IF;
    IF OLD.code = 'sticky' THEN RETURN NULL; END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER guard BEFORE DELETE ON parcels FOR EACH ROW EXECUTE FUNCTION pg_temp.guard();
:as_sam
DELETE FROM parcels;
SELECT create_background_import_job('parcels', csv => E'region,code\na,heavy\na,light\nb,precious\nb,sticky\nc,plain\n') AS job \gset
:wait
SELECT undo_import(:'job');
:undone
SELECT row_key, reason, detail FROM undo_conflicts(:'job') ORDER BY row_key;
SELECT code FROM parcels ORDER BY code;
-- Without the right to delete there, the undo as a whole is refused, and can be tried again.
SELECT create_background_import_job('curios', csv => E'the key,part\nq,1\n') AS job \gset
:wait
:as_dba
REVOKE DELETE ON curios FROM authenticated;
:as_sam
SELECT undo_import(:'job');
\echo :LAST_ERROR_SQLSTATE
:as_dba
GRANT DELETE ON curios TO authenticated;
:as_sam
SELECT undo_import(:'job');
:as_dba
DROP TABLE curios, parcels, heap CASCADE;
