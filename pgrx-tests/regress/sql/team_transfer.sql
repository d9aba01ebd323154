-- A team gets another admin: everything of it moves, nothing of a row changes but the team, the two people change places.
\set team 75
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
SELECT teamwork.set_role_limit('staff', 3, :'anna'), teamwork.set_role_limit('manager', 7, :'mia') \g /dev/null
-- Two tables that refer to each other within the team, with a trigger that watches.
CREATE TABLE t75_orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text);
SELECT teamwork.protect_table('t75_orders');
ALTER TABLE t75_orders ADD UNIQUE (admin_id, id);
CREATE TABLE t75_lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint);
SELECT teamwork.protect_table('t75_lines');
ALTER TABLE t75_lines ADD FOREIGN KEY (admin_id, order_id) REFERENCES t75_orders (admin_id, id);
-- What refers to a person stays with the person.
CREATE TABLE t75_notes (person uuid REFERENCES user_profiles (id) ON DELETE CASCADE, note text);
INSERT INTO t75_notes VALUES (:'anna', 'of Anna'), (:'mia', 'of Mia');
:as_sam
INSERT INTO transactions (amount, description) VALUES (1, 'by Sam');
INSERT INTO t75_orders (item) VALUES ('lamp') RETURNING id AS order \gset
INSERT INTO t75_lines (order_id) VALUES (:order);
SELECT create_scheduled_job('import', 'inventory', now() + interval '1 year', file_data => '{"records": [{"sku": "A", "name": "B"}]}') AS job \gset
SELECT create_upload('file.csv') AS upload \gset
SELECT append_upload(:'upload', 'sku,name');
:as_anna
INSERT INTO inventory (sku, name) VALUES ('S1', 'by Anna');
SELECT invite_team_member('x@a.example', 'staff') AS token \gset
:as_bob
INSERT INTO transactions (amount, description) VALUES (2, 'of Bob');
:as_dba
CREATE TABLE t75_before AS SELECT id, amount, description, occurred_on, owner_id, created_at, updated_at FROM transactions WHERE admin_id = :'anna';
CREATE TABLE t75_people AS SELECT id, email, full_name, created_by, created_at FROM user_profiles WHERE :'anna' IN (id, admin_id);

-- Who may not, and to whom not.
:as_mia
SELECT transfer_team(:'sam');
\echo :LAST_ERROR_SQLSTATE
:as_nobody
SELECT transfer_team(:'sam');
:as_anna
SELECT transfer_team(:'ben');
\echo :LAST_ERROR_SQLSTATE
SELECT transfer_team(:'anna');
SELECT transfer_team(NULL);
SELECT deactivate_team_member(:'sue');
SELECT transfer_team(:'sue');
\echo :LAST_ERROR_SQLSTATE
SELECT reactivate_team_member(:'sue');
SELECT job_channel() AS channel \gset
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT transfer_team(:'mia');
ROLLBACK;
:as_dba
UPDATE scheduled_jobs SET status = 'processing', lease = nextval('teamwork.lease') WHERE id = :'job';
:as_anna
SELECT transfer_team(:'mia');
\echo :LAST_ERROR_SQLSTATE
:as_dba
UPDATE scheduled_jobs SET status = 'pending', lease = NULL WHERE id = :'job';
CREATE TABLE t75_loose (team uuid, order_id bigint, FOREIGN KEY (team, order_id) REFERENCES t75_orders (admin_id, id));
:as_anna
\set VERBOSITY terse
SELECT transfer_team(:'mia');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
:as_dba
DROP TABLE t75_loose;

-- It is done.
:as_anna
SELECT transfer_team(:'mia');
SELECT get_current_user_role(), get_current_user_admin_id() = :'mia' AS mias;
SELECT full_name, role, organization_id = :'mia' AS mias FROM profiles ORDER BY full_name;
SELECT sku, owner_id = :'anna' AS by_anna, admin_id = :'mia' AS mias FROM inventory;
SELECT * FROM team_usage();
SELECT job_channel() = :'channel' AS same_channel;
SELECT remove_team_member(:'sam');
\echo :LAST_ERROR_SQLSTATE
:as_mia
SELECT get_current_user_role(), (SELECT count(*) FROM transactions) AS transactions, (SELECT count(*) FROM t75_lines JOIN t75_orders o ON o.id = order_id) AS lines;
SELECT email FROM team_invitations;
SELECT status, created_by = :'sam' AS by_sam FROM scheduled_jobs WHERE id = :'job';
SELECT cancel_job(:'job');
:as_sam
SELECT append_upload(:'upload', E'\nA,B');
INSERT INTO transactions (amount) VALUES (3) RETURNING admin_id = :'mia' AS mias;
:as_dba
DELETE FROM transactions WHERE amount = 3;
-- Nothing of a row has changed, nothing is left under the old id, and the other team is as it was.
SELECT count(*) FROM (TABLE t75_before EXCEPT SELECT id, amount, description, occurred_on, owner_id, created_at, updated_at FROM transactions WHERE admin_id = :'mia') lost;
SELECT count(*) FROM (TABLE t75_people EXCEPT SELECT id, email, full_name, created_by, created_at FROM user_profiles WHERE :'mia' IN (id, admin_id)) lost;
SELECT c.target FROM teamwork.team_columns() c
WHERE (xpath('//n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s WHERE %I = %L', c.target, c.name, :'anna'), true, true, '')))[1]::text <> '0';
SELECT note, person = :'anna' AS annas FROM t75_notes ORDER BY note;
SELECT description FROM transactions WHERE admin_id = :'bob';
SELECT p.full_name, s.role FROM teamwork.seats s LEFT JOIN user_profiles p ON p.id = s.member_id WHERE s.admin_id = :'mia' ORDER BY s.role, p.full_name;
SELECT count(*) FROM teamwork.seats WHERE admin_id = :'anna';
SELECT role, max FROM teamwork.role_limits WHERE admin_id IN (:'anna', :'mia');
SELECT action, actor = :'anna' AS by_anna, subject = :'mia' AS to_mia, organization = :'mia' AS mias, detail ->> 'from_organization' = :'anna' AS from_annas
FROM teamwork.audit_log WHERE organization = :'mia' AND action = 'team_transferred';
-- An invitation counts on; and the admin who was can leave.
:as_tom
SELECT accept_invitation(:'token') = :'mia' AS joined;
:as_anna
SELECT leave_team();
SELECT get_current_user_role();
-- Back again, by staff and in one statement with what comes before.
:as_mia
BEGIN;
SELECT deactivate_team_member(:'sue');
SELECT transfer_team(:'sam');
COMMIT;
:as_sam
SELECT full_name, role FROM profiles ORDER BY full_name;
SELECT reactivate_team_member(:'sue');
SELECT count(*) FROM transactions;
:as_dba
DROP TABLE t75_lines, t75_orders, t75_notes, t75_before, t75_people;
