-- Keys that cross teams: protect_table names each, drift and doctor go on naming it, and its fix, pasted, closes it.
\set team ea
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SELECT extnamespace::regnamespace || '.' AS schema FROM pg_extension WHERE extname = 'teamwork' \gset
SET client_min_messages = warning;
DROP TABLE IF EXISTS stock_moves, parts, settings, bookings, remarks, wishes, moved_profiles CASCADE;
RESET client_min_messages;
-- Fixes are printed without the schema; `:paste` runs those of a table until nothing is left.
\set drift_of 'SELECT replace(problem, :''schema'', '''') AS problem, replace(fix, :''schema'', '''') AS fix FROM teamwork.protection_drift(:''table'');'
\set paste 'SET client_min_messages = warning; \\set ECHO none \\\\ SELECT fix FROM teamwork.protection_drift(:''table'') \\gexec \\set ECHO all \\\\ RESET client_min_messages;'

-- Every protected table has the key that other tables refer to, and so have the extension's own.
CREATE TABLE parts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, parent bigint REFERENCES parts ON DELETE CASCADE);
\set VERBOSITY terse
SELECT teamwork.protect_table('parts');
\set VERBOSITY default
SELECT t, pg_get_indexdef(i.indexrelid) ~ '\(admin_id, id\)$' AS unique_by_team FROM unnest('{transactions, inventory, staff, parts}'::regclass[]) t
JOIN pg_index i ON i.indrelid = t AND i.indisunique AND i.indnatts = 2 AND NOT 'sku' = (SELECT attname FROM pg_attribute WHERE attrelid = t AND attnum = i.indkey[1]) ORDER BY 1;

-- A primary key that people choose.
CREATE TABLE settings (key text PRIMARY KEY, value text, label text, code integer UNIQUE NULLS NOT DISTINCT, amount integer, id uuid DEFAULT gen_random_uuid() UNIQUE);
CREATE UNIQUE INDEX "settings by label" ON settings (lower(label)) WHERE label <> '';
ALTER TABLE settings ADD admin_id uuid;
CREATE UNIQUE INDEX settings_both ON settings (admin_id, amount);
ALTER TABLE settings ADD CONSTRAINT settings_amount_key UNIQUE (amount);
\set VERBOSITY terse
SELECT teamwork.protect_table('settings');
\set VERBOSITY default
\set table settings
:drift_of
SELECT status, detail FROM teamwork.doctor() WHERE check_name = 'crossings' AND detail ~ 'settings_pkey';
:as_sam
INSERT INTO settings (key, label, code, amount) VALUES ('theme', 'Dark', 1, 1);
\set VERBOSITY terse
:as_ben
INSERT INTO settings (key) VALUES ('theme');
:as_dba
\set VERBOSITY default
:paste
:drift_of
:as_ben
INSERT INTO settings (key, label, code, amount) VALUES ('theme', 'dark', 1, 1);
SELECT key FROM settings;
:as_dba
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'settings'::regclass AND contype IN ('p', 'u') ORDER BY 1;
SELECT replace(pg_get_indexdef(indexrelid), :'schema', '') AS index FROM pg_index WHERE indrelid = 'settings'::regclass ORDER BY 1;

-- An exclusion constraint.
CREATE TABLE bookings (room text, during int4range, EXCLUDE USING gist (during WITH &&) WHERE (room <> ''));
\set VERBOSITY terse
SELECT teamwork.protect_table('bookings');
\set VERBOSITY default
\set table bookings
:drift_of
:paste
:drift_of
:as_sam
INSERT INTO bookings VALUES ('blue', '[1,5)');
:as_ben
INSERT INTO bookings VALUES ('blue', '[1,5)');
\set VERBOSITY terse
INSERT INTO bookings VALUES ('blue', '[2,3)');
\set VERBOSITY default

-- Foreign keys between tables of team data: of one's own, to the extension's, to a key of text, to the table itself.
:as_dba
CREATE TABLE stock_moves (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item bigint REFERENCES inventory ON DELETE CASCADE,
    part bigint REFERENCES parts ON DELETE SET NULL ON UPDATE CASCADE, setting uuid REFERENCES settings (id) DEFERRABLE, checked_by uuid NOT NULL REFERENCES auth.users);
\set VERBOSITY terse
SELECT teamwork.protect_table('stock_moves');
\set VERBOSITY default
:as_anna
INSERT INTO inventory (sku, name) VALUES ('A1', 'Lamp') RETURNING id AS annas_item \gset
INSERT INTO parts (name) VALUES ('Bulb') RETURNING id AS annas_part \gset
-- The attack: Ben learns that the row is there, holds it, and names Anna, whose account can go no more.
:as_ben
BEGIN;
INSERT INTO stock_moves (item, part, checked_by) VALUES (:annas_item, :annas_part, :'sam');
SELECT count(*) AS refers_to_annas FROM stock_moves;
:as_anna
DELETE FROM inventory WHERE id = :annas_item;
:as_ben
SELECT count(*) AS gone_with_annas FROM stock_moves;
ROLLBACK;
:as_dba
\set table stock_moves
:drift_of
\set table parts
:drift_of
:paste
\set table stock_moves
:paste
:drift_of
\set table parts
:drift_of
SELECT replace(pg_get_constraintdef(oid), :'schema', '') AS key FROM pg_constraint WHERE conrelid IN ('stock_moves'::regclass, 'parts'::regclass) AND contype = 'f' ORDER BY 1;
:as_ben
\set VERBOSITY terse
INSERT INTO stock_moves (item, checked_by) VALUES (:annas_item, :'sam');
INSERT INTO stock_moves (part, checked_by) VALUES (:annas_part, :'sam');
INSERT INTO parts (name, parent) VALUES ('Bulb', :annas_part);
\set VERBOSITY default
INSERT INTO inventory (sku, name) VALUES ('B1', 'Lamp') RETURNING id AS bens_item \gset
INSERT INTO parts (name) VALUES ('Bulb') RETURNING id AS bens_part \gset
INSERT INTO stock_moves (item, part, checked_by) VALUES (:bens_item, :bens_part, :'sam');
-- What the keys did within a team, they do: the part goes and takes only itself, the account goes, the item takes the move along.
DELETE FROM parts WHERE id = :bens_part;
SELECT item = :bens_item AS item, part, admin_id = :'bob' AS bobs FROM stock_moves;
:as_anna
SELECT remove_team_member(:'sam');
:as_dba
DELETE FROM auth.users WHERE id = :'sam';
:as_ben
SELECT checked_by FROM stock_moves;
DELETE FROM inventory WHERE id = :bens_item;
SELECT count(*) FROM stock_moves;

-- A table that is not protected, and that members write.
:as_dba
CREATE TABLE remarks (item bigint REFERENCES inventory, text text);
CREATE TABLE wishes (item bigint REFERENCES inventory, text text);
GRANT SELECT, INSERT ON remarks TO authenticated;
GRANT UPDATE (text) ON remarks TO PUBLIC;
\set table inventory
:drift_of
:paste
:drift_of

-- Owner and team that lead elsewhere: the key is swapped, so teams that the old table does not know can write, and it takes nobody's rows.
CREATE TABLE moved_profiles (id uuid PRIMARY KEY, team uuid, UNIQUE (id, team));
INSERT INTO moved_profiles VALUES (:'anna', :'anna');
DROP TABLE remarks, wishes;
CREATE TABLE remarks (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text, owner_id uuid REFERENCES moved_profiles ON DELETE SET NULL,
    admin_id uuid REFERENCES moved_profiles ON DELETE CASCADE, CONSTRAINT of_a_member FOREIGN KEY (owner_id, admin_id) REFERENCES moved_profiles (id, team));
INSERT INTO remarks (text, owner_id, admin_id) VALUES ('Anna''s', :'anna', :'anna');
CREATE TABLE wishes (id uuid PRIMARY KEY REFERENCES auth.users, admin_id uuid REFERENCES auth.users ON DELETE CASCADE);
SELECT teamwork.protect_table('remarks');
\set VERBOSITY terse
SELECT teamwork.protect_table('wishes');
\set VERBOSITY default
SELECT conrelid::regclass, replace(pg_get_constraintdef(oid), :'schema', '') AS key FROM pg_constraint WHERE conrelid IN ('remarks'::regclass, 'wishes'::regclass) AND contype = 'f' ORDER BY 1, 2;
:as_ben
INSERT INTO remarks (text) VALUES ('Ben''s');
:as_dba
DELETE FROM moved_profiles;
SELECT text FROM remarks ORDER BY 1;
-- One that is added later is drift, and so is one that takes a team's rows with its admin.
ALTER TABLE remarks ADD CONSTRAINT stray FOREIGN KEY (owner_id) REFERENCES moved_profiles NOT VALID, DROP CONSTRAINT remarks_admin_id_fkey;
\set ECHO none
SELECT format('ALTER TABLE remarks ADD FOREIGN KEY (admin_id) REFERENCES %suser_profiles ON DELETE CASCADE', :'schema') AS statement \gset
:statement;
\set ECHO all
\set table remarks
:drift_of
:paste
:drift_of
-- A user's own row by the user's id: another team's member could take it first.
\set table wishes
:drift_of
:paste
:drift_of

DROP TABLE stock_moves, parts, settings, bookings, remarks, wishes, moved_profiles CASCADE;
DROP EXTENSION btree_gist;
DELETE FROM inventory WHERE admin_id IN (:'anna', :'bob');
