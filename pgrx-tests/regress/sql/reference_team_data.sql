-- Team data
-- Members read, add, edit and delete the rows of their team, and see no other row. `teamwork.protect_table` makes your own tables such tables.
\set team db
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SET client_min_messages = warning;
DROP TABLE IF EXISTS orders CASCADE;
RESET client_min_messages;

:as_sam
-- example: transactions
INSERT INTO transactions (type, amount, occurred_on) VALUES ('sale', 12.50, '2026-02-28');
SELECT type, amount, owner_id = auth.uid() AS is_mine FROM transactions;

-- example: inventory
INSERT INTO inventory (sku, name, quantity) VALUES ('L-1', 'Lamp', 12);
INSERT INTO inventory (sku, name, quantity) VALUES ('L-1', 'Lantern', 3) ON CONFLICT (admin_id, sku) DO UPDATE SET quantity = excluded.quantity;
SELECT sku, name, quantity FROM inventory;

-- example: staff
INSERT INTO staff (full_name, position, salary) VALUES ('Ada', 'cook', 2500);
SELECT full_name, position, salary, is_active FROM staff;

:as_dba
-- example: teamwork.protect_table
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text NOT NULL);
SELECT teamwork.protect_table('orders', key_columns => ARRAY['number']);

-- example: teamwork.protected_tables
SELECT data_type, key_columns, row_security FROM teamwork.protected_tables WHERE data_type IN ('orders', 'inventory') ORDER BY data_type;

-- example: teamwork.protection_drift
DROP POLICY "team members edit team rows" ON orders;
SELECT problem FROM teamwork.protection_drift('orders');
-- Its fix:
SELECT teamwork.protect_table('orders') \g /dev/null

-- example: teamwork.set_table_rule
SELECT teamwork.set_table_rule('orders', role => 'staff', commands => '{SELECT}');

-- example: teamwork.table_rules
SELECT target, role, commands, hidden_columns FROM teamwork.table_rules WHERE target = 'orders'::regclass;

-- example: teamwork.unprotect_table
SELECT teamwork.unprotect_table('orders');
-- end
DROP TABLE orders;
