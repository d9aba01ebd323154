-- Control: what the creator of a job and the admin of its team may do to it.

CREATE FUNCTION teamwork.controlled_job(job_id uuid) RETURNS scheduled_jobs
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT j FROM @extschema@.scheduled_jobs j
    WHERE j.id = job_id AND j.organization_id = @extschema@.get_current_user_admin_id()
      AND teamwork.current_user_id() IN (j.created_by, j.organization_id)
    FOR NO KEY UPDATE
$$;
COMMENT ON FUNCTION teamwork.controlled_job(uuid) IS 'The job, locked, if the caller is its creator or the admin of its team';

CREATE FUNCTION cancel_job(job_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job CONSTANT @extschema@.scheduled_jobs := teamwork.controlled_job(job_id);
BEGIN
    IF job.status IS NULL OR job.status NOT IN ('pending', 'processing') THEN
        RETURN false;
    END IF;
    -- A worker that runs the job finds it cancelled when it wants to commit; the interrupt only spares it the rest.
    UPDATE @extschema@.scheduled_jobs j
    SET status = 'cancelled', completed_at = clock_timestamp(), error_message = teamwork.committed_message(j.checkpoint),
        record_count = teamwork.count_committed(j.checkpoint)
    WHERE j.id = job.id;
    IF job.status = 'processing' THEN
        PERFORM teamwork.interrupt(job.lease);
    END IF;
    PERFORM teamwork.notify_team(job.organization_id, job.id, 'cancelled', NULL);
    RETURN true;
END
$$;
COMMENT ON FUNCTION cancel_job(uuid) IS 'Cancels a pending or running job; a running one leaves no rows but those that commit_every has committed; false when there is nothing to cancel, or the caller is neither its creator nor the admin
Errors: none';
COMMENT ON FUNCTION teamwork.interrupt(bigint) IS 'Interrupts the worker that holds the lease, when the current transaction commits';

CREATE FUNCTION teamwork.interrupt_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM teamwork.interrupt(OLD.lease);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION teamwork.interrupt_deleted() IS 'Trigger: a job that is deleted while it runs stops';
CREATE TRIGGER interrupt_deleted AFTER DELETE ON scheduled_jobs
    FOR EACH ROW WHEN (OLD.status = 'processing') EXECUTE FUNCTION teamwork.interrupt_deleted();

CREATE FUNCTION retry_job(job_id uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job CONSTANT @extschema@.scheduled_jobs := teamwork.controlled_job(job_id);
BEGIN
    IF job.status IS NULL OR job.status NOT IN ('failed', 'cancelled') THEN
        RETURN false;
    ELSIF job.crashes >= teamwork.max_crashes() THEN
        RAISE EXCEPTION 'job % is quarantined', job_id
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The server crashed %s times while it ran.', job.crashes),
                  HINT = 'An administrator lets it run again: UPDATE scheduled_jobs SET crashes = 0 WHERE id = ….';
    END IF;
    -- It goes on from its checkpoint, if it has one.
    DELETE FROM @extschema@.scheduled_job_errors e
    WHERE e.job_id = job.id AND (job.checkpoint IS NULL OR e.line > (job.checkpoint ->> 'line')::bigint);
    UPDATE @extschema@.scheduled_jobs j
    SET status = 'pending', attempts = 0, started_at = NULL, completed_at = NULL, error_message = NULL, record_count = NULL,
        progress = NULL, report = NULL, scheduled_time = teamwork.engine_time(), waits_until = NULL,
        -- A failed job has submitted its repetition already; a cancelled one has not.
        repeat_every = CASE WHEN job.status = 'cancelled' THEN j.repeat_every END
    WHERE j.id = job.id;
    PERFORM teamwork.notify_team(job.organization_id, job.id, 'pending', NULL);
    RETURN true;
END
$$;
COMMENT ON FUNCTION retry_job(uuid) IS 'Runs a failed or cancelled job again, from its beginning or its checkpoint; false when there is nothing to retry, or the caller is neither its creator nor the admin
Errors: 55000 if the job is in quarantine';

COMMENT ON FUNCTION teamwork.run_pending_jobs(integer) IS 'Runs due jobs in the calling session and transaction, up to that many; returns how many it ran; for servers that cannot preload the library
For: administrators
Errors: 25000 if the transaction is not READ COMMITTED; 55000 if the login role is in teamwork_token_only';

CREATE FUNCTION teamwork.require_job(job_id uuid, kind text) RETURNS scheduled_jobs
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    job @extschema@.scheduled_jobs;
BEGIN
    SELECT * INTO job FROM @extschema@.scheduled_jobs j WHERE j.id = job_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'job % does not exist', job_id USING ERRCODE = 'no_data_found';
    ELSIF job.job_type <> kind THEN
        RAISE EXCEPTION 'job % is no %', job_id, kind
            USING ERRCODE = 'wrong_object_type',
                  HINT = format('create_%s_job() submits one.', CASE kind WHEN 'import' THEN 'background_import' ELSE 'export' END);
    END IF;
    RETURN job;
END
$$;
COMMENT ON FUNCTION teamwork.require_job(uuid, text) IS 'The job, if the caller sees it, and it is an import or an export as is asked for';
