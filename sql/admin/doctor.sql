-- What teamwork.doctor() asks about the engine and the database, and doctor() itself: all checks, one after the other.

CREATE FUNCTION teamwork.is_run_by_cron() RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    schedules regclass;
    is_there boolean := false;
BEGIN
    -- The table of pg_cron itself: an administrator asks, and would run whatever somebody has put into a view of that name.
    SELECT c.oid INTO schedules
    FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
    WHERE e.extname = 'pg_cron' AND c.relname = 'job' AND c.relkind = 'r'
      AND has_schema_privilege(c.relnamespace, 'USAGE') AND has_table_privilege(c.oid, 'SELECT');
    IF FOUND THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE active AND database = current_database() AND command LIKE %L)',
                       schedules, '%run_pending_jobs%') INTO is_there;
    END IF;
    RETURN is_there;
END
$$;
COMMENT ON FUNCTION teamwork.is_run_by_cron() IS 'Whether pg_cron has a schedule in this database that calls run_pending_jobs()';

CREATE FUNCTION teamwork.check_preloaded(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'preloaded', CASE WHEN p.is_there OR teamwork.is_run_by_cron() THEN 'ok' ELSE 'fail' END,
        CASE WHEN p.is_there THEN 'shared_preload_libraries has teamwork'
             WHEN teamwork.is_run_by_cron() THEN 'shared_preload_libraries lacks teamwork: pg_cron runs jobs'
             ELSE 'shared_preload_libraries lacks teamwork: no background worker runs jobs' END,
        CASE WHEN NOT (p.is_there OR teamwork.is_run_by_cron())
             THEN format('ALTER SYSTEM SET shared_preload_libraries = %s; -- and restart the server', p.wanted) END
    FROM (SELECT 'teamwork' = ANY (l.names),
                 (SELECT string_agg(quote_literal(n), ', ') FROM unnest(l.names || 'teamwork'::text) n WHERE n <> '')
          FROM (SELECT regexp_split_to_array(btrim(current_setting('shared_preload_libraries')), '\s*,\s*')) l (names)) p (is_there, wanted)
$$;
COMMENT ON FUNCTION teamwork.check_preloaded() IS 'Preloaded? Whether the server started with the library';

CREATE FUNCTION teamwork.check_worker(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'worker', CASE WHEN e.is_alive OR e.is_replaced THEN 'ok' WHEN pg_is_in_recovery() THEN 'warn' ELSE 'fail' END,
        CASE WHEN e.is_alive THEN 'the launcher is alive'
             WHEN e.is_replaced THEN 'pg_cron calls teamwork.run_pending_jobs()'
             WHEN pg_is_in_recovery() THEN 'a standby runs no jobs; the launcher starts on promotion'
             ELSE 'the launcher is not running' END,
        CASE WHEN NOT (e.is_alive OR e.is_replaced OR pg_is_in_recovery())
             THEN 'SELECT teamwork.check_preloaded(); '
                  '-- then look for "teamwork launcher" in the server log, and at max_worker_processes' END
    FROM (SELECT EXISTS (SELECT FROM pg_stat_activity a WHERE a.backend_type = 'teamwork launcher'),
                 teamwork.is_run_by_cron()) e (is_alive, is_replaced)
    UNION ALL
    SELECT 'enabled', CASE WHEN e.is_on THEN 'ok' ELSE 'warn' END,
        'teamwork.enabled is ' || CASE WHEN e.is_on THEN 'on' ELSE 'off: jobs wait' END,
        CASE WHEN NOT e.is_on THEN 'ALTER SYSTEM SET teamwork.enabled = on; SELECT pg_reload_conf();' END
    FROM (SELECT coalesce(current_setting('teamwork.enabled', true), 'on')::boolean) e (is_on)
    UNION ALL
    SELECT 'worker slots', CASE WHEN s.is_enough THEN 'ok' ELSE 'warn' END,
        format('max_worker_processes is %s; teamwork.max_workers is %s, and the launcher and a scheduler take two', s.slots, s.workers),
        CASE WHEN NOT s.is_enough THEN format('ALTER SYSTEM SET max_worker_processes = %s; -- and restart the server', s.workers + 4) END
    FROM (SELECT n.slots, n.workers, n.workers + 2 <= n.slots
          FROM (SELECT current_setting('max_worker_processes')::integer,
                       coalesce(current_setting('teamwork.max_workers', true), '4')::integer)
              n (slots, workers)) s (slots, workers, is_enough)
$$;
COMMENT ON FUNCTION teamwork.check_worker() IS 'Worker alive? Is it allowed to run jobs, and are there processes for them?';

CREATE FUNCTION teamwork.is_lease_held(lease bigint) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- As src/pg/lease.rs writes it: the class 0x7477, which no SQL function takes.
    SELECT EXISTS (SELECT FROM pg_locks l
                   WHERE l.locktype = 'advisory' AND l.objsubid = 29815 AND l.granted
                     AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
                     AND (l.classid::bigint << 32) | l.objid::bigint = lease)
$$;
COMMENT ON FUNCTION teamwork.is_lease_held(bigint) IS 'Whether a live process runs the job of this lease';

CREATE FUNCTION teamwork.check_jobs(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH stuck (status, detail, fix) AS (
        -- Seconds pass between a claim and its lock, and between a death and the scheduler's notice.
        SELECT 'fail', format('job %s is processing, but no process runs it', j.id),
               format('SELECT teamwork.retry_later(%L, %s, ''the worker ended before the job did'', false);', j.id, j.lease)
        FROM @extschema@.scheduled_jobs j
        WHERE j.status = 'processing' AND j.started_at < now() - interval '30 s' AND NOT teamwork.is_lease_held(j.lease)
        UNION ALL
        SELECT 'warn', format('job %s is quarantined: the server crashed %s time(s) while it ran', j.id, j.crashes),
               format('UPDATE %s SET crashes = 0 WHERE id = %L; '
                      '-- after a look at the server log; then retry_job(), as its creator or the admin',
                      teamwork.full_name('@extschema@.scheduled_jobs'), j.id)
        FROM @extschema@.scheduled_jobs j WHERE j.status = 'failed' AND j.crashes >= teamwork.max_crashes()
        UNION ALL
        SELECT 'warn', format('%s job(s) have been due for more than a minute', count(*)),
               'SELECT * FROM background_imports WHERE status = ''processing''; -- when none: see the checks preloaded, worker and enabled'
        FROM @extschema@.scheduled_jobs j
        WHERE j.status = 'pending' AND j.waits_until IS NULL AND j.scheduled_time < now() - interval '1 min' HAVING count(*) > 0)
    SELECT 'jobs', s.status, s.detail, s.fix FROM stuck s
    UNION ALL
    SELECT 'jobs', 'ok', format('%s job(s) wait for another attempt; the latest failure: %s', count(*),
                                (array_agg(split_part(j.error_message, E'\n', 1) ORDER BY j.started_at DESC))[1]), NULL
    FROM @extschema@.scheduled_jobs j WHERE j.status = 'pending' AND j.attempts > 0 AND j.waits_until IS NOT NULL HAVING count(*) > 0
    UNION ALL
    SELECT 'jobs', 'ok', 'no job is stuck', NULL WHERE NOT EXISTS (SELECT FROM stuck)
$$;
COMMENT ON FUNCTION teamwork.check_jobs() IS 'Jobs stuck? Processing without a process, in quarantine, or pending and long overdue; and what waits for another attempt';

CREATE FUNCTION teamwork.check_limits(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH over_limit AS (
        SELECT s.admin_id, s.role, count(*) AS used, teamwork.role_limit(s.admin_id, s.role) AS allowed
        FROM teamwork.seats s GROUP BY s.admin_id, s.role HAVING count(*) > teamwork.role_limit(s.admin_id, s.role))
    SELECT 'limits', 'warn', format('team %s has %s of %s %s seats taken', o.admin_id, o.used, o.allowed, o.role),
           format('SELECT teamwork.set_role_limit(%L, %s, %L); -- or deactivate members', o.role, o.used, o.admin_id)
    FROM over_limit o
    UNION ALL
    SELECT 'limits', 'ok', 'no team is over its limits', NULL WHERE NOT EXISTS (SELECT FROM over_limit)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_limits() IS 'Limits? Teams with more members than they may have since a limit was lowered';

CREATE FUNCTION teamwork.check_dump(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH problem (status, detail, fix) AS (
        SELECT 'fail',
               format('pg_dump will not carry the rows of %s, which is registered with the extension but not for dumps',
                      teamwork.name_of(c.oid)),
               format('ALTER EXTENSION teamwork DROP %s %s;', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                      teamwork.full_name(c.oid))
        FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
        JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
        WHERE e.extname = 'teamwork' AND c.relkind IN ('r', 'p', 'S') AND NOT c.oid = ANY (coalesce(e.extconfig, '{}'))
        UNION ALL
        SELECT 'warn', x.problem, x.fix FROM teamwork.baseline_losses() x)
    SELECT 'dump', p.status, p.detail, p.fix FROM problem p
    UNION ALL
    SELECT 'dump', 'ok', 'pg_dump carries every table and sequence, and nothing was changed that it would lose', NULL
    WHERE NOT EXISTS (SELECT FROM problem)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_dump() IS 'Dump-safe? What of the extension''s tables pg_dump would leave behind';

CREATE FUNCTION teamwork.check_indexes(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH invalid AS (
        SELECT i.indexrelid AS index, p.target FROM teamwork.protections p JOIN pg_index i ON i.indrelid = p.target AND NOT i.indisvalid
        -- What is being built is invalid until it is.
        WHERE NOT EXISTS (SELECT FROM pg_stat_progress_create_index b WHERE b.relid = p.target))
    SELECT 'indexes', 'warn', format('index %s of table %s is invalid: each row that is written pays for it, and no query uses it',
                                     teamwork.name_of(i.index), teamwork.name_of(i.target)),
           format('REINDEX INDEX CONCURRENTLY %s; -- or DROP INDEX CONCURRENTLY', teamwork.full_name(i.index))
    FROM invalid i
    UNION ALL
    SELECT 'indexes', 'ok', 'every index of a protected table is valid', NULL WHERE NOT EXISTS (SELECT FROM invalid)
    ORDER BY 3
$$;
COMMENT ON FUNCTION teamwork.check_indexes() IS 'Indexes? Those that a CREATE INDEX or REINDEX CONCURRENTLY has left invalid';

CREATE FUNCTION teamwork.check_realtime(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'realtime', CASE WHEN t.is_in THEN 'ok' ELSE 'warn' END,
        'publication supabase_realtime ' || CASE WHEN t.is_in THEN 'has' ELSE 'lacks' END || ' scheduled_jobs',
        CASE WHEN NOT t.is_in
             THEN format('ALTER PUBLICATION supabase_realtime ADD TABLE %s;', teamwork.full_name('@extschema@.scheduled_jobs')) END
    FROM pg_publication p,
        LATERAL (SELECT EXISTS (SELECT FROM pg_get_publication_tables(p.pubname) r
                                WHERE r.relid = '@extschema@.scheduled_jobs'::regclass)) t (is_in)
    WHERE p.pubname = 'supabase_realtime'
$$;
COMMENT ON FUNCTION teamwork.check_realtime() IS 'Realtime? Where Supabase''s publication exists, whether clients hear of jobs';

CREATE FUNCTION teamwork.doctor(OUT check_name text, OUT status text, OUT detail text, OUT fix text) RETURNS SETOF record
    -- Compiling these queries takes four times as long as running them.
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
BEGIN
    RETURN QUERY SELECT * FROM teamwork.check_login()
        UNION ALL SELECT * FROM teamwork.check_profile()
        UNION ALL SELECT * FROM teamwork.check_organization();
    -- The rest is about everybody, and needs the owner's rights.
    IF teamwork.is_administrator() THEN
        RETURN QUERY SELECT * FROM teamwork.check_policies()
            UNION ALL SELECT * FROM teamwork.check_crossings()
            UNION ALL SELECT * FROM teamwork.check_adoption()
            UNION ALL SELECT * FROM teamwork.check_grants()
            UNION ALL SELECT * FROM teamwork.check_schemas()
            UNION ALL SELECT * FROM teamwork.check_auth()
            UNION ALL SELECT * FROM teamwork.check_preloaded()
            UNION ALL SELECT * FROM teamwork.check_worker()
            UNION ALL SELECT * FROM teamwork.check_jobs()
            UNION ALL SELECT * FROM teamwork.check_limits()
            UNION ALL SELECT * FROM teamwork.check_dump()
            UNION ALL SELECT * FROM teamwork.check_indexes()
            UNION ALL SELECT * FROM teamwork.check_realtime();
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.doctor() IS 'What could be wrong, each with a fix to paste; a member gets the checks about themselves, an administrator gets all
For: administrators and members
Errors: none';
