-- Numbers and dates as they are written in the country that a file comes from, found out by elimination and kept to.
\set team f4
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set told 'SELECT report -> ''locale'' AS locale FROM scheduled_jobs WHERE id = :''job''; SELECT w ->> ''kind'' AS kind, w ->> ''line'' AS line, w ->> ''sample'' AS sample, w ->> ''message'' AS message, w ->> ''hint'' AS hint FROM scheduled_jobs, jsonb_array_elements(report -> ''warnings'') w WHERE id = :''job'';'

SET datestyle TO 'ISO';
:as_sam
-- German: one amount with a comma for the cents decides its column, one day beyond the twelfth the order of dates.
SELECT create_background_import_job('transactions', csv => E'type;category;amount;description;occurred_on\n'
    'income;Verkauf;1.234,56 €;a;31.12.2024\n'
    'income;Verkauf;1.234;b;03.04.2024\n'
    'expense;Miete;(500);c;1.2.24\n'
    'expense;Strom;12,5-;d;"5. Jan 2024"\n') AS job \gset
:wait
:report
:told
SELECT description, amount, occurred_on FROM transactions WHERE owner_id = :'sam' ORDER BY description;

-- American, with what spreadsheets add.
SELECT create_background_import_job('staff', csv => E'full_name,salary,hired_on,is_active\n'
    'Uma,"$1,234.56",1/31/2024,yes\n'
    'Vic,"USD 1,234",03/04/24,inactive\n'
    'Wes,5%,45291,x\n'
    'Xia,N/A,-,off\n') AS job \gset
:wait
:report
:told
SELECT full_name, salary, hired_on, is_active FROM staff WHERE owner_id = :'sam' ORDER BY full_name;

-- A cell that speaks another language than its column is refused, never read the other way.
SELECT create_background_import_job('staff', csv => E'full_name,salary,hired_on\n'
    'Yan,"1,234.56",12/31/2024\n'
    'Zoe,"1.234,56",12/30/2024\n'
    'Zac,"1,000.00",13/02/2024\n') AS job \gset
:wait
:report
:refusals
SELECT full_name FROM staff WHERE owner_id = :'sam' AND full_name ~ '^[YZ]';

-- Where nothing tells, the server's order of dates and a decimal point are taken, and that is said; options decide.
SELECT create_background_import_job('transactions', csv => E'type,amount,description,occurred_on\nincome,"1,234",e,03/04/2024\n') AS job \gset
:wait
:told
SELECT create_background_import_job('transactions', csv => E'type,amount,description,occurred_on\nincome,"1,234",f,03/04/2024\n', options => '{"decimal": ",", "date_order": "dmy"}') AS job \gset
:wait
:told
SELECT description, amount, occurred_on FROM transactions WHERE owner_id = :'sam' AND description IN ('e', 'f') ORDER BY 1;
SELECT create_background_import_job('transactions', csv => E'a\n', options => '{"decimal": "comma"}');
SELECT create_background_import_job('transactions', csv => E'a\n', options => '{"date_order": "ydm"}');

-- Identifiers stay text; a spreadsheet's way to say so is not part of them, and its damage is told.
SELECT create_background_import_job('inventory', csv => E'sku,name,barcode,quantity\n="0012",Nut,4006381333931,"1\u202f234"\n0013,Bolt,4.00638E+12,\n') AS job \gset
:wait
:told
SELECT sku, barcode, quantity FROM inventory WHERE owner_id = :'sam' ORDER BY sku;

-- What is stored is what PostgreSQL takes, whatever the zone is called.
:as_dba
CREATE TABLE sightings (sighting_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seen timestamptz, measured double precision);
SELECT teamwork.protect_table('sightings');
:as_sam
SELECT create_background_import_job('sightings', csv => E'seen;measured\n31.01.2024 10:00:00 UTC;1,5e3\n2024-01-31T10:00:00.5Z;-0,25\n31 Jan 2024 3:45 PM +0200;1.000,5\n45291,5;\n') AS job \gset
:wait
:report
:refusals
SET timezone TO 'UTC';
SELECT seen, measured FROM sightings ORDER BY sighting_id;
:as_dba
SELECT teamwork.unprotect_table('sightings');
DROP TABLE sightings;
