-- Watching: what members see of their jobs.

CREATE FUNCTION teamwork.progress_bar(percent numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT repeat('█', filled.blocks) || repeat('░', 20 - filled.blocks) || to_char(floor(percent), '990') || ' %'
    FROM (SELECT floor(percent / 5)::integer AS blocks) filled
$$;
COMMENT ON FUNCTION teamwork.progress_bar(numeric) IS 'A percentage as twenty blocks and a number';

COMMENT ON FUNCTION teamwork.live_progress(uuid) IS 'The progress of a running job, from shared memory; no row when no worker runs it';

COMMENT ON FUNCTION teamwork.engine_processes() IS 'The engine''s processes in all databases, from shared memory; no row without shared_preload_libraries';

CREATE VIEW teamwork.workers WITH (security_invoker = true) AS
    SELECT p.kind, p.pid, d.datname AS database,
           CASE WHEN p.job_id IS NOT NULL THEN 'running' ELSE 'waiting' END AS state,
           p.job_id, p.organization_id, j.job_type, j.data_type, j.creator_name,
           p.current AS rows_done, p.total AS rows_total, teamwork.progress_bar(p.percent) AS progress, p.failed AS refused,
           p.started_at, clock_timestamp() - p.started_at AS running_for
    FROM teamwork.engine_processes() p
    LEFT JOIN pg_catalog.pg_database d ON d.oid = p.database
    -- Jobs of other databases cannot be looked at from here.
    LEFT JOIN scheduled_jobs j ON j.id = p.job_id AND d.datname = current_database()
    ORDER BY p.kind, d.datname, p.pid;
COMMENT ON VIEW teamwork.workers IS 'The engine''s processes in all databases, and the jobs they run at this moment
For: administrators';
COMMENT ON COLUMN teamwork.workers.kind IS 'launcher, scheduler or worker';
COMMENT ON COLUMN teamwork.workers.state IS 'running or waiting';
COMMENT ON COLUMN teamwork.workers.job_id IS 'The job that a worker runs';

CREATE VIEW background_imports WITH (security_invoker = true) AS
    SELECT j.id AS job_id, j.file_name, j.data_type, j.status,
           teamwork.progress_bar(now_at.percent) AS progress,
           now_at.done AS rows_done, now_at.failed AS refused,
           CASE WHEN timing.seconds > 0 THEN round(now_at.done / timing.seconds)::bigint END AS rows_per_second,
           CASE WHEN j.status = 'processing' AND now_at.percent > 0
                THEN make_interval(secs => ceil(timing.seconds * (100 - now_at.percent) / now_at.percent)::integer) END AS time_left,
           j.creator_name, j.created_by, j.scheduled_time, j.started_at, j.completed_at, j.error_message,
           -- The source, which may be large, is not looked at where the report tells.
           coalesce(CASE j.status WHEN 'completed' THEN j.report ELSE j.file_data -> 'options' END @> '{"dry_run": true}', false) AS dry_run
    FROM scheduled_jobs j
    -- Shared memory while a worker runs the job, for its rows are not visible yet; the row itself otherwise.
    LEFT JOIN LATERAL teamwork.live_progress(j.id) live ON j.status = 'processing'
    CROSS JOIN LATERAL (
        SELECT coalesce(live.current, (j.progress ->> 'current')::bigint, 0) AS done,
               coalesce(live.failed, (j.progress ->> 'failed')::bigint, 0) AS failed,
               coalesce(live.percent, (j.progress ->> 'percent')::numeric, 0) AS percent) now_at
    CROSS JOIN LATERAL (
        SELECT extract(epoch FROM coalesce(j.completed_at, clock_timestamp()) - j.started_at)::numeric AS seconds) timing
    WHERE j.job_type = 'import'
    ORDER BY j.created_at DESC, j.id;
COMMENT ON VIEW background_imports IS 'The Background Imports screen: the team''s imports, newest first, live while they run';
COMMENT ON COLUMN background_imports.progress IS 'A bar of twenty blocks, and the percentage';
COMMENT ON COLUMN background_imports.refused IS 'Rows refused so far; scheduled_job_errors says why';
COMMENT ON COLUMN background_imports.rows_per_second IS 'Since the job started';
COMMENT ON COLUMN background_imports.created_by IS 'The member who submitted the import';
COMMENT ON COLUMN background_imports.rows_done IS 'Rows read so far, refused ones among them';
COMMENT ON COLUMN background_imports.time_left IS 'At the speed so far';
COMMENT ON COLUMN background_imports.dry_run IS 'Whether the import is taken back at its end';

CREATE FUNCTION wait_for_job(job_id uuid, timeout interval DEFAULT '60 s') RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    deadline CONSTANT timestamptz := clock_timestamp() + timeout;
    job record;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'wait_for_job() cannot see changes in a transaction of isolation level %',
                        current_setting('transaction_isolation')
            USING ERRCODE = 'invalid_transaction_state', HINT = 'Call it in a READ COMMITTED transaction.';
    END IF;
    LOOP
        SELECT j.status, j.xmin = pg_current_xact_id_if_assigned()::xid AS uncommitted INTO job
        FROM @extschema@.scheduled_jobs j WHERE j.id = job_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'job % does not exist', job_id USING ERRCODE = 'no_data_found';
        ELSIF job.uncommitted THEN
            RAISE EXCEPTION 'job % is not committed yet', job_id
                USING ERRCODE = 'invalid_transaction_state', HINT = 'Commit first: a worker cannot see the job before.';
        END IF;
        EXIT WHEN job.status IN ('completed', 'failed', 'cancelled') OR clock_timestamp() >= deadline;
        PERFORM pg_sleep(0.005);
    END LOOP;
    RETURN job.status;
END
$$;
COMMENT ON FUNCTION wait_for_job(uuid, interval) IS 'Waits until a job has ended or the time is up; returns its status
Errors: P0002 if the caller''s team has no such job; 25000 if the job is not committed yet, or the transaction is not READ COMMITTED';

-- Supabase's Realtime sends the changes of the tables in its publication to the browsers that watch them.

CREATE FUNCTION teamwork.join_realtime() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_publication p WHERE p.pubname = 'supabase_realtime' AND NOT p.puballtables)
       AND NOT EXISTS (SELECT FROM pg_publication_tables t WHERE t.pubname = 'supabase_realtime'
                       AND (t.schemaname, t.tablename) = ('@extschema@', 'scheduled_jobs')) THEN
        ALTER PUBLICATION supabase_realtime ADD TABLE @extschema@.scheduled_jobs;
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.join_realtime() IS 'Adds scheduled_jobs to the publication supabase_realtime, where that exists';

CREATE FUNCTION teamwork.join_new_realtime() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.join_realtime();
END
$$;
COMMENT ON FUNCTION teamwork.join_new_realtime() IS 'Event trigger: scheduled_jobs joins supabase_realtime when that is made, by a restored dump too, which leaves extensions'' tables out';
CREATE EVENT TRIGGER teamwork_join_realtime ON ddl_command_end WHEN TAG IN ('CREATE PUBLICATION')
    EXECUTE FUNCTION teamwork.join_new_realtime();
COMMENT ON EVENT TRIGGER teamwork_join_realtime IS 'Lets browsers watch jobs through Supabase''s Realtime';
SELECT teamwork.join_realtime();
