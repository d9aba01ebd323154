-- A table with a past - policies, indexes and names of its own - is as isolated as any other once it is protected.
\set team b0
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

SET client_min_messages = warning;
DROP TABLE IF EXISTS diary, a_table_with_a_name_that_is_long_enough_to_be_cut_in_two_1, a_table_with_a_name_that_is_long_enough_to_be_cut_in_two_2, parts CASCADE;
RESET client_min_messages;

-- A permissive policy from before would open every row to everybody.
CREATE TABLE diary (page text);
ALTER TABLE diary ENABLE ROW LEVEL SECURITY;
CREATE POLICY "everybody reads" ON diary FOR SELECT USING (true);
CREATE POLICY "everybody writes" ON diary FOR ALL TO authenticated USING (true) WITH CHECK (true);
-- Either the table is refused, or it is isolated: protected and open it cannot be.
DO $$ BEGIN PERFORM teamwork.protect_table('diary'); EXCEPTION WHEN OTHERS THEN NULL; END $$;
:as_sam
DO $$ BEGIN INSERT INTO diary (page) VALUES ('Dear diary'); EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
:as_ben
DO $$ BEGIN
    PERFORM FROM diary;
    IF FOUND THEN RAISE EXCEPTION 'Ben reads Sam''s diary'; END IF;
EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
DO $$ BEGIN
    UPDATE diary SET page = 'read';
    IF FOUND THEN RAISE EXCEPTION 'Ben writes in Sam''s diary'; END IF;
EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
DO $$ BEGIN
    DELETE FROM diary;
    IF FOUND THEN RAISE EXCEPTION 'Ben burns Sam''s diary'; END IF;
EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;

-- Column grants from before do not let members write around, nor anon read.
:as_dba
DROP TABLE diary;
CREATE TABLE diary (page text);
GRANT SELECT (page), UPDATE (page) ON diary TO anon, PUBLIC;
SELECT teamwork.protect_table('diary');
SELECT has_any_column_privilege('anon', 'diary', 'SELECT, UPDATE') AS anon;

-- Two tables whose names are alike for sixty characters each have an index led by their team.
CREATE TABLE a_table_with_a_name_that_is_long_enough_to_be_cut_in_two_1 (code text);
CREATE TABLE a_table_with_a_name_that_is_long_enough_to_be_cut_in_two_2 (code text);
SELECT teamwork.protect_table('a_table_with_a_name_that_is_long_enough_to_be_cut_in_two_1', ARRAY['code']),
       teamwork.protect_table('a_table_with_a_name_that_is_long_enough_to_be_cut_in_two_2', ARRAY['code']);
SELECT right(c.relname, 1) AS which, count(*) FILTER (WHERE i.indisunique) AS unique_indexes, count(*) AS indexes
FROM pg_class c LEFT JOIN pg_index i ON i.indrelid = c.oid
WHERE c.relname LIKE 'a\_table\_with\_a\_name%' AND c.relkind = 'r' GROUP BY 1 ORDER BY 1;
:as_sam
SELECT create_background_import_job('a_table_with_a_name_that_is_long_enough_to_be_cut_in_two_2', csv => E'code\nC1\nC2\nC1\n') AS job \gset
:wait
:report

-- A partitioned table, and names that need quotes.
:as_dba
CREATE TABLE parts ("Part No" text, "select" integer) PARTITION BY HASH ("Part No");
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT teamwork.protect_table('parts', ARRAY['Part No']);
:as_sam
SELECT create_background_import_job('parts', csv => E'Part No,Select\np1,1\np2,2\np3,x\n') AS job \gset
:wait
:report
:refusals
SELECT "Part No", "select" FROM parts ORDER BY 1;
SELECT create_background_import_job('parts', csv => E'Part No,Select\np1,10\np2,2\n') AS job \gset
:wait
:report
:as_ben
SELECT count(*) FROM parts;
-- The partitions are no way in.
SELECT count(*) FROM parts_0;

:as_dba
DROP TABLE diary, a_table_with_a_name_that_is_long_enough_to_be_cut_in_two_1, a_table_with_a_name_that_is_long_enough_to_be_cut_in_two_2, parts;
