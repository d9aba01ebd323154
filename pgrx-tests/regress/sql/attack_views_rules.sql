-- Views, rules and leaky functions: nothing put around a protected table shows or changes more than the table does.
\set team c6
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SELECT extnamespace::regnamespace AS home FROM pg_extension WHERE extname = 'teamwork' \gset
CREATE TABLE parcels (label text);
SELECT teamwork.protect_table('parcels') \g /dev/null
:as_anna
INSERT INTO transactions (amount, description) VALUES (1, 'Anna''s');
INSERT INTO inventory (sku, name) VALUES ('A1', 'Anna''s');
INSERT INTO parcels (label) VALUES ('Anna''s');
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', 'annas.csv', '{"records": [{"sku": "L1", "name": "Later"}]}') \g /dev/null
:as_ben
INSERT INTO transactions (amount, description) VALUES (2, 'Ben''s');
INSERT INTO inventory (sku, name) VALUES ('B1', 'Ben''s');
INSERT INTO parcels (label) VALUES ('Ben''s');
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', 'bens.csv', '{"records": [{"sku": "L1", "name": "Later"}]}') \g /dev/null

-- A function that tells what it is given, so cheap that the planner would ask it first, and an operator and a cast made of it.
:as_sam
CREATE FUNCTION pg_temp.leak(t text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE 'saw %', t; RETURN true; END $$;
CREATE FUNCTION pg_temp.leak(t text, u text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE 'saw %', t; RETURN true; END $$;
CREATE OPERATOR pg_temp.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_temp.leak, RESTRICT = eqsel);
SELECT count(*) FROM transactions WHERE pg_temp.leak(description);
SELECT count(*) FROM transactions WHERE description OPERATOR(pg_temp.===) 'x';
SELECT count(*) FROM transactions WHERE amount > 0 OR pg_temp.leak(description);
SELECT count(*) FROM inventory WHERE pg_temp.leak(name);
SELECT count(*) FROM parcels WHERE pg_temp.leak(label);
SELECT count(*) FROM user_profiles WHERE pg_temp.leak(full_name) AND role = 'admin';
SELECT count(*) FROM profiles WHERE pg_temp.leak(full_name) AND role = 'admin';
SELECT count(*) FROM scheduled_jobs WHERE pg_temp.leak(file_name);
SELECT count(*) FROM background_imports WHERE pg_temp.leak(file_name);
SELECT count(*) FROM transactions t JOIN inventory i ON pg_temp.leak(i.name) AND pg_temp.leak(t.description);
SELECT count(*) FROM transactions t LEFT JOIN LATERAL (SELECT FROM inventory i WHERE pg_temp.leak(i.name)) l ON true;
SELECT count(*) FILTER (WHERE pg_temp.leak(description)) FROM transactions;
SELECT description FROM transactions ORDER BY CASE WHEN pg_temp.leak(description) THEN 1 END;
UPDATE transactions SET category = 'seen' WHERE pg_temp.leak(description);
DELETE FROM parcels WHERE pg_temp.leak(label) AND label = 'Ben''s';
INSERT INTO inventory (sku, name) VALUES ('A1', 'x') ON CONFLICT (admin_id, sku) DO UPDATE SET name = 'x' WHERE NOT pg_temp.leak(inventory.name);
SELECT count(*) FROM transactions TABLESAMPLE BERNOULLI (100) WHERE pg_temp.leak(description);
-- An error that names a value, which an expression folded below the policy would raise of a hidden row.
SELECT description::integer FROM transactions WHERE description <> 'Anna''s';
SELECT count(*) FROM transactions WHERE description <> 'Anna''s' AND description::integer > 0;
SELECT 1 / (amount - 2) > 0 AS divided FROM transactions;

-- Views of the attacker's: they see as the attacker does, barrier or not, whoever's claims.
CREATE TEMP VIEW loot AS SELECT * FROM transactions;
CREATE TEMP VIEW shielded WITH (security_barrier) AS SELECT * FROM transactions;
CREATE TEMP VIEW unchecked AS SELECT * FROM transactions WHERE amount < 100 WITH LOCAL CHECK OPTION;
SELECT description FROM loot WHERE pg_temp.leak(description);
SELECT description FROM shielded WHERE pg_temp.leak(description);
UPDATE loot SET admin_id = :'bob';
UPDATE loot SET owner_id = :'ben';
INSERT INTO loot (amount, admin_id) VALUES (1, :'bob');
INSERT INTO loot (amount, owner_id) VALUES (1, :'anna');
INSERT INTO unchecked (amount, description, admin_id) VALUES (5, 'for Bob', :'bob');
UPDATE unchecked SET description = 'mine' WHERE description = 'Ben''s' RETURNING description;
DELETE FROM shielded WHERE description = 'Ben''s' RETURNING description;
-- Rules on them: rewritten to what the attacker may do anyway.
CREATE RULE give AS ON INSERT TO shielded DO INSTEAD INSERT INTO transactions (amount, admin_id, owner_id) VALUES (new.amount, 'c6000000-0000-0000-0000-0000000000b0', 'c6000000-0000-0000-0000-0000000000b1');
INSERT INTO shielded (amount) VALUES (1);
CREATE RULE take AS ON DELETE TO shielded DO INSTEAD UPDATE transactions SET admin_id = 'c6000000-0000-0000-0000-00000000000a';
DELETE FROM shielded WHERE description = 'Anna''s';
:as_bob
DELETE FROM shielded WHERE description = 'Ben''s';
SELECT description FROM loot;
-- None on what is not theirs.
:as_sam
CREATE RULE trap AS ON INSERT TO transactions DO ALSO SELECT 1;
CREATE RULE "_RETURN" AS ON SELECT TO parcels DO INSTEAD SELECT * FROM transactions;
CREATE RULE trap AS ON UPDATE TO profiles DO INSTEAD UPDATE user_profiles SET role = new.role;
\set VERBOSITY sqlstate
CREATE VIEW :home.more AS SELECT * FROM user_profiles;
\set VERBOSITY default
ALTER VIEW :home.profiles SET (security_invoker = false);
CREATE TEMP TABLE heir () INHERITS (transactions);
-- The extension's own views are read only, and cannot be written through.
UPDATE profiles SET full_name = 'x';
INSERT INTO profiles (id, role) VALUES (:'tom', 'admin');
DELETE FROM profiles;
UPDATE background_imports SET status = 'completed';
DELETE FROM background_imports;

-- What remains: a view that a superuser makes without security_invoker shows its reader what the superuser sees.
:as_dba
CREATE VIEW careless AS SELECT description FROM transactions WHERE admin_id IN (:'anna', :'bob');
CREATE VIEW careful WITH (security_invoker) AS SELECT description FROM transactions WHERE admin_id IN (:'anna', :'bob');
GRANT SELECT ON careless, careful TO authenticated;
:as_sam
SELECT description FROM careless ORDER BY 1;
SELECT description FROM careful;
:as_dba
DROP VIEW careless, careful, pg_temp.loot, pg_temp.shielded, pg_temp.unchecked;
DROP OPERATOR pg_temp.=== (text, text);
DROP FUNCTION pg_temp.leak(text), pg_temp.leak(text, text);
SELECT description, admin_id = :'anna' AS annas, category FROM transactions WHERE admin_id IN (:'anna', :'bob') ORDER BY 1;
SELECT label FROM parcels ORDER BY 1;
DROP TABLE parcels;
DELETE FROM scheduled_jobs WHERE organization_id IN (:'anna', :'bob');
