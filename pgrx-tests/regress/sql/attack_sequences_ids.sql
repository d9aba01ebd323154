-- Ids and sequences: a member neither draws numbers, nor sets a counter, nor renumbers a row.
\set team c3
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

SELECT extnamespace::regnamespace AS home FROM pg_extension WHERE extname = 'teamwork' \gset
-- The counters of the tables, and the machinery's own.
SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.relname) AS counters FROM pg_class c
WHERE c.relkind = 'S' AND c.relnamespace IN (:'home'::regnamespace, 'teamwork'::regnamespace)
  AND EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e');
:as_ben
INSERT INTO transactions (amount, description) VALUES (2, 'Ben''s');
\set VERBOSITY sqlstate
:as_anna
INSERT INTO transactions (amount, description) VALUES (1, 'Anna''s');
SELECT nextval('transactions_id_seq');
SELECT setval('transactions_id_seq', 1);
SELECT last_value FROM transactions_id_seq;
SELECT nextval('inventory_id_seq');
SELECT setval('inventory_id_seq', 1, false);
SELECT nextval('staff_id_seq');
SELECT nextval('scheduled_job_errors_id_seq');
SELECT nextval('teamwork.lease');
SELECT setval('teamwork.lease', 1);
SELECT last_value FROM teamwork.lease;
ALTER SEQUENCE transactions_id_seq RESTART;
TRUNCATE transactions RESTART IDENTITY;
-- Of the others' counters, the catalog says nothing, either. (lastval() and currval() know what the session itself has drawn.)
SELECT count(last_value) FROM pg_sequences WHERE sequencename IN ('transactions_id_seq', 'inventory_id_seq', 'staff_id_seq', 'lease');

-- An id is the database's to give.
INSERT INTO transactions (id, amount) VALUES (1000000, 1);
INSERT INTO inventory (id, sku, name) VALUES (1000000, 'S1', 'Shirt');
INSERT INTO staff (id, full_name) VALUES (1000000, 'Stan');
INSERT INTO transactions (id, amount) OVERRIDING USER VALUE VALUES (1000000, 1) RETURNING id < 1000000 AS given;
UPDATE transactions SET id = 1000000;
UPDATE transactions SET id = id;
INSERT INTO transactions (amount) VALUES (4) ON CONFLICT (id) DO UPDATE SET id = 1000000;
MERGE INTO transactions t USING (SELECT 1) one ON true WHEN MATCHED THEN UPDATE SET id = 1000000;
-- DEFAULT draws a new number: a row can be renumbered so, by its own team.
UPDATE transactions SET id = DEFAULT WHERE description = 'Anna''s' RETURNING id < 1000000 AS given;
-- A file's ids are not taken, either.
SELECT create_background_import_job('transactions', csv => E'id,amount,description\n1000000,5,imported\n') AS job \gset
:wait
SELECT id < 1000000 AS given, amount FROM transactions WHERE description = 'imported';
\set VERBOSITY default
:as_dba
SELECT count(*) FROM transactions WHERE id = 1000000;
