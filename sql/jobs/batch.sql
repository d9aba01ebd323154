-- Batches: a worker locks small jobs, runs them and completes them in one transaction. Nobody sees them between
-- pending and completed, so their rows are written once, for all of them together. src/job.rs is the only caller.

CREATE FUNCTION teamwork.lock_batch(candidates uuid[], max_jobs integer, max_bytes bigint,
                                   OUT place bigint, OUT job_id uuid, OUT lease bigint, OUT organization_id uuid, OUT created_by uuid,
                                   OUT submitted_as text, OUT job_type text, OUT data_type text, OUT upload_id uuid,
                                   OUT mapping text, OUT options text, OUT bytes bigint, OUT checkpoint text, OUT records text)
    RETURNS SETOF record
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    RETURN QUERY
    SELECT c.place, j.id, nextval('teamwork.lease'), j.organization_id, j.created_by, j.submitted_as::text,
           j.job_type, j.data_type, j.upload_id,
           j.small_data ->> 'mapping', coalesce(j.small_data ->> 'options', '{}'),
           CASE WHEN j.upload_id IS NULL THEN j.stored_bytes ELSE teamwork.upload_bytes(j.upload_id) END, j.checkpoint::text,
           j.small_data ->> 'records'
    FROM unnest(candidates) WITH ORDINALITY c (id, place)
    CROSS JOIN LATERAL (
        -- One after the other, in their order: a lock on a job that is not taken would keep it from others. The source of a large
        -- job is not read in vain. CASE, here and below, as in teamwork.claim_job().
        SELECT d.*, pg_column_size(d.file_data)::bigint AS stored_bytes,
               CASE WHEN pg_column_size(d.file_data) <= max_bytes THEN d.file_data END AS small_data
        FROM @extschema@.scheduled_jobs d
        WHERE d.id = c.id AND CASE d.status WHEN 'pending' THEN d.waits_until IS NULL END FOR NO KEY UPDATE SKIP LOCKED) j
    LIMIT max_jobs;
END
$$;
COMMENT ON FUNCTION teamwork.lock_batch(uuid[], integer, bigint) IS 'Locks those of the jobs that are still to be had, up to so many, until the transaction ends. Of a job that is larger than max_bytes mapping, options and records are not told';

CREATE FUNCTION teamwork.complete_jobs(jobs uuid[], leases bigint[], starts timestamptz[], ends timestamptz[], counts integer[],
                                       progresses jsonb[], reports jsonb[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
    -- By their ids, however few jobs there were when the plan was made.
    SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    job record;
    completed bigint := 0;
BEGIN
    FOR job IN
        UPDATE @extschema@.scheduled_jobs j
        SET status = 'completed', attempts = j.attempts + 1, lease = e.lease, started_at = e.started_at, completed_at = e.completed_at,
            error_message = NULL, record_count = e.record_count, progress = e.progress, report = e.report, checkpoint = NULL
        FROM unnest(jobs, leases, starts, ends, counts, progresses, reports)
             AS e (id, lease, started_at, completed_at, record_count, progress, report)
        WHERE j.id = e.id AND CASE j.status WHEN 'pending' THEN true END
        RETURNING j.id, j.organization_id, j.progress, j.repeat_every IS NOT NULL AS is_repeated,
                  EXISTS (SELECT FROM teamwork.channels c WHERE c.organization_id = j.organization_id) AS is_heard
    LOOP
        completed := completed + 1;
        IF job.is_heard THEN
            PERFORM teamwork.notify_team(job.organization_id, job.id, 'processing', NULL);
            PERFORM teamwork.notify_team(job.organization_id, job.id, 'completed', job.progress);
        END IF;
        IF job.is_repeated THEN
            PERFORM teamwork.repeat_job(job.id);
        END IF;
    END LOOP;
    RETURN completed;
END
$$;
COMMENT ON FUNCTION teamwork.complete_jobs(uuid[], bigint[], timestamptz[], timestamptz[], integer[], jsonb[], jsonb[]) IS 'Ends jobs that the transaction has taken as completed; returns how many of them were still as they were taken';
