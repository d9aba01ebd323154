-- Several columns of a file that fill one of numbers: debit and credit, or a sum.
\set team d9
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set bank 'SELECT occurred_on, description, amount FROM transactions ORDER BY id;'

:as_mia
-- Names that are sure need no mapping.
\set statement 'E''Date,Description,Debit,Credit\\n2024-03-04,Rent,850.00,\\n2024-03-05,Invoice,,1200.50\\n2024-03-06,Both,1.00,2.00\\n2024-03-07,Tea,3.00,\\n2024-03-08,Tea,3.50,\\n2024-03-09,Tea,3.50,\\n2024-03-10,Tea,3.50,\\n2024-03-11,Tea,3.50,\\n2024-03-12,Tea,3.50,\\n2024-03-13,Tea,3.50,\\n'''
SELECT csv_column, target_column, confidence, reason FROM suggest_column_mapping('transactions', :statement);
SELECT create_background_import_job('transactions', csv => :statement) AS job \gset
:wait
SELECT line, column_name, value, code, message, suggestion FROM scheduled_job_errors WHERE job_id = :'job';
SELECT report -> 'mapping' AS mapping, report -> 'mapping_reasons' ->> 'Debit' AS reason FROM scheduled_jobs WHERE id = :'job';
SELECT occurred_on, description, amount FROM transactions WHERE description <> 'Tea' ORDER BY id;
SELECT undo_import(:'job');

-- Others do: the one that is taken off has a minus. A report's mapping can be sent back, and is kept.
\set named 'E''Date,Description,Ours,Theirs\\n2024-03-04,Rent,850.00,\\n2024-03-05,Invoice,,1200.50\\n'''
SELECT create_background_import_job('transactions', csv => :named, mapping => '{"Ours": "-amount", "Theirs": "amount"}') AS job \gset
:wait
:bank
SELECT report -> 'mapping' AS mapping FROM scheduled_jobs WHERE id = :'job';
SELECT mapping FROM teamwork.saved_mappings WHERE data_type = 'transactions';
SELECT create_background_import_job('transactions', csv => replace(:named, '850', '860')) AS job \gset
:wait
SELECT amount FROM transactions WHERE description = 'Rent' ORDER BY id;
SELECT r ->> 'line' AS line, r -> 'values' ->> 'amount' AS amount FROM jsonb_array_elements(preview_import('transactions', :named, mapping => '{"Ours": "-amount", "Theirs": "+amount"}') -> 'rows') r;

-- A sum.
SELECT create_background_import_job('inventory', csv => E'sku,name,Front,Back\nA,Lamp,3,4\nB,Bulb,,2\nC,Cord,,\n', mapping => '{"Front": "+quantity", "Back": "+quantity"}') AS job \gset
:wait
SELECT sku, quantity FROM inventory ORDER BY sku;

SELECT create_background_import_job('transactions', csv => :named, mapping => '{"Ours": "-amounts"}');
SELECT create_background_import_job('transactions', csv => :named, mapping => '{"Ours": "amount", "Theirs": "amount"}') AS job \gset
:wait
SELECT error_message FROM scheduled_jobs WHERE id = :'job';
SELECT preview_import('transactions', :named, mapping => '{"Ours": "-description"}');
