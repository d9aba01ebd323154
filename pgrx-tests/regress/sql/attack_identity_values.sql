-- Ids are shared by all teams: whoever took one that is still to come would make another team's insert fail. OVERRIDING SYSTEM VALUE
-- takes one, so it is refused on every path, to members; and no other way of inserting is.
\set team ce
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
CREATE TABLE crates (id integer GENERATED ALWAYS AS IDENTITY, size integer DEFAULT 1, PRIMARY KEY (id, size)) PARTITION BY LIST (size);
CREATE TABLE small_crates PARTITION OF crates FOR VALUES IN (1);
CREATE TABLE plain_copies (id integer GENERATED ALWAYS AS IDENTITY, amount numeric);
SELECT teamwork.protect_table('crates');
GRANT INSERT ON plain_copies TO authenticated;
CREATE VIEW sales WITH (security_invoker) AS SELECT id, amount, description FROM transactions;
GRANT SELECT, INSERT ON sales TO authenticated;
CREATE FUNCTION sneak() RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO transactions (id, amount) OVERRIDING SYSTEM VALUE VALUES (1000000, 1); END $$;
CREATE FUNCTION sneak_in_sql() RETURNS void LANGUAGE sql AS $$ INSERT INTO transactions (id, amount) OVERRIDING SYSTEM VALUE VALUES (1000000, 1) $$;
-- Planned once for whoever may, and then run by a member.
PREPARE sneak AS INSERT INTO transactions (id, amount, owner_id, admin_id) OVERRIDING SYSTEM VALUE VALUES (1000000, 1, :'anna', :'anna');
SET plan_cache_mode = force_generic_plan;
BEGIN;
SELECT set_config('request.jwt.claims', format('{"sub": "%s"}', :'anna'), true) \g /dev/null
EXECUTE sneak;
DELETE FROM transactions WHERE id = 1000000;
SELECT sneak() \g /dev/null
ROLLBACK;

:as_anna
INSERT INTO transactions (id, amount) OVERRIDING SYSTEM VALUE VALUES (1000000, 1);
\set VERBOSITY sqlstate
INSERT INTO transactions (id, amount) OVERRIDING SYSTEM VALUE VALUES (1000000, 1), (1000001, 1);
INSERT INTO transactions OVERRIDING SYSTEM VALUE VALUES (1000000, 'sale', 'x', 1);
INSERT INTO transactions (id, amount) OVERRIDING SYSTEM VALUE SELECT n, 1 FROM generate_series(1000000, 1000009) n;
INSERT INTO transactions (id, amount) OVERRIDING SYSTEM VALUE VALUES (1000000, 1) ON CONFLICT (id) DO UPDATE SET amount = 2;
WITH taken AS (INSERT INTO transactions (id, amount) OVERRIDING SYSTEM VALUE VALUES (1000000, 1) RETURNING id) SELECT * FROM taken;
MERGE INTO transactions t USING (SELECT 1000000 AS id) s ON t.id = s.id
    WHEN NOT MATCHED THEN INSERT (id, amount) OVERRIDING SYSTEM VALUE VALUES (s.id, 1);
INSERT INTO sales (id, amount) OVERRIDING SYSTEM VALUE VALUES (1000000, 1);
INSERT INTO inventory (id, sku, name) OVERRIDING SYSTEM VALUE VALUES (1000000, 'S1', 'Shirt');
INSERT INTO staff (id, full_name) OVERRIDING SYSTEM VALUE VALUES (1000000, 'Stan');
INSERT INTO crates (id, size) OVERRIDING SYSTEM VALUE VALUES (1000000, 1);
SELECT sneak();
SELECT sneak_in_sql();
EXECUTE sneak;
DO $$ BEGIN EXECUTE 'INSERT INTO transactions (id, amount) OVERRIDING SYSTEM VALUE VALUES ($1, 1)' USING 1000000; END $$;
PREPARE own_sneak (bigint) AS INSERT INTO transactions (id, amount) OVERRIDING SYSTEM VALUE VALUES ($1, 1);
EXECUTE own_sneak (1000000);
\copy transactions (id, amount) from '/dev/null'
MERGE INTO transactions t USING (SELECT 1 AS amount) s ON false WHEN NOT MATCHED THEN INSERT (amount) VALUES (s.amount);
\set VERBOSITY default

-- Other ways of inserting go on: without the column, with its DEFAULT as several clients write it, by position, and into tables that
-- are nobody's team data, also from one that is.
INSERT INTO transactions (amount, description) VALUES (1, 'named');
INSERT INTO transactions (id, amount, description) VALUES (DEFAULT, 1, 'default');
INSERT INTO transactions VALUES (DEFAULT, 'sale', 'x', 1, 'by position');
INSERT INTO transactions (id, amount, description) OVERRIDING USER VALUE VALUES (1000000, 1, 'the user''s is left out');
INSERT INTO sales (amount, description) VALUES (1, 'by a view');
INSERT INTO crates (size) VALUES (1);
INSERT INTO crates DEFAULT VALUES;
INSERT INTO plain_copies (id, amount) OVERRIDING SYSTEM VALUE SELECT id, amount FROM transactions;
SELECT description, id < 1000000 AS given FROM transactions WHERE description IS NOT NULL ORDER BY id;
-- A column that comes later can be filled like any other.
:as_dba
ALTER TABLE crates ADD COLUMN colour text;
:as_ben
INSERT INTO crates (size, colour) VALUES (1, 'red') RETURNING colour;

-- Another team's next insert finds its id free.
:as_dba
SELECT count(*) FROM transactions WHERE id >= 1000000;
-- Services and administrators restore rows with their ids.
SET ROLE service_role;
INSERT INTO transactions (id, amount, owner_id, admin_id) OVERRIDING SYSTEM VALUE VALUES (-1, 1, :'anna', :'anna');
RESET ROLE;
INSERT INTO transactions (id, amount, owner_id, admin_id) OVERRIDING SYSTEM VALUE VALUES (-2, 1, :'anna', :'anna');
SELECT count(*) FROM transactions WHERE id < 0;
RESET plan_cache_mode;
SET client_min_messages = warning;
DROP FUNCTION sneak(), sneak_in_sql();
DROP VIEW sales;
DROP TABLE crates, plain_copies;
