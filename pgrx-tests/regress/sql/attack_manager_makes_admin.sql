-- Who makes whom: managers, staff, strangers and other admins make nobody; admins make no admins.
\set team c5
\getenv inputdir PG_ABS_SRCDIR
\set session :inputdir '/include/session.psql'
\set teams :inputdir '/include/teams.psql'
\i :session
\i :teams
\set VERBOSITY sqlstate

CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE statement;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n || ' rows';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
-- Every way to make Tom somebody: with each role, in the team of each of these people, or in none; each statement undone at once.
CREATE FUNCTION pg_temp.ways(OUT role text, OUT team text, OUT as_insert text, OUT as_upsert text, OUT as_merge text) RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    tom CONSTANT text := 'c5000000-0000-0000-0000-00000000000e';
    admin text;
    way text;
    outcomes text[];
BEGIN
    FOR role, team, admin IN
        SELECT r, t, coalesce(quote_literal('c5000000-0000-0000-0000-0000000000' || id), 'NULL')
        FROM unnest(ARRAY['admin', 'manager', 'staff']) WITH ORDINALITY a (r, n)
        CROSS JOIN (VALUES (1, 'none', NULL), (2, 'Anna', '0a'), (3, 'Mia', '0b'), (4, 'Sam', '0c'), (5, 'Bob', 'b0'), (6, 'Tom', '0e')) b (m, t, id)
        ORDER BY n, m
    LOOP
        outcomes := '{}';
        FOREACH way IN ARRAY ARRAY[
            format('INSERT INTO user_profiles (id, role, admin_id) VALUES (%L, %L, %s)', tom, role, admin),
            format('INSERT INTO user_profiles (id, role, admin_id) VALUES (%L, %L, %s) ON CONFLICT (id) DO UPDATE SET role = excluded.role', tom, role, admin),
            format('MERGE INTO user_profiles p USING (SELECT 1) o ON false WHEN NOT MATCHED THEN INSERT (id, role, admin_id) VALUES (%L, %L, %s)', tom, role, admin)]
        LOOP
            BEGIN
                outcomes := outcomes || pg_temp.try(way);
                RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZZZZ';
            EXCEPTION WHEN SQLSTATE 'ZZZZZ' THEN NULL;
            END;
        END LOOP;
        as_insert := outcomes[1]; as_upsert := outcomes[2]; as_merge := outcomes[3];
        RETURN NEXT;
    END LOOP;
END $$;

-- The manager, staff, a stranger, nobody: none (the policy refuses: 42501). What is listed is whatever else came of a way.
:as_mia
SELECT * FROM pg_temp.ways() WHERE (as_insert, as_upsert, as_merge) <> ('42501', '42501', '42501');
:as_sam
SELECT * FROM pg_temp.ways() WHERE (as_insert, as_upsert, as_merge) <> ('42501', '42501', '42501');
:as_eve
SELECT * FROM pg_temp.ways() WHERE (as_insert, as_upsert, as_merge) <> ('42501', '42501', '42501');
:as_nobody
SELECT * FROM pg_temp.ways() WHERE (as_insert, as_upsert, as_merge) <> ('42501', '42501', '42501');
-- The admin, with a free manager's and a free staff seat: members of her own team.
:as_anna
SELECT remove_team_member(:'mia'), remove_team_member(:'sue');
SELECT * FROM pg_temp.ways() WHERE (as_insert, as_upsert, as_merge) <> ('42501', '42501', '42501');
SELECT create_team_member('mia@a.example', 'Mia', 'manager', :'mia'), create_team_member('sue@a.example', 'Sue', 'staff', :'sue') \g /dev/null
-- Tom himself: admin of a team of his own, and nothing else.
:as_tom
SELECT * FROM pg_temp.ways() WHERE (as_insert, as_upsert, as_merge) <> ('42501', '42501', '42501');

-- Registering inactive, as made by somebody else, twice, in two teams, with a team of one's own while a member of another.
INSERT INTO user_profiles (id, role, is_active) VALUES (:'tom', 'admin', false);
INSERT INTO user_profiles (id, role, admin_id, is_active) VALUES (:'tom', 'staff', :'anna', false);
INSERT INTO user_profiles (id, role, admin_id) VALUES (:'tom', 'manager', :'tom');
INSERT INTO user_profiles (id, role) VALUES (:'tom', 'admin'), (:'eve', 'admin');
INSERT INTO user_profiles (id, role, created_by) VALUES (:'tom', 'admin', :'anna') RETURNING created_by = :'tom' AS by_tom;
INSERT INTO user_profiles (id, role) VALUES (:'tom', 'admin');
INSERT INTO user_profiles (id, role) VALUES (:'tom', 'admin') ON CONFLICT (id) DO UPDATE SET is_active = true RETURNING full_name;
INSERT INTO user_profiles (id, role, admin_id) VALUES (:'tom', 'staff', :'anna');
DELETE FROM user_profiles WHERE id = :'tom';
UPDATE user_profiles SET role = 'staff', admin_id = :'anna';
:as_sam
INSERT INTO user_profiles (id, role) VALUES (:'sam', 'admin');
INSERT INTO user_profiles (id, role) VALUES (:'sam', 'admin') ON CONFLICT (id) DO UPDATE SET role = 'admin', admin_id = NULL;
-- A profile is not taken over either, whoever's it is: not a member's, not an admin's, not a deactivated member's.
:as_anna
SELECT remove_team_member(:'sue');
SELECT deactivate_team_member(:'sam');
SELECT create_team_member('x@a.example', 'X', 'staff', :'tom');
SELECT create_team_member('x@a.example', 'X', 'staff', :'ben');
SELECT create_team_member('x@a.example', 'X', 'staff', :'bob');
SELECT create_team_member('x@a.example', 'X', 'staff', :'anna');
SELECT create_team_member('x@a.example', 'X', 'manager', :'sam');
:as_bob
SELECT create_team_member('x@a.example', 'X', 'staff', :'sam');
INSERT INTO user_profiles (id, role, admin_id) VALUES (:'sam', 'staff', :'bob') ON CONFLICT (id) DO UPDATE SET admin_id = :'bob';
-- The functions, by those who are no admin.
:as_mia
SELECT pg_temp.try(call) FROM unnest(ARRAY['SELECT create_team_member(''x'', ''X'', ''staff'')', 'SELECT create_team_member(''x'', ''X'', ''manager'')',
    'SELECT deactivate_team_member(''c5000000-0000-0000-0000-00000000000c'')', 'SELECT reactivate_team_member(''c5000000-0000-0000-0000-00000000000c'')',
    'SELECT remove_team_member(''c5000000-0000-0000-0000-00000000000c'')', 'SELECT teamwork.set_member_active(''c5000000-0000-0000-0000-00000000000c'', true)',
    'SELECT teamwork.set_role_limit(''staff'', 99)', 'INSERT INTO teamwork.role_limits (role, max) VALUES (''staff'', 99)',
    'SELECT teamwork.take_seat(''c5000000-0000-0000-0000-00000000000a'', ''staff'', ''c5000000-0000-0000-0000-00000000000c'')', 'DELETE FROM teamwork.seats']) call;
:as_anna
SELECT pg_temp.try(call) FROM unnest(ARRAY['SELECT teamwork.set_role_limit(''staff'', 99)', 'INSERT INTO teamwork.role_limits (role, max) VALUES (''staff'', 99)',
    'DELETE FROM teamwork.seats', 'SELECT teamwork.lock_teams(''c5000000-0000-0000-0000-00000000000a'')']) call;
-- A refusal leaves no trace: no auth user of somebody who was not made.
:as_dba
\set VERBOSITY default
SELECT full_name, role, is_active, admin_id = :'anna' AS annas FROM user_profiles WHERE id::text LIKE :'ours' ORDER BY id;
SELECT count(*) FROM auth.users WHERE id = :'eve';
DROP FUNCTION pg_temp.ways, pg_temp.try;
