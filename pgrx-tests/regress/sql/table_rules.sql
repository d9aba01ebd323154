-- Rules per role: commands that a role may not use on a table, and columns that it does not see, as a mask and as a wall.
\set team e5
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set VERBOSITY default
DROP TABLE IF EXISTS wages, ledger CASCADE;
CREATE TABLE wages (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, gone text, salary numeric(12, 2), notes text);
ALTER TABLE wages DROP COLUMN gone;
CREATE TABLE ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount numeric(12, 2));
SELECT teamwork.protect_table('wages'), teamwork.protect_table('ledger');

:as_anna
INSERT INTO wages (name, salary, notes) VALUES ('Mia', 3000, 'm'), ('Sam', 2000, 's');
INSERT INTO ledger (amount) VALUES (1), (2);

-- Commands ---------------------------------------------------------------------------------------------------------------
:as_dba
SELECT teamwork.set_table_rule('ledger', 'staff', commands => '{select}');
SELECT teamwork.set_table_rule('ledger', 'manager', commands => '{SELECT, INSERT, UPDATE}');
SELECT target, role, commands, hidden_columns FROM teamwork.table_rules ORDER BY 1, 2;
SELECT * FROM teamwork.protection_drift('ledger');
:as_sam
SELECT amount FROM ledger ORDER BY amount;
INSERT INTO ledger (amount) VALUES (3);
UPDATE ledger SET amount = 0;
DELETE FROM ledger;
:as_mia
INSERT INTO ledger (amount) VALUES (3) RETURNING amount;
UPDATE ledger SET amount = 4 WHERE amount = 3;
DELETE FROM ledger;
:as_anna
DELETE FROM ledger WHERE amount = 4;
-- The whole table is closed, at once, to sessions and prepared statements that are open.
:as_sam
PREPARE all_of_it AS SELECT count(*) FROM ledger;
EXECUTE all_of_it;
:as_dba
SELECT teamwork.set_table_rule('ledger', 'staff', commands => '{}');
:as_sam
EXECUTE all_of_it;
SELECT count(*) FROM ledger;
:as_anna
EXECUTE all_of_it;
:as_dba
SELECT teamwork.set_table_rule('ledger', 'staff', commands => '{SELECT,INSERT,UPDATE,DELETE}');
SELECT teamwork.set_table_rule('ledger', 'manager', commands => '{SELECT,INSERT,UPDATE,DELETE}');
SELECT count(*) FROM teamwork.table_rules WHERE target = 'ledger'::regclass;
SELECT * FROM teamwork.protection_drift('ledger');

-- Columns ----------------------------------------------------------------------------------------------------------------
SELECT teamwork.set_table_rule('wages', 'staff', hidden_columns => '{salary}');
:as_anna
SELECT name, salary FROM wages ORDER BY name;
:as_sam
SELECT name, salary FROM wages ORDER BY name;
SELECT w.name, w.salary, w.notes FROM wages w ORDER BY w.name;
SELECT count(*), sum(salary), max(salary) FROM wages;
SELECT name FROM wages WHERE salary > 0;
SELECT name FROM wages WHERE salary IS NULL ORDER BY salary, name;
SELECT salary IS NULL AS unknown, salary + 1 AS more, count(*) FROM wages GROUP BY salary;
SELECT name, rank() OVER (ORDER BY salary) FROM wages ORDER BY name;
SELECT to_jsonb(w) - '{id, owner_id, admin_id, created_at, updated_at, updated_by}'::text[] AS row FROM wages w ORDER BY name;
SELECT (w).salary FROM wages w;
SELECT (SELECT w.salary) FROM wages w;
SELECT o.name, i.salary FROM wages o LEFT JOIN wages i ON i.id = o.id AND o.name = 'Sam' ORDER BY o.name;
WITH all_wages AS MATERIALIZED (SELECT * FROM wages) SELECT name, salary FROM all_wages ORDER BY name;
SELECT name FROM wages w WHERE EXISTS (SELECT FROM wages i WHERE i.id = w.id AND i.salary > 0);
SELECT name, salary FROM (SELECT * FROM wages UNION ALL SELECT * FROM wages) u ORDER BY name;
COPY (SELECT name, salary FROM wages ORDER BY name) TO STDOUT;
COPY wages (name, salary) TO STDOUT;
SELECT name, salary FROM wages TABLESAMPLE BERNOULLI (100) ORDER BY name;
DO $$ DECLARE w wages; BEGIN SELECT * INTO w FROM wages WHERE name = 'Mia'; RAISE NOTICE '% %', w.name, w.salary; END $$;
PREPARE wages AS SELECT name, salary FROM wages ORDER BY name;
EXECUTE wages;
:as_anna
EXECUTE wages;
:as_mia
EXECUTE wages;
:as_sam
EXECUTE wages;
-- Views with the caller's rights see what the caller sees; functions too, inlined or not.
:as_dba
CREATE VIEW wage_list WITH (security_invoker) AS SELECT name, salary FROM wages;
CREATE FUNCTION wage_rows() RETURNS SETOF wages LANGUAGE sql STABLE AS 'SELECT * FROM wages';
CREATE FUNCTION wage_of(text) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT salary FROM wages WHERE name = $1';
GRANT SELECT ON wage_list TO authenticated;
:as_sam
SELECT * FROM wage_list ORDER BY name;
SELECT name, salary FROM wage_rows() ORDER BY name;
SELECT wage_of('Mia');
-- What cannot be masked is refused.
SELECT name, salary FROM wages ORDER BY name FOR UPDATE;
SELECT name FROM wages ORDER BY name FOR UPDATE;
SELECT salary FROM wages WHERE ctid IS NOT NULL;
INSERT INTO wages (name, salary) VALUES ('Sam', 9000);
UPDATE wages SET notes = 'x' WHERE salary > 2500;
UPDATE wages SET notes = salary::text;
UPDATE wages SET salary = salary + 1;
DELETE FROM wages WHERE salary > 2500;
MERGE INTO wages w USING (VALUES (1)) v ON w.salary > 0 WHEN MATCHED THEN DELETE;
-- A whole row, as it was read, is no change; another value is refused.
UPDATE wages SET name = 'Sam', salary = NULL, notes = 'whole' WHERE name = 'Sam';
UPDATE wages SET salary = 9000 WHERE name = 'Sam';
-- What comes back is masked.
UPDATE wages SET notes = 'again' WHERE name = 'Sam' RETURNING name, salary, notes;
UPDATE wages SET notes = 'again' WHERE name = 'Sam' RETURNING salary + 1;
UPDATE wages w SET notes = 'again' WHERE name = 'Sam' RETURNING w;
INSERT INTO wages (name) VALUES ('Tim') RETURNING name, salary;
DELETE FROM wages WHERE name = 'Tim' RETURNING salary, name;
INSERT INTO wages (name, notes) VALUES ('Sue', 'new');
:as_anna
SELECT name, salary, notes FROM wages ORDER BY name;

-- Explained, and in jobs ---------------------------------------------------------------------------------------------------
:as_dba
SELECT teamwork.set_table_rule('wages', 'staff', commands => '{SELECT}');
SELECT role, commands, hidden_columns FROM teamwork.table_rules ORDER BY 1;
SELECT line FROM unnest(string_to_array(teamwork.explain_access(:'sam', 'wages', 'DELETE'), E'\n')) WITH ORDINALITY t (line, n)
WHERE line ~ '^(hidden|denied|allowed)' ORDER BY n;
SELECT line FROM unnest(string_to_array(teamwork.explain_access(:'mia', 'wages', 'DELETE'), E'\n')) WITH ORDINALITY t (line, n)
WHERE line ~ '^(hidden|denied|allowed)' ORDER BY n;
-- Sam sees nothing of what Anna has imported or exported of this table.
:as_anna
SELECT create_background_import_job('wages', E'name,salary\nTom,4000\nTim,plenty\n') AS job \gset
:wait
SELECT create_export_job('wages') AS export \gset
SELECT wait_for_job(:'export');
:as_sam
SELECT count(*) FROM scheduled_jobs;
SELECT count(*) FROM scheduled_job_errors;
SELECT count(*) FROM background_imports;
\set VERBOSITY sqlstate
SELECT download_export(:'export');
SELECT import_errors_csv(:'job');
SELECT * FROM undo_conflicts(:'job');
SELECT undo_import(:'job');
\set VERBOSITY default
:as_mia
SELECT count(*) FROM scheduled_jobs;
SELECT raw FROM scheduled_job_errors;
-- What Sam exports is what Sam sees. Sam imports nothing, as long as INSERT is forbidden, and never a salary.
:as_sam
SELECT create_export_job('wages') AS export \gset
SELECT wait_for_job(:'export');
SELECT split_part(line, ',', 1) AS name_or_header, line ~ '[0-9]{4}\.' AS has_salary
FROM (SELECT regexp_replace(l, '^[^,]*,', '') FROM regexp_split_to_table(download_export(:'export'), E'\r?\n') l) t (line) WHERE line <> '';
SELECT create_background_import_job('wages', E'name,salary\nEve,9999\n');
:as_dba
SELECT teamwork.set_table_rule('wages', 'staff', commands => '{SELECT,INSERT}');
:as_sam
SELECT preview_import('wages', E'name,salary\nEve,9999\n') -> 'mapping' AS mapping;
SELECT create_background_import_job('wages', E'name,salary\nEve,9999\n') AS job \gset
:wait
SELECT error_message, report -> 'mapping' AS mapping FROM scheduled_jobs WHERE id = :'job';
SELECT create_background_import_job('wages', E'name,salary\nEli,9999\n', mapping => '{"salary": "salary"}') AS job \gset
:as_anna
SELECT name, salary FROM wages ORDER BY name;

-- A file that is large enough to go in bulk, by who may not insert: no way around the rule.
:as_dba
SELECT teamwork.set_table_rule('wages', 'staff', commands => '{SELECT,UPDATE}');
:as_sam
SELECT create_background_import_job('wages', (SELECT E'name\n' || string_agg('N' || n, E'\n' ORDER BY n) FROM generate_series(0, 20000) n)) AS job \gset
:wait
SELECT status, split_part(error_message, E'\n', 1) AS error FROM scheduled_jobs WHERE id = :'job';
:as_dba
SELECT count(*) FROM wages WHERE name LIKE 'N%';
SELECT teamwork.set_table_rule('wages', 'staff', commands => '{}');
:as_sam
SELECT create_export_job('wages');
:as_dba
SELECT teamwork.set_table_rule('wages', 'staff', commands => '{SELECT,INSERT}');
-- The same file, imported by the admin, is read to the end.
:as_anna
SELECT create_background_import_job('wages', E'name,salary\nEva,7000\n') AS job \gset
:wait
:as_sam
SELECT name, salary FROM wages WHERE name = 'Eva';
:as_anna
SELECT name, salary FROM wages WHERE name IN ('Eva', 'Eve') ORDER BY name;

-- What makes no sense ------------------------------------------------------------------------------------------------------
:as_dba
SELECT teamwork.set_table_rule('wages', 'staff', hidden_columns => '{id}');
SELECT teamwork.set_table_rule('wages', 'staff', hidden_columns => '{admin_id}');
SELECT teamwork.set_table_rule('wages', 'staff', hidden_columns => '{wage}');
SELECT teamwork.set_table_rule('wages', 'boss');
SELECT teamwork.set_table_rule('wages', 'staff', commands => '{TRUNCATE}');
SELECT teamwork.set_table_rule(NULL, 'staff');
:as_sam
SELECT teamwork.set_table_rule('wages', 'staff', hidden_columns => '{}');
SELECT * FROM teamwork.table_rules;
:as_dba
SELECT teamwork.set_table_rule('wages', 'staff', hidden_columns => '{}');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'wages'::regclass AND NOT tgisinternal ORDER BY 1;
DROP TABLE wages, ledger CASCADE;
SELECT count(*) FROM teamwork.table_rules;
