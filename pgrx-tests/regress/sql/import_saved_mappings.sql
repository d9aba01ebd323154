-- What a team has decided about the columns of a file is kept for the next file of that header: for this team alone.
\set team c6
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set saved 'SELECT data_type, header, mapping, saved_by = ' :'sam' ' AS by_sam, uses, used_at IS NOT NULL AS used FROM teamwork.saved_mappings ORDER BY saved_at;'

:as_sam
SELECT create_background_import_job('inventory', csv => E'K,L,Note,Colour\nA1,Lamp,x,red\n', mapping => '{"K": "sku", "l": "name", "Note": null}') AS job \gset
:wait
:saved
-- The second file of the header needs no mapping, however its names are spelled; nor does the preview.
SELECT create_background_import_job('inventory', csv => E'"k";"L ";NOTE;colour\nA2;Chair;y;blue\n') AS job \gset
:wait
:report
SELECT report -> 'mapping' AS mapping, report -> 'mapping_reasons' ->> 'k' AS reason FROM scheduled_jobs WHERE id = :'job';
SELECT sku, name, attributes FROM inventory ORDER BY sku;
SELECT csv_column, target_column, confidence, reason FROM suggest_column_mapping('inventory', E'K,L,Note,Colour\nA3,Desk,z,red\n');
-- Records have a header, too: their keys.
SELECT create_background_import_job('inventory', records => '[{"K": "A4", "L": "Sofa", "Note": "n", "Colour": "grey"}]') AS job \gset
:wait
SELECT sku, name, attributes FROM inventory WHERE import_id = :'job';
:saved
-- Other names, other order, another table: another matter.
SELECT csv_column, target_column FROM suggest_column_mapping('inventory', E'L,K,Note,Colour\n');
SELECT csv_column, target_column FROM suggest_column_mapping('transactions', E'K,L,Note,Colour\n');
-- A later decision adds to the earlier one, or replaces it.
SELECT create_background_import_job('inventory', csv => E'K,L,Note,Colour\nA5,Shelf,oak,red\n', mapping => '{"Note": "description"}') AS job \gset
:wait
:report
:saved
-- Sent again, it is not written again.
SELECT xmin AS first FROM teamwork.saved_mappings \gset
SELECT create_background_import_job('inventory', csv => E'K,L,Note,Colour\nA5,Shelf,ash,red\n', mapping => '{"Note": "description"}') AS job \gset
:wait
SELECT xmin::text = :'first' AS untouched FROM teamwork.saved_mappings;

-- What fails teaches nothing, and a file without a header has none to be known by.
SELECT create_background_import_job('inventory', csv => E'M,N\nA6,\n', mapping => '{"M": "sku", "N": "name"}', options => '{"on_error": "abort"}') AS job \gset
:wait
SELECT create_background_import_job('inventory', csv => E'A7,Stool\n', mapping => '{"column_1": "sku", "column_2": "name"}', options => '{"header": false}') AS job \gset
:wait
SELECT count(*) FROM teamwork.saved_mappings;

-- Another team neither sees it nor profits, and has its own of the same header.
:as_ben
SELECT count(*) FROM teamwork.saved_mappings;
SELECT csv_column, target_column FROM suggest_column_mapping('inventory', E'K,L,Note,Colour\n');
SELECT create_background_import_job('inventory', csv => E'K,L,Note,Colour\nB1,Bed,x,red\n') AS job \gset
:wait
:failure
SELECT create_background_import_job('inventory', csv => E'K,L,Note,Colour\nBed,B1,x,red\n', mapping => '{"K": "name", "L": "sku"}') AS job \gset
:wait
SELECT mapping FROM teamwork.saved_mappings;
SELECT forget_column_mapping('inventory', ARRAY['M', 'N']) AS forgotten;
DELETE FROM teamwork.saved_mappings WHERE organization_id = :'anna';
-- Nobody writes one by hand, for the own team or for another.
INSERT INTO teamwork.saved_mappings (organization_id, data_type, signature, header, mapping, saved_by) VALUES (:'anna', 'inventory', 'x', '{}', '{}', :'ben');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO teamwork.saved_mappings (organization_id, data_type, signature, header, mapping, saved_by) VALUES (:'bob', 'inventory', 'x', '{}', '{}', :'ben');
\echo :LAST_ERROR_SQLSTATE
UPDATE teamwork.saved_mappings SET mapping = '{}';
\echo :LAST_ERROR_SQLSTATE
UPDATE teamwork.saved_mappings SET organization_id = :'anna';
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.save_mapping(:'anna', 'inventory', ARRAY['K'], '{}', :'ben');
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.count_use(:'anna', 'inventory', ARRAY['K', 'L', 'Note', 'Colour']);
\echo :LAST_ERROR_SQLSTATE
SELECT teamwork.saved_mappings_of(:'anna', 'inventory');
:as_nobody
SELECT count(*) FROM teamwork.saved_mappings;
SELECT csv_column, target_column FROM suggest_column_mapping('inventory', E'K,L\n');
SELECT forget_column_mapping('inventory', ARRAY['K', 'L', 'Note', 'Colour']) AS forgotten;
SET ROLE anon;
SELECT count(*) FROM teamwork.saved_mappings;
\echo :LAST_ERROR_SQLSTATE

-- Who leaves the team leaves its mappings; they stay with the team.
:as_anna
SELECT deactivate_team_member(:'sue');
:as_sue
SELECT count(*) FROM teamwork.saved_mappings;
:as_anna
SELECT remove_team_member(:'sam');
:as_sam
SELECT count(*) FROM teamwork.saved_mappings;
SELECT csv_column, target_column FROM suggest_column_mapping('inventory', E'K,L,Note,Colour\n');
SELECT forget_column_mapping('inventory', ARRAY['K', 'L', 'Note', 'Colour']) AS forgotten;
:as_mia
SELECT count(*) FROM teamwork.saved_mappings;
-- A column that is no more is passed over. Any member lets a mapping go.
:as_dba
UPDATE teamwork.saved_mappings SET mapping = mapping || '{"L": "no_such_column"}' WHERE organization_id = :'anna';
:as_mia
SELECT csv_column, target_column, confidence FROM suggest_column_mapping('inventory', E'K,L,Note,Colour\n');
SELECT forget_column_mapping('inventory', ARRAY['k', 'l', 'note', 'colour']) AS forgotten;
SELECT forget_column_mapping('inventory', ARRAY['k', 'l', 'note', 'colour']) AS again, forget_column_mapping(NULL, NULL) AS nothing;
SELECT count(*) FROM teamwork.saved_mappings;

-- A team keeps the hundred that it has saved or used last.
:as_dba
SELECT count(teamwork.save_mapping(:'anna', 'inventory', ARRAY['n' || n], '{}', :'mia')) FROM generate_series(1, 101) n;
SELECT count(*), min(header[1]) = 'n10' AS without_the_first FROM teamwork.saved_mappings WHERE organization_id = :'anna';
-- A mapping that is too large to be loaded for every import is not kept.
SELECT teamwork.save_mapping(:'anna', 'inventory', ARRAY['wide'], jsonb_object_agg('column' || n, NULL), :'mia') FROM generate_series(1, 5000) n;
SELECT count(*) FROM teamwork.saved_mappings WHERE header = ARRAY['wide'];
-- They go with the team.
DELETE FROM inventory WHERE admin_id = :'bob';
DELETE FROM user_profiles WHERE admin_id = :'bob';
DELETE FROM user_profiles WHERE id = :'bob';
SELECT count(*) FROM teamwork.saved_mappings WHERE organization_id = :'bob';
