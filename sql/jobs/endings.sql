-- Endings: completed, failed, to be tried again, given back; and how ended jobs are forgotten. What a job has done commits
-- together with its end, which the lease guards: a late or doubled end finds no row and does nothing.

CREATE FUNCTION teamwork.next_time(scheduled_time timestamptz, repeat_every interval) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    now CONSTANT timestamptz := teamwork.engine_time();
    -- Missed times are not caught up on.
    past CONSTANT timestamptz := greatest(now, scheduled_time);
    few bigint := 0;
    -- Days and months have no fixed length, but none is as short as half of what epoch takes it for.
    many bigint := 1 + ceil(2 * extract(epoch FROM past - scheduled_time) / extract(epoch FROM repeat_every));
    middle bigint;
BEGIN
    -- The least number of repetitions that leads past now, by halves: it lies above few, and is not above many.
    WHILE many - few > 1 LOOP
        middle := (few + many) / 2;
        IF scheduled_time + repeat_every * middle > past THEN
            many := middle;
        ELSE
            few := middle;
        END IF;
    END LOOP;
    RETURN scheduled_time + repeat_every * many;
END
$$;
COMMENT ON FUNCTION teamwork.next_time(timestamptz, interval) IS 'The next time of a repeated job that is still to come; repeat_every leads forward';

CREATE FUNCTION teamwork.repeat_job(job_id uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO @extschema@.scheduled_jobs (organization_id, created_by, creator_name, job_type, data_type, scheduled_time, priority,
                                            max_attempts, file_name, file_data, repeat_every, submitted_as)
    SELECT j.organization_id, j.created_by, j.creator_name, j.job_type, j.data_type, teamwork.next_time(j.scheduled_time, j.repeat_every),
           j.priority, j.max_attempts, j.file_name, j.file_data, j.repeat_every, j.submitted_as
    FROM @extschema@.scheduled_jobs j WHERE j.id = job_id;
EXCEPTION WHEN OTHERS THEN
    -- The job itself has ended as it has; that it cannot be repeated is no reason to undo its work.
    UPDATE @extschema@.scheduled_jobs j
    SET error_message = concat_ws(E'\n', j.error_message, format('the job is not repeated: %s', SQLERRM)) WHERE j.id = job_id;
END
$$;
COMMENT ON FUNCTION teamwork.repeat_job(uuid) IS 'Submits an ended job again, for its next time';

CREATE FUNCTION teamwork.count_committed(checkpoint jsonb) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN RETURN (checkpoint ->> 'inserted')::integer + (checkpoint ->> 'updated')::integer; END $$;
COMMENT ON FUNCTION teamwork.count_committed(jsonb) IS 'How many rows a job has committed that has not come to its end; NULL when it was not to commit before';

CREATE FUNCTION teamwork.committed_message(checkpoint jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE WHEN checkpoint IS NOT NULL THEN
        format(E'%s rows were committed before\nHINT: retry_job() goes on from there.', teamwork.count_committed(checkpoint)) END;
END
$$;
COMMENT ON FUNCTION teamwork.committed_message(jsonb) IS 'The same in words, for error_message';

CREATE FUNCTION teamwork.end_job(job_id uuid, lease bigint, status text, error_message text DEFAULT NULL,
                                 record_count integer DEFAULT NULL, progress jsonb DEFAULT NULL, report jsonb DEFAULT NULL)
    RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    organization uuid;
    is_repeated boolean;
BEGIN
    UPDATE @extschema@.scheduled_jobs j
    SET status = end_job.status, progress = coalesce(end_job.progress, j.progress), report = end_job.report,
        -- What a job that does not end well has committed stays, and a retry goes on from there.
        checkpoint = CASE WHEN end_job.status <> 'completed' THEN j.checkpoint END,
        record_count = coalesce(end_job.record_count, teamwork.count_committed(j.checkpoint)),
        error_message = CASE WHEN end_job.status = 'completed' THEN end_job.error_message
                             ELSE nullif(concat_ws(E'\n', end_job.error_message, teamwork.committed_message(j.checkpoint)), '') END,
        completed_at = clock_timestamp()
    WHERE j.id = job_id AND j.lease = end_job.lease AND j.status = 'processing'
    RETURNING j.organization_id, j.repeat_every IS NOT NULL INTO organization, is_repeated;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM teamwork.notify_team(organization, job_id, status, progress);
    IF is_repeated AND status <> 'cancelled' THEN
        PERFORM teamwork.repeat_job(job_id);
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION teamwork.end_job(uuid, bigint, text, text, integer, jsonb, jsonb) IS 'Ends a job as completed, failed or cancelled; false when the lease is not the caller''s any more, and the caller must roll back';

CREATE FUNCTION teamwork.backoff(attempt integer) RETURNS interval
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    -- 1 s, 4 s, 16 s, … up to five minutes, a quarter more or less, so that jobs which failed together do not meet again.
    SELECT make_interval(secs => least(4 ^ (attempt - 1), 300) * (0.75 + random() / 2))
$$;
COMMENT ON FUNCTION teamwork.backoff(integer) IS 'How long to wait after that attempt';

CREATE FUNCTION teamwork.max_crashes() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT 3 $$;
COMMENT ON FUNCTION teamwork.max_crashes() IS 'After how many crashes of the server a job that was running is in quarantine
For: administrators
Errors: none';

CREATE FUNCTION teamwork.retry_later(job_id uuid, lease bigint, error_message text, crashed boolean) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job @extschema@.scheduled_jobs;
BEGIN
    SELECT * INTO job FROM @extschema@.scheduled_jobs j
    WHERE j.id = job_id AND j.lease = retry_later.lease AND j.status = 'processing' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE @extschema@.scheduled_jobs j SET crashes = j.crashes + crashed::integer WHERE j.id = job.id
    RETURNING j.crashes INTO job.crashes;
    IF crashed AND job.crashes >= teamwork.max_crashes() THEN
        PERFORM teamwork.end_job(job.id, job.lease, 'failed', format(
            E'the job is quarantined: the server crashed %s times while it ran\n'
            'HINT: Look at the server''s log. An administrator lets it be retried: UPDATE scheduled_jobs SET crashes = 0 WHERE id = %L;',
            job.crashes, job.id));
        RETURN 'failed';
    ELSIF job.attempts >= job.max_attempts THEN
        PERFORM teamwork.end_job(job.id, job.lease, 'failed',
                                 format(E'%s\nDETAIL: It was the last of %s attempts.', error_message, job.max_attempts));
        RETURN 'failed';
    END IF;
    UPDATE @extschema@.scheduled_jobs j
    SET status = 'pending', error_message = retry_later.error_message, progress = NULL,
        waits_until = teamwork.engine_time() + teamwork.backoff(job.attempts)
    WHERE j.id = job.id;
    PERFORM teamwork.notify_team(job.organization_id, job.id, 'pending', NULL);
    RETURN 'pending';
END
$$;
COMMENT ON FUNCTION teamwork.retry_later(uuid, bigint, text, boolean) IS 'Lets a job that did not end be tried again after a while; after the last attempt, or the third crash of the server, it has failed. Returns the new status; NULL when the lease is not the job''s any more';

CREATE FUNCTION teamwork.release_job(job_id uuid, lease bigint) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job uuid;
BEGIN
    -- Waits for nobody: its caller may be about to exit.
    SELECT j.id INTO job FROM @extschema@.scheduled_jobs j
    WHERE j.id = job_id AND j.lease = release_job.lease AND j.status = 'processing' FOR NO KEY UPDATE SKIP LOCKED;
    UPDATE @extschema@.scheduled_jobs j SET status = 'pending', attempts = j.attempts - 1, started_at = NULL, progress = NULL
    WHERE j.id = job;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION teamwork.release_job(uuid, bigint) IS 'Undoes a claim, attempt included, when it is not the job''s doing that it cannot run';

CREATE FUNCTION teamwork.forget_ended_jobs(before timestamptz, max_jobs integer) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    forgotten integer;
    files integer;
BEGIN
    DELETE FROM @extschema@.scheduled_jobs d
    WHERE d.id IN (SELECT j.id FROM @extschema@.scheduled_jobs j
                 WHERE j.status IN ('completed', 'failed', 'cancelled') AND j.completed_at < before
                 ORDER BY j.completed_at LIMIT max_jobs FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    DELETE FROM teamwork.uploads d
    WHERE d.id IN (SELECT u.id FROM teamwork.uploads u
                 WHERE u.created_at < before AND NOT EXISTS (SELECT FROM @extschema@.scheduled_jobs j WHERE j.upload_id = u.id)
                 ORDER BY u.created_at LIMIT max_jobs FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS files = ROW_COUNT;
    RETURN greatest(forgotten, files);
END
$$;
COMMENT ON FUNCTION teamwork.forget_ended_jobs(timestamptz, integer) IS 'Deletes jobs that ended before that time, with what they refused, and uploads that no job needs any more, at most so many of each; returns the greater number
For: administrators
Errors: none';
