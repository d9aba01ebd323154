-- Claims: which job is next, and that it is taken. A claim commits before the work begins. src/job.rs is the only caller.

CREATE FUNCTION teamwork.suspect_is_running() RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM @extschema@.scheduled_jobs j
                   WHERE j.crashes > 0 AND (j.status = 'processing' OR j.status = 'pending' AND j.waits_until IS NULL));
END
$$;
COMMENT ON FUNCTION teamwork.suspect_is_running() IS 'Whether a job that was running when the server crashed is running again, or about to';

CREATE FUNCTION teamwork.promote_jobs() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at_once CONSTANT integer := 1000;
BEGIN
    UPDATE @extschema@.scheduled_jobs d SET waits_until = NULL
    WHERE d.id IN (SELECT j.id FROM @extschema@.scheduled_jobs j
                 WHERE j.status = 'pending' AND j.waits_until <= teamwork.engine_time() AND j.crashes = 0
                 ORDER BY j.waits_until LIMIT at_once FOR NO KEY UPDATE SKIP LOCKED);
    -- One suspect at a time, so that the job that crashes the server takes the blame, and not those that ran beside it.
    IF NOT teamwork.suspect_is_running() THEN
        UPDATE @extschema@.scheduled_jobs d SET waits_until = NULL
        WHERE d.id = (SELECT j.id FROM @extschema@.scheduled_jobs j
                    WHERE j.crashes > 0 AND j.status = 'pending' AND j.waits_until <= teamwork.engine_time()
                    ORDER BY j.waits_until LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED);
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.promote_jobs() IS 'Makes jobs due whose time has come';

-- What every claim calls is PL/pgSQL, which keeps its plans; an SQL function is planned anew at each call.

CREATE FUNCTION teamwork.next_team(after uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT j.organization_id FROM @extschema@.scheduled_jobs j
            WHERE j.status = 'pending' AND j.waits_until IS NULL AND j.organization_id > after
            ORDER BY j.organization_id LIMIT 1);
END
$$;
COMMENT ON FUNCTION teamwork.next_team(uuid) IS 'The next team, by its id, that has a job due; NULL after the last';

CREATE FUNCTION teamwork.next_candidates(last_team uuid, max_jobs integer) RETURNS uuid[]
    -- To plan the query for each number of teams would take longer than to run it.
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    lowest CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    teams uuid[] := '{}';
    team uuid := last_team;
    has_wrapped boolean := false;
BEGIN
    IF teamwork.restore_is_running() THEN
        RETURN '{}';
    END IF;
    WHILE cardinality(teams) < max_jobs LOOP
        team := teamwork.next_team(team);
        EXIT WHEN has_wrapped AND (team IS NULL OR team > last_team);
        IF team IS NULL THEN
            has_wrapped := true;
            team := lowest;
        ELSE
            teams := teams || team;
        END IF;
    END LOOP;
    RETURN ARRAY(
        SELECT candidate.id FROM unnest(teams) WITH ORDINALITY t (id, place)
        CROSS JOIN LATERAL (
            SELECT j.id, row_number() OVER (ORDER BY j.priority DESC, j.scheduled_time, j.id) AS round
            FROM @extschema@.scheduled_jobs j
            WHERE j.status = 'pending' AND j.waits_until IS NULL AND j.organization_id = t.id
            ORDER BY j.priority DESC, j.scheduled_time, j.id
            LIMIT max_jobs / greatest(cardinality(teams), 1) + 1) candidate
        ORDER BY candidate.round, t.place LIMIT max_jobs);
END
$$;
COMMENT ON FUNCTION teamwork.next_candidates(uuid, integer) IS 'Due jobs in the order of their turns, up to that many: round after round one of each team, beginning after the team whose turn was last; within a team the most urgent, then the oldest';

CREATE FUNCTION teamwork.has_room(team uuid, per_team integer) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Two claims at once would both see the last place free. Whoever comes second looks again when the first has committed.
    IF NOT teamwork.try_lock_team(team) THEN
        RETURN false;
    END IF;
    RETURN per_team > (SELECT count(*) FROM @extschema@.scheduled_jobs j WHERE j.status = 'processing' AND j.organization_id = team);
END
$$;
COMMENT ON FUNCTION teamwork.has_room(uuid, integer) IS 'Whether a team runs fewer jobs than a team may at the same time';
COMMENT ON FUNCTION teamwork.try_lock_team(uuid) IS 'Locks the places of a team until the transaction ends; false when somebody else has';

CREATE FUNCTION teamwork.claim_job(candidates uuid[], per_team integer,
                                   OUT tried integer, OUT job_id uuid, OUT lease bigint, OUT organization_id uuid, OUT created_by uuid,
                                   OUT submitted_as text, OUT job_type text, OUT data_type text, OUT upload_id uuid,
                                   OUT mapping text, OUT options text, OUT bytes bigint, OUT checkpoint text)
    RETURNS record
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    candidate uuid;
    team uuid;
BEGIN
    tried := 0;
    FOREACH candidate IN ARRAY candidates LOOP
        tried := tried + 1;
        -- CASE: with a condition that is that of scheduled_jobs_due_idx, and statistics from before the queue was filled, the
        -- planner would look through the whole of that index for an id.
        SELECT j.organization_id INTO team FROM @extschema@.scheduled_jobs j
        WHERE j.id = candidate AND CASE j.status WHEN 'pending' THEN j.waits_until IS NULL END FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND OR per_team > 0 AND NOT teamwork.has_room(team, per_team);
        UPDATE @extschema@.scheduled_jobs j
        SET status = 'processing', attempts = j.attempts + 1, lease = nextval('teamwork.lease'),
            started_at = clock_timestamp(), completed_at = NULL, error_message = NULL, progress = NULL
        WHERE j.id = candidate
        RETURNING j.id, j.lease, j.organization_id, j.created_by, j.submitted_as, j.job_type, j.data_type, j.upload_id,
                  j.file_data ->> 'mapping', coalesce(j.file_data ->> 'options', '{}'), pg_column_size(j.file_data), j.checkpoint::text
        INTO job_id, lease, organization_id, created_by, submitted_as, job_type, data_type, upload_id, mapping, options, bytes, checkpoint;
        IF upload_id IS NOT NULL THEN
            bytes := teamwork.upload_bytes(upload_id);
        END IF;
        PERFORM teamwork.notify_team(team, candidate, 'processing', NULL);
        RETURN;
    END LOOP;
END
$$;
COMMENT ON FUNCTION teamwork.claim_job(uuid[], integer) IS 'Takes the first of the jobs that is still to be had: processing, one attempt more, a new lease. tried: how many of them are not to be had any more, the one taken included; bytes: about how large its source is';

CREATE FUNCTION teamwork.begin_job(job_id uuid, lease bigint) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The job ends in these tables: whoever would drop them waits for it, before the two can deadlock.
    LOCK TABLE @extschema@.scheduled_jobs, @extschema@.scheduled_job_errors, teamwork.export_chunks, teamwork.saved_mappings,
        teamwork.import_changes IN ROW EXCLUSIVE MODE;
    RETURN EXISTS (SELECT FROM @extschema@.scheduled_jobs j
                   WHERE j.id = job_id AND j.lease = begin_job.lease AND j.status = 'processing');
END
$$;
COMMENT ON FUNCTION teamwork.begin_job(uuid, bigint) IS 'Whether the claim still holds when the work begins';

CREATE FUNCTION teamwork.checkpoint_job(job_id uuid, lease bigint, checkpoint jsonb) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- An attempt that has come further than the one before is not one of those that lead nowhere.
    UPDATE @extschema@.scheduled_jobs j SET checkpoint = checkpoint_job.checkpoint, attempts = 1, crashes = 0
    WHERE j.id = job_id AND j.lease = checkpoint_job.lease AND j.status = 'processing';
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION teamwork.checkpoint_job(uuid, bigint, jsonb) IS 'Keeps how far a job has come, in the commit of what it has done; false when the lease is not the caller''s any more, and the caller must roll back';

CREATE FUNCTION teamwork.publish_progress(job_id uuid, lease bigint, progress jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    organization uuid;
BEGIN
    UPDATE @extschema@.scheduled_jobs j SET progress = publish_progress.progress
    WHERE j.id = job_id AND j.lease = publish_progress.lease AND j.status = 'processing'
    RETURNING j.organization_id INTO organization;
    IF FOUND THEN
        PERFORM teamwork.notify_team(organization, job_id, 'processing', progress);
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.publish_progress(uuid, bigint, jsonb) IS 'Copies the progress of a running job to its row, for clients that watch the row';

CREATE FUNCTION teamwork.processing_jobs(OUT job_id uuid, OUT lease bigint, OUT started_at timestamptz) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT j.id, j.lease, j.started_at FROM @extschema@.scheduled_jobs j WHERE j.status = 'processing' $$;
COMMENT ON FUNCTION teamwork.processing_jobs() IS 'The jobs that some process claims to run';

CREATE FUNCTION teamwork.count_due(per_team integer, max_jobs integer) RETURNS bigint
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE teams (id) AS (
        SELECT teamwork.next_team('00000000-0000-0000-0000-000000000000')
        UNION ALL
        SELECT teamwork.next_team(t.id) FROM teams t WHERE t.id IS NOT NULL)
    SELECT count(*) FROM (
        SELECT FROM teams, LATERAL (
            SELECT FROM @extschema@.scheduled_jobs j
            WHERE j.status = 'pending' AND j.waits_until IS NULL AND j.organization_id = teams.id
            LIMIT CASE WHEN per_team > 0 THEN greatest(0, per_team - (
                SELECT count(*) FROM @extschema@.scheduled_jobs r WHERE r.status = 'processing' AND r.organization_id = teams.id)) END) due
        LIMIT max_jobs) counted
$$;
COMMENT ON FUNCTION teamwork.count_due(integer, integer) IS 'How many jobs could run now, counted up to a number';

CREATE FUNCTION teamwork.queue_state(per_team integer, max_jobs integer, OUT due bigint, OUT next_due timestamptz) RETURNS record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN restoring.now THEN 0 ELSE teamwork.count_due(per_team, max_jobs) END,
           -- Nobody rings when a restore is over: look again in a moment.
           CASE WHEN restoring.now THEN teamwork.engine_time() + interval '1 s'
                ELSE (SELECT min(j.waits_until) FROM @extschema@.scheduled_jobs j
                      WHERE j.status = 'pending' AND j.waits_until IS NOT NULL
                        AND (j.crashes = 0 OR NOT (SELECT teamwork.suspect_is_running())))
           END
    FROM (SELECT teamwork.restore_is_running() AS now) restoring
$$;
COMMENT ON FUNCTION teamwork.queue_state(integer, integer) IS 'How many jobs are due, counted up to a number, and when the next one becomes due';
