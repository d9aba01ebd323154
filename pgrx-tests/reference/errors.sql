-- Every error that a COMMENT names, raised. A block begins with the function, the SQLSTATE and who acts: `admin`, `manager` and `staff` of a
-- team, `other`, the admin of another one, `nobody`, `superuser`, or a login role. $NAME stands for an id.

-- create_team_member 42501 manager
SELECT create_team_member('x@example.com', 'X', 'staff');
-- create_team_member 22023 admin
SELECT create_team_member('x@example.com', 'X', 'owner');
-- create_team_member 23514 admin
SELECT create_team_member('x@example.com', 'X', 'manager');
-- create_team_member 23505 admin
SELECT create_team_member('x@example.com', 'X', 'staff', '$other');

-- change_team_member_role 42501 staff
SELECT change_team_member_role('$manager', 'staff');
-- change_team_member_role 22023 admin
SELECT change_team_member_role('$manager', 'admin');
-- change_team_member_role P0002 admin
SELECT change_team_member_role('$other', 'staff');
-- change_team_member_role 23514 admin
SELECT change_team_member_role('$staff', 'manager');

-- deactivate_team_member 42501 staff
SELECT deactivate_team_member('$manager');
-- deactivate_team_member P0002 admin
SELECT deactivate_team_member('$other');
-- reactivate_team_member 42501 staff
SELECT reactivate_team_member('$manager');
-- reactivate_team_member P0002 admin
SELECT reactivate_team_member('$other');
-- reactivate_team_member 23514 admin
SELECT deactivate_team_member('$manager'), create_team_member('x@example.com', 'X', 'manager');
SELECT reactivate_team_member('$manager');
-- remove_team_member 42501 staff
SELECT remove_team_member('$manager');
-- remove_team_member P0002 admin
SELECT remove_team_member('$other');

-- invite_team_member 42501 staff
SELECT invite_team_member('x@example.com', 'staff');
-- invite_team_member 22023 admin
SELECT invite_team_member('no address', 'staff');
-- invite_team_member 23505 admin
SELECT invite_team_member('manager1@example.com', 'staff');
-- invite_team_member 23514 admin
SELECT invite_team_member('x@example.com', 'manager');
-- invite_team_members 42501 staff
SELECT invite_team_members(ARRAY['x@example.com'], 'staff');
-- invite_team_members 22023 admin
SELECT invite_team_members(ARRAY['x@example.com', 'no address'], 'staff');
-- invite_team_members 23505 admin
SELECT invite_team_members(ARRAY['x@example.com', 'manager1@example.com'], 'staff');
-- invite_team_members 23514 admin
SELECT invite_team_members(ARRAY['x@example.com'], 'manager');
-- cancel_invitation 42501 staff
SELECT cancel_invitation('x@example.com');
-- accept_invitation 42501 nobody
SELECT accept_invitation('a token');
-- accept_invitation P0002 other
SELECT accept_invitation('a token');
-- accept_invitation 55000 admin
SELECT set_config('test.token', invite_team_member('x@example.com', 'staff'), false), cancel_invitation('x@example.com');
SELECT accept_invitation(current_setting('test.token'));
-- accept_invitation 23505 admin
SELECT set_config('test.token', invite_team_member('x@example.com', 'staff'), false);
SELECT accept_invitation(current_setting('test.token'));
-- join_team 42501 nobody
SELECT join_team('$admin');
-- join_team P0002 other
SELECT join_team('$admin');
-- join_team 55000 superuser
UPDATE auth.users SET email = 'other@example.com', raw_app_meta_data = NULL WHERE id = '$other';
SELECT set_config('request.jwt.claim.sub', '$admin', true), invite_team_member('other@example.com', 'staff', bound => true);
UPDATE teamwork.invitations SET expires_at = now();
SELECT set_config('request.jwt.claim.sub', '$other', true), join_team('$admin');
-- join_team 23505 superuser
UPDATE auth.users SET email = 'other@example.com', raw_app_meta_data = NULL WHERE id = '$staff';
SELECT set_config('request.jwt.claim.sub', '$other', true), invite_team_member('other@example.com', 'staff', bound => true);
SELECT set_config('request.jwt.claim.sub', '$staff', true), join_team('$other');
-- decline_invitation 42501 nobody
SELECT decline_invitation('a token');
-- decline_invitation P0002 other
SELECT decline_invitation('a token');
-- decline_invitation 55000 admin
SELECT set_config('test.token', invite_team_member('x@example.com', 'staff'), false), cancel_invitation('x@example.com');
SELECT decline_invitation(current_setting('test.token'));
-- decline_team 42501 nobody
SELECT decline_team('$admin');
-- decline_team P0002 other
SELECT decline_team('$admin');
-- decline_team 55000 superuser
UPDATE auth.users SET email = 'other@example.com', raw_app_meta_data = NULL WHERE id = '$other';
SELECT set_config('request.jwt.claim.sub', '$admin', true), invite_team_member('other@example.com', 'staff');
UPDATE teamwork.invitations SET expires_at = now();
SELECT set_config('request.jwt.claim.sub', '$other', true), decline_team('$admin');
-- leave_team 42501 nobody
SELECT leave_team();
-- leave_team P0002 superuser
SELECT set_config('request.jwt.claim.sub', gen_random_uuid()::text, true), leave_team();
-- leave_team 55000 admin
SELECT leave_team();
-- transfer_team 42501 manager
SELECT transfer_team('$staff');
-- transfer_team 25000 admin
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SELECT transfer_team('$staff');
-- transfer_team P0002 admin
SELECT transfer_team('$other');
-- transfer_team 55000 admin
SELECT deactivate_team_member('$staff'), transfer_team('$staff');

-- teamwork.protect_table 22004 superuser
SELECT teamwork.protect_table(NULL);
-- teamwork.protect_table 42P01 superuser
SELECT teamwork.protect_table(4000000000::oid::regclass);
-- teamwork.protect_table 42809 superuser
SELECT teamwork.protect_table('profiles');
-- teamwork.protect_table 42501 superuser
SELECT teamwork.protect_table('pg_class');
-- teamwork.protect_table 42703 superuser
CREATE TABLE things (id integer);
SELECT teamwork.protect_table('things', key_columns => ARRAY['number']);
-- teamwork.protect_table 42804 superuser
CREATE TABLE things (id integer, updated_by text);
SELECT teamwork.protect_table('things');
-- teamwork.protect_table 55000 superuser
CREATE TABLE things (id integer);
CREATE POLICY everybody ON things USING (true);
SELECT teamwork.protect_table('things');
-- teamwork.protect_table 23502 superuser
CREATE TABLE things AS SELECT 1 AS id;
SELECT teamwork.protect_table('things');
-- teamwork.set_table_rule 22004 superuser
SELECT teamwork.set_table_rule(NULL, 'staff');
-- teamwork.set_table_rule 55000 superuser
CREATE TABLE things (id integer);
SELECT teamwork.set_table_rule('things', 'staff');
-- teamwork.set_table_rule 22023 superuser
SELECT teamwork.set_table_rule('staff', 'boss');
-- teamwork.set_table_rule 42703 superuser
SELECT teamwork.set_table_rule('staff', 'staff', hidden_columns => '{wage}');

-- teamwork.unprotect_table 22004 superuser
SELECT teamwork.unprotect_table(NULL);
-- teamwork.unprotect_table 55000 superuser
CREATE TABLE things (id integer);
SELECT teamwork.unprotect_table('things');
-- teamwork.unprotect_table 42809 superuser
SELECT teamwork.unprotect_table('inventory');

-- create_background_import_job 42501 nobody
SELECT create_background_import_job('inventory', csv => E'sku\n1\n');
-- create_background_import_job 22023 manager
SELECT create_background_import_job('inventory');
-- create_background_import_job 42703 manager
SELECT create_background_import_job('inventory', csv => E'sku\n1\n', mapping => '{"sku": "colour"}');
-- create_background_import_job P0002 manager
SELECT create_background_import_job('inventory', upload_id => gen_random_uuid());
-- create_upload 42501 nobody
SELECT create_upload('stock.csv');
-- append_upload P0002 manager
SELECT append_upload(gen_random_uuid(), 'sku');
-- import_errors_csv P0002 other
SELECT import_errors_csv('$import');
-- import_errors_csv 42809 manager
SELECT import_errors_csv('$export');
-- import_errors_csv 55000 manager
SELECT import_errors_csv('$later_import');
-- undo_import P0002 other
SELECT undo_import('$import');
-- undo_import 42501 staff
SELECT undo_import('$import');
-- undo_import 42809 manager
SELECT undo_import('$export');
-- undo_import 55000 manager
SELECT undo_import('$import');
SELECT undo_import('$import');
-- undo_conflicts P0002 other
SELECT undo_conflicts('$import');
-- undo_conflicts 42809 manager
SELECT undo_conflicts('$export');
-- undo_conflicts 55000 manager
SELECT undo_conflicts('$later_import');
-- suggest_column_mapping 22023 manager
SELECT suggest_column_mapping('nothing', 'sku');
-- suggest_column_mapping 22P04 manager
SELECT suggest_column_mapping('inventory', '%PDF-1.7');
-- preview_import 42501 nobody
SELECT preview_import('inventory', E'sku\n1\n');
-- preview_import 22023 manager
SELECT preview_import('inventory', E'sku\n1\n', options => '{"header": 0}');
-- preview_import 42703 manager
SELECT preview_import('inventory', E'sku\n1\n', '{"sku": "colour"}');
-- preview_import 22P04 manager
SELECT preview_import('inventory', '%PDF-1.7');
-- preview_import 25006 manager
BEGIN READ ONLY;
SELECT preview_import('inventory', E'sku\n1\n');
-- sniff_csv 22P04 manager
SELECT sniff_csv('%PDF-1.7');
-- sniff_file 22P04 manager
SELECT sniff_file('\x1f8b0800');
-- sniff_file 54000 manager
SELECT sniff_file(decode('UEsDBBQAAAAIAAAAAAAAAAAAAgAAAAAAAEATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbAMAUEsBAhQAFAAAAAgAAAAAAAAAAAACAAAAAAAAQBMAAAAAAAAAAAAAAAAAAAAAAFtDb250ZW50X1R5cGVzXS54bWxQSwUGAAAAAAEAAQBBAAAAMwAAAAAA', 'base64'));
-- read_csv 22023 manager
SELECT read_csv('sku', '{"header": 0}');
-- read_csv 22P04 manager
SELECT read_csv('%PDF-1.7');

-- create_scheduled_job 42501 nobody
SELECT create_scheduled_job('export', 'inventory');
-- create_scheduled_job 22023 manager
SELECT create_scheduled_job('import', 'inventory');
-- create_scheduled_job 42703 manager
SELECT create_scheduled_job('export', 'inventory', options => '{"columns": ["colour"]}');
-- create_scheduled_job P0002 manager
SELECT create_scheduled_job('import', 'inventory', file_data => '{"upload_id": "none"}');
-- create_scheduled_job 23514 manager
SELECT create_scheduled_job('export', 'inventory', scheduled_time => 'infinity');
-- wait_for_job P0002 other
SELECT wait_for_job('$import');
-- wait_for_job 25000 manager
BEGIN;
SELECT wait_for_job(create_export_job('inventory'));
-- retry_job 55000 manager
SELECT retry_job('$quarantined');
-- job_channel 25006 other
BEGIN READ ONLY;
SELECT job_channel();
-- create_export_job 42501 nobody
SELECT create_export_job('inventory');
-- create_export_job 22023 manager
SELECT create_export_job('nothing');
-- create_export_job 42703 manager
SELECT create_export_job('inventory', options => '{"columns": ["colour"]}');
-- download_export P0002 other
SELECT download_export('$export');
-- download_export 42809 manager
SELECT download_export('$import');
-- download_export 55000 manager
SELECT download_export('$later_export');
-- export_chunk P0002 other
SELECT export_chunk('$export', 1);
-- export_chunk 42809 manager
SELECT export_chunk('$import', 1);
-- export_chunk 55000 manager
SELECT export_chunk('$later_export', 1);

-- teamwork.login_as 22004 superuser
SELECT teamwork.login_as(NULL);
-- teamwork.login_as P0002 superuser
SELECT teamwork.login_as(gen_random_uuid());
-- teamwork.logout 42501 errors_person
SELECT teamwork.logout();
-- teamwork.explain_access 42P01 superuser
SELECT teamwork.explain_access('$staff', 4000000000::oid::regclass);
-- teamwork.explain_access 22023 superuser
SELECT teamwork.explain_access('$staff', 'inventory', 'TRUNCATE');
-- teamwork.set_role_limit 23514 superuser
SELECT teamwork.set_role_limit('admin', 2);
-- teamwork.set_role_limit 23503 superuser
SELECT teamwork.set_role_limit('staff', 2, gen_random_uuid());
-- teamwork.run_pending_jobs 25000 superuser
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT teamwork.run_pending_jobs(0);
-- teamwork.run_pending_jobs 55000 errors_analyst
SELECT teamwork.run_pending_jobs(0);
-- teamwork.set_token_key 22023 superuser
SELECT teamwork.set_token_key('short');
-- teamwork.login 55000 errors_person
SELECT teamwork.login('a token');
-- teamwork.login 28000 errors_analyst
SELECT teamwork.login('a token');
