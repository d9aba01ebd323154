-- Warnings: an import replaces nothing in silence, previews say the same, and a script can have warnings fail an import.
\set team f4
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set told 'SELECT w ->> ''kind'' AS kind, w ->> ''column'' AS column_name, w ->> ''count'' AS count, w ->> ''message'' AS message, w ->> ''hint'' AS hint FROM scheduled_jobs, jsonb_array_elements(report -> ''warnings'') w WHERE id = :''job'';'
\set refused 'SELECT line, column_name, value FROM scheduled_job_errors WHERE job_id = :''job'' ORDER BY line;'

:as_mia
-- A sure name keeps its column: what is no date is refused, and never the day of the import.
SELECT create_background_import_job('transactions', csv => E'Date,Description,Amount\nsoon,Toll,1\n2024-03-08,Ferry,2\n') AS job \gset
:wait
:refused
SELECT occurred_on, description FROM transactions ORDER BY id;

-- Of two sure names the one with values of the type is taken.
SELECT create_background_import_job('inventory', csv => E'sku,name,Stock,Qty\nW1,Lamp,In stock,3\n') AS job \gset
:wait
SELECT quantity, attributes FROM inventory WHERE sku = 'W1';

-- A column that may be the date is not left over: somebody has to decide.
SELECT create_background_import_job('transactions', csv => E'Settled,Description,Amount\n2024-03-01,Kiosk,1\n') AS job \gset
:wait
SELECT error_message FROM scheduled_jobs WHERE id = :'job';
SELECT create_background_import_job('transactions', csv => E'Settled,Description,Amount\n2024-03-01,Kiosk,1\n', mapping => '{"Settled": null}') AS job \gset
:wait
SELECT count(*) FROM transactions WHERE description = 'Kiosk';

-- Another default is told, with the columns that may be meant, and so are blanks that became one.
SELECT create_background_import_job('inventory', csv => E'sku,name,pieces_counted,quantity_on_order\nW2,Bulb,5,1\n') AS job \gset
:wait
:told
SELECT create_background_import_job('staff', csv => E'Name,Job Title,Active\nAda,Clerk,x\nBen,Porter,\nCy,Driver,\n') AS job \gset
:wait
:told
SELECT w FROM jsonb_array_elements(preview_import('staff', E'Name,Job Title,Active\nAda,Clerk,x\nBen,Porter,\nCy,Driver,\n') -> 'warnings') w;

-- What a script does not want to happen, it names.
SELECT create_background_import_job('staff', csv => E'Name,Active\nDee,\n', options => '{"fail_on": ["default_for_blank"]}') AS job \gset
:wait
SELECT error_message FROM scheduled_jobs WHERE id = :'job';
SELECT count(*) FROM staff WHERE full_name = 'Dee';
SELECT w ->> 'kind' AS kind, w ->> 'message' AS message FROM jsonb_array_elements(preview_import('staff', E'Name,Active\nDee,\n', options => '{"fail_on": ["default_for_blank"]}') -> 'warnings') w;
SELECT create_background_import_job('staff', csv => E'Name,Active\nDee,x\n', options => '{"fail_on": ["default_for_blank"]}') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => '', options => '{"fail_on": ["everything"]}');
SELECT create_background_import_job('inventory', csv => '', options => '{"fail_on": "percent"}');

-- The same file again: who, and when. Only what was not undone counts, of the same table.
\set bank 'E''Date,Description,Amount\\n2024-05-01,Rent,-850.00\\n2024-05-02,Invoice,1200.50\\n'''
SELECT create_background_import_job('transactions', csv => :bank, file_name => 'may.csv') AS first \gset
SELECT wait_for_job(:'first');
SELECT create_background_import_job('transactions', csv => :bank) AS job \gset
:wait
SELECT regexp_replace(w ->> 'message', '\d{4}-\d\d-\d\d', 'DAY') AS message, w ->> 'kind' AS kind FROM scheduled_jobs, jsonb_array_elements(report -> 'warnings') w WHERE id = :'job';
SELECT regexp_replace(w ->> 'message', '\d{4}-\d\d-\d\d', 'DAY') AS message FROM jsonb_array_elements(preview_import('transactions', :bank) -> 'warnings') w;
SELECT create_background_import_job('transactions', csv => :bank, options => '{"on_repeat": "fail"}') AS job \gset
:wait
SELECT regexp_replace(error_message, '\d{4}-\d\d-\d\d', 'DAY') AS error_message FROM scheduled_jobs WHERE id = :'job';
SELECT undo_import(id) FROM scheduled_jobs WHERE report ->> 'file_hash' = (SELECT report ->> 'file_hash' FROM scheduled_jobs WHERE id = :'first') AND status = 'completed' ORDER BY completed_at DESC;
SELECT create_background_import_job('transactions', csv => :bank, options => '{"on_repeat": "fail"}') AS job \gset
:wait
:told
SELECT create_background_import_job('inventory', csv => '', options => '{"on_repeat": "never"}');
SELECT undo_import(:'job');
