-- Whole rows, as ordinary clients write them: what a row has already is no change, whoever made it. Ids of new rows are still the
-- database's, and no other team's row can be reached or heard of.
\set team 7a
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams

CREATE TABLE carts (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE carts_by_size (id bigint GENERATED ALWAYS AS IDENTITY, size integer DEFAULT 1, note text, PRIMARY KEY (id, size)) PARTITION BY LIST (size);
CREATE TABLE small_carts PARTITION OF carts_by_size FOR VALUES IN (1, 2);
SELECT teamwork.protect_table('carts', key_columns => '{name}');
SELECT teamwork.protect_table('carts_by_size');
CREATE VIEW stock WITH (security_invoker) AS SELECT id, sku, name, quantity, owner_id, admin_id FROM inventory;
GRANT SELECT, INSERT, UPDATE ON stock TO authenticated;

:as_ben
INSERT INTO inventory (sku, name) VALUES ('B1', 'Ben''s') RETURNING id AS bens \gset
INSERT INTO carts (name) VALUES ('Ben''s') RETURNING id AS bens_cart \gset
:as_sam
INSERT INTO inventory (sku, name, quantity) VALUES ('S1', 'Shirt', 3) RETURNING * \gset row_
INSERT INTO carts (name) VALUES ('first') RETURNING id AS cart \gset
INSERT INTO carts_by_size (note) VALUES ('first') RETURNING id AS sized \gset

-- update({...row}), of the own row and of a colleague's.
UPDATE inventory SET id = :row_id, owner_id = :'row_owner_id', admin_id = :'row_admin_id', created_at = :'row_created_at', updated_at = :'row_updated_at', quantity = 4
WHERE id = :row_id RETURNING quantity, owner_id = :'sam' AS still_sams;
:as_sue
UPDATE inventory SET id = :row_id, owner_id = :'row_owner_id', admin_id = :'row_admin_id', created_at = :'row_created_at', updated_at = :'row_updated_at', quantity = 5
WHERE id = :row_id RETURNING quantity, owner_id = :'sam' AS still_sams, created_at = :'row_created_at' AS as_created;
UPDATE inventory SET owner_id = NULL, admin_id = NULL, quantity = 6 WHERE id = :row_id RETURNING quantity, owner_id = :'sam' AS still_sams, admin_id = :'anna' AS still_annas;
UPDATE carts_by_size SET id = :sized, size = 2 WHERE id = :sized RETURNING size;
UPDATE carts_by_size SET id = id, size = 1 RETURNING size;

-- upsert(row), by the primary key: of a colleague's row, of many, with new ones among them.
INSERT INTO inventory (id, sku, name, quantity, owner_id, admin_id, created_at, updated_at)
VALUES (:row_id, 'S1', 'Shirt', 7, :'row_owner_id', :'row_admin_id', :'row_created_at', :'row_updated_at')
ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id, sku = EXCLUDED.sku, name = EXCLUDED.name, quantity = EXCLUDED.quantity, owner_id = EXCLUDED.owner_id,
    admin_id = EXCLUDED.admin_id, created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at
RETURNING quantity, owner_id = :'sam' AS still_sams, created_at = :'row_created_at' AS as_created;
INSERT INTO carts (id, name) VALUES (:cart, 'renamed'), (DEFAULT, 'second'), (NULL, 'third')
ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id, name = EXCLUDED.name RETURNING name, id = :cart AS is_the_first;
INSERT INTO carts (id, name, owner_id) SELECT id, name || '!', owner_id FROM json_populate_recordset(NULL::carts,
    (SELECT json_agg(c) FROM carts c)) ON CONFLICT ON CONSTRAINT carts_pkey DO UPDATE SET name = EXCLUDED.name, owner_id = EXCLUDED.owner_id RETURNING name;
INSERT INTO carts (id, name, owner_id) VALUES (:cart, 'renamed!', :'sam') ON CONFLICT (admin_id, name) DO UPDATE SET id = EXCLUDED.id, owner_id = EXCLUDED.owner_id
RETURNING name;
INSERT INTO carts (id, name) VALUES (:cart, 'not seen') ON CONFLICT (id) DO NOTHING;
INSERT INTO stock (id, sku, name, quantity, owner_id) VALUES (:row_id, 'S1', 'Shirt', 8, :'sam') ON CONFLICT (id) DO UPDATE SET quantity = EXCLUDED.quantity RETURNING quantity;
INSERT INTO carts_by_size (id, size, note, owner_id) VALUES (:sized, 1, 'again', :'sam') ON CONFLICT (id, size) DO UPDATE SET note = EXCLUDED.note RETURNING note;
MERGE INTO carts c USING (VALUES (:cart, 'merged')) v (id, name) ON c.id = v.id WHEN MATCHED THEN UPDATE SET id = v.id, name = v.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.id, v.name);
SET plan_cache_mode = force_generic_plan;
PREPARE save (integer, text, uuid) AS INSERT INTO carts (id, name, owner_id) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id, name = EXCLUDED.name, owner_id = EXCLUDED.owner_id RETURNING name;
EXECUTE save (:cart, 'saved', :'sam');
EXECUTE save (NULL, 'saved anew', NULL);
RESET plan_cache_mode;
-- NULL for owner and team is the caller and the caller's team, as Django sends it.
INSERT INTO staff (full_name, owner_id, admin_id) VALUES ('Ann', NULL, NULL), ('Bea', :'sue', :'anna') RETURNING full_name, owner_id = :'sue' AS by_sue, admin_id = :'anna' AS annas;
INSERT INTO staff (full_name, owner_id, admin_id) SELECT 'Cleo', NULL, NULL RETURNING owner_id = :'sue' AS by_sue;
SELECT c.name, c.owner_id = :'sam' AS by_sam FROM carts c ORDER BY c.id;

-- A new row's id is refused, with one answer for ids of others, of nobody and of what is to come.
INSERT INTO inventory (id, sku, name) VALUES (1000000, 'S2', 'x');
INSERT INTO inventory (id, sku, name) VALUES (:bens, 'S2', 'x') ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id, name = EXCLUDED.name;
\set VERBOSITY sqlstate
INSERT INTO inventory (id, sku, name) VALUES (1000000, 'S2', 'x') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
INSERT INTO inventory (id, sku, name) VALUES (:bens, 'S2', 'x') ON CONFLICT (id) DO NOTHING;
INSERT INTO inventory (id, sku, name) VALUES (1000000, 'S1', 'x') ON CONFLICT (admin_id, sku) DO UPDATE SET id = EXCLUDED.id;
INSERT INTO carts (id, name) VALUES (:cart, 'x'), (:bens_cart, 'y') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
EXECUTE save (:bens_cart, 'x', NULL);
EXECUTE save (1000000, 'x', NULL);
INSERT INTO stock (id, sku, name) VALUES (:bens, 'S2', 'x') ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
MERGE INTO carts c USING (VALUES (1000000, 'x')) v (id, name) ON c.id = v.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.id, v.name);
UPDATE inventory SET id = 1000000 WHERE id = :row_id;
UPDATE inventory SET id = :bens WHERE id = :row_id;
UPDATE inventory SET id = NULL WHERE id = :row_id;
UPDATE carts_by_size SET id = 1000000;
INSERT INTO inventory (id, sku, name) VALUES (:row_id, 'S1', 'x') ON CONFLICT (id) DO UPDATE SET id = 1000000;
-- Nor can owner and team be somebody else: of a new row, and of one that is there.
INSERT INTO carts (name, owner_id) VALUES ('x', :'sam');
INSERT INTO carts (name, owner_id) VALUES ('x', :'sam') ON CONFLICT (id) DO UPDATE SET name = 'x';
INSERT INTO carts (name, owner_id) VALUES ('x', :'sam') ON CONFLICT (admin_id, name) DO UPDATE SET name = 'x';
INSERT INTO carts (id, name, owner_id) VALUES (:cart, 'x', :'mia') ON CONFLICT (id) DO UPDATE SET owner_id = EXCLUDED.owner_id;
INSERT INTO carts (id, name, owner_id) VALUES (:cart, 'x', :'sue') ON CONFLICT (id) DO UPDATE SET owner_id = EXCLUDED.owner_id;
INSERT INTO carts (id, name, owner_id, admin_id) VALUES (:bens_cart, 'x', :'ben', :'bob') ON CONFLICT (id) DO UPDATE SET name = 'x';
INSERT INTO carts (id, name, admin_id) VALUES (:cart, 'x', :'bob') ON CONFLICT (id) DO UPDATE SET admin_id = EXCLUDED.admin_id;
INSERT INTO carts_by_size (id, size, note, owner_id) VALUES (:sized, 2, 'forged', :'sam') ON CONFLICT (id, size) DO UPDATE SET note = EXCLUDED.note;
INSERT INTO carts_by_size (id, size, note, owner_id) VALUES (:sized, 2, 'forged', :'sam') ON CONFLICT DO NOTHING;
-- Not even what the same statement deletes, or an earlier one has.
BEGIN;
DELETE FROM carts WHERE id = :cart;
EXECUTE save (:cart, 'forged', :'sam');
ROLLBACK;
WITH gone AS (DELETE FROM carts WHERE id = :cart RETURNING id) INSERT INTO carts (id, name, owner_id) SELECT id, 'forged', :'sam' FROM gone
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
\set VERBOSITY default

-- Members may call what the policies call, wherever they like: it says nothing, and asks for no row where there is none.
INSERT INTO carts (name) SELECT 'called' WHERE teamwork.ids_are_generated(NULL) AND NOT teamwork.replaces_a_row(NULL) RETURNING name;
\set VERBOSITY sqlstate
INSERT INTO carts (id, name) SELECT 1000000, 'x' WHERE teamwork.ids_are_generated(:'anna');
INSERT INTO carts (id, name) SELECT 1000000, teamwork.ids_are_generated(admin_id)::text FROM carts;
INSERT INTO carts (id, name) SELECT 1000000, teamwork.replaces_a_row(admin_id)::text FROM carts ON CONFLICT (id) DO UPDATE SET name = 'x';
INSERT INTO carts (id, name) VALUES (1000000, 'x') RETURNING teamwork.ids_are_generated(admin_id);
\set VERBOSITY default
INSERT INTO carts AS c (id, name) VALUES (:cart, 'called') ON CONFLICT (id) DO UPDATE SET name = 'by row' WHERE teamwork.ids_are_generated(c.admin_id) AND NOT teamwork.replaces_a_row(c.owner_id)
RETURNING name, teamwork.ids_are_generated(c.admin_id), teamwork.replaces_a_row(admin_id);
MERGE INTO carts c USING (VALUES (:cart)) v (id) ON c.id = v.id AND teamwork.ids_are_generated(c.admin_id) WHEN MATCHED AND teamwork.ids_are_generated(c.admin_id) THEN UPDATE SET name = 'merged'
    WHEN NOT MATCHED THEN INSERT (id, name) VALUES (v.id, 'x');
SELECT teamwork.ids_are_generated(c.admin_id), teamwork.replaces_a_row(c.admin_id), name FROM carts c WHERE id = :cart;
UPDATE carts SET name = 'updated' WHERE teamwork.ids_are_generated(admin_id) AND id = :cart RETURNING teamwork.replaces_a_row(admin_id);
CREATE TEMP TABLE own (id integer GENERATED BY DEFAULT AS IDENTITY, admin_id uuid, created_at timestamptz);
INSERT INTO own (id, admin_id) VALUES (5, :'anna') RETURNING id, teamwork.ids_are_generated(admin_id);

-- created_at is the server's.
INSERT INTO staff (full_name, created_at, updated_at, updated_by) VALUES ('Dora', '2001-01-01', '2001-01-01', :'sam')
RETURNING created_at = now() AS created, updated_at = now() AS updated, updated_by = :'sue' AS by_sue;
UPDATE staff SET created_at = '2001-01-01' WHERE full_name = 'Dora' RETURNING created_at > '2001-01-01' AS kept;
UPDATE staff SET updated_by = :'sam', updated_at = '2001-01-01' WHERE full_name = 'Dora' RETURNING updated_by = :'sue' AS by_sue, updated_at = now() AS updated;
UPDATE user_profiles SET created_at = '2001-01-01', full_name = 'Sue B.' WHERE id = :'sue' RETURNING full_name, created_at > '2001-01-01' AS kept;

-- updated_by: who changed a row last.
:as_mia
UPDATE staff SET position = 'cook' WHERE full_name = 'Dora';
UPDATE staff SET position = 'cook' WHERE full_name = 'Ann' RETURNING updated_by = :'mia' AS by_mia;
:as_sue
SELECT full_name, owner_id = :'sue' AS made_by_sue, updated_by = :'mia' AS changed_by_mia FROM staff ORDER BY full_name;
-- Nobody's is a change without a user. Administrators and services write what they like.
:as_dba
UPDATE staff SET position = 'chef' WHERE full_name = 'Ann' RETURNING updated_by;
SET ROLE service_role;
INSERT INTO staff (id, full_name, owner_id, admin_id, created_at) VALUES (-7, 'Old', :'sue', :'anna', '2001-01-01') RETURNING id, created_at = '2001-01-01' AS chosen, updated_by;
UPDATE staff SET id = -8 WHERE id = -7;
RESET ROLE;
-- Nothing of the other team's has changed, and its next row gets an id of its own.
SELECT sku, name FROM inventory WHERE id = :bens;
:as_ben
INSERT INTO carts (name) VALUES ('next') RETURNING id < 1000000 AS given;
:as_dba
DELETE FROM staff WHERE id < 0;
SELECT problem FROM teamwork.protection_drift('carts');
-- Protected before updated_by was, and before ids were.
ALTER TABLE carts DROP COLUMN updated_by, ALTER id SET GENERATED ALWAYS;
SELECT problem FROM teamwork.protection_drift('carts');
SELECT teamwork.protect_table('carts');
SELECT problem FROM teamwork.protection_drift('carts');
SET client_min_messages = warning;
DROP VIEW stock;
DROP TABLE carts, carts_by_size;
