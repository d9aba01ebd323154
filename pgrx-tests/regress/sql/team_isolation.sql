-- Two teams never see, change or feed each other's rows: the seed's "Test 3" and "Test 4".
\set team a5
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

-- Every row of both teams, for the superuser: what must stay the same.
\set state 'RESET ROLE; SELECT ''transactions'' AS data, admin_id = :''anna'' AS annas, count(*), string_agg(description, '', '' ORDER BY description) AS rows FROM transactions WHERE admin_id IN (:''anna'', :''bob'') GROUP BY 2 UNION ALL SELECT ''inventory'', admin_id = :''anna'', count(*), string_agg(sku || '' '' || name, '', '' ORDER BY sku) FROM inventory WHERE admin_id IN (:''anna'', :''bob'') GROUP BY 2 UNION ALL SELECT ''staff'', admin_id = :''anna'', count(*), string_agg(full_name, '', '' ORDER BY full_name) FROM staff WHERE admin_id IN (:''anna'', :''bob'') GROUP BY 2 ORDER BY 1, 2;'

:as_anna
INSERT INTO transactions (amount, description) VALUES (500.00, 'Anna''s');
INSERT INTO inventory (sku, name) VALUES ('S1', 'Shirt');
INSERT INTO staff (full_name) VALUES ('Ann Arbor');
:as_sam
INSERT INTO transactions (amount, description) VALUES (20.00, 'Sam''s');
:as_ben
INSERT INTO transactions (amount, description) VALUES (999.00, 'Ben''s');
-- The same SKU is another team's own affair.
INSERT INTO inventory (sku, name) VALUES ('S1', 'Shoe');
INSERT INTO staff (full_name) VALUES ('Benny');
:state

-- The team shares: the manager sees what the admin and the staff made; whose and whose team's each row is.
:as_mia
SELECT description, amount, owner_id = :'anna' AS by_anna, admin_id = :'anna' AS annas FROM transactions ORDER BY description;
-- Members edit and delete each other's rows.
UPDATE transactions SET amount = amount + 1 WHERE description = 'Anna''s';
:as_sam
SELECT description, amount FROM transactions ORDER BY description;
UPDATE inventory SET name = 'T-Shirt' WHERE sku = 'S1';
UPDATE inventory SET name = 'Shirt' WHERE sku = 'S1';
-- The other team sees its own only.
:as_bob
SELECT description, amount FROM transactions;
SELECT sku, name FROM inventory;
SELECT full_name FROM staff;
SELECT full_name FROM profiles ORDER BY full_name;

-- UPDATE and DELETE do not find the other team's rows, with or without WHERE.
UPDATE transactions SET description = description || '!' WHERE admin_id = :'anna';
DELETE FROM transactions WHERE admin_id = :'anna';
UPDATE inventory SET name = 'stolen' WHERE owner_id = :'anna';
DELETE FROM inventory WHERE name = 'Shirt';
UPDATE staff SET full_name = 'stolen' WHERE full_name = 'Ann Arbor';
DELETE FROM staff WHERE full_name = 'Ann Arbor';
UPDATE transactions SET description = 'all mine' RETURNING amount;
UPDATE transactions SET description = 'Ben''s';
:state

-- INSERT into the other team, or as somebody else.
:as_bob
INSERT INTO transactions (amount, description, admin_id) VALUES (1, 'for Anna', :'anna');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO inventory (sku, name, admin_id) VALUES ('X1', 'for Anna', :'anna');
INSERT INTO staff (full_name, admin_id) VALUES ('for Anna', :'anna');
INSERT INTO transactions (amount, description, owner_id) VALUES (1, 'as Ben', :'ben');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO transactions (amount, description, owner_id) VALUES (1, 'as Anna', :'anna');
INSERT INTO transactions (amount, description, admin_id) VALUES (1, 'NULL is the own team', NULL);
DELETE FROM transactions WHERE description = 'NULL is the own team' RETURNING admin_id = :'bob' AS own;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO inventory (sku, name, admin_id) VALUES ('S1', 'upsert', :'anna') ON CONFLICT (admin_id, sku) DO UPDATE SET name = 'upserted';
\echo :LAST_ERROR_SQLSTATE
MERGE INTO inventory i USING (VALUES ('S1')) v (sku) ON i.sku = v.sku AND i.admin_id = :'anna'
    WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (sku, name, admin_id) VALUES (v.sku, 'merged', :'anna');
\echo :LAST_ERROR_SQLSTATE
\copy transactions (amount, description, admin_id) from '/dev/null'
\echo :LAST_ERROR_SQLSTATE
:state

-- A row of one's own cannot be moved to another team, nor be given another owner, by anybody of the team.
:as_ben
UPDATE transactions SET admin_id = :'anna';
\echo :LAST_ERROR_SQLSTATE
UPDATE inventory SET admin_id = :'anna';
UPDATE staff SET admin_id = :'anna';
UPDATE transactions SET owner_id = :'bob';
\echo :LAST_ERROR_SQLSTATE
:as_bob
UPDATE transactions SET owner_id = :'bob' WHERE owner_id = :'ben';
UPDATE transactions SET owner_id = :'anna', admin_id = :'anna';
UPDATE transactions SET admin_id = NULL;
UPDATE inventory SET owner_id = NULL;
:state
SELECT description, owner_id = :'ben' AS by_ben, admin_id = :'bob' AS bobs FROM transactions WHERE admin_id = :'bob';

-- A join, a subquery, EXISTS and an aggregate tell no more.
:as_bob
SELECT count(*) FROM transactions t JOIN inventory i USING (admin_id) WHERE t.admin_id = :'anna';
SELECT EXISTS (SELECT FROM inventory WHERE name = 'Shirt') AS found, (SELECT max(amount) FROM transactions) AS most;
-- A function that would leak rows before the policy sees them is not called with them.
CREATE FUNCTION pg_temp.spy(t text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE 'saw %', t; RETURN true; END $$;
SELECT description FROM transactions WHERE pg_temp.spy(description);
:as_dba
DROP FUNCTION pg_temp.spy;
