-- Administration
-- For database administrators, in psql. [administration.md](administration.md) tells the whole story, [security.md](security.md) that of tokens.
\set team de
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\set signing :inputdir '/include/signing.psql'
\i :session
\i :teams

-- example: teamwork.doctor
SELECT check_name, status, detail, fix FROM teamwork.doctor() WHERE check_name IN ('logged in', 'auth', 'dump');

-- example: teamwork.login_as
SELECT teamwork.login_as(:'sam');
SELECT current_user, full_name, role FROM profiles WHERE id = auth.uid();

-- example: teamwork.logout
SELECT teamwork.logout();
SELECT current_user, auth.uid();

-- example: teamwork.explain_access
SELECT teamwork.explain_access(:'sam', 'scheduled_jobs', 'UPDATE') \g (format=unaligned tuples_only=on)

-- example: teamwork.set_role_limit
SELECT teamwork.set_role_limit('staff', 5, admin => :'anna');

-- example: teamwork.role_limit
SELECT teamwork.role_limit(:'anna', 'staff'), teamwork.role_limit(:'bob', 'staff') AS of_bob;

-- example: teamwork.role_limits
SELECT role, max FROM teamwork.role_limits WHERE admin_id = :'anna';

-- example: teamwork.audit_log
SELECT action, detail FROM teamwork.audit_log WHERE organization = :'anna' ORDER BY id DESC LIMIT 1;

:as_sam
SELECT create_background_import_job('inventory', csv => E'sku,name\nL-1,Lamp\n') AS job \gset
SELECT wait_for_job(:'job') \g /dev/null
:as_dba
-- example: teamwork.workers
SELECT kind, state, job_id FROM teamwork.workers WHERE kind = 'launcher';

-- example: teamwork.run_pending_jobs
SELECT teamwork.run_pending_jobs(max_jobs => 0);

-- example: teamwork.forget_ended_jobs
SELECT teamwork.forget_ended_jobs(now() - interval '10 years', 10000);

-- example: teamwork.max_crashes
SELECT teamwork.max_crashes();

CREATE TABLE crates (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text NOT NULL, item bigint, admin_id uuid,
    CONSTRAINT crates_item_fkey FOREIGN KEY (admin_id, item) REFERENCES inventory (admin_id, id));
SELECT teamwork.protect_table('crates', key_columns => ARRAY['number']) \g /dev/null
-- example: teamwork.update_obstacles
SELECT * FROM teamwork.update_obstacles('crates');
-- end
DROP TABLE crates;

\i :signing
SET client_min_messages = warning;
DROP ROLE IF EXISTS de_person;
RESET client_min_messages;
CREATE ROLE de_person LOGIN IN ROLE authenticated, teamwork_token_only;
SELECT pg_temp.sign(format('{"sub": "%s", "exp": %s, "role": "authenticated"}', :'sam', extract(epoch FROM now())::bigint + 3600), 'a key of thirty-two bytes, or more') AS token \gset
-- example: teamwork.set_token_key
SELECT teamwork.set_token_key('a key of thirty-two bytes, or more');

\c - de_person
-- example: teamwork.login
SELECT teamwork.login(:'token');
SELECT full_name, role FROM profiles WHERE id = auth.uid();
-- end
\c - postgres
SELECT teamwork.set_token_key(NULL);
DROP ROLE de_person;
