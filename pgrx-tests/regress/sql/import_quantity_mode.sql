-- Files of changes: numbers are added to what rows have, each once.
\set team d8
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set counts 'SELECT report -> ''inserted'' AS inserted, report -> ''updated'' AS updated, report -> ''unchanged'' AS unchanged, report -> ''refused'' AS refused, report -> ''path_reasons'' AS path_reasons FROM scheduled_jobs WHERE id = :''job'';'
\set refused 'SELECT line, column_name, value, code, message, suggestion FROM scheduled_job_errors WHERE job_id = :''job'' ORDER BY line;'
\set failed 'SELECT error_message FROM scheduled_jobs WHERE id = :''job'';'
\set stock 'SELECT sku, quantity, quantity_on_order, reorder_level, unit_price FROM inventory ORDER BY sku;'

:as_mia
SELECT create_background_import_job('inventory', csv => E'sku,name,quantity,reorder_level,unit_price\nA,Lamp,8,,12.50\nB,Bulb,5,2,3.75\nC,Cord,,1,1.00\n') AS job \gset
:wait

-- The warning about a column of changes names the option, which silences it.
\set changes 'E''sku,name,quantity,unit_price\\nA,Lamp,+5,12.50\\nB,Bulb,-3,4.00\\nA,Lamp,-1,12.50\\nC,Cord,+2,1.00\\nN,New,+4,9.00\\nN,New,+1,9.00\\nB,Bulb,-9,5.00\\nC,Cord,,1.00\\n'''
SELECT w ->> 'kind' AS kind, w ->> 'message' AS message, w ->> 'hint' AS hint FROM jsonb_array_elements(preview_import('inventory', :changes) -> 'warnings') w;
SELECT w ->> 'kind' AS kind FROM jsonb_array_elements(preview_import('inventory', :changes, options => '{"quantity_mode": {"quantity": "add"}}') -> 'warnings') w;
SELECT line, action, "values" -> 'quantity' AS quantity
FROM jsonb_to_recordset(preview_import('inventory', :changes, options => '{"quantity_mode": {"quantity": "add"}}') -> 'rows') AS r (line bigint, action text, "values" jsonb);
:stock
SELECT create_background_import_job('inventory', csv => :changes, options => '{"quantity_mode": {"quantity": "add"}}') AS job \gset
:wait
:counts
:refused
:stock
SELECT undo_import(:'job');
:stock

-- Fractions, several columns, and blank cells that are to keep what rows have.
SELECT create_background_import_job('inventory', csv => E'sku,name,reorder_level,unit_price,location\nA,Lamp,1,-0.25,\nB,Bulb,,0.1,R2\n',
    options => '{"quantity_mode": {"unit_price": "add", "reorder_level": "add", "quantity": "set"}, "blank": "keep"}') AS job \gset
:wait
:counts
:stock

-- A partial file of changes.
SELECT create_background_import_job('inventory', csv => E'sku,quantity\nA,-2\nX,+1\n', options => '{"quantity_mode": {"quantity": "add"}}') AS job \gset
:wait
:refused
:stock

-- New rows start from the column's default.
:as_dba
CREATE TABLE ledger (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account text NOT NULL, balance numeric(12,2) NOT NULL DEFAULT 100, points real DEFAULT 1.5);
SELECT teamwork.protect_table('ledger', key_columns => ARRAY['account']);
:as_mia
SELECT create_background_import_job('ledger', csv => E'account,balance,points\na,+5,\nb,,2\na,-10.5,1\n', options => '{"quantity_mode": {"balance": "add", "points": "add"}}') AS job \gset
:wait
:counts
SELECT account, balance, points FROM ledger ORDER BY account;
SELECT undo_import(:'job');
SELECT count(*) FROM ledger;
:as_dba
SELECT teamwork.unprotect_table('ledger');
SET teamwork.allow_drop = on;
DROP TABLE ledger;

-- Many rows, with each key four times, in several commits.
:as_mia
SELECT create_background_import_job('inventory', csv => 'sku,name,quantity' || E'\n' || string_agg(format('P%s,Part,100', n), E'\n')) AS job
FROM generate_series(0, 2999) n \gset
:wait
SELECT create_background_import_job('inventory', csv => 'sku,name,quantity' || E'\n' || string_agg(format('P%s,Part,%s', n % 3000, 1 + n % 2), E'\n'),
    options => '{"quantity_mode": {"quantity": "add"}, "commit_every": 5000}') AS job FROM generate_series(1, 12000) n \gset
:wait
:counts
SELECT count(*), min(quantity), max(quantity), sum(quantity) FROM inventory WHERE sku LIKE 'P%';
SELECT undo_import(:'job');
SELECT count(*), min(quantity), max(quantity), sum(quantity) FROM inventory WHERE sku LIKE 'P%';

-- What cannot be added is said.
SELECT create_background_import_job('inventory', csv => '', options => '{"quantity_mode": {"quantity": "subtract"}}');
SELECT create_background_import_job('inventory', csv => '', options => '{"quantity_mode": "add"}');
SELECT preview_import('inventory', E'sku,name,quantity\nA,Lamp,1\n', options => '{"quantity_mode": {"stock": "add"}}');
SELECT preview_import('inventory', E'sku,name,quantity\nA,Lamp,1\n', options => '{"quantity_mode": {"name": "add"}}');
SELECT preview_import('transactions', E'Date,Description,Amount\n2024-05-01,Rent,1\n', options => '{"quantity_mode": {"amount": "add"}}');
SELECT create_background_import_job('inventory', csv => E'name,quantity\nLamp,1\n', options => '{"quantity_mode": {"quantity": "add"}}') AS job \gset
:wait
:failed
