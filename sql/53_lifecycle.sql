-- Lifecycle: the steps of a job, each one call that the worker makes. A claim commits by itself; rows, status, report and
-- notification of a finished job commit together, guarded by the lease. src/job.rs is the only caller.

CREATE FUNCTION teamwork.channel_of(organization uuid) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT 'teamwork_' || replace(organization::text, '-', '') $$;
COMMENT ON FUNCTION teamwork.channel_of(uuid) IS 'The NOTIFY channel of a team';

CREATE FUNCTION teamwork.notify_team(organization uuid, job_id uuid, status text, progress jsonb) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    SELECT pg_notify(teamwork.channel_of(organization),
                     jsonb_build_object('job_id', job_id, 'status', status, 'progress', progress)::text)
$$;
COMMENT ON FUNCTION teamwork.notify_team(uuid, uuid, text, jsonb) IS 'Tells the team''s listeners about a job, when the transaction commits';

CREATE FUNCTION teamwork.claim_job(OUT job_id uuid, OUT lease bigint, OUT attempt integer, OUT organization_id uuid,
                                   OUT created_by uuid, OUT submitted_as name, OUT data_type text, OUT target oid,
                                   OUT upload_id uuid, OUT mapping text, OUT options text)
    RETURNS SETOF record
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT j.id FROM @extschema@.scheduled_jobs j
        WHERE j.status = 'pending' AND j.scheduled_time <= now() AND NOT (SELECT teamwork.restore_is_running())
        ORDER BY j.priority DESC, j.scheduled_time
        LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE @extschema@.scheduled_jobs j
        SET status = 'processing', attempts = j.attempts + 1, lease = nextval('teamwork.lease'),
            started_at = clock_timestamp(), completed_at = NULL, error_message = NULL, progress = NULL
        FROM due WHERE j.id = due.id
        RETURNING j.*
    )
    SELECT c.id, c.lease, c.attempts, c.organization_id, c.created_by, c.submitted_as, c.data_type,
           teamwork.target_of(c.data_type)::oid, (c.file_data ->> 'upload_id')::uuid,
           c.file_data ->> 'mapping', coalesce(c.file_data ->> 'options', '{}')
    FROM claimed c
    CROSS JOIN LATERAL teamwork.notify_team(c.organization_id, c.id, c.status, NULL);
END
$$;
COMMENT ON FUNCTION teamwork.claim_job() IS 'Takes the next due job, if any: processing, one attempt more, a new lease';

CREATE FUNCTION teamwork.begin_job(job_id uuid, lease bigint) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The job ends in these tables: whoever would drop them waits for it, before the two can deadlock.
    LOCK TABLE @extschema@.scheduled_jobs, @extschema@.scheduled_job_errors IN ROW EXCLUSIVE MODE;
    RETURN EXISTS (SELECT FROM @extschema@.scheduled_jobs j
                   WHERE j.id = job_id AND j.lease = begin_job.lease AND j.status = 'processing');
END
$$;
COMMENT ON FUNCTION teamwork.begin_job(uuid, bigint) IS 'Whether the claim still holds when the work begins';

CREATE FUNCTION teamwork.end_job(job_id uuid, lease bigint, status text, error_message text DEFAULT NULL,
                                 record_count integer DEFAULT NULL, progress jsonb DEFAULT NULL, report jsonb DEFAULT NULL)
    RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    organization uuid;
BEGIN
    UPDATE @extschema@.scheduled_jobs j
    SET status = end_job.status, error_message = end_job.error_message, record_count = end_job.record_count,
        progress = coalesce(end_job.progress, j.progress), report = end_job.report, completed_at = clock_timestamp()
    WHERE j.id = end_job.job_id AND j.lease = end_job.lease AND j.status = 'processing'
    RETURNING j.organization_id INTO organization;
    IF FOUND THEN
        PERFORM teamwork.notify_team(organization, end_job.job_id, end_job.status, end_job.progress);
    END IF;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION teamwork.end_job(uuid, bigint, text, text, integer, jsonb, jsonb) IS 'Ends a job as completed or failed; false when the lease is not the caller''s any more, and the caller must roll back';

CREATE FUNCTION teamwork.rescue_job(job_id uuid, lease bigint) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    outcome text;
    organization uuid;
BEGIN
    UPDATE @extschema@.scheduled_jobs j
    SET status = CASE WHEN j.attempts >= j.max_attempts THEN 'failed' ELSE 'pending' END,
        completed_at = CASE WHEN j.attempts >= j.max_attempts THEN clock_timestamp() END,
        error_message = CASE WHEN j.attempts >= j.max_attempts
            THEN format('the worker ended before the job did, in each of %s attempts', j.attempts) END,
        progress = NULL
    WHERE j.id = rescue_job.job_id AND j.lease = rescue_job.lease AND j.status = 'processing'
    RETURNING j.status, j.organization_id INTO outcome, organization;
    IF FOUND THEN
        PERFORM teamwork.notify_team(organization, rescue_job.job_id, outcome, NULL);
    END IF;
    RETURN outcome;
END
$$;
COMMENT ON FUNCTION teamwork.rescue_job(uuid, bigint) IS 'Puts a job back whose process is gone, or fails it after its last attempt; returns the new status';

CREATE FUNCTION teamwork.publish_progress(job_id uuid, lease bigint, progress jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    organization uuid;
BEGIN
    UPDATE @extschema@.scheduled_jobs j SET progress = publish_progress.progress
    WHERE j.id = publish_progress.job_id AND j.lease = publish_progress.lease AND j.status = 'processing'
    RETURNING j.organization_id INTO organization;
    IF FOUND THEN
        PERFORM teamwork.notify_team(organization, publish_progress.job_id, 'processing', publish_progress.progress);
    END IF;
END
$$;
COMMENT ON FUNCTION teamwork.publish_progress(uuid, bigint, jsonb) IS 'Copies the progress of a running job to its row, for clients that watch the row';

CREATE FUNCTION teamwork.processing_jobs(OUT job_id uuid, OUT lease bigint) RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT id, lease FROM @extschema@.scheduled_jobs WHERE status = 'processing' $$;
COMMENT ON FUNCTION teamwork.processing_jobs() IS 'The jobs that some process claims to run';

CREATE FUNCTION teamwork.queue_state(most integer, OUT due bigint, OUT next_due timestamptz) RETURNS record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN restoring.now THEN 0
                ELSE (SELECT count(*) FROM (SELECT FROM @extschema@.scheduled_jobs WHERE status = 'pending' AND scheduled_time <= now() LIMIT most) d)
           END,
           -- Nobody rings when a restore is over: look again in a moment.
           CASE WHEN restoring.now THEN now() + interval '1 s'
                ELSE (SELECT min(scheduled_time) FROM @extschema@.scheduled_jobs WHERE status = 'pending' AND scheduled_time > now())
           END
    FROM (SELECT teamwork.restore_is_running() AS now) restoring
$$;
COMMENT ON FUNCTION teamwork.queue_state(integer) IS 'How many jobs are due, counted up to a number, and when the next one becomes due';

-- What a running import reads and writes ----------------------------------------------------------------------------

CREATE FUNCTION teamwork.import_columns(target regclass, OUT name text, OUT type text, OUT modifier integer, OUT required boolean,
                                        OUT default_expression text, OUT is_key boolean, OUT is_identity boolean)
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.attname, format_type(a.atttypid, -1), a.atttypmod,
           a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
           CASE WHEN a.attnotnull THEN pg_get_expr(d.adbin, d.adrelid) END,
           coalesce(a.attname = ANY (p.key_columns), false),
           EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))
    FROM pg_attribute a
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN teamwork.protections p ON p.target = a.attrelid
    WHERE a.attrelid = import_columns.target AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attidentity <> 'a' AND a.attgenerated = ''
      AND a.attname NOT IN ('owner_id', 'admin_id', 'created_at', 'updated_at', 'import_id')
    ORDER BY a.attnum
$$;
COMMENT ON FUNCTION teamwork.import_columns(regclass) IS 'The columns that a file may fill: not the team''s, nor generated ones; is_identity: part of the primary key, which no update changes';

CREATE FUNCTION teamwork.check_constraints(target regclass, OUT name text, OUT expression text, OUT columns text[])
    RETURNS SETOF record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.conname, pg_get_expr(c.conbin, c.conrelid),
           ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey))
    FROM pg_constraint c
    WHERE c.conrelid = target AND c.contype = 'c'
    ORDER BY c.conname
$$;
COMMENT ON FUNCTION teamwork.check_constraints(regclass) IS 'The CHECK constraints of a table, to be asked about rows before they are inserted';

CREATE FUNCTION teamwork.describe_target(target regclass, OUT name text, OUT is_partitioned boolean, OUT has_import_id boolean)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%I.%I', n.nspname, c.relname), c.relkind = 'p',
           EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'import_id' AND atttypid = 'uuid'::regtype)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = target
$$;
COMMENT ON FUNCTION teamwork.describe_target(regclass) IS 'A table''s name as any search_path understands it, and what an import has to know of it';

CREATE FUNCTION teamwork.upload_bytes(upload_id uuid) RETURNS bigint
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT u.bytes FROM teamwork.uploads u WHERE u.id = upload_id $$;
COMMENT ON FUNCTION teamwork.upload_bytes(uuid) IS 'The size of an upload; NULL when there is none';

CREATE FUNCTION teamwork.upload_chunk(upload_id uuid, byte_offset bigint) RETURNS bytea
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.data FROM teamwork.upload_chunks c
    WHERE c.upload_id = upload_chunk.upload_id AND c.byte_offset = upload_chunk.byte_offset
$$;
COMMENT ON FUNCTION teamwork.upload_chunk(uuid, bigint) IS 'The chunk of an upload that starts at the offset; NULL at the end';

CREATE FUNCTION teamwork.job_records(job_id uuid) RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.value::text FROM @extschema@.scheduled_jobs j CROSS JOIN LATERAL jsonb_array_elements(j.file_data -> 'records') r
    WHERE j.id = job_id
$$;
COMMENT ON FUNCTION teamwork.job_records(uuid) IS 'The records of a job, as JSON texts in their order';

CREATE FUNCTION teamwork.job_records_outline(job_id uuid, OUT keys text[], OUT bytes bigint) RETURNS record
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(SELECT k.key FROM teamwork.job_records(job_id) WITH ORDINALITY r (record, place)
                 CROSS JOIN LATERAL jsonb_object_keys(CASE jsonb_typeof(record::jsonb) WHEN 'object' THEN record::jsonb ELSE '{}' END)
                     WITH ORDINALITY k (key, place)
                 GROUP BY k.key ORDER BY min(r.place), min(k.place)),
           (SELECT sum(octet_length(record)) FROM teamwork.job_records(job_id) record)
$$;
COMMENT ON FUNCTION teamwork.job_records_outline(uuid) IS 'Every key that some record of a job has, and the size of the records as text';

CREATE FUNCTION teamwork.record_refusals(job_id uuid, lines bigint[], byte_offsets bigint[], column_names text[], cell_values text[],
                                         codes text[], messages text[], suggestions text[], raws text[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO @extschema@.scheduled_job_errors (job_id, line, byte_offset, column_name, value, code, message, suggestion, raw)
    SELECT record_refusals.job_id, r.* FROM unnest(lines, byte_offsets, column_names, cell_values, codes, messages, suggestions, raws) r
$$;
COMMENT ON FUNCTION teamwork.record_refusals(uuid, bigint[], bigint[], text[], text[], text[], text[], text[], text[]) IS 'Keeps the reasons for refused rows, one per cell';
